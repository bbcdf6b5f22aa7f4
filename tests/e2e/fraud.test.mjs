// A relay that charges too much: see suites/fraud.mjs.

import { after, before, test } from 'node:test';
import { connectPolkadotJs } from './support/chain.mjs';
import { Stack } from './support/stack.mjs';
import { Steps } from './support/steps.mjs';
import * as fraud from './suites/fraud.mjs';

const TIMEOUT_MS = 300_000;

/** Seconds between two batches: so many that there is no second one. */
const NEVER = 100_000;

const context = { world: {} };
const steps = new Steps(context);

before(async () => {
	context.stack = await Stack.start({ relay: { 'batch-interval': NEVER } });
	context.api = await connectPolkadotJs(context.stack.nodeUrl);
});

after(async () => {
	await context.api?.disconnect();
	if (steps.failed) console.error(context.stack?.logs());
	await context.stack?.stop();
});

test('fraud', { timeout: TIMEOUT_MS }, async (t) => {
	await steps.run(t, 'an operator that charges too much', fraud.steps);
});
