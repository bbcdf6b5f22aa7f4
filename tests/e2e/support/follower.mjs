// A book that follows a chain block by block, as an application would.

import assert from 'node:assert/strict';
import { Enum } from 'polkadot-api';
import { Book, storedOrders } from './book.mjs';
import { eventually } from './eventually.mjs';

const PATIENCE_MS = 30_000;

/** More prices than a test uses. */
const ALL_PRICES = 500;

/** The book of a market as of the newest finalised block, by the events of all blocks until then. */
export class Follower {
	/** Begins with the newest finalised block, in which the market must have no orders yet. */
	constructor(papi, market) {
		this.market = market;
		this.api = papi.getUnsafeApi();
		this.book = new Book(market);
		this.trades = [];
		this.work = Promise.resolve();
		this.subscription = papi.finalizedBlock$.subscribe({
			next: (block) => {
				// The node keeps a block only for whoever holds it.
				const release = papi.hodlBlock(block.hash);
				this.inTurn(() => this.read(block, release));
			},
			error: (error) => this.inTurn(() => Promise.reject(error)),
		});
	}

	/** Does something when all before it is done: nothing else happens to the book meanwhile. */
	inTurn(task) {
		this.work = this.work.then(task);
		// Whoever waits for it next hears of a failure.
		this.work.catch(() => {});
		return this.work;
	}

	/** Takes in a block, and lets go of the one before. */
	async read(block, release) {
		if (this.block) assert.equal(block.parent, this.block.hash, 'a block was left out');
		const records = await this.api.query.System.Events.getValue({ at: block.hash });
		const events = records.map(({ event }) => event);
		for (const { value } of events.filter(({ type }) => type === 'OrderBook')) {
			this.book.hear(value);
			if (value.type === 'OrderFilled') this.trades.push(value.value);
		}
		this.release?.();
		Object.assign(this, { block, release });
	}

	/** Waits until a block is in the book. */
	async reaches(number) {
		const isThere = async (note) => {
			await this.work;
			note(this.block?.number);
			return this.block?.number >= number;
		};
		await eventually(`block ${number}`, isThere, PATIENCE_MS);
	}

	/** Expects the chain to have stored this book, order by order, at the same block. */
	async agrees() {
		await this.inTurn(async () => {
			const at = this.block.hash;
			const stored = await storedOrders(this.api, this.market, at);
			assert.deepEqual(this.book.orders(), stored);
			for (const side of ['Bid', 'Ask']) {
				const { depth } = this.api.view.OrderBook;
				const shown = await depth(this.market, Enum(side), ALL_PRICES, { at });
				assert.deepEqual(this.book.depth(side), shown);
			}
		});
	}

	stop() {
		this.subscription.unsubscribe();
		this.release?.();
	}
}
