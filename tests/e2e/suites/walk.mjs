// The README's walk, with nothing configured: from no money to an API key.

import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { holdings } from '../support/chain.mjs';
import { QUESTION, Relay } from '../support/relay.mjs';
import { refused } from './errors.mjs';

async function anEmptyAccountIsMadeOnFirstUse({ stack, world }) {
	const balance = await stack.lx('balance');
	for (const name of ['lco', 'usdt', 'credits']) assert.equal(balance[name].units, '0');
	const { account, file } = await stack.lx('account', 'show');
	assert.equal(account, balance.account);
	assert.equal((await stat(file)).mode & 0o777, 0o600);
	const again = await stack.tryLx('account', 'new');
	assert.equal(again.code, 1, 'a key was overwritten');
	world.address = account;
}

async function modelsAndPricesAreShown({ stack }) {
	const models = await stack.lx('models');
	const mini = models.find(({ model }) => model === 'lx-demo-mini');
	assert.equal(mini.price.input.units, '150000');
	assert.equal(mini.price.output.units, '600000');
}

async function theFaucetGivesUsdt({ stack }) {
	await stack.lx('faucet', '--amount', '100');
	assert.equal((await stack.lx('balance')).usdt.units, '100000000');
}

async function usdtBecomesCredits({ stack, api, world }) {
	const { fee } = await stack.lx('buy-credits', '50');
	assert.equal(fee.symbol, 'USDT', 'an account without Credits or LCO pays its fee in USDT');
	const balance = await stack.lx('balance');
	assert.equal(balance.credits.units, '50000000');
	assert.equal(BigInt(balance.usdt.units), 50_000_000n - BigInt(fee.units));
	world.bought = 50_000_000n;
	assert.equal((await holdings(api, world.address)).cred, world.bought);
}

async function creditsBecomeAnApiBalance({ stack, api, world }) {
	const { fee } = await stack.lx('top-up', '20');
	assert.equal(fee.symbol, 'CRED', 'an account with Credits pays its fee in them');
	world.toppedUp = 20_000_000n;
	const { free, cred } = await holdings(api, world.address);
	assert.equal(free, world.toppedUp);
	assert.equal(cred, world.bought - world.toppedUp - BigInt(fee.units));
}

async function aKeyIsCreated({ stack, world }) {
	const { key, relay, account, base_url: baseUrl } = await stack.lx('key', 'create');
	assert.match(key, /^sk-lx-[1-9A-HJ-NP-Za-km-z]{42,44}$/);
	assert.equal(relay, 0);
	assert.equal(account, world.address);
	world.relay = new Relay(stack.relayUrl, key);
	assert.equal(world.relay.baseUrl, baseUrl);
	const { purses } = (await stack.lx('balance')).api;
	assert.deepEqual(purses.map((purse) => purse.relay), [0]);
	world.watch = stack.tryLx('watch', '--until-mined', '--timeout', '120');
}

async function aKeyIsListedAndRevoked({ stack, world }) {
	const model = 'lx-demo-mini';
	const terms = ['--models', model, '--cap', '1'];
	const { key, key_hash: hash } = await stack.lx('key', 'create', ...terms);
	assert.equal((await stack.lx('key', 'revoke', key)).key_hash, hash);
	assert.equal((await stack.tryLx('key', 'revoke', key)).code, 1, 'it was revoked twice');
	const call = new Relay(stack.relayUrl, key).post({ model, messages: QUESTION });
	await refused(call, 401, 'invalid_api_key');
	const listed = await stack.lx('key', 'list', world.relay.key);
	assert.equal(listed.length, 2);
	const revoked = listed.find((found) => found.key_hash === hash);
	assert.ok(revoked.revoked_at > 0);
	assert.deepEqual(revoked.models, [model]);
	assert.equal(revoked.spending_cap.units, '1000000');
	const other = listed.find((found) => found.key_hash !== hash);
	assert.equal(other.revoked_at, null);
}

async function whatCannotBePaidIsRefusedWithAWayOut({ stack }) {
	const { code, stdout } = await stack.tryLx('top-up', '1000');
	assert.equal(code, 1);
	const { error } = JSON.parse(stdout);
	assert.match(error.problem, /you have [\d.]+ CRED, not 1000 CRED/);
	assert.match(error.next, /lx buy-credits/);
}

async function aRelayThatDoesNotExistIsNotPaid({ stack }) {
	const { code, stdout } = await stack.tryLx('top-up', '1', '--relay-id', '7');
	assert.equal(code, 1);
	const { error } = JSON.parse(stdout);
	assert.match(error.problem, /there is no relay 7 on this chain/);
	assert.match(error.next, /--relay-id/);
}

async function aKeyForWhatIsNotServedIsRefusedWithWhatIs({ stack }) {
	const { code, stdout } = await stack.tryLx('key', 'create', '--models', 'lx-demo-mini,nope');
	assert.equal(code, 1);
	const { error } = JSON.parse(stdout);
	assert.match(error.problem, /does not serve `nope`/);
	assert.match(error.next, /lx-demo-mini/);
}

async function whatCannotBeReadIsRefusedInTheSameShape({ stack }) {
	const { code, stdout } = await stack.tryLx('top-up', '1e3');
	assert.equal(code, 2);
	const { error } = JSON.parse(stdout);
	assert.match(error.problem, /invalid value '1e3'/);
	assert.match(error.next, /--help/);
}

export const steps = [
	anEmptyAccountIsMadeOnFirstUse,
	modelsAndPricesAreShown,
	theFaucetGivesUsdt,
	usdtBecomesCredits,
	creditsBecomeAnApiBalance,
	aKeyIsCreated,
	aKeyIsListedAndRevoked,
	whatCannotBePaidIsRefusedWithAWayOut,
	aRelayThatDoesNotExistIsNotPaid,
	aKeyForWhatIsNotServedIsRefusedWithWhatIs,
	whatCannotBeReadIsRefusedInTheSameShape,
];
