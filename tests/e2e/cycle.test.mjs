// A week of the chain's calendar, and what comes of it: what users pay for calls makes a champion and a
// profit, the profit buys LCO back and moves its price, the champion calls for free, and those who have
// staked what they mined share a scarce model.

import { after, before, test } from 'node:test';
import { FRIDAY, daysThatBring } from './support/calendar.mjs';
import { connectPapi, connectPolkadotJs } from './support/chain.mjs';
import { Stack } from './support/stack.mjs';
import { Steps } from './support/steps.mjs';
import { Trader } from './support/trader.mjs';
import * as buyback from './suites/buyback.mjs';
import * as launch from './suites/launch.mjs';
import * as market from './suites/market.mjs';
import * as wars from './suites/wars.mjs';
import * as wealth from './suites/wealth.mjs';

/** Twelve days of half a minute each, and another week where the machine is too slow for Monday. */
const TIMEOUT_MS = 900_000;

/** In a shorter day, reports of the reserves would be too old before Credits are bought. */
const DAY_MS = 30_000;

/** The first Friday comes when the chain has started, and passes before anybody calls. */
const FRIDAY_IN_MS = 12_000;

const context = { world: {} };
const steps = new Steps(context);

before(async () => {
	context.stack = await Stack.start({ dayMs: daysThatBring(FRIDAY, FRIDAY_IN_MS, DAY_MS) });
	context.api = await connectPolkadotJs(context.stack.nodeUrl);
	context.papi = connectPapi(context.stack.nodeUrl);
	context.seller = new Trader(context.papi, market.SELLER);
	context.buyer = new Trader(context.papi, market.BUYER);
});

after(async () => {
	await context.api?.disconnect();
	context.papi?.destroy();
	if (steps.failed) console.error(context.stack?.logs());
	await context.stack?.stop();
});

test('a cycle', { timeout: TIMEOUT_MS, concurrency: true }, async (t) => {
	await steps.run(t, 'credits', wealth.prepared);
	await steps.run(t, 'calls of a week', [wars.aWeekBegins, ...wealth.mined, ...wars.race]);
	await steps.run(t, 'stakes', wealth.staked);
	await steps.run(t, 'offers', market.steps);
	await steps.run(t, 'a parameter', [wars.aChampionsCallsAreCapped]);
	// Nobody sends transactions in both: each takes its own time.
	await Promise.all([
		steps.run(t, 'a scarce model', launch.division),
		steps.run(t, 'a buyback', buyback.steps),
	]);
	await Promise.all([
		steps.run(t, 'what expires', launch.expiry),
		steps.run(t, 'prizes and free calls', wars.steps),
	]);
});
