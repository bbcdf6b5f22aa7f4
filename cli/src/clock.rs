//! Moments as people write them.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use lx_primitives::units::Moment;
use time::{format_description::well_known::Rfc3339, OffsetDateTime};

use crate::advice::advise;

/// A day, in ms.
const DAY: Moment = 24 * 60 * 60 * 1_000;

/// The longest time that a key is made for: beyond 100 years it is a slip.
const LONGEST: Moment = 36_525 * DAY;

/// The time on this machine, in ms since 1970.
pub fn now() -> Moment {
	let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
	milliseconds(since)
}

fn milliseconds(duration: Duration) -> Moment {
	Moment::try_from(duration.as_millis()).unwrap_or(Moment::MAX)
}

/// Reads a moment after `now`: `30d`, `12h`, `45m`, or a date such as `2027-01-31T00:00:00Z`.
pub fn parse_expiry(text: &str, now: Moment) -> Result<Moment> {
	let moment = match parse_span(text) {
		Some(span) => now.checked_add(span),
		None => parse_date(text),
	};
	let moment = moment.ok_or_else(|| {
		advise(
			format!("`{text}` cannot be read as a time"),
			"write a span as 30d, 12h or 45m, or a date with its time and zone, such as \
			 2027-01-31T00:00:00Z or 2027-01-31T09:30:00+01:00",
		)
	})?;
	if moment > now.saturating_add(LONGEST) {
		return Err(advise(
			format!("`{text}` is more than 100 years from now"),
			"write an earlier time, or none for a key that works until it is revoked",
		));
	}
	if moment > now {
		return Ok(moment);
	}
	Err(advise(
		format!("`{text}` is not later than now, {}", show(now)),
		format!("write a later time, such as {} or 30d", show(now.saturating_add(30 * DAY))),
	))
}

fn parse_span(text: &str) -> Option<Moment> {
	let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
	let length: Moment = match unit {
		"d" => DAY,
		"h" => DAY / 24,
		"m" => DAY / 24 / 60,
		_ => return None,
	};
	if !count.bytes().all(|byte| byte.is_ascii_digit()) {
		return None;
	}
	count.parse::<Moment>().ok()?.checked_mul(length)
}

fn parse_date(text: &str) -> Option<Moment> {
	let nanoseconds = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
	// What was before 1970 is as long over as 1970.
	Some(Moment::try_from(nanoseconds / 1_000_000).unwrap_or_default())
}

/// A moment as a date, to the second.
pub fn show(moment: Moment) -> String {
	let seconds = i64::try_from(moment / 1_000).ok();
	let date = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
	let text = date.and_then(|date| date.format(&Rfc3339).ok());
	text.unwrap_or_else(|| format!("{moment} ms after 1970"))
}

#[cfg(test)]
mod tests {
	use super::*;

	const NOW: Moment = 1_800_000_000_000;

	#[test]
	fn spans_and_dates_are_read() {
		assert_eq!(parse_expiry("45m", NOW).unwrap(), NOW + 2_700_000);
		assert_eq!(parse_expiry("12h", NOW).unwrap(), NOW + 43_200_000);
		assert_eq!(parse_expiry("30d", NOW).unwrap(), NOW + 2_592_000_000);
		assert_eq!(parse_expiry("2027-01-31T00:00:00Z", NOW).unwrap(), 1_801_353_600_000);
	}

	#[test]
	fn what_is_no_time_is_refused_with_how_to_write_one() {
		for text in [
			"",
			"d",
			"-1d",
			"+1d",
			"1.5h",
			"1w",
			"20d0",
			"é",
			"99999999999999999999d",
			"tomorrow",
			"2027-01-31",
			"2027-01-31T00:00:00",
			"2027-02-30T00:00:00Z",
		] {
			let error = parse_expiry(text, NOW).unwrap_err().to_string();
			assert!(error.contains(&format!("`{text}` cannot be read as a time")), "{error}");
			assert!(error.contains("2027-01-31T00:00:00Z"), "{error}");
		}
	}

	#[test]
	fn a_time_that_is_over_is_refused_with_what_time_it_is() {
		let now = show(NOW);
		for text in ["0d", "2001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", &now] {
			let error = parse_expiry(text, NOW).unwrap_err().to_string();
			assert!(error.contains(&format!("`{text}` is not later than now, {now}")), "{error}");
			assert!(error.contains(&show(NOW + 30 * DAY)), "{error}");
		}
		assert_eq!(parse_expiry("1m", NOW).unwrap(), NOW + 60_000);
	}

	#[test]
	fn a_time_beyond_a_hundred_years_is_refused() {
		assert_eq!(parse_expiry("36525d", NOW).unwrap(), NOW + LONGEST);
		for text in ["36526d", "99999999d", "9999-12-31T23:59:59Z"] {
			let error = parse_expiry(text, NOW).unwrap_err().to_string();
			assert!(error.contains(&format!("`{text}` is more than 100 years")), "{error}");
		}
	}

	#[test]
	fn moments_are_shown_as_dates() {
		assert_eq!(show(1_801_353_600_999), "2027-01-31T00:00:00Z");
		assert!(show(Moment::MAX).contains("ms"));
	}
}
