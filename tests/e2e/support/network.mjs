// The four validators of the chain `local`, each a process of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Background, freePort, program } from './processes.mjs';
import { ask, finalisedHeight } from './rpc.mjs';

const START_PATIENCE_MS = 60_000;

/** Aura's pre-runtime digest: the kind of item, `aura`, and that 8 bytes of slot follow. */
const SLOT_DIGEST = '0x066175726120';

/** A validator that runs, or has run, or will run. */
export class Validator {
	/** Its name is that of its development keys, its number is its network key. */
	constructor(name, number, folder, bootnode) {
		this.name = name;
		this.number = number;
		this.folder = folder;
		this.bootnode = bootnode;
	}

	/** Starts it, or starts it again where it stood. */
	async start() {
		this.networkPort ??= await freePort();
		this.rpcPort = await freePort();
		const listen = `/ip4/127.0.0.1/tcp/${this.networkPort}`;
		this.process = new Background(this.name, program('l-exchange-node'), [
			'--chain', 'local',
			`--${this.name}`,
			'--base-path', join(this.folder, this.name),
			'--node-key', String(this.number).padStart(64, '0'),
			'--listen-addr', listen,
			...(this.bootnode ? ['--bootnodes', this.bootnode.address] : []),
			'--rpc-port', String(this.rpcPort),
			'--no-mdns',
			'--no-prometheus',
			'--no-telemetry',
		], { folder: this.folder });
		const id = await this.process.until(() => this.ask('system_localPeerId'), START_PATIENCE_MS);
		this.address = `${listen}/p2p/${id}`;
	}

	/** Asks it by JSON-RPC. */
	async ask(method, ...params) {
		return ask(this.rpcPort, method, params);
	}

	/** How many peers it has. */
	async peers() {
		return (await this.ask('system_health')).peers;
	}

	/** The height of its newest block. */
	async best() {
		return Number((await this.ask('chain_getHeader')).number);
	}

	/** The height of its newest finalised block. */
	async finalised() {
		return finalisedHeight(this.rpcPort);
	}

	/** The hash of its block at a height. */
	async hashAt(height) {
		return this.ask('chain_getBlockHash', height);
	}

	/** The slot in which its block at a height was authored. */
	async slotAt(height) {
		const { digest } = await this.ask('chain_getHeader', await this.hashAt(height));
		const item = digest.logs.find((log) => log.startsWith(SLOT_DIGEST));
		return Buffer.from(item.slice(SLOT_DIGEST.length), 'hex').readBigUInt64LE();
	}

	/** Ends it as a power cut would. */
	async crash() {
		await this.process.crash();
	}
}

/** All four, in the order of their turns. The others know only Alice when they start. */
export class Network {
	/** The network, not yet started. */
	static async create() {
		const network = new Network();
		network.folder = await mkdtemp(join(tmpdir(), 'l-exchange-network-'));
		network.alice = new Validator('alice', 1, network.folder);
		const [bob, charlie, dave] = ['bob', 'charlie', 'dave'].map((name, index) => {
			return new Validator(name, index + 2, network.folder, network.alice);
		});
		Object.assign(network, { bob, charlie, dave });
		network.validators = [network.alice, bob, charlie, dave];
		return network;
	}

	/** Starts Alice, then the others at once. */
	async start() {
		const [first, ...others] = this.validators;
		await first.start();
		await Promise.all(others.map((validator) => validator.start()));
	}

	/** The processes of the validators that were ever started. */
	get processes() {
		return this.validators.flatMap(({ process }) => process ?? []);
	}

	/** What the validators said last. */
	logs() {
		return this.processes.map((process) => process.tail()).join('\n');
	}

	/** Ends every validator and forgets what they kept. */
	async stop() {
		await Promise.all(this.processes.map((process) => process.stop()));
		await rm(this.folder, { recursive: true, force: true });
	}
}
