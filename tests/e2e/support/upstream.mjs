// A provider of the test's own, compatible with OpenAI's. It writes down what it answers, so that
// what a relay charges can be compared with it, whatever has happened to the relay.

import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './processes.mjs';

/** How long an answer in one piece takes, and each word of a streamed one. */
const WHOLE_MS = 120;
const WORD_MS = 25;

/** The most words of an answer. Each is a token. */
export const MAX_WORDS = 16;

/** The provider. */
export class Upstream {
	static async start() {
		const upstream = new Upstream();
		upstream.folder = await mkdtemp(join(tmpdir(), 'l-exchange-upstream-'));
		upstream.log = join(upstream.folder, 'answered.log');
		appendFileSync(upstream.log, '');
		upstream.heard = new Set();
		upstream.answers = 0;
		upstream.release();
		const port = await freePort();
		upstream.url = `http://127.0.0.1:${port}/v1`;
		upstream.server = createServer((request, response) => {
			upstream.serve(request, response).catch((error) => response.destroy(error));
		});
		// The relay keeps connections longer: it must not find one closed when it needs it.
		upstream.server.keepAliveTimeout = 10 * 60_000;
		await new Promise((resolve) => upstream.server.listen(port, '127.0.0.1', resolve));
		return upstream;
	}

	/** Lets every call from now on wait for the release. */
	hold() {
		this.gate = new Promise((resolve) => (this.open = resolve));
	}

	/** Answers what waits, and what comes. */
	release() {
		this.open?.();
		this.gate = undefined;
	}

	/** What was answered: usage by the provider's id of the call. Each is there once. */
	bills() {
		const lines = readFileSync(this.log, 'utf8').split('\n');
		const entries = lines.filter(Boolean).map((line) => JSON.parse(line));
		const bills = new Map(entries.map(({ id, usage }) => [id, usage]));
		if (bills.size !== entries.length) throw new Error('two answers have one id');
		return bills;
	}

	async serve(request, response) {
		const asked = await json(request);
		this.heard.add(asked.messages.at(-1).content);
		await this.gate;
		const completion = new Completion(asked, this.answers++);
		if (asked.stream) {
			await this.stream(completion, response);
		} else {
			await sleep(WHOLE_MS);
			this.finish(completion, response, () => {
				response.setHeader('Content-Type', 'application/json');
				response.end(JSON.stringify(completion.whole()));
			});
		}
	}

	async stream(completion, response) {
		response.setHeader('Content-Type', 'text/event-stream');
		for (const word of completion.words) {
			await sleep(WORD_MS);
			if (response.destroyed) return;
			response.write(completion.event({ delta: { content: word }, finish_reason: null }));
		}
		this.finish(completion, response, () => {
			response.write(completion.event({ delta: {}, finish_reason: 'stop' }));
			response.write(completion.report());
			response.end('data: [DONE]\n\n');
		});
	}

	/** Writes an answer down before its last piece goes out: whoever has it whole is in the log. */
	finish({ id, usage }, response, sendTheRest) {
		if (response.destroyed) return;
		appendFileSync(this.log, `${JSON.stringify({ id, usage })}\n`);
		sendTheRest();
	}

	async stop() {
		this.release();
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
		await rm(this.folder, { recursive: true, force: true });
	}
}

/** An answer. How much it uses depends on its number, so that few cost the same. */
class Completion {
	constructor({ model }, number) {
		this.id = `chatcmpl-${randomUUID()}`;
		this.model = model;
		this.words = Array.from({ length: 1 + (number % MAX_WORDS) }, () => 'word ');
		const cached = number % 7;
		this.usage = { input: 20 + (number % 29), cached_input: cached, output: this.words.length };
	}

	reported() {
		const { input, cached_input: cached, output } = this.usage;
		return {
			prompt_tokens: input + cached,
			completion_tokens: output,
			total_tokens: input + cached + output,
			prompt_tokens_details: { cached_tokens: cached },
		};
	}

	whole() {
		const message = { role: 'assistant', content: this.words.join('') };
		return {
			...this.envelope('chat.completion'),
			choices: [{ index: 0, message, finish_reason: 'stop' }],
			usage: this.reported(),
		};
	}

	event(choice) {
		return this.chunk({ choices: [{ index: 0, ...choice }], usage: null });
	}

	report() {
		return this.chunk({ choices: [], usage: this.reported() });
	}

	chunk(fields) {
		const chunk = { ...this.envelope('chat.completion.chunk'), ...fields };
		return `data: ${JSON.stringify(chunk)}\n\n`;
	}

	envelope(object) {
		return { id: this.id, object, created: Math.floor(Date.now() / 1_000), model: this.model };
	}
}
