// Calls that are remembered, so that what they cost can be looked for afterwards.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdings, pricing } from './chain.mjs';
import { eventually } from './eventually.mjs';
import { callsIn } from './ledger.mjs';
import { MODEL, callOf } from './relay.mjs';
import { MAX_WORDS } from './upstream.mjs';

const PATIENCE_MS = 90_000;

/** A call whose batch is due is in it by then. */
const BATCHED_MS = 3_000;

/** The first version of the price, which stays. */
const PRICE_VERSION = 1;

/** A request of which no more is reserved than it needs. */
export function request(content) {
	const messages = [{ role: 'user', content }];
	return { model: MODEL, messages, max_completion_tokens: MAX_WORDS };
}

/** An account with a purse of so many µCRED at the relay, and all the calls that it has made. */
export class Caller {
	constructor({ stack, api, upstream }, address, purse, relay) {
		Object.assign(this, { stack, api, upstream, address, purse, relay, answered: [] });
	}

	/** Asks something that nobody has asked before. */
	async ask() {
		return this.asked(`Question ${this.answered.length}?`);
	}

	/** Asks `content`, which has to be answered: the call. */
	async asked(content) {
		const response = await this.tried(content);
		assert.equal(response.status, 200);
		return callOf(response);
	}

	/** Asks `content`, and remembers the call if it is answered: the response, already read. */
	async tried(content) {
		const response = await this.relay.post(request(content));
		const answer = await response.json();
		if (response.ok) this.answered.push({ call: callOf(response), provider: answer.id });
		return response;
	}

	/** µCRED that the answered calls cost by the upstream's log. */
	async spent() {
		const bills = this.upstream.bills();
		const { charge } = await pricing(this.api, MODEL, PRICE_VERSION);
		return this.answered.reduce((sum, { provider }) => sum + charge(bills.get(provider)), 0n);
	}

	/** Waits until every answered call is final, and the purse has paid for them and no others. */
	async everyCallIsPaidOnce() {
		const left = this.purse - (await this.spent());
		const isSettled = async (note) => {
			const { free, pending } = await holdings(this.api, this.address);
			note({ free, pending, left });
			return free === left && pending === 0n;
		};
		await eventually('settlement', isSettled, PATIENCE_MS);
		for (const { call } of this.answered) await this.becomes(call, 'FINAL');
	}

	/** Waits until the relay knows a call to be in a state. */
	async becomes(call, wanted) {
		const isThere = async (note) => {
			const { state } = await this.relay.receipt(call);
			note(state);
			return state === wanted;
		};
		await eventually(`${call} being ${wanted}`, isThere, PATIENCE_MS);
	}

	/** Expects a call to have been given up, without a charge. */
	async isVoid(call) {
		const { state, charge_ucred: charge } = await this.relay.receipt(call);
		assert.deepEqual({ state, charge }, { state: 'VOID', charge: 0 });
	}
}

/**
 * Makes a call with `ask` that stays settled and without a batch, at a relay that composes none for
 * ever so long. It may compose one at once when it has started.
 */
export async function withoutBatch(stack, ask) {
	for (let attempt = 0; attempt < 3; attempt += 1) {
		const call = await ask();
		await sleep(BATCHED_MS);
		if ((await stateIn(stack.ledger, call)) === 'USAGE_FINAL') return call;
	}
	throw new Error('every call is in a batch');
}

async function stateIn(ledger, call) {
	return (await callsIn(ledger)).find((entry) => entry.call === call).state;
}
