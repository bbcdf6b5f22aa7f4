// Somebody who has mined sells LCO, and a trade makes the price that the buyback goes by.

import assert from 'node:assert/strict';
import { give } from '../support/accounts.mjs';
import { MARKET, filledIn, order, restedIn } from '../support/trader.mjs';
import { CLIMBER } from '../support/whales.mjs';

/** Has mined, and stakes nothing yet. */
export const SELLER = CLIMBER;

/** Has none, and so no tier. */
export const BUYER = '//Buyer';

/** Prices in ticks of 0.0001 CRED. The buyback pays 1.5 % over the average, which is the lowest. */
export const LOW = 20_000;
const MIDDLE = 20_100;
export const HIGH = 20_200;

/** In lots of 0.01 LCO. What is offered at the highest price is more than the buyback can pay. */
const TRADED = 50_000n;
const FEW = 5_000n;
export const MANY = 2_000_000n;

/** More than what is traded costs: 1,000 CRED. */
const FOR_TRADING = 1_200_000_000n;

async function theBuyerHasCredits({ api }) {
	await give(api, { [BUYER]: FOR_TRADING });
}

async function aTradeMakesThePrice({ seller, buyer }) {
	await seller.does(seller.place(order('Ask', LOW, TRADED)));
	const events = await buyer.does(buyer.place(order('Bid', LOW, TRADED)));
	assert.deepEqual(filledIn(events), [[1n, LOW, TRADED, 0n]]);
}

async function moreIsOfferedAtAndAboveIt({ seller }) {
	const offers = [[LOW, FEW], [MIDDLE, FEW], [HIGH, MANY]];
	const events = await seller.does(...offers.map(([tick, lots]) => {
		return seller.place(order('Ask', tick, lots));
	}));
	assert.deepEqual(restedIn(events).map(([, tick, lots]) => [tick, lots]), offers);
	const { best_ask: asked, last } = await seller.api.view.OrderBook.market(MARKET);
	assert.deepEqual([asked, last], [LOW, LOW]);
}

export const steps = [theBuyerHasCredits, aTradeMakesThePrice, moreIsOfferedAtAndAboveIt];
