// The relay's HTTP interface, as raw as it is.

import assert from 'node:assert/strict';
import { eventually } from './eventually.mjs';

export const MODEL = 'lx-demo-1';
export const QUESTION = [{ role: 'user', content: 'What does a call mine?' }];

const PATIENCE_MS = 30_000;

/** A relay with a key. */
export class Relay {
	constructor(url, key) {
		this.url = url;
		this.key = key;
	}

	/** An OpenAI client's base URL. */
	get baseUrl() {
		return `${this.url}/v1`;
	}

	/** Asks for a chat completion with a body of any kind. */
	async post(body, key = this.key) {
		return fetch(`${this.baseUrl}/chat/completions`, {
			method: 'POST',
			headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
			body: typeof body === 'string' ? body : JSON.stringify(body),
		});
	}

	/** Asks the usual question: the answer, the call's id and what it cost in µCRED. */
	async ask(fields = {}) {
		const response = await this.post({ model: MODEL, messages: QUESTION, ...fields });
		const answer = await response.json();
		assert.equal(response.status, 200, JSON.stringify(answer));
		return { answer, call: callOf(response), charge: chargeOf(response) };
	}

	/** Waits until the relay has seen a finalised block: calls from now on go by it. */
	async reaches(block) {
		const isSeen = async (note) => {
			const response = await fetch(`${this.url}/health`);
			const { finalised_block: seen } = await response.json();
			note(seen);
			return seen >= block;
		};
		await eventually(`the relay seeing block ${block}`, isSeen, PATIENCE_MS);
	}

	/** The receipt of a call. */
	async receipt(call) {
		const response = await fetch(`${this.baseUrl}/receipts/${call}`, {
			headers: { Authorization: `Bearer ${this.key}` },
		});
		const receipt = await response.json();
		assert.equal(response.status, 200, JSON.stringify(receipt));
		return receipt;
	}

	/** What calls were charged, in µCRED, by their receipts. */
	async charged(calls) {
		const receipts = await Promise.all(calls.map((call) => this.receipt(call)));
		return receipts.reduce((sum, receipt) => sum + BigInt(receipt.charge_ucred), 0n);
	}
}

/** The id of the call that a response answers. */
export function callOf(response) {
	const call = response.headers.get('x-lx-call-id');
	assert.ok(call, 'the response names no call');
	return call;
}

/** What the call of a response was charged, in µCRED. */
export function chargeOf(response) {
	return BigInt(response.headers.get('x-lx-charge-ucred'));
}
