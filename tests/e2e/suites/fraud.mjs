// A relay's operator raises a charge in its ledger. Honest attestors do not sign that. Two that
// collude do, and the chain takes it; but anybody can read the call log, prove it wrong, and have
// it reversed.

import assert from 'node:assert/strict';
import { addressOf, buyCredits, give, newKey, openBank, openPurses } from '../support/accounts.mjs';
import { batchesOf, openBatch, signBlindly, withCharge } from '../support/call_log.mjs';
import { withoutBatch } from '../support/calls.mjs';
import {
	CRED, RELAY, allEvents, finalised, holdings, keyring, sendAndFinalise, setChallengeWindow, totals,
} from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { leafIn, replaceLeaf } from '../support/ledger.mjs';
import { MODEL, QUESTION } from '../support/relay.mjs';
import { ATTESTORS } from '../support/stack.mjs';
import { refused } from './errors.mjs';

const FERDIE = '//Ferdie';
const USER = '//User';
const OUTSIDER = '//Outsider';
const PURSE = 20_000_000n;
const STAKE = 100_000_000n;
const OVERCHARGE = 5_000_000n;

/** Ten minutes: a development chain's hour takes 3.6 s. */
const WINDOW_HOURS = 7 * 24;

/** What an attestor says of a charge that is not the registry's. */
const REFUSAL = /is charged \d+ µCRED, and the registry says \d+/;

/** What an audit says of it. */
const PROVEN = /^proven: call 0x[0-9a-f]{32} charges [\d.]+ CRED .* by the registry's price it is/;

const PATIENCE_MS = 60_000;

/** The account of the Risk Reserve Fund, which has no key. */
const RISK_RESERVE = keyring.encodeAddress(Buffer.from('modllx/riskr'.padEnd(32, '\0')));

async function theRelayIsBonded({ stack, api, world }) {
	await buyCredits(stack, FERDIE, 10_010);
	const bond = api.tx.compute.bondRelay(RELAY);
	const events = await sendAndFinalise(bond, keyring.addFromUri(FERDIE), { assetId: CRED });
	const { data } = events.find((event) => api.events.compute.RelayBonded.is(event));
	world.bond = data.added.toBigInt();
	assert.equal(world.bond, 10_000_000_000n);
	assert.equal((await relayOnChain(api)).bond.toBigInt(), world.bond);
}

async function everybodyHasWhatTheyNeed({ stack, api, world }) {
	await openBank(stack, 200);
	await openPurses(api, { [USER]: PURSE });
	await give(api, { '//Alice': 1_000_000n, [OUTSIDER]: STAKE + 1_000_000n });
	await setChallengeWindow(api, WINDOW_HOURS);
	world.relay = await newKey(stack, USER);
}

/** The other calls are charged as they should be; they are pending as long as the window lasts. */
async function anHonestCallWaitsForItsBatch({ stack, world }) {
	const charges = new Map();
	const ask = async () => {
		const { call, charge } = await world.relay.ask();
		charges.set(call, charge);
		return call;
	};
	world.call = await withoutBatch(stack, ask);
	world.charge = charges.get(world.call);
	charges.delete(world.call);
	world.others = [...charges.values()].reduce((sum, charge) => sum + charge, 0n);
}

async function theOperatorRaisesItsCharge({ stack, api, world }) {
	await stack.end('relay');
	const leaf = await leafIn(stack.ledger, world.call);
	world.raised = world.charge + OVERCHARGE;
	await replaceLeaf(stack.ledger, world.call, withCharge(api, leaf, world.raised), world.raised);
	stack.relaySettings['batch-interval'] = 2;
	await stack.launch('relay');
}

async function honestAttestorsRefuseToSign({ stack, world }) {
	const isRefusedByAll = async (note) => {
		const open = await openBatch(stack.relayUrl);
		const refusals = ATTESTORS.filter((name) => REFUSAL.test(stack.running(name).text()));
		note({ open, refusals });
		return open && refusals.length === ATTESTORS.length && open;
	};
	const open = await eventually('three refusals', isRefusedByAll, PATIENCE_MS);
	assert.equal(BigInt(open.charge_ucred), world.raised);
	assert.deepEqual(open.signatures, []);
}

async function twoThatColludeSign({ stack, api, world }) {
	await Promise.all(ATTESTORS.map((name) => stack.end(name)));
	const open = await openBatch(stack.relayUrl);
	for (const attestor of [0, 1]) await signBlindly(api, stack.relayUrl, open, attestor);
	const isPosted = async (note) => {
		const batches = await batchesOf(stack.relayUrl);
		note(batches.map(({ sequence, state }) => ({ sequence, state })));
		return batches.find(({ hash, state }) => hash === open.hash && state === 'POSTED');
	};
	world.batch = await eventually('the batch being posted', isPosted, PATIENCE_MS);
	assert.ok((await batchOnChain(api, world.batch)).isSome);
	const { free, pending } = await holdings(api, addressOf(USER));
	assert.equal(free, PURSE - world.others - world.raised, 'the user has paid too much');
	assert.equal(pending, world.others + world.raised);
}

