// The chain through the two JavaScript clients that wallets and applications use.

import { ApiPromise, WsProvider } from '@polkadot/api';
import { createClient } from 'polkadot-api';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';

export { eventually } from './eventually.mjs';

export const CRED = 1;
export const USDT = 2;

/** Planck of LCO that one µCRED mines in the first epoch: 10 LCO a dollar. */
export const PLANCK_PER_UCRED = 10_000_000n;

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
	const prepaid = compute.unwrapOr(undefined);
	return {
		lco: system.data.free.toBigInt(),
		cred: cred.isSome ? cred.unwrap().balance.toBigInt() : 0n,
		free: prepaid ? prepaid.free.toBigInt() : 0n,
		thawing: prepaid ? prepaid.thawing.toBigInt() : 0n,
		pending: prepaid ? prepaid.pending.toBigInt() : 0n,
	};
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
	return new Promise((resolve, reject) => {
		const take = ({ status, events, dispatchError }) => {
			if (status.isInvalid || status.isDropped) reject(new Error(`it was ${status.type}`));
			if (!status.isFinalized) return;
			if (dispatchError) reject(new Error(dispatchError.toString()));
			resolve(events.map(({ event }) => event));
		};
		transaction.signAndSend(signer, options, take).catch(reject);
	});
}
