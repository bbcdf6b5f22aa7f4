// The chain is away for more than a minute. The relay serves until what it knows is too old, then
// refuses calls and says why, and goes on by itself when the chain is back.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from '../support/calls.mjs';
import { reconnected } from '../support/chain.mjs';
import { eventually } from '../support/eventually.mjs';
import { refused } from './errors.mjs';

/** How long what the relay knows of the chain is good. Finality alone takes some seconds of it. */
const MAX_HEAD_AGE = 20;

const OUTAGE_MS = 65_000;
const PAUSE_MS = 5_000;
const PATIENCE_MS = 30_000;

async function theChainGoesAway({ stack, caller, world }) {
	await stack.end('relay');
	stack.relaySettings['max-head-age'] = MAX_HEAD_AGE;
	await stack.launch('relay');
	await caller.ask();
	await stack.crash('node');
	world.awaySince = Date.now();
}

async function callsAreRefusedAfterAWhile({ stack, caller }) {
	const isRefused = async (note) => {
		const { status } = await caller.tried('Is the chain still there?');
		note(status);
		return status === 503 && !(await stack.serves('relay'));
	};
	await eventually('refusing calls', isRefused, MAX_HEAD_AGE * 1_000 + PATIENCE_MS);
}

async function andRefusedForAsLongAsItTakes({ stack, caller, world }) {
	while (Date.now() < world.awaySince + OUTAGE_MS) {
		const response = caller.relay.post(request('Is the chain there?'));
		await refused(response, 503, 'chain_unreachable');
		const health = await (await fetch(`${stack.relayUrl}/health`)).json();
		assert.equal(health.status, 'chain_unreachable');
		await sleep(PAUSE_MS);
	}
}

/** Nobody touches the relay or the attestors. */
async function everythingGoesOnWhenItIsBack({ stack, api, caller }) {
	await stack.launch('node');
	await reconnected(api);
	await eventually('serving again', async () => stack.serves('relay'), PATIENCE_MS);
	await caller.ask();
	await caller.everyCallIsPaidOnce();
}

export const steps = [
	theChainGoesAway,
	callsAreRefusedAfterAWhile,
	andRefusedForAsLongAsItTakes,
	everythingGoesOnWhenItIsBack,
];
