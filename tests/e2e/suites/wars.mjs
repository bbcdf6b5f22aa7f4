// A week of the Compute Wars: who pays most wins, and calls for free in the week after.

import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { addressOf } from '../support/accounts.mjs';
import { MONDAY, todayOf } from '../support/calendar.mjs';
import { RELAY, allEvents, finalised, holdings, sudo, totals } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { MODEL, QUESTION, callOf, chargeOf } from '../support/relay.mjs';
import { finalisedHeight } from '../support/rpc.mjs';
import { holdingsOf } from '../support/trader.mjs';
import { CLIMBER, MOBY, WILLY, becomes, fails } from '../support/whales.mjs';

/** Who pays most, less and least. */
const RANKED = [WILLY, MOBY, CLIMBER];
const [CHAMPION, SECOND] = RANKED;

/** What the first three ranks get of a prize, in percent. */
const SHARES = [30n, 20n, 13n];

/** µCRED that the fund pays for a champion: enough for some calls, and soon used up. */
const CAP = 1_000n;

/** More calls than it is enough for. */
const MANY = 50;

/** A call that reserves little. */
const SHORT = { model: MODEL, messages: QUESTION, max_completion_tokens: 20 };

const PATIENCE_MS = 60_000;

/** What is paid from here on has to be final in this week, and before Friday. */
export async function aWeekBegins({ api }) {
	await becomes(api, 'Monday', async (state) => (await todayOf(state)).weekday === MONDAY);
}

/** All have paid as much for the long question: a few µCRED decide. */
async function someCallMoreThanOthers({ world }) {
	for (const uri of [CHAMPION, CHAMPION, SECOND]) {
		const { charge } = await world.relays[uri].ask(SHORT);
		world.paid[uri] += charge;
	}
}

async function theBoardRanksThemByWhatTheyPaid({ stack, world }) {
	const expected = RANKED.map((uri, place) => {
		return { rank: place + 1, account: addressOf(uri), paid: world.paid[uri] };
	});
	const isRanked = async (note) => {
		const { week, board, you } = await stack.lx('wars', '--account', SECOND);
		const shown = board.map(({ rank, account, score: { units } }) => {
			return { rank, account, paid: BigInt(units) };
		});
		note(shown);
		Object.assign(world, { week });
		return you.rank === 2 && isDeepStrictEqual(shown, expected);
	};
	await eventually('the ranks', isRanked, PATIENCE_MS);
}

export async function aChampionsCallsAreCapped({ api }) {
	await sudo(api, api.tx.parameters.setParameter({ Wars: { FreeCallsCap: [null, CAP] } }));
}

async function theWeekCloses({ api, world }) {
	await becomes(api, 'the close', async (state) => {
		const [last, next] = await Promise.all([
			state.query.computeWars.lastRound(),
			state.query.computeWars.nextPrize(),
		]);
		return last.isSome && last.unwrap().week.toNumber() === world.week && next.isNone;
	});
}

/** There is no other LCO in the fund than what the exchange has earned. */
async function theFirstThreeShareWhatTheFundHas({ api, stack, seller, world }) {
	const ofTheWeek = ({ week }) => week.toNumber() === world.week;
	const closed = (await allEvents(api, 'computeWars', 'RoundClosed')).find(ofTheWeek);
	assert.equal(closed.champion.unwrap().toString(), addressOf(CHAMPION));
	const prize = closed.prize.toBigInt();
	assert.ok(prize > 0n);
	const paid = (await allEvents(api, 'computeWars', 'PrizePaid')).filter(ofTheWeek);
	const told = paid.map(({ rank, who, amount }) => {
		return [rank.toNumber(), who.toString(), amount.toBigInt()];
	});
	const expected = RANKED.map((uri, place) => {
		return [place + 1, addressOf(uri), (prize * SHARES[place]) / 100n];
	});
	assert.deepEqual(told, expected);
	const given = told.reduce((sum, [, , amount]) => sum + amount, 0n);
	const fund = api.consts.buyback.prizeFund.toString();
	const { lco } = await holdings(api, fund);
	const least = api.consts.balances.existentialDeposit.toBigInt();
	assert.equal(lco, prize - given + least);
	assert.deepEqual(await holdingsOf(seller.api, fund), {}, 'fees are left on the exchange');
	const { last, champion, rolled_over: rest } = await stack.lx('wars', '--account', CHAMPION);
	assert.deepEqual(last.winners, RANKED.map(addressOf));
	assert.deepEqual([last.prize.units, rest.units], [String(prize), String(prize - given)]);
	assert.deepEqual([champion.account, champion.perk], [addressOf(CHAMPION), null]);
}

