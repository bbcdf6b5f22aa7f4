// Fifty calls at once on a purse that holds what one of them reserves.

import assert from 'node:assert/strict';
import { addressOf, newKey, openPurses } from '../support/accounts.mjs';
import { Caller, request } from '../support/calls.mjs';
import { holdings } from '../support/chain.mjs';
import { callOf } from '../support/relay.mjs';
import { refused } from './errors.mjs';

const CALLS = 50;
const ONE_KEY = '//Race//1';
const TWO_KEYS = '//Race//2';
const CONTENT = 'Who is first?';

async function bothPursesHoldWhatOneCallReserves({ api, caller, world }) {
	const call = await caller.asked(CONTENT);
	world.reserved = BigInt((await caller.relay.receipt(call)).reserved_ucred);
	await openPurses(api, { [ONE_KEY]: world.reserved, [TWO_KEYS]: world.reserved });
}

async function oneOfFiftyIsServedThroughOneKey(context) {
	await race(context, ONE_KEY, [await newKey(context.stack, ONE_KEY)]);
}

async function oneOfFiftyIsServedThroughTwoKeys(context) {
	const keys = [await newKey(context.stack, TWO_KEYS), await newKey(context.stack, TWO_KEYS)];
	await race(context, TWO_KEYS, keys);
}

async function race(context, uri, keys) {
	const { upstream, world } = context;
	const runner = new Caller(context, addressOf(uri), world.reserved, keys[0]);
	assert.equal((await holdings(context.api, runner.address)).free, world.reserved);
	const answers = upstream.answers;
	const responses = await Promise.all(Array.from({ length: CALLS }, (_, number) => {
		// The same request as the one that was measured: its length is what is reserved.
		return keys[number % keys.length].post(request(CONTENT));
	}));
	const served = responses.filter(({ status }) => status === 200);
	const others = responses.filter(({ status }) => status !== 200);
	assert.equal(served.length, 1, `${served.length} calls were served`);
	await Promise.all(others.map((response) => refused(response, 429, 'insufficient_quota')));
	assert.equal(upstream.answers, answers + 1, 'the upstream heard of a call that was refused');
	runner.answered.push({ call: callOf(served[0]), provider: (await served[0].json()).id });
	await runner.everyCallIsPaidOnce();
}

export const steps = [
	bothPursesHoldWhatOneCallReserves,
	oneOfFiftyIsServedThroughOneKey,
	oneOfFiftyIsServedThroughTwoKeys,
];
