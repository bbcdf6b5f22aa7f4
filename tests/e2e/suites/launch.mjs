// A scarce model is announced, divided among those who have staked, and served against their quotas.

import assert from 'node:assert/strict';
import { addressOf } from '../support/accounts.mjs';
import { todayOf } from '../support/calendar.mjs';
import { finalised, holdings, sudo } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { QUESTION } from '../support/relay.mjs';
import { finalisedHeight } from '../support/rpc.mjs';
import { CLIMBER, LCO, MOBY, WHALE, WILLY, becomes, does, fails } from '../support/whales.mjs';
import { refused } from './errors.mjs';

/** A model that no price list has; the provider of a development chain would serve it. */
const SCARCE = 'lx-demo-scarce';
const LAUNCH = 0;
const TOTAL = 100_000n;

/** Too few for any call. */
const FEW = 10n;

/** The relay's number on chain, and one that no relay has. */
const RELAY = 0;
const NO_RELAY = 99;

/** What is claimed first, of more. */
const PART = 20_000n;

/** What a million of its tokens costs, of any kind: to whoever has no tier, and to a whale. */
const LIST = 20_000_000n;
const COST = 10_000_000n;

/**
 * The announcement, which takes a day of notice, is in a block some seconds after its terms, and who
 * is too early has to be before the opening.
 */
const AHEAD_MS = 20_000;
const WINDOW_MS = 60_000;
const USE_MS = 90_000;

const PATIENCE_MS = 60_000;

async function itIsAnnounced({ api, stack, world }) {
	const { time, dayMs } = await todayOf(await finalised(api));
	const opensAt = time + dayMs + AHEAD_MS;
	const closesAt = opensAt + WINDOW_MS;
	const rates = (rate) => ({ Tokens: { input: rate, cachedInput: rate, output: rate } });
	const prices = { list: rates(LIST), cost: rates(COST) };
	world.expiresAt = closesAt + USE_MS;
	const times = { snapshotAt: opensAt, opensAt, closesAt, expiresAt: world.expiresAt };
	await sudo(api, api.tx.launchpad.launch(SCARCE, TOTAL, { ...prices, ...times }));
	const [{ model, units, stage }, ...others] = await stack.lx('launch', 'list');
	assert.deepEqual([model, units, stage], [SCARCE, String(TOTAL), 'announced']);
	assert.deepEqual(others, []);
}

async function nobodyIsServedBeforeItIsDivided({ world }) {
	await refused(askedBy(world, MOBY), 404, 'model_not_found');
}

async function nobodySubscribesBeforeItOpens({ api }) {
	await fails(MOBY, subscription(api, 1n), 'launchpad.NotOpen');
}

/** This counts for the tier at once, and not for the launch. */
async function whatIsStakedNowComesTooLate({ api }) {
	await does(CLIMBER, api.tx.stakingTiers.stake(10_000n * LCO));
}

async function itOpens({ api, world }) {
	const open = await becomes(api, 'the launch opening', async (state) => {
		const { stage, now, opensAt } = await seen(state);
		return stage.isOpen && now >= opensAt && stage.asOpen;
	});
	const network = open.network.toBigInt();
	assert.equal(network, 2n * 3n * WHALE + 10_000n * LCO);
	world.certain = (TOTAL * 3n * WHALE) / network;
	await fails(CLIMBER, subscription(api, 1n), 'launchpad.NoWeight');
}

async function whoHadStakedSubscribesOnce({ api, stack, world }) {
	const asked = await stack.lx(
		'launch', 'subscribe', String(LAUNCH), String(TOTAL), '--account', MOBY,
	);
	assert.equal(asked.certain, String(world.certain));
	await fails(WILLY, subscription(api, TOTAL + 1n), 'launchpad.RequestTooLarge');
	await does(WILLY, subscription(api, FEW));
	await fails(WILLY, subscription(api, FEW), 'launchpad.AlreadySubscribed');
	await fails(MOBY, claim(api, 1n), 'launchpad.NotAllocated');
}

async function itIsDividedToTheLastUnit({ api, stack }) {
	await becomes(api, 'the division', async (state) => (await seen(state)).stage.isAllocated);
	const given = await Promise.all([MOBY, WILLY].map(async (uri) => {
		const [quota] = await stack.lx('launch', 'quota', '--account', uri);
		assert.deepEqual([quota.claims, quota.unclaimed], [[], quota.given]);
		return BigInt(quota.given);
	}));
	assert.deepEqual(given, [TOTAL - FEW, FEW]);
	await fails(CLIMBER, subscription(api, 1n), 'launchpad.WindowOver');
}

async function nobodyIsServedWhatIsNotClaimedHere({ stack, world }) {
	await world.relays[MOBY].reaches(await finalisedHeight(stack.ports.node));
	const error = await refused(askedBy(world, MOBY), 429, 'insufficient_quota');
	assert.match(error.message, /lx launch claim 0 --relay-id 0/);
}

