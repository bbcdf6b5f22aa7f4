// Whales propose and vote, by the calls that wallets make, and nobody else does.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { addressOf } from '../support/accounts.mjs';
import { program } from '../support/processes.mjs';
import {
	CLIMBER, LCO, MAJOR, MOBY, PARAMETERS, WHALE, WILLY,
	ayeWith, becomes, does, fails, propose, statusOf, submission, submit,
} from '../support/whales.mjs';

/** The same runtime with the next version. */
const NEXT_RUNTIME = 'wbuild/l-exchange-runtime/next_version.compact.compressed.wasm';

/** What an LCO counts for when a fee is paid in Credits, in µCRED: twice what it was. */
const PRICE = 200_000n;

/** The tracks by their numbers. */
const [MAJOR_TRACK, PARAMETERS_TRACK] = [0, 1];

/** A text that is not on the chain. */
const NOWHERE = { Lookup: { hash: `0x${'77'.repeat(32)}`, len: 7 } };

async function oneProposesAnUpgradeAndOneAParameter({ api, world }) {
	world.code = `0x${(await readFile(program(NEXT_RUNTIME))).toString('hex')}`;
	world.codeHash = api.registry.hash(Buffer.from(world.code.slice(2), 'hex')).toHex();
	const upgrade = api.tx.whaleVoting.authorizeUpgrade(world.codeHash);
	const parameter = { Fees: { CreditsPerLco: [null, PRICE] } };
	const change = api.tx.parameters.setParameter(parameter);
	[world.upgrade, world.parameter] = await Promise.all([
		propose(api, MOBY, MAJOR, upgrade),
		propose(api, WILLY, PARAMETERS, change),
	]);
}

async function bothVoteForBoth({ api, world }) {
	await Promise.all([MOBY, WILLY].map(async (uri) => {
		for (const index of [world.upgrade, world.parameter]) {
			await does(uri, ayeWith(api, index, WHALE));
		}
	}));
	for (const index of [world.upgrade, world.parameter]) {
		assert.equal(await statusOf(api, index), 'Ongoing');
	}
}

async function whoIsNoWhaleNeitherProposesNorVotes({ api, world }) {
	await fails(CLIMBER, submission(api, PARAMETERS, NOWHERE), 'BadOrigin');
	await fails(CLIMBER, ayeWith(api, world.upgrade, LCO), 'whaleVoting.NotWhale');
}

async function nobodyVotesWithMoreThanTheStake({ api, world }) {
	const vote = ayeWith(api, world.upgrade, WHALE + 1n);
	await fails(MOBY, vote, 'whaleVoting.VoteAboveStake');
}

async function nobodyVotesByDelegation({ api }) {
	const to = addressOf(WILLY);
	const delegate = api.tx.convictionVoting.delegate(PARAMETERS_TRACK, to, 'None', WHALE);
	await fails(MOBY, delegate, 'system.CallFiltered');
}

async function nobodyVotesOnATextThatIsNotThere({ api }) {
	const index = await submit(api, WILLY, PARAMETERS, NOWHERE);
	await fails(WILLY, ayeWith(api, index, LCO), 'whaleVoting.StalePreimage');
}

async function whatStandsBehindAVoteStays({ api }) {
	await fails(MOBY, api.tx.stakingTiers.requestUnstake(1n), 'whaleVoting.VoteStands');
	const { staked } = (await api.query.stakingTiers.stakers(addressOf(MOBY))).unwrap();
	assert.equal(staked.toBigInt(), WHALE);
}

async function theParameterChanges({ api, world }) {
	const key = { Fees: 'CreditsPerLco' };
	const changed = await becomes(api, 'the parameter changing', async (state) => {
		const value = await state.query.parameters.parameters(key);
		return value.isSome && value.unwrap();
	});
	assert.equal(changed.asFees.asCreditsPerLco.toBigInt(), PRICE);
	assert.equal(await statusOf(api, world.parameter), 'Approved');
}

/** A vote no longer holds the stake once it is removed. */
async function stakeIsFreeWithoutVotes({ api, world }) {
	const votes = [[MAJOR_TRACK, world.upgrade], [PARAMETERS_TRACK, world.parameter]];
	for (const [track, index] of votes) {
		await does(WILLY, api.tx.convictionVoting.removeVote(track, index));
	}
	await does(WILLY, api.tx.stakingTiers.requestUnstake(WHALE));
	await fails(WILLY, ayeWith(api, world.parameter, LCO), 'whaleVoting.NotWhale');
}

export const steps = [
	oneProposesAnUpgradeAndOneAParameter,
	bothVoteForBoth,
	whoIsNoWhaleNeitherProposesNorVotes,
];

export const refusals = [
	nobodyVotesWithMoreThanTheStake,
	nobodyVotesByDelegation,
	nobodyVotesOnATextThatIsNotThere,
	whatStandsBehindAVoteStays,
];

export const decided = [theParameterChanges, stakeIsFreeWithoutVotes];
