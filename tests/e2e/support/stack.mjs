// A development chain with a relay, and the command line to use them.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Background, freePort, program, run } from './processes.mjs';
import { finalisedHeight } from './rpc.mjs';

const NODE_PATIENCE_MS = 60_000;
const RELAY_PATIENCE_MS = 30_000;

/** Seconds between the relay's batches: short, so that the run is. */
const BATCH_INTERVAL = '2';

export class Stack {
	/** Starts a node and a relay. */
	static async start() {
		const stack = new Stack();
		stack.folder = await mkdtemp(join(tmpdir(), 'l-exchange-e2e-'));
		stack.processes = [];
		try {
			await stack.startNode();
			await stack.startRelay();
		} catch (error) {
			await stack.stop();
			throw error;
		}
		return stack;
	}

	async startNode() {
		const [rpc, network] = [await freePort(), await freePort()];
		this.nodeUrl = `ws://127.0.0.1:${rpc}`;
		const node = this.spawn('l-exchange-node', [
			'--dev',
			'--tmp',
			'--rpc-port', String(rpc),
			'--listen-addr', `/ip4/127.0.0.1/tcp/${network}`,
			'--no-prometheus',
			'--no-telemetry',
		]);
		await node.until(async () => (await finalisedHeight(rpc)) > 0, NODE_PATIENCE_MS);
	}

	/** Starts the relay, or starts it again where it stood. */
	async startRelay() {
		this.relayPort ??= await freePort();
		this.relayUrl = `http://127.0.0.1:${this.relayPort}`;
		this.relay = this.spawn('oracle-relay', [
			'--dev',
			'--listen', `127.0.0.1:${this.relayPort}`,
			'--node', this.nodeUrl,
			'--data-dir', join(this.folder, 'relay'),
			'--batch-interval', BATCH_INTERVAL,
		]);
		await this.relay.until(() => isHealthy(this.relayUrl), RELAY_PATIENCE_MS);
	}

	spawn(name, args) {
		const child = new Background(name, program(name), args, { folder: this.folder });
		this.processes.push(child);
		return child;
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
		const byLog = new Map(this.processes.map((child) => [child.log, child]));
		return [...byLog.values()].map((child) => child.tail()).join('\n');
	}

	/** Ends everything that was started. */
	async stop() {
		await Promise.all(this.processes.map((child) => child.stop()));
		await rm(this.folder, { recursive: true, force: true });
	}
}

/** Whether a relay serves and sees the chain. */
async function isHealthy(url) {
	return (await fetch(`${url}/health`)).ok;
}
