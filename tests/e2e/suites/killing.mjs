// A relay, its attestors and the node are killed a hundred times under load, at random moments. The
// upstream knows what it answered, the clients know what they got, and the chain knows what it
// charged: it has to be the same, to the µCRED.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { newKey, openBank, openPurses, addressOf } from '../support/accounts.mjs';
import { batchesOf, isReplaced, leavesOf } from '../support/call_log.mjs';
import { RELAY, allEvents, finalised, holdings, pricing, reconnected } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { callsIn } from '../support/ledger.mjs';
import { Load } from '../support/load.mjs';
import { between, shuffled } from '../support/random.mjs';
import { MODEL } from '../support/relay.mjs';
import { ATTESTORS } from '../support/stack.mjs';

const RELAY_KILLS = 70;
const ATTESTOR_KILLS = 20;
const NODE_KILLS = 10;
const PAUSE_MS = [1_100, 2_100];

const ACCOUNTS = [1, 2, 3, 4].map((number) => `//Caller//${number}`);
const KEYS_OF_EACH = 2;
const PURSE = 20_000_000n;

/** How many calls have to be answered, and how many cut off, or the kills would not say much. */
const LEAST_ANSWERED = 500;
const LEAST_CUT_OFF = 50;

const SETTLEMENT_MS = 150_000;
const SETTLED = ['FINAL', 'VOID'];

/** How long the chain may take a batch: until then its relay signs no other for its place. */
const BATCH_LIFETIME_MS = 60_000;

async function callersHavePursesAndKeys({ stack, api, world }) {
	await openBank(stack, 100);
	await openPurses(api, Object.fromEntries(ACCOUNTS.map((uri) => [uri, PURSE])));
	const owners = ACCOUNTS.flatMap((uri) => Array(KEYS_OF_EACH).fill(uri));
	world.relays = await Promise.all(owners.map((uri) => newKey(stack, uri)));
}

async function everythingIsKilledUnderLoad({ stack, world, random }) {
	const kills = victims(random).map((name) => ({ name, pause: between(random, ...PAUSE_MS) }));
	const load = new Load(world.relays, random);
	for (const { name, pause } of kills) {
		// A client that sees what it may not see ends the test at once.
		await Promise.race([sleep(pause), load.clients]);
		await stack.crash(name);
		stack.spawn(name);
	}
	await load.end();
	world.answered = load.answered;
}

/** Whom to kill, in order. */
function victims(random) {
	return shuffled(random, [
		...Array(RELAY_KILLS).fill('relay'),
		...Array.from({ length: ATTESTOR_KILLS }, (_, kill) => ATTESTORS[kill % ATTESTORS.length]),
		...Array(NODE_KILLS).fill('node'),
	]);
}

async function everythingSettles({ stack, api, world }) {
	const isSettled = async (note) => {
		const open = (await callsIn(stack.ledger)).filter(({ state }) => !SETTLED.includes(state));
		note(open.slice(0, 10));
		return open.length === 0;
	};
	await eventually('settlement', isSettled, SETTLEMENT_MS);
	await reconnected(api);
	world.calls = new Map((await callsIn(stack.ledger)).map((entry) => [entry.call, entry]));
	const cutOff = [...world.calls.values()].filter(({ state }) => state === 'VOID').length;
	const answered = world.answered.length;
	assert.ok(answered >= LEAST_ANSWERED, `only ${answered} calls were answered`);
	assert.ok(cutOff >= LEAST_CUT_OFF, `only ${cutOff} calls were cut off`);
	world.batches = await batchesOf(stack.relayUrl);
	world.final = world.batches.filter((batch) => !isReplaced(batch));
	assert.deepEqual([...new Set(world.final.map(({ state }) => state))], ['FINAL']);
	const leaves = world.final.map(({ hash }) => leavesOf(stack.relayUrl, hash));
	world.leaves = (await Promise.all(leaves)).flat();
}

