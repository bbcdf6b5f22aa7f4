// Accounts that stake, propose and vote, through `@polkadot/api`.

import assert from 'node:assert/strict';
import { CRED, finalised, keyring, sendAndFinalise } from './chain.mjs';
import { eventually } from './eventually.mjs';

/** Planck of an LCO. */
export const LCO = 1_000_000_000_000n;

/** Planck that make a whale. */
export const WHALE = 100_000n * LCO;

/** Whales, and somebody who becomes one. */
export const [MOBY, WILLY, CLIMBER] = ['//Moby', '//Willy', '//Climber'];

/** The tracks. */
export const MAJOR = 'Major';
export const PARAMETERS = 'Parameters';

const POLL_FOR_MS = 600_000;

/** Lets an account do something, for a fee in Credits: the events. */
export async function does(uri, transaction) {
	return sendAndFinalise(transaction, keyring.addFromUri(uri), { assetId: CRED });
}

/** The same, which has to fail with an error, such as `whaleVoting.NotWhale`. */
export async function fails(uri, transaction, error) {
	await assert.rejects(does(uri, transaction), { message: error });
}

/** The text of a call, as it is referred to. */
export function referenceTo(api, { method }) {
	const hash = api.registry.hash(method.toU8a()).toHex();
	return { Lookup: { hash, len: method.encodedLength } };
}

/** Submits a proposal in the name of `power`. */
export function submission(api, power, proposal) {
	return api.tx.referenda.submit({ WhaleVoting: power }, proposal, { After: 0 });
}

/** Lets a whale submit a proposal: the referendum's number. */
export async function submit(api, uri, power, proposal) {
	const events = await does(uri, submission(api, power, proposal));
	const { data } = events.find((event) => api.events.referenda.Submitted.is(event));
	return data[0].toNumber();
}

/** Lets a whale propose a call, whose text is put on the chain: the referendum's number. */
export async function propose(api, uri, power, call) {
	await does(uri, api.tx.preimage.notePreimage(call.method.toHex()));
	const index = await submit(api, uri, power, referenceTo(api, call));
	await does(uri, api.tx.referenda.placeDecisionDeposit(index));
	return index;
}

/** A vote for something with so many planck. */
export function ayeWith(api, index, balance) {
	const vote = { aye: true, conviction: 'None' };
	return api.tx.convictionVoting.vote(index, { Standard: { vote, balance } });
}

/** Waits until something is so in the finalised state. */
export async function becomes(api, what, probe) {
	return eventually(what, async (note) => {
		const found = await probe(await finalised(api));
		note(found);
		return found;
	}, POLL_FOR_MS);
}

/** What became of a referendum, in the finalised state: `Ongoing`, `Approved`, … */
export async function statusOf(api, index) {
	const state = await finalised(api);
	return (await state.query.referenda.referendumInfoFor(index)).unwrap().type;
}
