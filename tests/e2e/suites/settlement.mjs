// What was spent has mined, exactly, and both JavaScript clients see it.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addressOf } from '../support/accounts.mjs';
import { CRED, PLANCK_PER_UCRED, RELAY, allEvents, holdings, totals } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';

const PATIENCE_MS = 60_000;

/** Waits until the chain has charged and settled every call of the world. */
async function everyCallBecomesFinal({ api, world }) {
	world.spent = await world.relay.charged(world.calls);
	assert.ok(world.spent > 0n);
	const left = world.toppedUp - world.spent;
	const isSettled = async (note) => {
		const { free, thawing, pending, lco } = await holdings(api, world.address);
		note({ free, thawing, pending, lco, left });
		return free === left && pending === 0n;
	};
	await eventually('settlement', isSettled, PATIENCE_MS);
	for (const receipt of await Promise.all(world.calls.map((call) => world.relay.receipt(call)))) {
		assert.ok(['BATCHED', 'FINAL', 'VOID'].includes(receipt.state), receipt.state);
	}
}

/** A call's proof holds, and so does its receipt, unless it says more than that. */
async function aReceiptProvesWhatItSays({ stack, world }) {
	const receipts = await Promise.all(world.calls.map((call) => world.relay.receipt(call)));
	const receipt = receipts.find(({ batch, state }) => batch && state !== 'VOID');
	const told = await stack.lx('verify', receipt.call_id);
	assert.equal(told.call, receipt.call_id);
	assert.equal(told.final, true);
	assert.match(told.not_proven, /really ran this model/);
	const file = join(stack.folder, 'receipt.json');
	const hash = `0x${'00'.repeat(32)}`;
	for (const [altered, code] of [
		[{}, 0],
		[{ state: 'VOID' }, 1],
		[{ batch: { ...receipt.batch, hash } }, 1],
	]) {
		await writeFile(file, JSON.stringify({ ...receipt, ...altered }));
		const verified = await stack.tryLx('verify', file);
		assert.equal(verified.code, code, verified.stdout);
	}
}

async function theWatchSawIt({ world }) {
	const { code, stdout, stderr } = await world.watch;
	assert.equal(code, 0, stderr);
	const events = stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.ok(events.some(({ event }) => event === 'BatchPosted'));
	const { paid, reward } = events.find(({ event }) => event === 'Mined');
	assert.equal(BigInt(reward.units), BigInt(paid.units) * PLANCK_PER_UCRED);
}

async function polkadotJsSeesTenLcoADollar({ api, world }) {
	const { lco } = await holdings(api, world.address);
	assert.equal(lco, world.spent * PLANCK_PER_UCRED);
}

async function papiSeesTenLcoADollar({ papi, world }) {
	const query = papi.getUnsafeApi().query;
	const at = { at: 'finalized' };
	const account = await query.System.Account.getValue(world.address, at);
	assert.equal(account.data.free, world.spent * PLANCK_PER_UCRED);
	const prepaid = await query.Compute.Accounts.getValue(world.address, at);
	const purse = prepaid.purses.find(({ relay }) => relay === RELAY);
	assert.equal(purse.free, world.toppedUp - world.spent);
	assert.equal(await query.Mining.Cumulative.getValue(at), world.spent);
}

async function nothingExistsThatWasNotMinedOrBought({ api, world }) {
	const { issuance, cumulative, unpaid, cred, usdt } = await totals(api);
	assert.equal(cumulative, world.spent, 'C is what calls really paid');
	assert.equal(issuance, world.spent * PLANCK_PER_UCRED, 'LCO exists only by being mined');
	assert.equal(unpaid, 0n);
	assert.equal(cred, world.bought, 'spending moves Credits and makes or burns none');
	assert.equal(usdt, 100_000_000n);
}

async function everyBatchSumsUp({ api, papi, world }) {
	const posted = await allEvents(api, 'compute', 'BatchPosted');
	const final = await allEvents(api, 'compute', 'BatchFinal');
	const mined = await allEvents(api, 'mining', 'Mined');
	const sum = (events, name) =>
		events.reduce((total, event) => total + event[name].toBigInt(), 0n);
	assert.deepEqual(posted.map(({ sequence }) => sequence.toNumber()), [...posted.keys()]);
	assert.equal(sum(posted, 'charge'), world.spent);
	assert.equal(sum(final, 'charge'), world.spent);
	assert.equal(sum(mined, 'paid'), world.spent);
	assert.equal(sum(mined, 'reward'), world.spent * PLANCK_PER_UCRED);
	assert.equal(Number(sum(posted, 'calls')), await billedCalls(world));
	assert.equal(await providerPaid(papi), sum(final, 'cost'));
}

/** How many calls were not void: each must be posted once. */
async function billedCalls({ relay, calls }) {
	const receipts = await Promise.all(calls.map((call) => relay.receipt(call)));
	return receipts.filter(({ state }) => state !== 'VOID').length;
}

/** The Credits of the relay's operator, who has no other income: //Ferdie. */
async function providerPaid(papi) {
	const ferdie = addressOf('//Ferdie');
	const query = papi.getUnsafeApi().query;
	const at = { at: 'finalized' };
	const [account, owed] = await Promise.all([
		query.Assets.Account.getValue(CRED, ferdie, at),
		query.Compute.Owed.getValue(ferdie, at),
	]);
	return (account?.balance ?? 0n) + owed;
}

export const steps = [
	everyCallBecomesFinal,
	aReceiptProvesWhatItSays,
	theWatchSawIt,
	polkadotJsSeesTenLcoADollar,
	papiSeesTenLcoADollar,
	nothingExistsThatWasNotMinedOrBought,
	everyBatchSumsUp,
];
