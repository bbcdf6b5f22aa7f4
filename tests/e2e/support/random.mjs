// Chance that can be repeated: the same seed gives the same numbers.

/** Numbers from 0 to just below 1, by the generator known as Mulberry32. */
export function randomFrom(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** A number between two. */
export function between(random, low, high) {
	return low + random() * (high - low);
}

/** The same items in another order. */
export function shuffled(random, items) {
	const left = [...items];
	for (let last = left.length - 1; last > 0; last -= 1) {
		const other = Math.floor(random() * (last + 1));
		[left[last], left[other]] = [left[other], left[last]];
	}
	return left;
}
