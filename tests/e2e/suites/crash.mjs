// A relay that dies at the worst moments bills nothing twice and loses nothing that was billed.

import assert from 'node:assert/strict';
import { MODEL, QUESTION, callOf } from '../support/relay.mjs';

const BURST = 8;

/** So many answers in one stream that it is not read at once. */
const CHOICES = 128;

async function dyingWhileItStreams({ stack, world }) {
	const answered = await burst(world);
	const streams = await Promise.all(Array.from({ length: 3 }, () => openStream(world)));
	await stack.crash('relay');
	await Promise.allSettled(streams.map(({ body }) => body.cancel()));
	await stack.launch('relay');
	await assertKept(world, answered);
	const cut = await Promise.all(streams.map((stream) => world.relay.receipt(callOf(stream))));
	assert.ok(cut.some(({ state }) => state === 'VOID'), 'no stream was under way');
	world.calls.push(...answered.map(({ call }) => call), ...streams.map(callOf));
}

/** The batch is in a block, and the relay does not know it yet. */
async function dyingAfterItPosted({ stack, api, world }) {
	const posted = nextBatch(api);
	const answered = await burst(world);
	await posted;
	await stack.crash('relay');
	await stack.launch('relay');
	await assertKept(world, answered);
	world.calls.push(...answered.map(({ call }) => call));
}

async function burst({ relay }) {
	return Promise.all(Array.from({ length: BURST }, () => relay.ask()));
}

async function openStream({ relay }) {
	const response = await relay.post({
		model: MODEL,
		messages: [{ role: 'user', content: `${QUESTION[0].content} `.repeat(80) }],
		stream: true,
		n: CHOICES,
		max_completion_tokens: 500,
	});
	assert.equal(response.status, 200);
	return response;
}

/** What a relay has answered it still knows after a crash, at the price it named. */
async function assertKept({ relay }, answered) {
	for (const { call, charge } of answered) {
		const receipt = await relay.receipt(call);
		assert.equal(BigInt(receipt.charge_ucred), charge);
		assert.notEqual(receipt.state, 'VOID');
	}
}

/** Waits until the best block, not yet final, holds a batch. */
async function nextBatch(api) {
	return new Promise((resolve, reject) => {
		let unsubscribe;
		const look = (events) => {
			const isBatch = ({ event }) => api.events.compute.BatchPosted.is(event);
			if (!events.some(isBatch)) return;
			unsubscribe?.();
			resolve();
		};
		api.query.system.events(look).then((stop) => (unsubscribe = stop), reject);
	});
}

export const steps = [
	dyingWhileItStreams,
	dyingAfterItPosted,
];
