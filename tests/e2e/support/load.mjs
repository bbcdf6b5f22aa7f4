// Clients that call on whatever happens to the relay, and remember what they were answered.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { MODEL, QUESTION, callOf, chargeOf } from './relay.mjs';
import { MAX_WORDS } from './upstream.mjs';

const REQUEST = { model: MODEL, messages: QUESTION, max_completion_tokens: MAX_WORDS };

/** The longest pause between two calls of a client. */
const PAUSE_MS = 200;

/** How `fetch` says that a connection was refused or broke. */
const BROKEN = ['fetch failed', 'terminated'];

/** What a relay says that has not seen the chain yet, or not for too long. */
const NO_CHAIN = '503 chain_unreachable';

/** A client for each key of `relays`, which asks for streams as often as not. */
export class Load {
	constructor(relays, random) {
		this.random = random;
		/** Calls whose answers came whole: `{ call, provider, charge }`, if it is named. */
		this.answered = [];
		this.clients = Promise.all(relays.map((relay) => this.keepCalling(relay)));
		// A failure shows where the clients are waited for.
		this.clients.catch(() => {});
	}

	/** Lets the clients finish what they have begun. */
	async end() {
		this.isOver = true;
		await this.clients;
	}

	async keepCalling(relay) {
		while (!this.isOver) {
			await this.call(relay, this.random() < 0.5).catch((error) => {
				if (!BROKEN.includes(error.message)) throw error;
			});
			await sleep(this.random() * PAUSE_MS);
		}
	}

	async call(relay, stream) {
		const response = await relay.post({ ...REQUEST, stream });
		const text = await response.text();
		if (response.ok) {
			const provider = stream ? streamed(text) : JSON.parse(text).id;
			const charge = stream ? undefined : chargeOf(response);
			this.answered.push({ call: callOf(response), provider, charge });
			return;
		}
		assert.equal(`${response.status} ${JSON.parse(text).error.code}`, NO_CHAIN, text);
	}
}

/** The provider's id of the call in a stream, which has to be whole. */
function streamed(text) {
	const events = text.trimEnd().split('\n\n').map((event) => event.slice('data: '.length));
	assert.equal(events.at(-1), '[DONE]', text);
	return JSON.parse(events[0]).id;
}
