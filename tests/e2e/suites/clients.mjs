// Chat completions by the clients that people use. Each remembers its calls for the settlement.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { python, run } from '../support/processes.mjs';
import { MODEL, QUESTION, callOf, chargeOf } from '../support/relay.mjs';

const PYTHON_CLIENT = fileURLToPath(new URL('../support/openai_client.py', import.meta.url));

async function byFetch({ world }) {
	const { answer, call, charge } = await world.relay.ask();
	const { prompt_tokens: input, completion_tokens: output } = answer.usage;
	assert.ok(answer.choices[0].message.content.length > 0);
	assert.equal(charge, listPrice(input, output));
	assert.equal(BigInt((await world.relay.receipt(call)).charge_ucred), charge);
	world.text = answer.choices[0].message.content;
	world.calls = [call];
}

/** What `lx-demo-1` charges: 2.5 CRED per million input tokens, 10 per million output, up. */
function listPrice(input, output) {
	const millionths = BigInt(input) * 2_500_000n + BigInt(output) * 10_000_000n;
	return (millionths + 999_999n) / 1_000_000n;
}

async function byOpenAiForNode({ world }) {
	const completions = client(world).chat.completions;
	const request = { model: MODEL, messages: QUESTION };
	const { data, response } = await completions.create(request).withResponse();
	assert.equal(data.choices[0].message.content, world.text);
	assert.ok(chargeOf(response) > 0n);
	world.calls.push(callOf(response));
}

async function byOpenAiForNodeStreaming({ world }) {
	const completions = client(world).chat.completions;
	const request = {
		model: MODEL,
		messages: QUESTION,
		stream: true,
		stream_options: { include_usage: true },
	};
	const { data, response } = await completions.create(request).withResponse();
	let [text, usage] = ['', null];
	for await (const chunk of data) {
		text += chunk.choices[0]?.delta?.content ?? '';
		usage = chunk.usage ?? usage;
	}
	assert.equal(text, world.text);
	assert.ok(usage.completion_tokens > 0);
	world.calls.push(callOf(response));
}

async function byOpenAiForPython({ world }) {
	const { code, stdout, stderr } = await run(python, [PYTHON_CLIENT, MODEL], {
		OPENAI_API_KEY: world.relay.key,
		OPENAI_BASE_URL: world.relay.baseUrl,
	});
	assert.equal(code, 0, stderr);
	const { text, streamed, calls } = JSON.parse(stdout);
	assert.equal(text, world.text);
	assert.equal(streamed, world.text);
	assert.equal(calls.length, 2);
	world.calls.push(...calls);
}

async function modelsAreListed({ world }) {
	const ids = [];
	for await (const { id } of client(world).models.list()) ids.push(id);
	assert.ok(ids.includes(MODEL));
}

function client({ relay }) {
	return new OpenAI({ apiKey: relay.key, baseURL: relay.baseUrl, maxRetries: 0 });
}

export const steps = [
	byFetch,
	byOpenAiForNode,
	byOpenAiForNodeStreaming,
	byOpenAiForPython,
	modelsAreListed,
];