/** An audit without a stake changes nothing, and says what to do. */
async function anybodyCanFindIt({ stack, world }) {
	const { code, stdout } = await stack.tryLx('audit', '--account', OUTSIDER);
	assert.equal(code, 1, stdout);
	const found = lines(stdout);
	const wrong = found.filter((batch) => batch.wrong?.length > 0);
	assert.deepEqual(wrong.map(({ hash, state }) => ({ hash, state })), [
		{ hash: world.batch.hash, state: 'pending' },
	]);
	assert.equal(wrong[0].wrong.length, 1);
	assert.match(wrong[0].wrong[0], PROVEN);
	assert.ok(wrong[0].wrong[0].includes(world.call));
	assert.match(found.at(-1).error.next, /lx audit --challenge/);
}

async function whoeverHasNoStakeIsToldBefore({ stack }) {
	const { code, stdout } = await stack.tryLx('audit', '--challenge', '--account', '//Nobody');
	assert.equal(code, 1);
	const [only] = lines(stdout);
	assert.match(only.error.problem, /a challenge stakes 100 CRED/);
}

async function whoeverProvesItIsRewarded({ stack, api, world }) {
	const before = await holdings(api, addressOf(OUTSIDER));
	const { code, stdout, stderr } = await stack.tryLx('audit', '--challenge', '--account', OUTSIDER);
	assert.equal(code, 0, stderr);
	const verdict = lines(stdout).find(({ challenged }) => challenged === world.batch.sequence);
	assert.equal(verdict.proven, true);
	assert.equal(BigInt(verdict.reward.units), world.bond / 2n);
	assert.equal(BigInt(verdict.returned.units), world.raised);
	const { fee } = verdict;
	assert.equal(fee.symbol, 'CRED');
	const { cred } = await holdings(api, addressOf(OUTSIDER));
	assert.equal(cred, before.cred - BigInt(fee.units) + world.bond / 2n, 'the stake is not back');
	assert.equal((await holdings(api, RISK_RESERVE)).cred, world.bond / 2n);
}

async function theUserHasTheMoneyBack({ api, world }) {
	assert.ok((await batchOnChain(api, world.batch)).isNone);
	const { free, pending } = await holdings(api, addressOf(USER));
	assert.equal(free, PURSE - world.others);
	assert.equal(pending, world.others);
	const [reversed, ...others] = await allEvents(api, 'compute', 'BatchReversed');
	assert.deepEqual(others, []);
	// By its place, since every codec has a `hash` of its own.
	const [, sequence, hash, charge] = reversed;
	assert.equal(sequence.toNumber(), world.batch.sequence);
	assert.equal(hash.toHex(), world.batch.hash);
	assert.equal(charge.toBigInt(), world.raised);
}

async function theRelayIsSuspendedAndSaysSo({ stack, api, world }) {
	const relay = await relayOnChain(api);
	assert.equal(relay.status.type, 'Suspended');
	assert.equal(relay.bond.toBigInt(), 0n);
	const isRefused = async (note) => {
		const response = await fetch(`${stack.relayUrl}/health`);
		const { status } = await response.json();
		note(status);
		return response.status === 503 && status === 'relay_inactive';
	};
	await eventually('the relay noticing', isRefused, PATIENCE_MS);
	await refused(world.relay.post({ model: MODEL, messages: QUESTION }), 503, 'relay_inactive');
}

/** Emission follows finality, which no batch has reached. */
async function nothingIsMined({ api }) {
	assert.deepEqual(await allEvents(api, 'compute', 'BatchFinal'), []);
	const { issuance, cumulative, unpaid } = await totals(api);
	assert.deepEqual({ issuance, cumulative, unpaid }, { issuance: 0n, cumulative: 0n, unpaid: 0n });
}

async function relayOnChain(api) {
	return (await (await finalised(api)).query.compute.relays(RELAY)).unwrap();
}

async function batchOnChain(api, { sequence }) {
	return (await finalised(api)).query.compute.batches(RELAY, sequence);
}

/** What `lx --json` has printed, line by line. */
function lines(stdout) {
	return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

export const steps = [
	theRelayIsBonded,
	everybodyHasWhatTheyNeed,
	anHonestCallWaitsForItsBatch,
	theOperatorRaisesItsCharge,
	honestAttestorsRefuseToSign,
	twoThatColludeSign,
	anybodyCanFindIt,
	whoeverHasNoStakeIsToldBefore,
	whoeverProvesItIsRewarded,
	theUserHasTheMoneyBack,
	theRelayIsSuspendedAndSaysSo,
	nothingIsMined,
];
