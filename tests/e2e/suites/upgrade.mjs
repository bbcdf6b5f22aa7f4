// New code that whales have passed is applied while everything runs on.

import assert from 'node:assert/strict';
import { addressOf } from '../support/accounts.mjs';
import { CRED, allEvents, connectPolkadotJs, sendUnsigned } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { ask, finalisedHeight } from '../support/rpc.mjs';
import { CLIMBER, MOBY, becomes, does, statusOf } from '../support/whales.mjs';

const VERSION = 1;
const NEXT_VERSION = 2;

/** The storage key of the chain's code: `:code`. */
const CODE = '0x3a636f6465';

const PATIENCE_MS = 120_000;

async function itPassesAndWaits({ stack, api, world }) {
	world.node = stack.running('node').process.pid;
	const planned = await becomes(api, 'the upgrade being planned', async (state) => {
		const found = await state.query.whaleVoting.plannedUpgrade();
		return found.isSome && found.unwrap();
	});
	assert.equal(planned.codeHash.toHex(), world.codeHash);
	assert.equal(await statusOf(api, world.upgrade), 'Approved');
}

async function nobodyAppliesItBeforeItsTime({ api, world }) {
	const early = sendUnsigned(api.tx.system.applyAuthorizedUpgrade(world.code));
	await assert.rejects(early, /Invalid Transaction/);
	// It still waits: the attempt was not too late.
	assert.ok((await api.query.system.authorizedUpgrade()).isNone);
	assert.equal((await api.rpc.state.getRuntimeVersion()).specVersion.toNumber(), VERSION);
}

/** Nobody signs, and nobody pays. */
async function whenItIsDueAnybodyAppliesIt({ api, world }) {
	await becomes(api, 'the upgrade being due', async (state) => {
		return (await state.query.system.authorizedUpgrade()).isSome;
	});
	await sendUnsigned(api.tx.system.applyAuthorizedUpgrade(world.code));
}

/** The same process goes on: nobody has started it again. */
async function theChainGoesOnAsItsNextVersion({ stack, world }) {
	const port = stack.ports.node;
	const isNext = async (note) => {
		const head = await ask(port, 'chain_getFinalizedHead');
		const { specVersion } = await ask(port, 'state_getRuntimeVersion', [head]);
		note(specVersion);
		return specVersion === NEXT_VERSION;
	};
	await eventually('the next version', isNext, PATIENCE_MS);
	assert.equal(await ask(port, 'state_getStorageHash', [CODE]), world.codeHash);
	const height = await finalisedHeight(port);
	const goesOn = async () => (await finalisedHeight(port)) > height + 3;
	await eventually('more blocks', goesOn, PATIENCE_MS);
	assert.equal(stack.running('node').process.pid, world.node, 'the node was started again');
}

/**
 * `@polkadot/api` reads the newest form of the metadata at first and an older one after an upgrade, and
 * then decodes blocks from before by the wrong types. So another connection looks back.
 */
async function itWasPlannedAndAppliedOnce({ stack }) {
	const later = await connectPolkadotJs(stack.nodeUrl);
	try {
		const [planned, updated, last] = await Promise.all([
			allEvents(later, 'whaleVoting', 'UpgradePlanned'),
			allEvents(later, 'system', 'CodeUpdated'),
			later.query.system.lastRuntimeUpgrade(),
		]);
		assert.deepEqual([planned.length, updated.length], [1, 1]);
		assert.equal(last.unwrap().specVersion.toNumber(), NEXT_VERSION);
	} finally {
		await later.disconnect();
	}
}

/** The wallet has followed by itself, over the same connection. */
async function walletsGoOn({ api }) {
	const hasFollowed = () => api.runtimeVersion.specVersion.toNumber() === NEXT_VERSION;
	await eventually('the wallet following', async () => hasFollowed(), PATIENCE_MS);
	const gift = api.tx.assets.transferKeepAlive(CRED, addressOf(CLIMBER), 1_000n);
	await does(MOBY, gift);
}

/** So have the relay and its attestors. */
async function theRelayGoesOn({ world }) {
	const relay = world.relays[CLIMBER];
	const { call, charge } = await relay.ask();
	assert.ok(charge > 0n);
	const isFinal = async (note) => {
		const { state } = await relay.receipt(call);
		note(state);
		return state === 'FINAL';
	};
	await eventually('the call becoming final', isFinal, PATIENCE_MS);
}

export const waiting = [itPassesAndWaits, nobodyAppliesItBeforeItsTime];

export const due = [
	whenItIsDueAnybodyAppliesIt,
	theChainGoesOnAsItsNextVersion,
	itWasPlannedAndAppliedOnce,
	walletsGoOn,
	theRelayGoesOn,
];
