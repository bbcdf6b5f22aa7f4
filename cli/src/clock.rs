//! Moments as people write them.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use lx_primitives::units::Moment;
use time::{format_description::well_known::Rfc3339, OffsetDateTime};

use crate::advice::advise;

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
	let wrong = || {
		advise(
			format!("{text} is not a time to come"),
			"write 30d, 12h, 45m, or a date such as 2027-01-31T00:00:00Z",
		)
	};
	let moment = match parse_span(text) {
		Some(span) => now.checked_add(span),
		None => parse_date(text),
	};
	moment.filter(|moment| *moment > now).ok_or_else(wrong)
}

fn parse_span(text: &str) -> Option<Moment> {
	let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
	let seconds: Moment = match unit {
		"d" => 86_400,
		"h" => 3_600,
		"m" => 60,
		_ => return None,
	};
	if !count.bytes().all(|byte| byte.is_ascii_digit()) {
		return None;
	}
	count.parse::<Moment>().ok()?.checked_mul(seconds * 1_000)
}

fn parse_date(text: &str) -> Option<Moment> {
	let nanoseconds = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
	Moment::try_from(nanoseconds / 1_000_000).ok()
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
	fn what_is_not_a_time_to_come_is_refused() {
		let wrong =
			["", "d", "0d", "-1d", "+1d", "1.5h", "1w", "20d0", "é", "99999999999999999999d"];
		for text in wrong {
			assert!(parse_expiry(text, NOW).is_err(), "{text:?} was read");
		}
		assert!(parse_expiry("2001-01-01T00:00:00Z", NOW).is_err());
	}

	#[test]
	fn moments_are_shown_as_dates() {
		assert_eq!(show(1_801_353_600_999), "2027-01-31T00:00:00Z");
		assert!(show(Moment::MAX).contains("ms"));
	}
}
