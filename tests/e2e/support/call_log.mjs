// A relay's published call log: its batches with their calls, and what attestors do with them.

import assert from 'node:assert/strict';
import { keyring } from './chain.mjs';

const PAGE = 100;
const LEAVES_PAGE = 1_000;

/** What a batch's hash begins with. */
const BATCH_DOMAIN = Buffer.from('lx/batch');

/** A call as it is hashed. */
const TYPES = {
	CallPayment: { _enum: { Purse: 'Null', Perk: 'Null', Quota: 'u32' } },
	CallUsage: { _enum: { Tokens: '(u32, u32, u32)', Units: 'u32' } },
	CallLeaf: {
		callId: '[u8; 16]',
		account: '[u8; 32]',
		payment: 'CallPayment',
		key: 'H256',
		model: 'Bytes',
		usage: 'CallUsage',
		priceVersion: 'u32',
		tier: 'u8',
		charge: 'u128',
		cost: 'u128',
		estimated: 'bool',
		requestHash: 'H256',
		responseHash: 'H256',
	},
};

/** A leaf that says the same as `leaf` but for what the call is charged. */
export function withCharge({ registry }, leaf, charge) {
	registry.register(TYPES);
	const read = registry.createType('CallLeaf', leaf);
	assert.equal(read.toHex(), leaf, 'a leaf is something else than the tests take it for');
	const fields = Object.fromEntries(read.entries());
	return registry.createType('CallLeaf', { ...fields, charge }).toHex();
}

/** What a relay's published log says at `path`. */
async function get(url, path) {
	const response = await fetch(`${url}/v1/batches${path}`);
	const body = response.status === 204 ? null : await response.json();
	assert.ok(response.ok, `${path}: ${JSON.stringify(body)}`);
	return body;
}

/** Every batch that the relay has signed, newest first. */
export async function batchesOf(url) {
	const batches = [];
	for (let query = ''; ; query = `&before=${batches.at(-1).sequence}`) {
		const { data, has_more: hasMore } = await get(url, `?limit=${PAGE}${query}`);
		batches.push(...data);
		if (!hasMore) return batches;
	}
}

/** A batch, by its sequence or its hash. */
export async function batchOf(url, id) {
	return get(url, `/${id}`);
}

/** The batch that waits for signatures or for the chain, if there is one. */
export async function openBatch(url) {
	return get(url, '/open');
}

/** All calls of a batch, in order. */
export async function leavesOf(url, id) {
	const leaves = [];
	for (;;) {
		const query = `limit=${LEAVES_PAGE}&offset=${leaves.length}`;
		const { data, has_more: hasMore } = await get(url, `/${id}/leaves?${query}`);
		leaves.push(...data);
		if (!hasMore) return leaves;
	}
}

/** Whether a batch gave way to another one for its place. */
export function isReplaced({ state }) {
	return state === 'REPLACED';
}

/** Signs a batch as a development attestor does, but without a look at it. */
export async function signBlindly(api, url, { hash, header }, attestor) {
	const message = Buffer.concat([BATCH_DOMAIN, bytes(api.genesisHash.toHex()), bytes(header)]);
	const hashed = api.registry.hash(message).toHex();
	assert.equal(hashed, hash, 'the hash of a batch is something else than the tests take it for');
	const signed = keyring.addFromUri(`//Attestor//${attestor}`).sign(bytes(hash));
	const signature = `0x${Buffer.from(signed).toString('hex')}`;
	const response = await fetch(`${url}/v1/batches/${hash}/signatures`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ attestor, signature }),
	});
	assert.equal(response.status, 204, await response.text());
}

function bytes(hex) {
	return Buffer.from(hex.slice('0x'.length), 'hex');
}
