// Fees in Credits, and an account that has next to nothing.

import assert from 'node:assert/strict';
import { CRED, holdings, keyring, sendAndFinalise } from '../support/chain.mjs';
import { MODEL, QUESTION, Relay } from '../support/relay.mjs';
import { refused } from './errors.mjs';

const GIFT = 100_000n;
const POOR = '//Poor';

async function aFeeIsPaidInCreditsByPolkadotJs({ stack, api, world }) {
	const { secret } = await stack.lx('account', 'show', '--secret');
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

/** It thaws for two minutes, while other steps run. */
async function moneyBeginsToLeave({ stack }) {
	const { thawing } = await stack.lx('withdraw', '0.0005', '--account', POOR);
	assert.equal(thawing.units, '500');
}

/** Takes out what has thawed, and turns it back into USDT. */
export async function moneyComesOutAgain({ stack, world }) {
	const { withdrawn } = await stack.lx('withdraw', '--wait', '--account', POOR);
	assert.equal(withdrawn.units, '500');
	const { received } = await stack.lx('redeem', '0.05', '--account', POOR);
	assert.equal(received.units, '50000');
	assert.equal((await stack.lx('balance', '--account', world.poor)).usdt.units, '50000');
	world.bought -= BigInt(received.units);
}

export async function aRevokedKeyIsRefused({ stack, world }) {
	const { purses, thaw_at: thawsAt } = await stack.lx('key', 'revoke-all', '--account', POOR);
	const thawing = purses.map((purse) => [purse.relay, purse.thawing.units, purse.thaw_at]);
	assert.deepEqual(thawing, [[0, '500', thawsAt]]);
	const revoked = world.poorRelay.post({ model: MODEL, messages: QUESTION });
	await refused(revoked, 401, 'invalid_api_key');
	const again = await stack.tryLx('key', 'revoke-all', '--account', POOR);
	assert.equal(again.code, 1, 'what the last keys were served is collected');
	assert.match(JSON.parse(again.stdout).error.problem, /revoked all your keys lately/);
}

export const steps = [
	aFeeIsPaidInCreditsByPolkadotJs,
	anEmptyBalanceIsRefused,
	moneyBeginsToLeave,
];
