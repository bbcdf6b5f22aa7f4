// Orders of every kind rest and trade.

import assert from 'node:assert/strict';
import { Enum } from 'polkadot-api';
import { CRED } from '../support/chain.mjs';
import { LCO, LOT } from '../support/money.mjs';
import {
	AT_ONCE, MARKET, POST_ONLY, WHOLE, cancelledIn, filledIn, order, restedIn, valuesOf,
} from '../support/trader.mjs';

/** Prices in ticks of 0.0001 CRED. None is round, so that fees are not either. */
const LOW = 49_003;
const CHEAP = 50_001;
const MIDDLE = 51_003;
const DEAR = 52_007;

const CLIENT = 7n;

/** Nothing was deposited before: orders bring what they give. */
async function asksRest({ seller, world }) {
	const events = await seller.does(
		seller.place(order('Ask', MIDDLE, 100n)),
		seller.place(order('Ask', CHEAP, 100n, POST_ONLY)),
		seller.place(order('Ask', CHEAP, 150n, { client: CLIENT })),
		seller.place(order('Ask', DEAR, 100n)),
	);
	const expected = [[1n, MIDDLE, 100n], [2n, CHEAP, 100n], [3n, CHEAP, 150n], [4n, DEAR, 100n]];
	assert.deepEqual(restedIn(events), expected);
	const rested = valuesOf(events, 'OrderBook', 'OrderRested');
	const names = rested.map(({ client }) => client);
	assert.deepEqual(names, [undefined, undefined, CLIENT, undefined]);
	const ends = rested.map(({ expires_at: end, reduce_only: reduces }) => [end, reduces]);
	assert.deepEqual(ends, Array(4).fill([undefined, false]));
	const open = (await seller.openOrders()).map(({ order: id, expires_at: end }) => [id, end]);
	assert.deepEqual(open, [1n, 2n, 3n, 4n].map((id) => [id, undefined]));
	const brought = valuesOf(events, 'Clearing', 'Deposited').map(({ amount }) => amount);
	assert.deepEqual(brought, [100n, 100n, 150n, 100n].map((lots) => lots * LOT));
	assert.deepEqual(await seller.holdings(), { [LCO]: { free: 0n, locked: 450n * LOT } });
	assert.equal((await seller.wallet()).lco, world.before.seller.lco - 450n * LOT);
}

async function aPostOnlyBidRestsOrIsRefused({ buyer }) {
	await buyer.fails('OrderBook.WouldTrade', buyer.place(order('Bid', CHEAP, 60n, POST_ONLY)));
	const events = await buyer.does(buyer.place(order('Bid', LOW, 60n, POST_ONLY)));
	assert.deepEqual(restedIn(events), [[5n, LOW, 60n]]);
}

/** At the makers' price: what was brought for a worse one is free afterwards. */
async function aLimitOrderTakesTheOldestFirst({ buyer }) {
	const bid = order('Bid', CHEAP + 500, 120n, { client: CLIENT });
	const events = await buyer.does(buyer.place(bid));
	assert.deepEqual(filledIn(events), [[2n, CHEAP, 100n, 0n], [3n, CHEAP, 20n, 130n]]);
	const fills = valuesOf(events, 'OrderBook', 'OrderFilled');
	assert.deepEqual(fills.map(({ taker_client: client }) => client), [CLIENT, CLIENT]);
	assert.deepEqual([restedIn(events), cancelledIn(events)], [[], []]);
	const { free, locked } = (await buyer.holdings())[CRED];
	assert.deepEqual([free, locked], [120n * 500n, 60n * BigInt(LOW)]);
}

async function whatIsNotTradedAtOnceIsCancelled({ buyer }) {
	const events = await buyer.does(buyer.place(order('Bid', CHEAP, 200n, AT_ONCE)));
	assert.deepEqual(filledIn(events), [[3n, CHEAP, 130n, 0n]]);
	assert.deepEqual(cancelledIn(events), [[7n, 70n, 0n, 'Unfilled']]);
}

/** A market order is one that trades at once, down to its worst price. A quote says what it gets. */
async function aMarketOrderStopsAtItsWorstPrice({ buyer }) {
	const quote = await buyer.api.view.OrderBook.quote(MARKET, Enum('Bid'), 150n, MIDDLE);
	assert.deepEqual(quote, { lots: 100n, notional: 100n * BigInt(MIDDLE), worst: MIDDLE });
	const events = await buyer.does(buyer.place(order('Bid', MIDDLE, 150n, AT_ONCE)));
	assert.deepEqual(filledIn(events), [[1n, MIDDLE, 100n, 0n]]);
	assert.deepEqual(cancelledIn(events), [[8n, 50n, 0n, 'Unfilled']]);
}

async function fillOrKillIsAllOrNothing({ buyer }) {
	await buyer.fails('OrderBook.CannotFill', buyer.place(order('Bid', DEAR, 101n, WHOLE)));
	const events = await buyer.does(buyer.place(order('Bid', DEAR, 30n, WHOLE)));
	assert.deepEqual(filledIn(events), [[4n, DEAR, 30n, 70n]]);
}

/** What is sold at once comes from the wallet, however little it is. */
async function aSellerTakesABid({ seller }) {
	const before = await seller.wallet();
	const events = await seller.does(seller.place(order('Ask', LOW, 30n, AT_ONCE)));
	assert.deepEqual(filledIn(events), [[5n, LOW, 30n, 30n]]);
	assert.equal((await seller.wallet()).lco, before.lco - 30n * LOT);
}

export const steps = [
	asksRest,
	aPostOnlyBidRestsOrIsRefused,
	aLimitOrderTakesTheOldestFirst,
	whatIsNotTradedAtOnceIsCancelled,
	aMarketOrderStopsAtItsWorstPrice,
	fillOrKillIsAllOrNothing,
	aSellerTakesABid,
];
