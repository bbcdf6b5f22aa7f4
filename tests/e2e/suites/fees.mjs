// Fees in Credits, and an account that has next to nothing.

import assert from 'node:assert/strict';
import { Keyring } from '@polkadot/api';
import { CRED, holdings, sendAndFinalise } from '../support/chain.mjs';
import { MODEL, QUESTION, Relay } from '../support/relay.mjs';
import { refused } from './errors.mjs';

const GIFT = 100_000n;
const POOR = '//Poor';

async function aFeeIsPaidInCreditsByPolkadotJs({ stack, api, world }) {
	const { secret } = await stack.lx('account', 'show', '--secret');
	const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
	const [payer, poor] = [keyring.addFromUri(secret), keyring.addFromUri(POOR)];
	assert.equal(payer.address, world.address, 'lx and wallets derive the same account');
	const before = await holdings(api, world.address);
	const gift = api.tx.assets.transferKeepAlive(CRED, poor.address, GIFT);
	const events = await sendAndFinalise(gift, payer, { assetId: CRED });
	const paid = events.find(({ section, method }) => {
		return section === 'assetTxPayment' && method === 'AssetTxFeePaid';
	});
	assert.equal(paid.data.assetId.unwrap().toNumber(), CRED);
	const fee = paid.data.actualFee.toBigInt();
	assert.ok(fee > 0n);
	const after = await holdings(api, world.address);
	assert.equal(after.cred, before.cred - GIFT - fee);
	assert.equal((await holdings(api, poor.address)).cred, GIFT);
	world.poor = poor.address;
}

async function anEmptyBalanceIsRefused({ stack, api, world }) {
	await stack.lx('top-up', '0.001', '--account', POOR);
	const { key, account } = await stack.lx('key', 'create', '--account', POOR);
	assert.equal(account, world.poor);
	const relay = new Relay(stack.relayUrl, key);
	const before = await holdings(api, account);
	const response = relay.post({ model: MODEL, messages: QUESTION });
	await refused(response, 429, 'insufficient_quota');
	assert.deepEqual(await holdings(api, account), before);
	world.poorRelay = relay;
}

/** Begins to take money out, which goes on while other steps run. */
export async function moneyBeginsToLeave({ stack, world }) {
	world.leaving = leave(stack, world.poor);
	// A failure shows where it is awaited.
	world.leaving.catch(() => {});
}

async function leave(stack, account) {
	const { withdrawn } = await stack.lx('withdraw', '0.0005', '--wait', '--account', POOR);
	const { received } = await stack.lx('redeem', '0.05', '--account', POOR);
	await stack.lx('key', 'revoke-all', '--account', POOR);
	const { usdt } = await stack.lx('balance', '--account', account);
	return { withdrawn, received, usdt };
}

/** What came out, when it is all out. */
export async function moneyComesOutAgain({ world }) {
	const { withdrawn, received, usdt } = await world.leaving;
	assert.equal(withdrawn.units, '500');
	assert.equal(received.units, '50000');
	assert.equal(usdt.units, '50000');
	world.bought -= BigInt(received.units);
	const revoked = world.poorRelay.post({ model: MODEL, messages: QUESTION });
	await refused(revoked, 401, 'invalid_api_key');
}

export const steps = [
	aFeeIsPaidInCreditsByPolkadotJs,
	anEmptyBalanceIsRefused,
];
