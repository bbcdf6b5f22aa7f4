// Two wallets trade through `polkadot-api`, and a book that is made of events alone is the chain's.

import { after, before, test } from 'node:test';
import { connectPapi, connectPolkadotJs } from './support/chain.mjs';
import { Follower } from './support/follower.mjs';
import { Stack } from './support/stack.mjs';
import { Steps } from './support/steps.mjs';
import { MARKET, Trader } from './support/trader.mjs';
import * as changes from './suites/changes.mjs';
import * as funding from './suites/funding.mjs';
import * as orders from './suites/orders.mjs';
import * as tradingAccounts from './suites/trading_accounts.mjs';

const TIMEOUT_MS = 600_000;

const context = { world: {} };
const steps = new Steps(context);

before(async () => {
	context.stack = await Stack.start();
	// Wallets get their money as in the other tests; everything on the exchange is by the other client.
	context.api = await connectPolkadotJs(context.stack.nodeUrl);
	context.papi = connectPapi(context.stack.nodeUrl);
	context.follower = new Follower(context.papi, MARKET);
	context.seller = new Trader(context.papi, funding.SELLER);
	context.buyer = new Trader(context.papi, funding.BUYER);
	context.key = new Trader(context.papi, funding.KEY);
});

after(async () => {
	context.follower?.stop();
	await context.api?.disconnect();
	context.papi?.destroy();
	if (steps.failed) console.error(context.stack?.logs());
	await context.stack?.stop();
});

test('trading', { timeout: TIMEOUT_MS }, async (t) => {
	await steps.run(t, 'wallets', funding.steps);
	await steps.run(t, 'orders', compared(orders.steps));
	await steps.run(t, 'changes', compared(changes.steps));
	await steps.run(t, 'trading accounts', compared(tradingAccounts.steps));
});

/** After each step, the books are compared. */
function compared(all) {
	return all.flatMap((step) => [step, theBookOfEventsIsTheStoredOne]);
}

async function theBookOfEventsIsTheStoredOne({ follower, seller, buyer, key }) {
	await follower.reaches(Math.max(seller.block, buyer.block, key.block));
	await follower.agrees();
}
