// What a call costs one planck below a tier's stake, at it, and one planck above: to the µCRED.

import assert from 'node:assert/strict';
import { addressOf } from '../support/accounts.mjs';
import { holdings, pricing } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { MODEL } from '../support/relay.mjs';
import { finalisedHeight } from '../support/rpc.mjs';
import { CLIMBER, LCO, does } from '../support/whales.mjs';

/** The first version of the model's price, which stays. */
const PRICE_VERSION = 1;

const PATIENCE_MS = 120_000;

async function nothingIsStakedYet({ api, world }) {
	const { free, pending } = await holdings(api, addressOf(CLIMBER));
	assert.equal(pending, 0n);
	Object.assign(world, { purse: free, staked: 0n, charged: 0n });
	world.price = await pricing(api, MODEL, PRICE_VERSION);
	const { tier } = await world.lx('tier');
	assert.equal(tier, 'Lv1');
}

async function lv2Pays95Percent(context) {
	await callsAround(context, 1_000n, percent(100n), percent(95n));
}

async function lv3Pays85Percent(context) {
	await callsAround(context, 10_000n, percent(95n), percent(85n));
}

async function lv4Pays70Percent(context) {
	await callsAround(context, 50_000n, percent(85n), percent(70n));
}

async function whalesPayTheCost(context) {
	await callsAround(context, 100_000n, percent(70n), ({ cost }, usage) => cost(usage));
	const { tier, staked } = await context.world.lx('tier');
	assert.deepEqual([tier, staked.units], ['Whale', String(100_000n * LCO + 1n)]);
}

function percent(share) {
	return ({ charge }, usage) => charge(usage, share);
}

/** Calls with a stake one planck below so many LCO, of so many, and one planck above. */
async function callsAround(context, lco, below, from) {
	const threshold = lco * LCO;
	for (const [stake, priced] of [[-1n, below], [0n, from], [1n, from]]) {
		await stakeUpTo(context, threshold + stake);
		const { world } = context;
		const { answer, charge } = await world.relays[CLIMBER].ask();
		const usage = usageOf(answer);
		const [before, after] = [below, from].map((price) => price(world.price, usage));
		assert.ok(before > after, 'the call is too short to tell the tiers apart');
		assert.equal(charge, priced(world.price, usage), `${stake} at ${lco} LCO`);
		world.charged += charge;
	}
}

async function stakeUpTo({ stack, api, world }, target) {
	await does(CLIMBER, api.tx.stakingTiers.stake(target - world.staked));
	world.staked = target;
	await world.relays[CLIMBER].reaches(await finalisedHeight(stack.ports.node));
}

function usageOf({ usage }) {
	const cached = usage.prompt_tokens_details.cached_tokens;
	const input = usage.prompt_tokens - cached;
	return { input, cached_input: cached, output: usage.completion_tokens };
}

/** Attestors have looked at each tier, and the purse has paid for nothing else. */
async function theChainChargedTheSame({ api, world }) {
	const left = world.purse - world.charged;
	const isSettled = async (note) => {
		const { free, pending } = await holdings(api, addressOf(CLIMBER));
		note({ free, pending, left });
		return free === left && pending === 0n;
	};
	await eventually('settlement', isSettled, PATIENCE_MS);
}

/** What is taken out counts no more at once, and counts again when it is taken back. */
async function theCommandLineStakesToo({ world }) {
	const staked = async (...args) => BigInt((await world.lx(...args)).staked.units);
	const more = world.staked + 5n * LCO;
	assert.equal(await staked('stake', '5'), more);
	assert.equal(await staked('unstake', '5'), world.staked);
	const { unstaking } = await world.lx('tier');
	assert.deepEqual(unstaking.map(({ amount }) => amount.units), [String(5n * LCO)]);
	assert.equal(await staked('unstake', '--cancel'), more);
	await assert.rejects(world.lx('unstake'), /nothing is being unstaked/);
}

export const steps = [
	nothingIsStakedYet,
	lv2Pays95Percent,
	lv3Pays85Percent,
	lv4Pays70Percent,
	whalesPayTheCost,
	theChainChargedTheSame,
	theCommandLineStakesToo,
];
