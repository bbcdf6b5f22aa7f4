// A Friday: a fifth of what the platform has earned buys LCO from those who sell, and burns it.

import assert from 'node:assert/strict';
import { Enum } from 'polkadot-api';
import { CRED, PLANCK_PER_UCRED, allEvents, finalised, totals } from '../support/chain.mjs';
import { MARKET } from '../support/trader.mjs';
import { becomes } from '../support/whales.mjs';
import { HIGH, LOW, MANY } from './market.mjs';

const PERCENT = 100n;
const FOR_BUYING = 20n;
const FOR_PRIZES = 2n;

/** What a price in ticks is in µCRED for each LCO. */
const UCRED_PER_TICK = 100n;

/** More prices than a test uses, and more receipts. */
const ALL = 100;

async function aFridayPasses({ api, world }) {
	const found = await becomes(api, 'the receipt of a week with calls', async (state) => {
		const entries = await state.query.buyback.receipts.entries();
		const receipts = entries.map(([, receipt]) => receipt.unwrap());
		return receipts.find(({ books }) => !books.revenue.isZero());
	});
	world.place = found.number.toNumber();
}

/** Each follows from the one before, the first from the genesis; and every purchase was where it says. */
async function theReceiptsAreProven({ api, stack, world }) {
	const { receipts, proven, ...told } = await stack.lx('buyback', 'verify');
	const before = [api.genesisHash.toHex(), ...receipts.map(({ hash }) => hash)];
	assert.deepEqual(receipts.map(({ previous }) => previous), before.slice(0, -1));
	assert.ok(receipts.length > 1, 'a Friday has passed before anybody called');
	const isNothing = ({ profit, spent }) => profit.units === '0' && spent.units === '0';
	assert.ok(receipts.slice(0, world.place).every(isNothing), 'something was bought before');
	const blocks = receipts.reduce((sum, { slices }) => sum + slices.length + 1, 0);
	assert.ok(proven.includes(`the events of ${blocks} blocks say the same`), proven.join());
	assert.equal(told.blocks_not_kept, 0);
	world.receipt = receipts[world.place];
}

async function aFifthOfTheProfitIsForBuying({ api, world }) {
	const { revenue, cost, profit, burning, prizes, spent, left } = amounts(world.receipt);
	const paid = Object.values(world.paid).reduce((sum, charge) => sum + charge, 0n);
	assert.equal(revenue, paid, 'what users have paid until then');
	assert.ok(cost > 0n);
	assert.equal(profit, revenue - cost);
	assert.equal(burning, (profit * FOR_BUYING) / PERCENT);
	assert.equal(prizes, (profit * FOR_PRIZES) / PERCENT);
	assert.equal(left, burning - spent);
	const state = await finalised(api);
	const fund = await state.query.assets.account(CRED, api.consts.buyback.burnFund);
	assert.equal(fund.unwrap().balance.toBigInt(), left);
}

/** In market orders, one a block: the cheapest offers are gone, and the last price is higher. */
async function itDrivesThePriceUp({ seller, world }) {
	const { slices, average_price: { units: average } } = world.receipt;
	const blocks = slices.map(({ block }) => block);
	assert.ok(blocks.length > 1);
	assert.deepEqual(blocks, [...new Set(blocks)].sort((one, other) => one - other));
	const { view } = seller.api;
	const { best_ask: asked, last } = await view.OrderBook.market(MARKET);
	assert.deepEqual([asked, last], [HIGH, HIGH]);
	const [{ lots }, ...others] = await view.OrderBook.depth(MARKET, Enum('Ask'), ALL);
	assert.deepEqual(others, []);
	assert.ok(lots < MANY);
	// A buyer pays the market's fee of what he receives.
	assert.ok(BigInt(average) > BigInt(LOW) * UCRED_PER_TICK, average);
}

async function everyPlanckThatWasBoughtIsBurned({ api, world }) {
	const { bought, burned } = amounts(world.receipt);
	assert.ok(bought > 0n);
	assert.equal(burned, bought);
	const { issuance, unpaid, cumulative } = await totals(api);
	assert.equal(issuance + unpaid, cumulative * PLANCK_PER_UCRED - burned);
	const state = await finalised(api);
	const { data } = await state.query.system.account(api.consts.buyback.burnAddress);
	assert.ok(data.free.isZero());
}

/** What `lx` has verified is what any client lists, and what was announced. */
async function everybodyCanListThem({ api, seller, world }) {
	const listed = await seller.api.view.Buyback.receipts(world.place, 1);
	const { spent, bought, burned } = amounts(world.receipt);
	const told = listed.map((receipt) => [receipt.spent, receipt.bought, receipt.burned]);
	assert.deepEqual(told, [[spent, bought, burned]]);
	const written = await allEvents(api, 'buyback', 'ReceiptWritten');
	const hashes = written.map(([, , hash]) => hash.toHex());
	assert.equal(hashes[world.place], world.receipt.hash);
}

/** The amounts of a receipt as `lx` tells them. */
function amounts(receipt) {
	const all = Object.entries(receipt).filter(([, value]) => value?.units !== undefined);
	return Object.fromEntries(all.map(([name, { units }]) => [name, BigInt(units)]));
}

export const steps = [
	aFridayPasses,
	theReceiptsAreProven,
	aFifthOfTheProfitIsForBuying,
	itDrivesThePriceUp,
	everyPlanckThatWasBoughtIsBurned,
	everybodyCanListThem,
];
