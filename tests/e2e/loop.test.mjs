// The loop, whole: Credits are bought, calls spend them, and what they spent mines LCO on a real
// chain, by the clients that people use.

import { after, before, test } from 'node:test';
import { connectPapi, connectPolkadotJs } from './support/chain.mjs';
import { Stack } from './support/stack.mjs';
import { Steps } from './support/steps.mjs';
import * as clients from './suites/clients.mjs';
import * as crash from './suites/crash.mjs';
import * as errors from './suites/errors.mjs';
import * as fees from './suites/fees.mjs';
import * as settlement from './suites/settlement.mjs';
import * as walk from './suites/walk.mjs';

const TIMEOUT_MS = 300_000;

/** What the steps share: the stack, two clients of the chain, and what has happened so far. */
const context = { world: {} };
const steps = new Steps(context);

before(async () => {
	context.stack = await Stack.start();
	context.api = await connectPolkadotJs(context.stack.nodeUrl);
	context.papi = connectPapi(context.stack.nodeUrl);
});

after(async () => {
	await context.api?.disconnect();
	context.papi?.destroy();
	if (steps.failed) console.error(context.stack?.logs());
	await context.stack?.stop();
});

test('the loop', { timeout: TIMEOUT_MS }, async (t) => {
	await steps.run(t, 'the README\'s walk', walk.steps);
	await steps.run(t, 'fees', fees.steps);
	await steps.run(t, 'chat completions', clients.steps);
	await steps.run(t, 'errors', errors.steps);
	await steps.run(t, 'settlement', settlement.steps);
	await steps.run(t, 'a relay that crashes', crash.steps);
	await steps.run(t, 'money that leaves', [fees.moneyComesOutAgain, fees.aRevokedKeyIsRefused]);
	await steps.run(t, 'settlement after all that', settlement.steps);
});
