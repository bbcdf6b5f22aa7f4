// Two wallets get what they trade with: Credits, and LCO, which only calls mine.

import assert from 'node:assert/strict';
import { addressOf, give, newKey, openBank, openPurses } from '../support/accounts.mjs';
import { PLANCK_PER_UCRED, holdings } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { TERMS } from '../support/money.mjs';
import { finalisedHeight } from '../support/rpc.mjs';
import { MARKET } from '../support/trader.mjs';

/** Has LCO. */
export const SELLER = '//Seller';

/** Has none. */
export const BUYER = '//Buyer';

/** Trades for the buyer. */
export const KEY = '//Key';

const PURSE = 15_000_000n;
const FOR_TRADING = { [SELLER]: 20_000_000n, [BUYER]: 100_000_000n, [KEY]: 1_000_000n };

/** A question that costs 2.5 CRED, four bytes being a token, and so mines 25 LCO. */
const LONG_QUESTION = [{ role: 'user', content: 'x'.repeat(4_000_000) }];

const PATIENCE_MS = 60_000;

async function walletsHaveCredits({ stack, api }) {
	await openBank(stack, 200);
	await openPurses(api, { [SELLER]: PURSE });
	await give(api, FOR_TRADING);
}

async function oneHasMinedLco({ stack, api, seller }) {
	assert.equal(seller.address, addressOf(SELLER));
	const relay = await newKey(stack, SELLER);
	const { charge } = await relay.ask({ messages: LONG_QUESTION, max_completion_tokens: 1 });
	assert.ok(charge >= 2_500_000n, `only ${charge} µCRED were charged`);
	const isMined = async (note) => {
		const { lco, pending } = await holdings(api, seller.address);
		note({ lco, pending });
		return lco === charge * PLANCK_PER_UCRED && pending === 0n;
	};
	await eventually('mining', isMined, PATIENCE_MS);
}

/** What follows counts from here. */
async function nobodyHasTradedYet({ stack, seller, buyer, follower, world }) {
	// The other client may have heard of a block a moment earlier.
	await follower.reaches(await finalisedHeight(stack.ports.node));
	world.before = { seller: await seller.wallet(), buyer: await buyer.wallet() };
	assert.equal(world.before.buyer.lco, 0n);
	assert.deepEqual([await seller.holdings(), await buyer.holdings()], [{}, {}]);
	const { terms, status, last_id: last } = await seller.api.view.OrderBook.market(MARKET);
	assert.deepEqual([terms, status.type, last], [TERMS, 'Active', 0n]);
	await follower.agrees();
}

export const steps = [walletsHaveCredits, oneHasMinedLco, nobodyHasTradedYet];
