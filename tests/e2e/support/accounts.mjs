// Accounts with Credits, and with purses at the relay.

import { CRED, RELAY, keyring, sendAndFinalise } from './chain.mjs';
import { Relay } from './relay.mjs';

/** Has the Credits that other accounts are given. */
const BANK = '//Bank';

/** µCRED that an account gets beside its purse, for fees. */
const FOR_FEES = 1_000_000n;

/** The address of the account with a secret URI. */
export function addressOf(uri) {
	return keyring.addFromUri(uri).address;
}

/** Lets an account deposit USDT and buy so many Credits. */
export async function buyCredits(stack, uri, credits) {
	await stack.lx('faucet', '--amount', String(credits + 1), '--account', uri);
	await stack.lx('buy-credits', String(credits), '--account', uri);
}

/** Buys the Credits that other accounts are given. */
export async function openBank(stack, credits) {
	await buyCredits(stack, BANK, credits);
}

/** Gives accounts µCRED, in one transaction: `{ '//Uri': 1_000n }`. */
export async function give(api, gifts) {
	const transfers = Object.entries(gifts).map(([uri, amount]) => {
		return api.tx.assets.transferKeepAlive(CRED, addressOf(uri), amount);
	});
	const all = api.tx.utility.batchAll(transfers);
	await sendAndFinalise(all, keyring.addFromUri(BANK), { assetId: CRED });
}

/** Gives accounts purses of so many µCRED at the relay, and something for fees. */
export async function openPurses(api, purses) {
	const all = Object.entries(purses);
	await give(api, Object.fromEntries(all.map(([uri, purse]) => [uri, purse + FOR_FEES])));
	await Promise.all(all.map(async ([uri, purse]) => {
		const topUp = api.tx.compute.topUp(RELAY, purse);
		await sendAndFinalise(topUp, keyring.addFromUri(uri), { assetId: CRED });
	}));
}

/** The relay with a new key of an account. */
export async function newKey(stack, uri) {
	const { key } = await stack.lx('key', 'create', '--account', uri);
	return new Relay(stack.relayUrl, key);
}
