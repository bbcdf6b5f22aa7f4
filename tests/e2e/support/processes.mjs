// Processes of a test run: started on free local ports, logged to files, always ended by their id.

import { randomInt } from 'node:crypto';
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const GRACE_MS = 5_000;
const LOG_TAIL = 60;

const running = new Set();

// The runner may be interrupted: nothing that it started outlives it.
process.on('exit', () => running.forEach((child) => child.process.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** The path of a program that the workspace builds. */
export function program(name) {
	const target = process.env.CARGO_TARGET_DIR ?? join(REPOSITORY, 'target');
	return join(process.env.LX_BIN ?? join(target, 'release'), name);
}

/** The Python that has the test clients. */
export const python = process.env.LX_PYTHON ?? 'python3';

/** Ports that the system gives to no outgoing connection, which could take one before it is used. */
const [FIRST_PORT, LAST_PORT] = [10_000, 32_000];

/** A port of this machine that nobody listens on. */
export async function freePort() {
	for (;;) {
		const port = randomInt(FIRST_PORT, LAST_PORT);
		if (await canListen(port)) return port;
	}
}

function canListen(port) {
	const server = createServer();
	return new Promise((resolve) => {
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}

/** A process in the background, its output in a file of `folder`. */
export class Background {
	constructor(name, command, args, { folder, env = {} }) {
		this.name = name;
		this.log = join(folder, `${name}.log`);
		const log = createWriteStream(this.log, { flags: 'a' });
		this.process = spawn(command, args, {
			env: { ...process.env, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		this.process.stdout.pipe(log, { end: false });
		this.process.stderr.pipe(log, { end: false });
		this.ended = new Promise((resolve) => {
			const end = (reason) => {
				running.delete(this);
				this.reason ??= reason;
				log.end(resolve);
			};
			this.process.once('error', (error) => end(error.message));
			this.process.once('close', (code, signal) => end(`ended by ${signal ?? `code ${code}`}`));
		});
		running.add(this);
	}

	/** Waits until `probe` gives something, and fails at once if the process ends. */
	async until(probe, patienceMs) {
		const deadline = Date.now() + patienceMs;
		while (Date.now() < deadline) {
			if (this.reason) throw new Error(`${this.name} ${this.reason}\n${this.tail()}`);
			const found = await probe().catch(() => undefined);
			if (found) return found;
			await sleep(100);
		}
		throw new Error(`${this.name} is not ready after ${patienceMs} ms\n${this.tail()}`);
	}

	/** Ends the process as an operator would. */
	async stop() {
		if (this.reason) return;
		this.process.kill('SIGTERM');
		const timer = setTimeout(() => this.process.kill('SIGKILL'), GRACE_MS);
		await this.ended;
		clearTimeout(timer);
	}

	/** Ends the process as a power cut would. */
	async crash() {
		this.process.kill('SIGKILL');
		await this.ended;
	}

	/** All that the process, and those before it under its name, have put out. */
	text() {
		return readFileSync(this.log, 'utf8');
	}

	/** The end of the process's output. */
	tail() {
		const lines = this.text().trimEnd().split('\n');
		return `--- ${this.name}\n${lines.slice(-LOG_TAIL).join('\n')}`;
	}
}

/** Runs a program to its end: `{ code, stdout, stderr }`. */
export async function run(command, args, env = {}) {
	const child = spawn(command, args, {
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const entry = { process: child };
	running.add(entry);
	const texts = { stdout: '', stderr: '' };
	for (const name of ['stdout', 'stderr']) {
		child[name].setEncoding('utf8').on('data', (text) => (texts[name] += text));
	}
	const code = await new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	}).finally(() => running.delete(entry));
	return { code, ...texts };
}
