// What chains start from, as the node exports it.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { program, run } from './processes.mjs';

/** The specification of the chain called `id`. */
export async function specification(id) {
	const task = ['export-chain-spec', '--chain', id];
	const { code, stdout, stderr } = await run(program('l-exchange-node'), task);
	assert.equal(code, 0, stderr);
	return JSON.parse(stdout);
}

/** The genesis of a specification, as it differs from an empty one. */
export function genesisOf({ genesis }) {
	return genesis.runtimeGenesis.patch;
}

/** Writes the specification of a development chain whose days last so many ms. */
export async function writeDevelopment(file, dayMs) {
	const development = await specification('dev');
	genesisOf(development).calendar.dayMs = dayMs;
	await writeFile(file, JSON.stringify(development));
}
