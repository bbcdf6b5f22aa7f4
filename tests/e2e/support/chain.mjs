// The chain through the two JavaScript clients that wallets and applications use.

import assert from 'node:assert/strict';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { createClient } from 'polkadot-api';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';
import { eventually } from './eventually.mjs';

export const CRED = 1;
export const USDT = 2;

/** The relay of a development chain. */
export const RELAY = 0;

/** Makes and reads keys as wallets do. */
export const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });

/** Planck of LCO that one µCRED mines in the first epoch: 10 LCO a dollar. */
export const PLANCK_PER_UCRED = 10_000_000n;

const RECONNECTION_MS = 30_000;

/**
 * How `@polkadot/api` encodes the asset that pays a fee. It does not take that from the metadata, and
 * expects the XCM locations of Asset Hub.
 */
const FEE_ASSET = { TAssetConversion: 'Option<u32>' };

/** The chain through `@polkadot/api`. */
export async function connectPolkadotJs(url) {
	const provider = new WsProvider(url);
	return ApiPromise.create({ provider, types: FEE_ASSET, noInitWarn: true });
}

/** Waits until `@polkadot/api` has found a node again that was away. */
export async function reconnected(api) {
	const answers = async () => api.isConnected && api.rpc.chain.getHeader().catch(() => false);
	await eventually('finding the node again', answers, RECONNECTION_MS);
}

/** The chain through `polkadot-api`. Node 20 has no WebSocket of its own to give it. */
export function connectPapi(url) {
	return createClient(getWsProvider(url, { websocketClass: WebSocket }));
}

/** The newest finalised block, to read from. */
export async function finalised(api) {
	return api.at(await api.rpc.chain.getFinalizedHead());
}

/** What `@polkadot/api` says an account has, in the finalised state. */
export async function holdings(api, address) {
	const state = await finalised(api);
	const [system, cred, compute] = await Promise.all([
		state.query.system.account(address),
		state.query.assets.account(CRED, address),
		state.query.compute.accounts(address),
	]);
	const purse = purseOf(compute);
	return {
		lco: system.data.free.toBigInt(),
		cred: cred.isSome ? cred.unwrap().balance.toBigInt() : 0n,
		free: purse ? purse.free.toBigInt() : 0n,
		thawing: purse ? purse.thawing.toBigInt() : 0n,
		pending: purse ? purse.pending.toBigInt() : 0n,
	};
}

/** An API account's own purse at the relay, if it has one there. */
function purseOf(account) {
	const purses = account.isSome ? account.unwrap().purses : [];
	const isOwn = ({ relay, isSponsored }) => relay.toNumber() === RELAY && isSponsored.isFalse;
	return purses.find(isOwn);
}

/** What is true of the whole economy, in the finalised state. */
export async function totals(api) {
	const state = await finalised(api);
	const [issuance, cumulative, unpaid, cred, usdt] = await Promise.all([
		state.query.balances.totalIssuance(),
		state.query.mining.cumulative(),
		state.query.mining.totalUnpaid(),
		state.query.assets.asset(CRED),
		state.query.assets.asset(USDT),
	]);
	return {
		issuance: issuance.toBigInt(),
		cumulative: cumulative.toBigInt(),
		unpaid: unpaid.toBigInt(),
		cred: cred.unwrap().supply.toBigInt(),
		usdt: usdt.unwrap().supply.toBigInt(),
	};
}

/** Every event called `section.method` from the first block to the newest finalised one. */
export async function allEvents(api, section, method) {
	const last = (await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number;
	const numbers = Array.from({ length: last.toNumber() }, (_, index) => index + 1);
	const blocks = await Promise.all(
		numbers.map(async (number) => {
			const state = await api.at(await api.rpc.chain.getBlockHash(number));
			return state.query.system.events();
		}),
	);
	const wanted = ({ event }) => event.section === section && event.method === method;
	return blocks.flatMap((events) => events.filter(wanted).map(({ event }) => event.data));
}

/** Signs and sends a transaction and waits until it is final: its events. */
export async function sendAndFinalise(transaction, signer, options) {
	return untilFinal((take) => transaction.signAndSend(signer, options, take));
}

/** Sends a transaction that nobody signs and waits until it is final: its events. */
export async function sendUnsigned(transaction) {
	return untilFinal((take) => transaction.send(take));
}

function untilFinal(send) {
	return new Promise((resolve, reject) => {
		const take = ({ status, events, dispatchError }) => {
			if (status.isInvalid || status.isDropped) reject(new Error(`it was ${status.type}`));
			if (!status.isFinalized) return;
			if (dispatchError) reject(new Error(nameOf(dispatchError)));
			resolve(events.map(({ event }) => event));
		};
		send(take).catch(reject);
	});
}

/** An error by its name: a pallet's, such as `whaleVoting.NotWhale`, or the dispatcher's own. */
function nameOf(dispatchError) {
	if (!dispatchError.isModule) return dispatchError.toString();
	const { section, name } = dispatchError.registry.findMetaError(dispatchError.asModule);
	return `${section}.${name}`;
}

/** Lets the chain itself call something, by Alice, who has to have Credits for the fee. */
export async function sudo(api, call) {
	const alice = keyring.addFromUri('//Alice');
	const events = await sendAndFinalise(api.tx.sudo.sudo(call), alice, { assetId: CRED });
	const { data } = events.find((event) => api.events.sudo.Sudid.is(event));
	assert.ok(data.sudoResult.isOk, data.sudoResult.toString());
}

/** Lets batches be challenged for so many hours of a development chain, which take 3.6 s each. */
export async function setChallengeWindow(api, hours) {
	const parameter = { Compute: { ChallengeWindowHours: [null, hours] } };
	await sudo(api, api.tx.parameters.setParameter(parameter));
}

/**
 * What a version of a model's price makes of usage, `{ input, cached_input, output }`: the µCRED
 * that are charged, at full price if no percentage of it is given, and those that the provider is
 * owed. Both are rounded up, once.
 */
export async function pricing(api, model, version) {
	const { list, cost } = (await api.query.priceRegistry.prices(model, version)).unwrap();
	return { charge: amountBy(list.asTokens), cost: amountBy(cost.asTokens) };
}

function amountBy({ input, cachedInput, output }) {
	const rates = [input, cachedInput, output].map((rate) => rate.toBigInt());
	return (usage, percent = 100n) => {
		const counts = [usage.input, usage.cached_input, usage.output].map(BigInt);
		const millionths = counts.reduce((sum, count, kind) => sum + count * rates[kind], 0n);
		return (millionths * percent + 99_999_999n) / 100_000_000n;
	};
}
