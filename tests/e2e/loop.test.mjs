// The loop, whole: Credits are bought, calls spend them, and what they spent mines LCO on a real
// chain, by the clients that people use.

import { after, before, test } from 'node:test';
import { connectPapi, connectPolkadotJs } from './support/chain.mjs';
import { Stack } from './support/stack.mjs';
import * as clients from './suites/clients.mjs';
import * as crash from './suites/crash.mjs';
import * as errors from './suites/errors.mjs';
import * as fees from './suites/fees.mjs';
import * as settlement from './suites/settlement.mjs';
import * as walk from './suites/walk.mjs';

const TIMEOUT_MS = 300_000;

/** What the steps share: the stack, two clients of the chain, and what has happened so far. */
const context = { world: {} };
let failed = false;

before(async () => {
	context.stack = await Stack.start();
	context.api = await connectPolkadotJs(context.stack.nodeUrl);
	context.papi = connectPapi(context.stack.nodeUrl);
});

after(async () => {
	await context.api?.disconnect();
	context.papi?.destroy();
	if (failed) console.error(context.stack?.logs());
	await context.stack?.stop();
});

test('the loop', { timeout: TIMEOUT_MS }, async (t) => {
	await all(t, 'the README\'s walk', walk.steps);
	await all(t, 'chat completions', clients.steps);
	await all(t, 'errors', errors.steps);
	await all(t, 'fees', fees.steps);
	await all(t, 'settlement', settlement.steps);
	await all(t, 'a relay that crashes', [
		fees.moneyBeginsToLeave,
		...crash.steps,
		fees.moneyComesOutAgain,
	]);
	await all(t, 'settlement after the crashes', settlement.steps);
});

/** Runs steps in their order. Each stands on those before it, so the first failure is the last. */
async function all(t, name, steps) {
	await t.test(name, { skip: failed }, async (t) => {
		for (const step of steps) await t.test(step.name, { skip: failed }, () => attempt(step));
	});
}

async function attempt(step) {
	try {
		await step(context);
	} catch (error) {
		failed = true;
		throw error;
	}
}
