// Four validators find each other, take turns and agree. They go on without one of them, finalise
// nothing without two, and go on when one is back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from './support/eventually.mjs';
import { Network } from './support/network.mjs';
import { genesisOf, specification } from './support/specification.mjs';

const TIMEOUT_MS = 300_000;
const PATIENCE_MS = 60_000;

let network;
let failed = false;

before(async () => {
	network = await Network.create();
});

after(async () => {
	if (failed) console.error(network.logs());
	await network.stop();
});

test('what chains start from', async (t) => {
	await t.test(theProductionTemplateNamesNobody);
	await t.test(theLocalChainHasFourValidators);
});

test('four validators', { timeout: TIMEOUT_MS }, async (t) => {
	const steps = [
		theyStart,
		eachSeesTheThreeOthers,
		theyFinaliseTheSameBlocks,
		theyTakeTurns,
		threeGoOnWithoutDave,
		twoFinaliseNothing,
		daveReturnsAndBringsFinalityBack,
		charlieReturnsAndCatchesUp,
	];
	for (const step of steps) {
		await t.test(step.name, { skip: failed }, () => step(network).catch(fail));
	}
});

/** Remembers a failure: each step stands on those before it. */
function fail(error) {
	failed = true;
	throw error;
}

async function theProductionTemplateNamesNobody() {
	const template = await specification('production-template');
	const patch = genesisOf(template);
	assert.equal(template.chainType, 'Live');
	// So no sudo key, no guardian, no balances, no validators, custodians, relays or attestors.
	assert.deepEqual(Object.keys(patch).sort(), ['assets', 'calendar', 'orderBook']);
	assert.deepEqual(patch.assets.accounts, [], 'somebody has Credits or USDT');
}

async function theLocalChainHasFourValidators() {
	const local = await specification('local');
	const patch = genesisOf(local);
	assert.equal(local.chainType, 'Local');
	assert.equal(patch.session.keys.length, 4);
	for (const kind of ['aura', 'grandpa']) {
		assert.equal(new Set(patch.session.keys.map(([, , keys]) => keys[kind])).size, 4, kind);
	}
	assert.ok(!patch.sudo?.key, 'somebody is root');
	assert.equal(patch.balances, undefined, 'somebody has LCO');
	assert.deepEqual(patch.assets.accounts, [], 'somebody has Credits or USDT');
}

async function theyStart() {
	await network.start();
}

async function eachSeesTheThreeOthers({ validators }) {
	const allMet = async (note) => {
		const peers = await Promise.all(validators.map((validator) => validator.peers()));
		note(peers);
		return peers.every((count) => count === 3);
	};
	await eventually('meeting each other', allMet, PATIENCE_MS);
}

async function theyFinaliseTheSameBlocks({ alice, validators }) {
	await agree(validators, 1);
	await agree(validators, (await alice.finalised()) + 1);
}

/** Aura gives each slot to one validator, in turn, and every node checks the seal. */
async function theyTakeTurns({ alice, validators }) {
	const allAuthored = async (note) => {
		const heights = Array.from({ length: await alice.finalised() }, (_, index) => index + 1);
		const slots = await Promise.all(heights.map((height) => alice.slotAt(height)));
		note(slots);
		const turns = slots.map((slot) => slot % BigInt(validators.length));
		return new Set(turns).size === validators.length;
	};
	await eventually('a final block by each validator', allAuthored, PATIENCE_MS);
}

async function threeGoOnWithoutDave({ alice, bob, charlie, dave }) {
	await dave.crash();
	await agree([alice, bob, charlie], (await alice.best()) + 1);
}

/**
 * Nobody votes for the newest two blocks, so Charlie has not voted for the best one, and two of
 * four are not enough for it. That they still author is the clock: four blocks on, it would long
 * be final.
 */
async function twoFinaliseNothing({ alice, bob, charlie }) {
	await charlie.crash();
	const best = await alice.best();
	await eventually('four blocks by two validators', async (note) => {
		const height = await alice.best();
		note({ best, height });
		return height >= best + 4;
	}, PATIENCE_MS);
	for (const validator of [alice, bob]) {
		const height = await validator.finalised();
		assert.ok(height < best, `${validator.name} finalised ${height}, alone with one other`);
	}
}

/** Three are enough only if Dave votes again. */
async function daveReturnsAndBringsFinalityBack({ alice, bob, dave }) {
	const best = await alice.best();
	await dave.start();
	await agree([alice, bob, dave], best);
}

async function charlieReturnsAndCatchesUp({ alice, charlie, validators }) {
	await charlie.start();
	await agree(validators, await alice.finalised());
}

/** Waits until validators have finalised a height, and expects one block there. */
async function agree(validators, height) {
	const allFinal = async (note) => {
		const heights = await Promise.all(validators.map((validator) => validator.finalised()));
		note(heights);
		return heights.every((finalised) => finalised >= height);
	};
	await eventually(`block ${height} becoming final`, allFinal, PATIENCE_MS);
	const hashes = await Promise.all(validators.map((validator) => validator.hashAt(height)));
	assert.equal(new Set(hashes).size, 1, `different blocks at ${height}: ${hashes.join(', ')}`);
}