async function noCallIsInTwoBatches({ world }) {
	const ids = world.leaves.map(({ call_id: call }) => call);
	assert.equal(new Set(ids).size, ids.length);
	const charged = [...world.calls.values()].filter(({ state }) => state === 'FINAL');
	assert.deepEqual(new Set(ids), new Set(charged.map(({ call }) => call)));
}

async function whatWasAnsweredIsChargedOnceByTheUpstreamsLog({ api, upstream, world }) {
	const [bills, leaves] = [upstream.bills(), byCall(world.leaves)];
	const price = await pricing(api, MODEL, world.leaves[0].price_version);
	for (const { call, provider, charge } of world.answered) {
		const leaf = leaves.get(call);
		assert.ok(leaf, `${call} was answered and is not charged`);
		assert.equal(world.calls.get(call).provider, provider);
		const usage = bills.get(provider);
		assert.deepEqual(leaf.usage, usage);
		assert.equal(BigInt(leaf.charge_ucred), price.charge(usage));
		assert.equal(BigInt(leaf.cost_ucred), price.cost(usage));
		if (charge !== undefined) assert.equal(BigInt(leaf.charge_ucred), charge);
	}
}

function byCall(leaves) {
	return new Map(leaves.map((leaf) => [leaf.call_id, leaf]));
}

/** Also of the calls that a kill has cut off. */
async function nothingIsChargedThatTheUpstreamDidNotAnswer({ api, upstream, world }) {
	const bills = upstream.bills();
	const price = await pricing(api, MODEL, world.leaves[0].price_version);
	for (const leaf of world.leaves) {
		const { provider } = world.calls.get(leaf.call_id);
		const usage = bills.get(provider);
		assert.ok(usage, `the upstream has not answered ${leaf.call_id}`);
		assert.ok(BigInt(leaf.charge_ucred) <= price.charge(usage), `${leaf.call_id} is too dear`);
		// Whoever asks for it again is charged twice for one answer.
		bills.delete(provider);
	}
}

async function eachPurseIsChargedWhatTheLeavesSay({ api, world }) {
	for (const address of ACCOUNTS.map(addressOf)) {
		const { free, thawing, pending } = await holdings(api, address);
		assert.deepEqual({ thawing, pending }, { thawing: 0n, pending: 0n });
		const leaves = world.leaves.filter(({ account }) => account === address);
		assert.equal(PURSE - free, sum(leaves), address);
	}
}

async function theChainTookThoseBatchesAndNoOthers({ api, world }) {
	const posted = await allEvents(api, 'compute', 'BatchPosted');
	const final = await allEvents(api, 'compute', 'BatchFinal');
	// By its place, since every codec has a `hash` of its own.
	const hashes = posted.map(([, , hash]) => hash.toHex());
	assert.deepEqual(hashes, world.final.map(({ hash }) => hash).reverse());
	const charged = final.reduce((total, { charge }) => total + charge.toBigInt(), 0n);
	assert.equal(charged, sum(world.leaves));
}

function sum(leaves) {
	return leaves.reduce((total, leaf) => total + BigInt(leaf.charge_ucred), 0n);
}

/** Who signs two batches for one place that the chain could both take loses the bond. */
async function nobodySignedTwoBatchesForOnePlace({ api, world }) {
	for (const one of world.batches) {
		const rivals = world.batches.filter((other) => {
			return other.sequence === one.sequence && other.hash !== one.hash;
		});
		for (const other of rivals) {
			const apart = Math.abs(other.time_ms - one.time_ms);
			assert.ok(apart > BATCH_LIFETIME_MS, `two batches for place ${one.sequence}`);
		}
	}
	const relay = (await (await finalised(api)).query.compute.relays(RELAY)).unwrap();
	assert.ok(relay.status.isActive);
}

export const steps = [
	callersHavePursesAndKeys,
	everythingIsKilledUnderLoad,
	everythingSettles,
	noCallIsInTwoBatches,
	whatWasAnsweredIsChargedOnceByTheUpstreamsLog,
	nothingIsChargedThatTheUpstreamDidNotAnswer,
	eachPurseIsChargedWhatTheLeavesSay,
	theChainTookThoseBatchesAndNoOthers,
	nobodySignedTwoBatchesForOnePlace,
];
