// A wallet that trades through `polkadot-api`, without generated code.

import assert from 'node:assert/strict';
import { Enum } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { CRED, keyring } from './chain.mjs';

/** LCO for CRED. */
export const MARKET = 0;

/** The trading account of every owner that this market uses. */
const SPOT = 0;

/** A new order: good till cancelled, unless it says something else. */
export function order(side, tick, lots, fields = {}) {
	return {
		side: Enum(side),
		tick,
		lots,
		time_in_force: Enum('GoodTilCancelled'),
		self_trade: Enum('CancelTaker'),
		reduce_only: false,
		client: undefined,
		max_matches: 100,
		...fields,
	};
}

/** What an order is to become. */
export function amendment(tick, lots) {
	const { time_in_force, self_trade, max_matches } = order('Ask', tick, lots);
	return { tick, lots, time_in_force, self_trade, max_matches };
}

/** For orders that only trade, only rest, or trade whole. */
export const AT_ONCE = { time_in_force: Enum('ImmediateOrCancel') };
export const POST_ONLY = { time_in_force: Enum('PostOnly') };
export const WHOLE = { time_in_force: Enum('FillOrKill') };

/** An owner of a wallet and of a trading account, or a session key. */
export class Trader {
	constructor(papi, uri) {
		const pair = keyring.addFromUri(uri);
		this.api = papi.getUnsafeApi();
		this.address = pair.address;
		this.signer = getPolkadotSigner(pair.publicKey, 'Sr25519', (data) => pair.sign(data));
		// What all transactions have cost, in µCRED.
		this.gas = 0n;
		// The newest block with one of them.
		this.block = 0;
	}

	/** Sends transactions, and waits until all are final. They take effect in this order. */
	async send(...transactions) {
		const nonce = await this.nonce();
		const results = await Promise.all(transactions.map((transaction, place) => {
			return transaction.signAndSubmit(this.signer, { asset: CRED, nonce: nonce + place });
		}));
		for (const { events, block } of results) {
			const [{ who, actual_fee: fee }] = valuesOf(events, 'AssetTxPayment', 'AssetTxFeePaid');
			assert.equal(who, this.address);
			this.gas += fee;
			this.block = Math.max(this.block, block.number);
		}
		return results;
	}

	/** How many transactions it has sent. */
	async nonce() {
		return this.api.apis.AccountNonceApi.account_nonce(this.address);
	}

	/** Sends transactions that have to succeed: all their events. */
	async does(...transactions) {
		const results = await this.send(...transactions);
		for (const { ok, dispatchError } of results) assert.ok(ok, ok ? '' : named(dispatchError));
		return results.flatMap(({ events }) => events);
	}

	/** Sends a transaction that has to fail with an error, such as `OrderBook.CannotFill`. */
	async fails(error, transaction) {
		const [{ ok, dispatchError }] = await this.send(transaction);
		assert.ok(!ok, `there was no ${error}`);
		assert.equal(named(dispatchError), error);
	}

	/** Places an order, for an owner if it is not the signer's own. */
	place(placed, owner) {
		return this.call('place', { owner, order: placed });
	}

	cancel(name) {
		return this.call('cancel', { order: name });
	}

	/** Cancels all orders, of one side if it is given. */
	cancelAll(side) {
		return this.call('cancel_all', { side: side && Enum(side) });
	}

	amend(name, changed) {
		return this.call('amend', { order: name, amendment: changed });
	}

	batch(operations, isAllOrNothing = false) {
		return this.call('batch', { operations, all_or_nothing: isAllOrNothing });
	}

	call(name, fields) {
		const account = { market: MARKET, owner: undefined, sub: SPOT };
		return this.api.tx.OrderBook[name]({ ...account, ...fields });
	}

	/** A call of the ledger of trading accounts. */
	clearing(name, fields = {}) {
		return this.api.tx.Clearing[name]({ sub: SPOT, ...fields });
	}

	/** The orders that rest, as the chain shows them. */
	async openOrders() {
		return this.api.view.OrderBook.open_orders(this.address, SPOT);
	}

	/** What is in the wallet, in the smallest units. */
	async wallet() {
		return walletOf(this.api, this.address);
	}

	/** What is in the trading account, by asset; nothing if there is none. */
	async holdings() {
		return holdingsOf(this.api, this.address);
	}
}

/** What a wallet has, in the smallest units. */
export async function walletOf({ query }, address) {
	const [system, cred] = await Promise.all([
		query.System.Account.getValue(address),
		query.Assets.Account.getValue(CRED, address),
	]);
	return { lco: system.data.free, cred: cred?.balance ?? 0n };
}

/** What a trading account has: `{ free, locked }` by asset. A place that is only kept is nothing. */
export async function holdingsOf({ query }, address) {
	const account = await query.Clearing.Accounts.getValue(address, SPOT);
	const holdings = (account?.holdings ?? []).filter(({ free, locked }) => free + locked > 0n);
	return Object.fromEntries(holdings.map(({ asset, free, locked }) => [asset, { free, locked }]));
}

/** The contents of the events of one kind. */
export function valuesOf(events, pallet, name) {
	const wanted = ({ type, value }) => type === pallet && value.type === name;
	return events.filter(wanted).map(({ value }) => value.value);
}

/** Which orders rest: `[id, tick, lots]`. */
export function restedIn(events) {
	const rested = valuesOf(events, 'OrderBook', 'OrderRested');
	return rested.map(({ order: id, tick, lots }) => [id, tick, lots]);
}

/** Which orders were filled: `[id, tick, lots, left]`. */
export function filledIn(events) {
	const filled = valuesOf(events, 'OrderBook', 'OrderFilled');
	return filled.map(({ maker, tick, lots, maker_left: left }) => [maker, tick, lots, left]);
}

/** Which orders are gone without a trade, whole or in part: `[id, lots, left, why]`. */
export function cancelledIn(events) {
	const cancelled = valuesOf(events, 'OrderBook', 'OrderCancelled');
	return cancelled.map(({ order: id, lots, left, reason }) => [id, lots, left, reason.type]);
}

/** A pallet's error by its name, such as `OrderBook.CannotFill`. */
export function named({ type, value }) {
	return type === 'Module' ? `${value.type}.${value.value.type}` : type;
}
