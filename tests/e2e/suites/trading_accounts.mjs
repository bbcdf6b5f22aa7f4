// Trading accounts: a session key trades for one and takes nothing out; then all of it comes back.

import assert from 'node:assert/strict';
import { CRED, allEvents, keyring } from '../support/chain.mjs';
import { LCO, movedBy } from '../support/money.mjs';
import {
	POST_ONLY, cancelledIn, holdingsOf, order, restedIn, valuesOf, walletOf,
} from '../support/trader.mjs';

const LOW = 49_003;
const DEAR = 52_007;
const HOUR_MS = 3_600_000;

/** The Ecosystem Fund, which receives all fees, and the pallet that holds all assets. */
const FUND = withoutKey('lx/ecosy');
const CLEARING = withoutKey('lx/clear');

/** The account of a part of the chain. */
function withoutKey(name) {
	return keyring.encodeAddress(Buffer.from(`modl${name}`.padEnd(32, '\0')));
}

const BID = order('Bid', LOW, 40n, { ...POST_ONLY, client: 1n });
const ENOUGH = 2_000_000n;

/** What its owner has in the wallet is none of its business. */
async function aSessionKeyReachesNoWallet({ buyer, key }) {
	const expiry = BigInt(Date.now() + HOUR_MS);
	const session = { key: key.address, expires_at: expiry };
	await buyer.does(buyer.clearing('add_session', session));
	assert.ok((await buyer.wallet()).cred > ENOUGH);
	await key.fails('Clearing.InsufficientFunds', key.place(BID, buyer.address));
}

async function aSessionKeyTradesForItsOwner({ buyer, key, follower }) {
	await buyer.does(buyer.clearing('deposit', { asset: CRED, amount: ENOUGH }));
	const events = await key.does(key.place(BID, buyer.address));
	assert.deepEqual(restedIn(events), [[56n, LOW, 40n]]);
	const [{ account }] = valuesOf(events, 'OrderBook', 'OrderRested');
	assert.equal(account.owner, buyer.address);
	await follower.reaches(key.block);
	assert.deepEqual(follower.book.queue('Bid', LOW), [5n, 56n]);
}

/** It has no account of its own to take from, and cannot name its owner's. */
async function aSessionKeyTakesNothingOut({ seller, buyer, key }) {
	const before = await buyer.holdings();
	await key.fails('Clearing.NoAccount', key.clearing('withdraw_all'));
	await key.fails('Clearing.NoAccount', key.clearing('withdraw', { asset: CRED, amount: 1n }));
	await key.fails('OrderBook.NotTrusted', key.place(order('Ask', DEAR, 60n), seller.address));
	assert.deepEqual(await buyer.holdings(), before);
}

async function aSessionKeyThatIsRemovedDoesNothing({ buyer, key }) {
	await buyer.does(buyer.clearing('remove_session', { key: key.address }));
	await key.fails('OrderBook.NotTrusted', key.place(order('Bid', LOW, 40n), buyer.address));
}

async function allOrdersAreCancelledAtOnce({ seller, buyer, follower }) {
	const [asks, bids] = await Promise.all([
		seller.does(seller.cancelAll('Ask')),
		buyer.does(buyer.cancelAll()),
	]);
	assert.equal(cancelledIn(asks).length, 22);
	const expected = [[5n, 30n, 0n, 'Requested'], [56n, 40n, 0n, 'Requested']];
	assert.deepEqual(cancelledIn(bids), expected);
	await follower.reaches(Math.max(seller.block, buyer.block));
	assert.deepEqual(follower.book.orders(), { Bid: {}, Ask: {} });
}

/** To the smallest unit: what trades have moved, and in CRED what transactions have cost. */
async function everythingComesBackToTheWallets({ seller, buyer, follower, world }) {
	const traders = { seller, buyer };
	const all = Object.values(traders);
	await Promise.all(all.map((trader) => trader.does(trader.clearing('withdraw_all'))));
	await follower.reaches(Math.max(seller.block, buyer.block));
	world.moved = movedBy(follower.trades);
	for (const [name, trader] of Object.entries(traders)) {
		assert.deepEqual(await trader.holdings(), {}, name);
		const [before, { lco, cred }] = [world.before[name], world.moved[trader.address]];
		const expected = { lco: before.lco + lco, cred: before.cred + cred - trader.gas };
		assert.deepEqual(await trader.wallet(), expected, name);
	}
}

/** Nothing else is left on the exchange. If a Monday has come, the fund has taken some home. */
async function theFundHasTheFees({ seller, api, world }) {
	const { lco, cred } = world.moved.fund;
	assert.ok(lco > 0n && cred > 0n);
	const held = await holdingsOf(seller.api, FUND);
	const left = { lco: held[LCO]?.free ?? 0n, cred: held[CRED]?.free ?? 0n };
	assert.deepEqual(await walletOf(seller.api, CLEARING), left);
	const taken = await takenBy(api, FUND);
	assert.deepEqual({ lco: left.lco + taken(LCO), cred: left.cred + taken(CRED) }, { lco, cred });
}

/** How much of an asset an owner of trading accounts has ever taken out of them. */
async function takenBy(api, owner) {
	const all = await allEvents(api, 'clearing', 'Withdrawn');
	const its = all.filter(({ account }) => account.owner.toString() === owner);
	return (asset) => its
		.filter((event) => event.asset.toNumber() === asset)
		.reduce((sum, { amount }) => sum + amount.toBigInt(), 0n);
}

export const steps = [
	aSessionKeyReachesNoWallet,
	aSessionKeyTradesForItsOwner,
	aSessionKeyTakesNothingOut,
	aSessionKeyThatIsRemovedDoesNothing,
	allOrdersAreCancelledAtOnce,
	everythingComesBackToTheWallets,
	theFundHasTheFees,
];
