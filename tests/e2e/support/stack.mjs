// A development chain with a relay and its attestors, and the command line to use them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Background, freePort, program, run } from './processes.mjs';
import { finalisedHeight } from './rpc.mjs';
import { writeDevelopment } from './specification.mjs';

const PATIENCE_MS = 60_000;

/** The attestors of a development chain, of which two are a quorum. */
export const ATTESTORS = ['attestor-0', 'attestor-1', 'attestor-2'];

/** The relay's settings unless a test has others. It posts often, so that the run is short. */
const RELAY = { dev: true, 'batch-interval': 2 };

/** The processes, each known by its name: `node`, `relay`, and the attestors. */
export class Stack {
	/**
	 * Starts a node, a relay with `relay` among its settings, and `attestors`. A day of the chain lasts
	 * `dayMs`, or as long as on any development chain.
	 */
	static async start({ relay = {}, attestors = ATTESTORS, dayMs } = {}) {
		const stack = new Stack();
		stack.folder = await mkdtemp(join(tmpdir(), 'l-exchange-e2e-'));
		stack.processes = new Map();
		stack.relaySettings = { ...RELAY, ...relay };
		await stack.choosePorts();
		try {
			await stack.chooseChain(dayMs);
			await stack.launch('node');
			await stack.launch('relay');
			await Promise.all(attestors.map((name) => stack.launch(name)));
		} catch (error) {
			console.error(stack.logs());
			await stack.stop();
			throw error;
		}
		return stack;
	}

	/** Each process keeps its port when it starts again. */
	async choosePorts() {
		this.ports = {};
		for (const name of ['node', 'network', 'relay', ...ATTESTORS]) {
			this.ports[name] = await freePort();
		}
		this.nodeUrl = `ws://127.0.0.1:${this.ports.node}`;
		this.relayUrl = `http://127.0.0.1:${this.ports.relay}`;
	}

	async chooseChain(dayMs) {
		this.chain = dayMs ? join(this.folder, 'chain.json') : 'dev';
		if (dayMs) await writeDevelopment(this.chain, dayMs);
	}

	/** The relay's ledger. */
	get ledger() {
		return join(this.folder, 'relay', 'ledger.sqlite');
	}

	/** Starts a process, or starts it again where it stood, and waits until it serves. */
	async launch(name) {
		const child = this.spawn(name);
		await child.until(() => this.serves(name), PATIENCE_MS);
	}

	/** Starts a process, or starts it again where it stood. */
	spawn(name) {
		const [binary, settings] = this.command(name);
		const folder = this.folder;
		const child = new Background(name, program(binary), flags(settings), { folder });
		this.processes.set(name, child);
		return child;
	}

	/** The program that a process runs, and its settings. */
	command(name) {
		const data = join(this.folder, name);
		if (name === 'node') return ['l-exchange-node', this.nodeSettings(data)];
		const own = {
			node: this.nodeUrl,
			'data-dir': data,
			listen: `127.0.0.1:${this.ports[name]}`,
		};
		if (name === 'relay') return ['oracle-relay', { ...own, ...this.relaySettings }];
		const id = ATTESTORS.indexOf(name);
		return ['attestor', { ...own, dev: true, id, 'relay-url': this.relayUrl }];
	}

	nodeSettings(data) {
		return {
			dev: true,
			chain: this.chain,
			'base-path': data,
			// The tests look back to the first block.
			'state-pruning': 'archive',
			'blocks-pruning': 'archive',
			'rpc-port': this.ports.node,
			'listen-addr': `/ip4/127.0.0.1/tcp/${this.ports.network}`,
			'no-prometheus': true,
			'no-telemetry': true,
		};
	}

	/** Whether a process is ready to work. */
	async serves(name) {
		if (name === 'node') return (await finalisedHeight(this.ports.node)) > 0;
		return (await fetch(`http://127.0.0.1:${this.ports[name]}/health`)).ok;
	}

	/** A process, which must not have ended by itself. */
	running(name) {
		const child = this.processes.get(name);
		if (child.reason) throw new Error(`${name} ${child.reason}\n${child.tail()}`);
		return child;
	}

	/** Ends a process as a power cut would. */
	async crash(name) {
		await this.running(name).crash();
	}

	/** Ends a process as an operator would. */
	async end(name) {
		await this.running(name).stop();
	}

	/** Runs `lx` and gives what it says with `--json`. */
	async lx(...args) {
		const { code, stdout, stderr } = await this.tryLx(...args);
		if (code !== 0) throw new Error(`lx ${args.join(' ')} failed:\n${stderr}`);
		return JSON.parse(stdout);
	}

	/** Runs `lx`, which may fail. It has no configuration but where to find things. */
	async tryLx(...args) {
		return run(program('lx'), ['--json', ...args], {
			LX_NODE: this.nodeUrl,
			LX_RELAY: this.relayUrl,
			LX_DATA_DIR: join(this.folder, 'lx'),
			LX_ACCOUNT: '',
		});
	}

	/** What the processes said last. */
	logs() {
		return [...this.processes.values()].map((child) => child.tail()).join('\n');
	}

	/** Ends everything that was started. */
	async stop() {
		await Promise.all([...this.processes.values()].map((child) => child.stop()));
		await rm(this.folder, { recursive: true, force: true });
	}
}

/** Settings as a command line: a flag alone where the value is `true`, none where it is `false`. */
function flags(settings) {
	return Object.entries(settings).flatMap(([name, value]) => {
		if (typeof value === 'boolean') return value ? [`--${name}`] : [];
		return [`--${name}`, String(value)];
	});
}
