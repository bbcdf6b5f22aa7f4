// A hundred kills under load: see suites/killing.mjs. LX_SEED repeats a run's choices.

import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import { connectPolkadotJs } from './support/chain.mjs';
import { randomFrom } from './support/random.mjs';
import { Stack } from './support/stack.mjs';
import { Steps } from './support/steps.mjs';
import { Upstream } from './support/upstream.mjs';
import * as killing from './suites/killing.mjs';

const TIMEOUT_MS = 600_000;

const seed = Number(process.env.LX_SEED ?? randomInt(2 ** 32));
const context = { world: {}, random: randomFrom(seed) };
const steps = new Steps(context);

before(async () => {
	console.error(`seed of the kills: LX_SEED=${seed}`);
	context.upstream = await Upstream.start();
	context.stack = await Stack.start({
		relay: { dev: false, 'relay-key': '//Relay', 'upstream-url': context.upstream.url },
	});
	context.api = await connectPolkadotJs(context.stack.nodeUrl);
});

after(async () => {
	await context.api?.disconnect();
	if (steps.failed) console.error(context.stack?.logs());
	await context.stack?.stop();
	await context.upstream?.stop();
});

test('a hundred kills', { timeout: TIMEOUT_MS }, async (t) => {
	t.diagnostic(`LX_SEED=${seed}`);
	await steps.run(t, 'under load', killing.steps);
});
