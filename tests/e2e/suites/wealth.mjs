// Whales mine what they stake, by calls that cost as much: nobody is given any LCO.

import assert from 'node:assert/strict';
import { addressOf, give, newKey, openBank, openPurses } from '../support/accounts.mjs';
import { PLANCK_PER_UCRED, holdings, sudo } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { finalisedHeight } from '../support/rpc.mjs';
import { CLIMBER, MOBY, WHALE, WILLY, does } from '../support/whales.mjs';

/** The model that costs so much, and what a million of its tokens cost: 2.75 CRED each. */
const DEAR = 'lx-demo-mini';
const RATE = 2_750_000_000_000n;

/** Four bytes are a token, so the question costs 11,000 CRED, and mines 110,000 LCO. */
const LONG_QUESTION = [{ role: 'user', content: 'x'.repeat(16_000) }];
const ITS_COST = 11_000_000_000n;

/** A call reserves as if every byte were a token. */
const PURSE = 60_000_000_000n;
const FOR_FEES = 50_000_000n;

const ALL = [MOBY, WILLY, CLIMBER];
const PATIENCE_MS = 120_000;

/** For each account of the test, the same. */
function each(value) {
	return Object.fromEntries(ALL.map((uri) => [uri, value]));
}

async function everybodyHasCredits({ stack, api, world }) {
	await openBank(stack, 190_000);
	await openPurses(api, each(PURSE));
	await give(api, { ...each(FOR_FEES), '//Alice': 10_000_000n });
	world.paid = each(0n);
	const relays = await Promise.all(ALL.map((uri) => newKey(stack, uri)));
	world.relays = Object.fromEntries(ALL.map((uri, place) => [uri, relays[place]]));
}

async function aModelBecomesDear({ stack, api, world }) {
	const rates = (rate) => ({ Tokens: { input: rate, cachedInput: rate, output: rate } });
	await sudo(api, api.tx.priceRegistry.setPrice(DEAR, rates(RATE), rates(RATE / 2n)));
	await world.relays[CLIMBER].reaches(await finalisedHeight(stack.ports.node));
}

async function eachMinesMoreThanAWhaleStakes({ api, world }) {
	await Promise.all(ALL.map(async (uri) => {
		const question = { model: DEAR, messages: LONG_QUESTION, max_completion_tokens: 1 };
		const { charge } = await world.relays[uri].ask(question);
		assert.ok(charge >= ITS_COST, `only ${charge} µCRED were charged`);
		world.paid[uri] += charge;
		const isMined = async (note) => {
			const { lco, pending } = await holdings(api, addressOf(uri));
			note({ lco, pending });
			return lco === charge * PLANCK_PER_UCRED && pending === 0n;
		};
		await eventually('mining', isMined, PATIENCE_MS);
	}));
}

async function twoBecomeWhales({ api }) {
	await Promise.all([MOBY, WILLY].map(async (uri) => {
		const events = await does(uri, api.tx.stakingTiers.stake(WHALE));
		const { data } = events.find((event) => api.events.stakingTiers.TierChanged.is(event));
		assert.deepEqual([data.from.type, data.to.type], ['Lv1', 'Whale']);
	}));
	const { whale } = await api.query.stakingTiers.totals();
	assert.equal(whale.stakers.toNumber(), 2);
	assert.equal(whale.staked.toBigInt(), 2n * WHALE);
}

export const prepared = [everybodyHasCredits, aModelBecomesDear];

export const mined = [eachMinesMoreThanAWhaleStakes];

export const staked = [twoBecomeWhales];

export const steps = [...prepared, ...mined, ...staked];