async function eachClaimsItsOwnAtARelay({ api, stack, world }) {
	await fails(WILLY, claim(api, FEW, NO_RELAY), 'launchpad.RelayNotActive');
	await fails(WILLY, claim(api, FEW + 1n), 'launchpad.ClaimTooLarge');
	await does(WILLY, claim(api, FEW));
	await does(MOBY, claim(api, PART));
	const rest = await stack.lx('launch', 'claim', String(LAUNCH), '--account', MOBY);
	assert.deepEqual([rest.relay, rest.units], [RELAY, String(TOTAL - FEW - PART)]);
	await fails(MOBY, claim(api, 1n), 'launchpad.ClaimTooLarge');
	await fails(CLIMBER, claim(api, 1n), 'launchpad.NotSubscribed');
	const again = await stack.tryLx('launch', 'claim', String(LAUNCH), '--account', MOBY);
	assert.equal(again.code, 1);
	const [quota] = await stack.lx('launch', 'quota', '--account', MOBY);
	const claims = [{ relay: RELAY, units: String(TOTAL - FEW), used: '0' }];
	assert.deepEqual([quota.claims, quota.unclaimed], [claims, '0']);
	await world.relays[MOBY].reaches(await finalisedHeight(stack.ports.node));
}

async function aCallIsChargedByTheLaunch({ world }) {
	const { answer, call, charge } = await world.relays[MOBY].ask(QUESTION_TO_IT);
	world.call = call;
	world.used = BigInt(answer.usage.total_tokens);
	assert.equal(charge, (world.used * COST + 999_999n) / 1_000_000n, 'a whale pays the cost');
}

async function nobodyIsServedWithoutEnoughQuota({ world }) {
	await refused(askedBy(world, CLIMBER), 429, 'insufficient_quota');
	await refused(askedBy(world, WILLY), 429, 'insufficient_quota');
}

async function theChainTakesItFromTheQuota({ api, stack, world }) {
	const isSettled = async (note) => {
		const state = await finalised(api);
		const found = await state.query.launchpad.subscriptions(LAUNCH, addressOf(MOBY));
		const used = found.unwrap().claims[0].used.toBigInt();
		const { pending } = await holdings(api, addressOf(MOBY));
		note({ used, pending });
		return used === world.used && pending === 0n;
	};
	await eventually('settlement', isSettled, PATIENCE_MS);
	const { proven, final } = await stack.lx('verify', world.call);
	assert.ok(proven.some((what) => what.includes(`price of launch ${LAUNCH}`)), proven.join());
	assert.equal(final, true);
	const audit = await stack.tryLx('audit', '--account', CLIMBER);
	assert.equal(audit.code, 0, audit.stdout);
}

async function whatIsLeftExpires({ api, stack, world }) {
	await becomes(api, 'the expiry', async (state) => {
		return (await seen(state)).now >= world.expiresAt;
	});
	await world.relays[MOBY].reaches(await finalisedHeight(stack.ports.node));
	await refused(askedBy(world, MOBY), 404, 'model_not_found');
	await fails(CLIMBER, claim(api, 1n), 'launchpad.Expired');
	// What was served before may still be posted.
	const release = api.tx.launchpad.release(LAUNCH, addressOf(MOBY));
	await fails(CLIMBER, release, 'launchpad.StillInUse');
	assert.deepEqual(await stack.lx('launch', 'list'), []);
}

/** A call that reserves little. */
const QUESTION_TO_IT = { model: SCARCE, messages: QUESTION, max_completion_tokens: 50 };

function askedBy(world, uri) {
	return world.relays[uri].post(QUESTION_TO_IT);
}

function subscription(api, units) {
	return api.tx.launchpad.subscribe(LAUNCH, units);
}

function claim(api, units, relay = RELAY) {
	return api.tx.launchpad.claim(LAUNCH, relay, units);
}

/** The time, and how far the launch has come, in a state. */
async function seen(state) {
	const now = (await state.query.timestamp.now()).toNumber();
	const { stage, opensAt } = (await state.query.launchpad.launches(LAUNCH)).unwrap();
	return { now, stage, opensAt: opensAt.toNumber() };
}

export const division = [
	itIsAnnounced,
	nobodyIsServedBeforeItIsDivided,
	nobodySubscribesBeforeItOpens,
	whatIsStakedNowComesTooLate,
	itOpens,
	whoHadStakedSubscribesOnce,
	itIsDividedToTheLastUnit,
	nobodyIsServedWhatIsNotClaimedHere,
	eachClaimsItsOwnAtARelay,
	aCallIsChargedByTheLaunch,
	nobodyIsServedWithoutEnoughQuota,
	theChainTakesItFromTheQuota,
];

export const expiry = [whatIsLeftExpires];
