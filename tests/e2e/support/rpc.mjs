// A node through plain JSON-RPC, for what needs no client.

/** Asks the node whose RPC is on a local port. */
export async function ask(port, method, params = []) {
	const response = await fetch(`http://127.0.0.1:${port}`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
	});
	const { result, error } = await response.json();
	if (error) throw new Error(`${method}: ${error.message}`);
	return result;
}

/** The height of the newest finalised block. */
export async function finalisedHeight(port) {
	const header = await ask(port, 'chain_getHeader', [await ask(port, 'chain_getFinalizedHead')]);
	return Number(header.number);
}