async function onlyTheChampionChooses({ api, stack }) {
	const choice = () => api.tx.computeWars.choosePerk({ FreeCalls: { relay: RELAY } });
	await fails(SECOND, choice(), 'computeWars.NotChampion');
	const fund = api.consts.buyback.prizeFund.toString();
	const before = await holdings(api, fund);
	const chosen = await stack.lx('wars', 'free-calls', '--account', CHAMPION);
	assert.equal(chosen.free_calls.units, String(CAP));
	assert.equal((await holdings(api, fund)).cred, before.cred - CAP);
	await fails(CHAMPION, choice(), 'computeWars.AlreadyChosen');
}

async function theFundPaysUpToTheCap({ api, stack, world }) {
	const { free: purse } = await holdings(api, addressOf(CHAMPION));
	const { cumulative } = await totals(api);
	const relay = world.relays[CHAMPION];
	await relay.reaches(await finalisedHeight(stack.ports.node));
	const made = [await answered(relay)];
	while (made.at(-1).payment === 'perk') {
		assert.ok(made.length < MANY, 'the cap is never reached');
		made.push(await answered(relay));
	}
	const own = made.pop();
	assert.equal(own.payment, 'purse');
	assert.ok(made.length > 1, 'the fund has not paid');
	const free = made.reduce((sum, { charge }) => sum + charge, 0n);
	assert.ok(free <= CAP);
	Object.assign(world, { before: { purse, cumulative }, own, free, freeCall: made[0].call });
}

/** A call, and who pays it. */
async function answered(relay) {
	const response = await relay.post(SHORT);
	assert.equal(response.status, 200, await response.text());
	const payment = response.headers.get('x-lx-payment');
	return { call: callOf(response), charge: chargeOf(response), payment };
}

/** They leave the champion's own purse alone, and neither mine nor score. */
async function freeCallsAreTheFundsAlone({ api, stack, world }) {
	const { before, own, free } = world;
	const isSettled = async (note) => {
		const { free: left, pending } = await holdings(api, addressOf(CHAMPION));
		const prepaid = await sponsored(api, CHAMPION);
		note({ left, pending, prepaid });
		const isOver = pending === 0n && prepaid.pending === 0n;
		return isOver && left === before.purse - own.charge && prepaid.free === CAP - free;
	};
	await eventually('settlement', isSettled, PATIENCE_MS);
	const { cumulative } = await totals(api);
	assert.equal(cumulative, before.cumulative + own.charge);
	const { you } = await stack.lx('wars', '--account', CHAMPION);
	assert.equal(you.score.units, String(own.charge));
}

/** What the fund has prepaid for an account's calls. */
async function sponsored(api, uri) {
	const account = await (await finalised(api)).query.compute.accounts(addressOf(uri));
	const isIt = ({ relay, isSponsored }) => relay.toNumber() === RELAY && isSponsored.isTrue;
	const { free, pending } = account.unwrap().purses.find(isIt);
	return { free: free.toBigInt(), pending: pending.toBigInt() };
}

async function aFreeCallIsProven({ stack, world }) {
	const { proven, final } = await stack.lx('verify', world.freeCall);
	const isPaid = proven.some((what) => what.includes('the Ecosystem Fund has paid the call'));
	assert.ok(isPaid, proven.join());
	assert.equal(final, true);
	const audit = await stack.tryLx('audit', '--account', SECOND);
	assert.equal(audit.code, 0, audit.stdout);
}

/** Those that the fund has paid too: the buyback forgets none. */
async function everyFinalCallIsInTheBooks({ api }) {
	const { query } = await finalised(api);
	const [receipts, open, round] = await Promise.all([
		query.buyback.receipts.entries(),
		query.buyback.openBooks(),
		query.buyback.currentRound(),
	]);
	const written = receipts.map(([, receipt]) => receipt.unwrap());
	const underWay = round.isSome ? [round.unwrap().receipt] : [];
	const books = [...written, ...underWay].map((receipt) => receipt.books).concat([open]);
	const final = await allEvents(api, 'compute', 'BatchFinal');
	const sum = (all, name) => all.reduce((total, one) => total + one[name].toBigInt(), 0n);
	assert.equal(sum(books, 'revenue'), sum(final, 'charge'));
	assert.equal(sum(books, 'cost'), sum(final, 'cost'));
}

export const race = [someCallMoreThanOthers, theBoardRanksThemByWhatTheyPaid];

export const steps = [
	theWeekCloses,
	theFirstThreeShareWhatTheFundHas,
	onlyTheChampionChooses,
	theFundPaysUpToTheCap,
	freeCallsAreTheFundsAlone,
	aFreeCallIsProven,
	everyFinalCallIsInTheBooks,
];
