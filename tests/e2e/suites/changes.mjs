// Orders change: in batches, by amendments, and when their owner meets himself.

import assert from 'node:assert/strict';
import { Enum } from 'polkadot-api';
import { CRED } from '../support/chain.mjs';
import {
	AT_ONCE, MARKET, POST_ONLY, amendment, cancelledIn, filledIn, named, order, restedIn, valuesOf,
} from '../support/trader.mjs';

const HIGH = 53_003;
const FAR = 60_001;

/** An order that is not worth the least that the market takes. */
const TOO_SMALL = Enum('Place', order('Ask', HIGH, 1n));

/** More orders than three pages hold if two were full: a page holds 16. */
const MANY = 40;
const FIRST_OF_MANY = 100n;

async function aBatchGoesOnAfterAFailure({ seller }) {
	const events = await seller.does(seller.batch([
		Enum('Place', order('Ask', HIGH, 60n, { client: 11n })),
		TOO_SMALL,
		Enum('Place', order('Ask', HIGH, 100n, { client: 12n })),
		Enum('Amend', [Enum('Client', 11n), amendment(HIGH, 50n)]),
		Enum('Cancel', Enum('Id', 4n)),
	]));
	const failed = valuesOf(events, 'OrderBook', 'OperationFailed');
	const errors = failed.map(({ index, error }) => [index, named(error)]);
	assert.deepEqual(errors, [[1, 'OrderBook.BelowMinNotional']]);
	assert.deepEqual(restedIn(events), [[11n, HIGH, 60n], [12n, HIGH, 100n]]);
	const gone = [[11n, 10n, 50n, 'Requested'], [4n, 70n, 0n, 'Requested']];
	assert.deepEqual(cancelledIn(events), gone);
}

async function aBatchOfAllOrNothingDoesNothing({ seller }) {
	const operations = [Enum('Cancel', Enum('Id', 11n)), TOO_SMALL];
	await seller.fails('OrderBook.BelowMinNotional', seller.batch(operations, true));
}

/** The chain says how large a batch may be. No node takes a larger one, so it costs nothing. */
async function aBatchIsNoLargerThanTheChainSays({ seller }) {
	const most = await seller.api.constants.OrderBook.MaxBatch();
	assert.equal(most, 100);
	const nonce = await seller.nonce();
	const tooLarge = seller.batch(Array(most + 1).fill(TOO_SMALL));
	await assert.rejects(tooLarge.signAndSubmit(seller.signer, { asset: CRED }));
	assert.equal(await seller.nonce(), nonce);
}

async function anAmendmentToLessKeepsItsPlace({ seller, follower }) {
	const events = await seller.does(seller.amend(Enum('Client', 11n), amendment(HIGH, 40n)));
	assert.deepEqual(cancelledIn(events), [[11n, 10n, 40n, 'Requested']]);
	await follower.reaches(seller.block);
	assert.deepEqual(follower.book.queue('Ask', HIGH), [11n, 12n]);
}

async function anAmendmentToMoreLosesIt({ seller, buyer, follower }) {
	const events = await seller.does(seller.amend(Enum('Id', 11n), amendment(HIGH, 80n)));
	assert.deepEqual(cancelledIn(events), [[11n, 40n, 0n, 'Replaced']]);
	assert.deepEqual(restedIn(events), [[11n, HIGH, 80n]]);
	await follower.reaches(seller.block);
	assert.deepEqual(follower.book.queue('Ask', HIGH), [12n, 11n]);
	const bought = await buyer.does(buyer.place(order('Bid', HIGH, 30n, AT_ONCE)));
	assert.deepEqual(filledIn(bought), [[12n, HIGH, 30n, 70n]]);
}

async function anOrderIsCancelledByItsClientId({ seller }) {
	const name = Enum('Client', 12n);
	const events = await seller.does(seller.cancel(name));
	assert.deepEqual(cancelledIn(events), [[12n, 70n, 0n, 'Requested']]);
	await seller.fails('OrderBook.UnknownOrder', seller.cancel(name));
}

/** Both of his orders lose what the smaller one has. */
async function nobodyTradesWithHimself({ seller }) {
	const bid = order('Bid', HIGH, 40n, { self_trade: Enum('Decrement') });
	const events = await seller.does(seller.place(bid));
	assert.deepEqual(filledIn(events), []);
	const both = [[11n, 40n, 40n, 'SelfTrade'], [14n, 40n, 0n, 'SelfTrade']];
	assert.deepEqual(cancelledIn(events), both);
}

async function manyOrdersRestAtOnePrice({ seller }) {
	const events = await seller.does(seller.batch(Array.from({ length: MANY }, (_, place) => {
		// They meet nobody, and so do not pay for it.
		const fields = { ...POST_ONLY, client: FIRST_OF_MANY + BigInt(place), max_matches: 0 };
		return Enum('Place', order('Ask', FAR, 20n, fields));
	})));
	assert.equal(restedIn(events).length, MANY);
	const pages = await seller.api.query.OrderBook.Pages.getEntries(MARKET);
	assert.equal(pages.length, 2, 'the first page is in the level');
}

async function manyOrdersAreFilledInTheirOrder({ seller, buyer }) {
	const fromTheSecondPage = Enum('Client', FIRST_OF_MANY + 20n);
	const cancelled = await seller.does(seller.cancel(fromTheSecondPage));
	assert.deepEqual(cancelledIn(cancelled), [[35n, 20n, 0n, 'Requested']]);
	const events = await buyer.does(buyer.place(order('Bid', FAR, 390n, AT_ONCE)));
	const whole = Array.from({ length: 17 }, (_, place) => [15n + BigInt(place), FAR, 20n, 0n]);
	assert.deepEqual(filledIn(events), [[11n, HIGH, 40n, 0n], ...whole, [32n, FAR, 10n, 10n]]);
	const pages = await seller.api.query.OrderBook.Pages.getEntries(MARKET);
	assert.equal(pages.length, 1, 'the second page is in the level now');
}

export const steps = [
	aBatchGoesOnAfterAFailure,
	aBatchOfAllOrNothingDoesNothing,
	aBatchIsNoLargerThanTheChainSays,
	anAmendmentToLessKeepsItsPlace,
	anAmendmentToMoreLosesIt,
	anOrderIsCancelledByItsClientId,
	nobodyTradesWithHimself,
	manyOrdersRestAtOnePrice,
	manyOrdersAreFilledInTheirOrder,
];
