// Errors through the whole stack: the OpenAI shape, the right status, and nothing billed.

import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { MODEL, QUESTION } from '../support/relay.mjs';

const REQUEST = { model: MODEL, messages: QUESTION };

/** One byte more than the relay takes. */
const OVERSIZED = 8 * 1024 * 1024 + 1;

async function anUnknownModel({ world }) {
	await refused(world.relay.post({ ...REQUEST, model: 'gpt-99' }), 404, 'model_not_found');
}

async function aWrongKey({ world }) {
	const key = `sk-lx-${'1'.repeat(43)}`;
	await refused(world.relay.post(REQUEST, key), 401, 'invalid_api_key');
	const client = new OpenAI({ apiKey: key, baseURL: world.relay.baseUrl, maxRetries: 0 });
	await assert.rejects(client.chat.completions.create(REQUEST), OpenAI.AuthenticationError);
}

async function malformedJson({ world }) {
	await refused(world.relay.post('{"model": '), 400, null);
}

async function anOversizedBody({ world }) {
	const content = 'x'.repeat(OVERSIZED);
	const body = { model: MODEL, messages: [{ role: 'user', content }] };
	await refused(world.relay.post(body), 413, 'request_too_large');
}

/** Expects an error in the OpenAI shape: the error. */
export async function refused(response, status, code) {
	const answered = await response;
	const { error } = await answered.json();
	assert.equal(answered.status, status, JSON.stringify(error));
	assert.equal(error.code, code);
	assert.equal(typeof error.message, 'string');
	assert.equal(typeof error.type, 'string');
	assert.ok('param' in error);
	assert.equal(answered.headers.get('x-lx-charge-ucred'), null, 'an error was charged');
	return error;
}

export const steps = [
	anUnknownModel,
	aWrongKey,
	malformedJson,
	anOversizedBody,
];
