// At the edges: a purse that holds one call, a relay killed in each state of a call, and a chain
// that is away.

import { after, before, test } from 'node:test';
import { addressOf, give, newKey, openBank, openPurses } from './support/accounts.mjs';
import { Caller } from './support/calls.mjs';
import { connectPolkadotJs } from './support/chain.mjs';
import { Stack } from './support/stack.mjs';
import { Steps } from './support/steps.mjs';
import { Upstream } from './support/upstream.mjs';
import * as boundaries from './suites/boundaries.mjs';
import * as outage from './suites/outage.mjs';
import * as race from './suites/race.mjs';

const TIMEOUT_MS = 600_000;
const CALLER = '//Caller';
const PURSE = 10_000_000n;

/** More calls at once than the race makes, so that nothing but the purse keeps them out. */
const MAX_CALLS = 64;

const context = { world: {} };
const steps = new Steps(context);

before(async () => {
	context.upstream = await Upstream.start();
	context.stack = await Stack.start({
		relay: {
			dev: false,
			'relay-key': '//Relay',
			'upstream-url': context.upstream.url,
			'max-calls-per-account': MAX_CALLS,
		},
	});
	context.api = await connectPolkadotJs(context.stack.nodeUrl);
	const { stack, api } = context;
	await openBank(stack, 50);
	await openPurses(api, { [CALLER]: PURSE });
	// For the fees of what she does as sudo.
	await give(api, { '//Alice': 1_000_000n });
	const relay = await newKey(stack, CALLER);
	context.caller = new Caller(context, addressOf(CALLER), PURSE, relay);
});

after(async () => {
	await context.api?.disconnect();
	if (steps.failed) console.error(context.stack?.logs());
	await context.stack?.stop();
	await context.upstream?.stop();
});

test('at the edges', { timeout: TIMEOUT_MS }, async (t) => {
	await steps.run(t, 'a race for the purse', race.steps);
	await steps.run(t, 'a kill in each state', boundaries.steps);
	await steps.run(t, 'a chain that is away', outage.steps);
});
