// Whales decide: they stake what they have mined, change a parameter, and upgrade the chain while
// it runs. Meanwhile somebody climbs all tiers, and pays what each of them pays.

import { after, before, test } from 'node:test';
import { connectPolkadotJs } from './support/chain.mjs';
import { Stack } from './support/stack.mjs';
import { Steps } from './support/steps.mjs';
import { CLIMBER } from './support/whales.mjs';
import * as referenda from './suites/referenda.mjs';
import * as tiers from './suites/tiers.mjs';
import * as upgrade from './suites/upgrade.mjs';
import * as wealth from './suites/wealth.mjs';

/** A major decision takes two and a half days here, and its upgrade waits one more. */
const DAY_MS = 60_000;

const TIMEOUT_MS = 900_000;

const context = { world: {} };
const steps = new Steps(context);

before(async () => {
	context.stack = await Stack.start({ dayMs: DAY_MS });
	context.api = await connectPolkadotJs(context.stack.nodeUrl);
	context.world.lx = (...args) => context.stack.lx(...args, '--account', CLIMBER);
});

after(async () => {
	await context.api?.disconnect();
	if (steps.failed) console.error(context.stack?.logs());
	await context.stack?.stop();
});

test('governance', { timeout: TIMEOUT_MS, concurrency: true }, async (t) => {
	await steps.run(t, 'mining and staking', wealth.steps);
	await steps.run(t, 'referenda', referenda.steps);
	// The upgrade passes and waits by itself, whatever the others take: somebody has to watch.
	await Promise.all([
		steps.run(t, 'an upgrade that waits', upgrade.waiting),
		steps.run(t, 'votes that are refused', referenda.refusals),
		steps.run(t, 'tiers', tiers.steps),
	]);
	await steps.run(t, 'what was decided', referenda.decided);
	await steps.run(t, 'an upgrade that is due', upgrade.due);
});
