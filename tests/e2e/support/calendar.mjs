// The chain's calendar, which may go faster than the world's.

/** Days of the week. */
export const MONDAY = 0;
export const FRIDAY = 4;

/** The calendar begins on a Thursday, in 1970. */
const FIRST = 3;
const DAYS = 7;

/** How much earlier than asked for a day may begin, in ms. */
const EARLY_MS = 1_500;

/**
 * How long days have to be, at least so many ms, that one of the week begins in `inMs` from now. Weeks are
 * counted from 1970, so each ms more for a day puts today somewhere else in its week.
 */
export function daysThatBring(weekday, inMs, leastMs) {
	const moment = Date.now() + inMs;
	for (let dayMs = leastMs; ; dayMs += 1) {
		const late = (moment + (DAYS + FIRST - weekday) * dayMs) % (DAYS * dayMs);
		if (late < EARLY_MS) return dayMs;
	}
}

/** The day of the week, and when it is, in a state of the chain. */
export async function todayOf(state) {
	const [now, length] = await Promise.all([
		state.query.timestamp.now(),
		state.query.calendar.dayLength(),
	]);
	const [time, dayMs] = [now.toNumber(), length.toNumber()];
	return { time, dayMs, weekday: (Math.floor(time / dayMs) + FIRST) % DAYS };
}
