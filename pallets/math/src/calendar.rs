//! Days and weeks (protocol, section 0).
//!
//! A day's length is an argument, so that a development chain can run short days: what turns on
//! Monday on a public chain then turns every seven short days, by the same code.

const DAYS_PER_WEEK: u32 = 7;

/// 1970-01-01, day 0, was a Thursday: three days after a Monday.
const DAYS_SINCE_MONDAY: u32 = 3;

/// A civil day in milliseconds.
pub const CIVIL_DAY_MS: u64 = 86_400_000;

/// The day of the week on which the platform buys back.
pub const FRIDAY: u8 = 4;

/// Days of `day_ms` milliseconds since 1970-01-01 00:00 UTC. Saturates; a day without length never
/// passes.
pub fn day(now_ms: u64, day_ms: u64) -> u32 {
	let days = now_ms.checked_div(day_ms).unwrap_or_default();
	u32::try_from(days).unwrap_or(u32::MAX)
}

/// When `day` is over, in milliseconds since 1970-01-01 00:00 UTC: the first millisecond of the next
/// one. Saturates.
pub const fn end(day: u32, day_ms: u64) -> u64 {
	(day as u64 + 1).saturating_mul(day_ms)
}

/// The week that `day` lies in: `(day + 3) / 7`, so that it turns at the start of Monday.
pub const fn week(day: u32) -> u32 {
	// Divided before adding, so that no day overflows.
	day / DAYS_PER_WEEK + (day % DAYS_PER_WEEK + DAYS_SINCE_MONDAY) / DAYS_PER_WEEK
}

/// When `week` begins, in milliseconds since 1970-01-01 00:00 UTC, where days last `day_ms`. Saturates;
/// week 0 began before 1970.
pub const fn week_start(week: u32, day_ms: u64) -> u64 {
	let days = week as u64 * DAYS_PER_WEEK as u64;
	days.saturating_sub(DAYS_SINCE_MONDAY as u64).saturating_mul(day_ms)
}

/// The day of the week: Monday is 0, Friday is 4, Sunday is 6.
pub const fn weekday(day: u32) -> u8 {
	((day % DAYS_PER_WEEK + DAYS_SINCE_MONDAY) % DAYS_PER_WEEK) as u8
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// 2026-01-02 00:00 UTC, a Friday.
	const FRIDAY_2026: u64 = 1_767_312_000_000;
	/// 2026-01-05 00:00 UTC, a Monday.
	const MONDAY_2026: u64 = 1_767_571_200_000;

	#[test]
	fn the_first_days_have_their_names() {
		// 1970-01-01 was a Thursday, the 2nd a Friday, the 5th a Monday.
		assert_eq!(weekday(0), 3);
		assert_eq!(weekday(1), 4);
		assert_eq!(weekday(4), 0);
		assert_eq!((week(0), week(3), week(4), week(10), week(11)), (0, 0, 1, 1, 2));
	}

	#[test]
	fn a_recent_friday_is_weekday_four() {
		assert_eq!(weekday(day(FRIDAY_2026, CIVIL_DAY_MS)), 4);
		assert_eq!(weekday(day(MONDAY_2026, CIVIL_DAY_MS)), 0);
	}

	#[test]
	fn weeks_turn_on_monday_at_midnight_utc() {
		let week_at = |now| week(day(now, CIVIL_DAY_MS));
		assert_eq!(week_at(MONDAY_2026), week_at(MONDAY_2026 - 1) + 1);
		assert_eq!(week_at(MONDAY_2026), week_at(MONDAY_2026 + 7 * CIVIL_DAY_MS - 1));
		assert_eq!(week_at(FRIDAY_2026), week_at(MONDAY_2026 - 1));
	}

	#[test]
	fn a_day_turns_on_its_first_millisecond() {
		assert_eq!(day(0, CIVIL_DAY_MS), 0);
		assert_eq!(day(CIVIL_DAY_MS - 1, CIVIL_DAY_MS), 0);
		assert_eq!(day(CIVIL_DAY_MS, CIVIL_DAY_MS), 1);
	}

	#[test]
	fn a_day_ends_where_the_next_begins() {
		assert_eq!(end(0, CIVIL_DAY_MS), CIVIL_DAY_MS);
		let friday = day(FRIDAY_2026, CIVIL_DAY_MS);
		assert_eq!(weekday(friday), FRIDAY);
		assert_eq!(end(friday, CIVIL_DAY_MS), FRIDAY_2026 + CIVIL_DAY_MS);
	}

	#[test]
	fn short_days_make_a_ten_minute_week() {
		let short_day = 600_000 / 7;
		let monday = 4 * short_day;
		assert_eq!(weekday(day(monday, short_day)), 0);
		for n in 0..7 {
			let now = monday + n * short_day;
			assert_eq!(week(day(now, short_day)), 1);
			assert_eq!(u64::from(weekday(day(now, short_day))), n);
		}
		assert_eq!(week(day(monday + 7 * short_day, short_day)), 2);
	}

	#[test]
	fn a_week_begins_where_the_one_before_ends() {
		let week = week(day(MONDAY_2026, CIVIL_DAY_MS));
		assert_eq!(week_start(week, CIVIL_DAY_MS), MONDAY_2026);
		assert_eq!(week_start(week + 1, CIVIL_DAY_MS), MONDAY_2026 + 7 * CIVIL_DAY_MS);
		assert_eq!((week_start(0, CIVIL_DAY_MS), week_start(1, 10)), (0, 40));
	}

	#[test]
	fn extremes_do_not_panic() {
		assert_eq!(day(u64::MAX, 0), 0);
		assert_eq!(day(u64::MAX, 1), u32::MAX);
		assert_eq!(end(u32::MAX, u64::MAX), u64::MAX);
		assert_eq!(u64::from(week(u32::MAX)), (u64::from(u32::MAX) + 3) / 7);
		assert!(weekday(u32::MAX) < 7);
		assert_eq!(week_start(u32::MAX, u64::MAX), u64::MAX);
	}

	proptest! {
		#[test]
		fn week_and_weekday_number_the_days(any_day in any::<u32>()) {
			let exact = u64::from(any_day) + 3;
			prop_assert_eq!(u64::from(week(any_day)), exact / 7);
			prop_assert_eq!(u64::from(weekday(any_day)), exact % 7);
		}

		#[test]
		fn time_lies_within_its_week(length in 1..=CIVIL_DAY_MS * 7, now in 0..1u64 << 50) {
			let number = week(day(now, length));
			prop_assume!(number < u32::MAX / 8);
			prop_assert!(week_start(number, length) <= now && now < week_start(number + 1, length));
		}

		#[test]
		fn time_lies_within_its_day(length in 1..=CIVIL_DAY_MS * 7, share in any::<u32>()) {
			let now = u64::from(share) * length / 2 + u64::from(share) % length;
			let number = u64::from(day(now, length));
			prop_assert!(number * length <= now && now < (number + 1) * length);
		}
	}
}
