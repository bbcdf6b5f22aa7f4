// The relay is killed once in each state that a call goes through. Whatever is known at that moment
// has to be so after it, and nothing is charged that was not answered, or twice.

import assert from 'node:assert/strict';
import { batchOf, batchesOf, leavesOf, openBatch, signBlindly } from '../support/call_log.mjs';
import { withoutBatch } from '../support/calls.mjs';
import { reconnected, setChallengeWindow } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { callsIn, stickReserved, unstickReserved } from '../support/ledger.mjs';
import { ATTESTORS } from '../support/stack.mjs';

const PATIENCE_MS = 60_000;
const SOON_MS = 10_000;

/** Seconds between two batches: so many that there is no second one. */
const NEVER = 100_000;
const SOON = 2;

/** So long that a batch is seen on the chain for a while before it is final. */
const LONG_WINDOW_HOURS = 4;

/** RESERVED: the ledger lets the call go no further. */
async function killedBeforeTheProviderHears({ stack, upstream, caller }) {
	const question = 'Does nobody hear this?';
	await stickReserved(stack.ledger);
	const began = Date.now();
	await assert.rejects(caller.asked(question));
	assert.ok(Date.now() - began < SOON_MS, 'the answer has waited for the ledger');
	const call = await onlyCallIn(stack, 'RESERVED');
	await stack.crash('relay');
	await unstickReserved(stack.ledger);
	await stack.launch('relay');
	await caller.isVoid(call);
	assert.ok(!upstream.heard.has(question), 'the provider has heard of the call');
	await caller.ask();
	await caller.everyCallIsPaidOnce();
}

/** SENT: the provider answers when the relay is gone. */
async function killedBeforeTheProviderAnswers({ stack, upstream, caller }) {
	const question = 'Is the answer late?';
	upstream.hold();
	const asked = assert.rejects(caller.asked(question));
	await eventually('the question', async () => upstream.heard.has(question), SOON_MS);
	const call = await onlyCallIn(stack, 'SENT');
	await stack.crash('relay');
	await asked;
	upstream.release();
	await stack.launch('relay');
	await caller.isVoid(call);
	await caller.ask();
	await caller.everyCallIsPaidOnce();
}

/** USAGE_FINAL: answered and settled, and in no batch. */
async function killedWithASettledCall({ stack, caller }) {
	await restart(stack, { 'batch-interval': NEVER });
	const call = await withoutBatch(stack, () => caller.ask());
	await restart(stack, { 'batch-interval': SOON });
	await caller.everyCallIsPaidOnce();
	await isInOneBatch(stack, call);
}

/** BATCHED, and nobody has signed but the relay. */
async function killedWithABatchThatNobodyHasSigned({ stack, caller }) {
	await Promise.all(ATTESTORS.map((name) => stack.end(name)));
	const call = await caller.ask();
	const { hash } = await batchWith(stack, call);
	assert.deepEqual((await batchOf(stack.relayUrl, hash)).signatures, []);
	await restart(stack);
	assert.equal((await batchWith(stack, call)).hash, hash, 'the relay has signed another batch');
	await Promise.all(ATTESTORS.map((name) => stack.launch(name)));
	await caller.everyCallIsPaidOnce();
	assert.equal(await isInOneBatch(stack, call), hash);
}

/** BATCHED and signed, and no chain to take it. */
async function killedWithABatchThatIsSigned({ stack, api, caller }) {
	await Promise.all(ATTESTORS.map((name) => stack.end(name)));
	const call = await caller.ask();
	const open = await batchWith(stack, call);
	await stack.crash('node');
	for (const attestor of [0, 1]) await signBlindly(api, stack.relayUrl, open, attestor);
	await stack.crash('relay');
	const relay = stack.spawn('relay');
	const { signatures } = await relay.until(() => batchOf(stack.relayUrl, open.hash), SOON_MS);
	assert.deepEqual(signatures.map(({ attestor }) => attestor).sort(), [0, 1]);
	await stack.launch('node');
	await reconnected(api);
	await Promise.all(ATTESTORS.map((name) => stack.launch(name)));
	await caller.everyCallIsPaidOnce();
	assert.equal(await isInOneBatch(stack, call), open.hash);
}

/** BATCHED, on the chain, and not final. */
async function killedWithABatchThatIsPosted({ stack, api, caller }) {
	await setChallengeWindow(api, LONG_WINDOW_HOURS);
	const call = await caller.ask();
	const { hash } = await batchWith(stack, call);
	const isPosted = async (note) => {
		const { state } = await batchOf(stack.relayUrl, hash);
		note(state);
		return state === 'POSTED';
	};
	await eventually('the batch being posted', isPosted, PATIENCE_MS);
	await restart(stack);
	assert.equal((await batchOf(stack.relayUrl, hash)).state, 'POSTED');
	await caller.everyCallIsPaidOnce();
	assert.equal(await isInOneBatch(stack, call), hash);
}

/** The only call that is in a state. */
async function onlyCallIn(stack, wanted) {
	const found = (await callsIn(stack.ledger)).filter(({ state }) => state === wanted);
	assert.equal(found.length, 1, `${found.length} calls are ${wanted}`);
	return found[0].call;
}

/** Kills the relay and starts it again, with these settings beside those that it had. */
async function restart(stack, settings = {}) {
	await stack.crash('relay');
	Object.assign(stack.relaySettings, settings);
	await stack.launch('relay');
}

/** Waits for the batch that holds a call, on its way to the chain. */
async function batchWith(stack, call) {
	const holdsIt = async (note) => {
		const batch = await openBatch(stack.relayUrl);
		note(batch?.hash);
		const leaves = batch ? await leavesOf(stack.relayUrl, batch.hash) : [];
		return leaves.some(({ call_id: id }) => id === call) && batch;
	};
	return eventually(`a batch with ${call}`, holdsIt, PATIENCE_MS);
}

/** Expects a call to be in one batch that the chain has taken: its hash. */
async function isInOneBatch(stack, call) {
	const final = (await batchesOf(stack.relayUrl)).filter(({ state }) => state === 'FINAL');
	const holders = [];
	for (const { hash } of final) {
		const leaves = await leavesOf(stack.relayUrl, hash);
		const times = leaves.filter(({ call_id: id }) => id === call).length;
		holders.push(...Array(times).fill(hash));
	}
	assert.equal(holders.length, 1, `${call} is in ${holders.length} places`);
	return holders[0];
}

export const steps = [
	killedBeforeTheProviderHears,
	killedBeforeTheProviderAnswers,
	killedWithASettledCall,
	killedWithABatchThatNobodyHasSigned,
	killedWithABatchThatIsSigned,
	killedWithABatchThatIsPosted,
];
