// Waiting for what takes as long as it takes.

import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 500;

/** Waits until `probe` gives something: at most `patienceMs`. */
export async function eventually(what, probe, patienceMs) {
	const deadline = Date.now() + patienceMs;
	let last;
	while (Date.now() < deadline) {
		const found = await probe((state) => (last = state));
		if (found) return found;
		await sleep(POLL_MS);
	}
	const seen = JSON.stringify(last, (_, value) =>
		typeof value === 'bigint' ? value.toString() : value,
	);
	throw new Error(`${what} did not happen within ${patienceMs} ms; last seen: ${seen}`);
}
