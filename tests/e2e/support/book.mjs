// An order book that is made of the chain's events alone, and the one that the chain has stored.

import assert from 'node:assert/strict';

/** When an order that does not end is stored to end. */
const NEVER = 2n ** 64n - 1n;

/** A market's book. Who has let it hear the events of all blocks has it. */
export class Book {
	constructor(market) {
		this.market = market;
		// The orders at each price, the oldest first, by side and tick.
		this.queues = { Bid: new Map(), Ask: new Map() };
		// Where each order is: `{ side, tick }`.
		this.places = new Map();
	}

	/** Goes along with an event of the order book. Those of other kinds change nothing. */
	hear({ type, value }) {
		if (value.market !== this.market) return;
		if (type === 'OrderRested') this.rest(value);
		if (type === 'OrderFilled') this.fill(value);
		if (type === 'OrderCancelled') this.cancel(value);
	}

	/** An order is the last at its price. */
	rest({ order, account: { owner, sub }, side: { type: side }, tick, lots, ...more }) {
		assert.ok(!this.places.has(order), `order ${order} rests twice`);
		const queue = this.queues[side].get(tick) ?? [];
		const { expires_at: end, reduce_only: reduces } = more;
		queue.push({ order, owner, sub, lots, end, reduces });
		this.queues[side].set(tick, queue);
		this.places.set(order, { side, tick });
	}

	/** The first order at the best price is filled, and no other ever is. */
	fill({ maker, maker_left: left, taker_side: taker, tick, lots }) {
		const side = taker.type === 'Bid' ? 'Ask' : 'Bid';
		assert.equal(tick, this.prices(side)[0], `order ${maker} has not the best price`);
		assert.equal(this.queues[side].get(tick)[0].order, maker, 'an older order was passed over');
		this.reduce(maker, lots, left);
	}

	/** What has never rested is not in the book: the rest of an order that came to trade. */
	cancel({ order, lots, left }) {
		if (this.places.has(order)) this.reduce(order, lots, left);
	}

	/** Takes so much off an order, and the order out if nothing is left. */
	reduce(order, lots, left) {
		const { side, tick } = this.places.get(order);
		const queue = this.queues[side].get(tick);
		const place = queue.findIndex((entry) => entry.order === order);
		queue[place].lots -= lots;
		assert.equal(queue[place].lots, left, `what is left of order ${order}`);
		if (left > 0n) return;
		queue.splice(place, 1);
		this.places.delete(order);
		if (queue.length === 0) this.queues[side].delete(tick);
	}

	/** The prices of a side, the best first. */
	prices(side) {
		const ascending = [...this.queues[side].keys()].sort((one, other) => one - other);
		return side === 'Bid' ? ascending.reverse() : ascending;
	}

	/** What there is at each price of a side, the best first. */
	depth(side) {
		return this.prices(side).map((tick) => {
			const queue = this.queues[side].get(tick);
			return { tick, lots: sum(queue), orders: queue.length };
		});
	}

	/** The ids of the orders at a price, the oldest first. */
	queue(side, tick) {
		return (this.queues[side].get(tick) ?? []).map(({ order }) => order);
	}

	/** Every order, by side and tick, the oldest first. */
	orders() {
		const { Bid, Ask } = this.queues;
		return { Bid: Object.fromEntries(Bid), Ask: Object.fromEntries(Ask) };
	}
}

/** What {@link Book.orders} has to be, read from the storage of a block. */
export async function storedOrders({ query }, market, at) {
	const [levels, others] = await Promise.all([
		query.OrderBook.Levels.getEntries(market, { at }),
		query.OrderBook.Pages.getEntries(market, { at }),
	]);
	const name = (side, tick, page) => `${side.type} ${tick} ${page}`;
	const pages = new Map(others.map(({ keyArgs: [, ...place], value: { value } }) => [name(...place), value]));
	const orders = { Bid: {}, Ask: {} };
	for (const { keyArgs: [, side, tick], value: { value: level } } of levels) {
		const takePage = (page) => take(pages, name(side, tick, page));
		orders[side.type][tick] = storedQueue(level, takePage);
	}
	assert.deepEqual([...pages.keys()], [], 'pages that belong to no price');
	return orders;
}

/** The orders of a level: those of its first page, which is in it, and those of the others. */
function storedQueue(level, takePage) {
	const stored = [...level.orders];
	let [page, next] = [level.front, level.next];
	while (page !== level.back) {
		const following = takePage(next);
		stored.push(...following.orders);
		[page, next] = [next, following.next];
	}
	assert.equal(stored.length, level.count);
	assert.equal(sum(stored), level.lots);
	return stored.map(({ id, owner: { owner, sub }, lots, expires_at: end, reduce_only: reduces }) => {
		return { order: id, owner, sub, lots, end: end === NEVER ? undefined : end, reduces };
	});
}

function take(pages, name) {
	const page = pages.get(name);
	assert.ok(page, `there is no page ${name}`);
	pages.delete(name);
	return page;
}

function sum(orders) {
	return orders.reduce((total, { lots }) => total + lots, 0n);
}
