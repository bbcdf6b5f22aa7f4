// A relay's ledger, read and changed behind its back.

import { fileURLToPath } from 'node:url';
import { python, run } from './processes.mjs';

const TOOL = fileURLToPath(new URL('./ledger.py', import.meta.url));

async function ask(...task) {
	const { code, stdout, stderr } = await run(python, [TOOL, ...task]);
	if (code !== 0) throw new Error(stderr);
	return JSON.parse(stdout);
}

/** Every call: its id, its state, and the provider's id of it, as `{ call, state, provider }`. */
export async function callsIn(ledger) {
	return ask('calls', ledger);
}

/** The leaf of a settled call, SCALE-encoded, in hexadecimal. */
export async function leafIn(ledger, call) {
	return ask('leaf', ledger, call);
}

/** Puts another leaf in the place of a call's, with what it charges. The relay must not run. */
export async function replaceLeaf(ledger, call, leaf, charge) {
	const replaced = await ask('replace', ledger, call, leaf, String(charge));
	if (replaced !== 1) throw new Error(`the ledger has no call ${call}`);
}

/** Keeps every call that is reserved from becoming anything else, whatever its relay tries. */
export async function stickReserved(ledger) {
	await ask('stick', ledger);
}

/** Lets reserved calls go on. */
export async function unstickReserved(ledger) {
	await ask('unstick', ledger);
}
