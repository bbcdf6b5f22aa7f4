//! How often accounts call: so many times a minute, all of them at once or spread over it.

use std::{
	collections::HashMap,
	sync::{Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};

use axum::http::{header::HeaderName, HeaderMap, HeaderValue};
use sp_core::crypto::AccountId32;

/// How many calls an account may make a minute.
pub const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit-requests");

/// How many of them it may make now.
pub const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining-requests");

/// How long it takes until it may make all of them again.
pub const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset-requests");

const MINUTE: Duration = Duration::from_secs(60);

/// With how many accounts those are forgotten that have not called for a while.
const MANY: usize = 4_096;

/// The calls of all accounts.
///
/// Of each, only the moment is kept at which it would have all its calls again: each call moves that
/// on by an even part of a minute, and it is never more than a minute ahead.
pub struct Paces {
	start: Instant,
	recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
	/// When each account has all its calls again, counted from the start.
	full_at: HashMap<AccountId32, Duration>,
	/// With how many accounts to look for those that can be forgotten.
	tidy_at: usize,
}

/// What an account has of its calls, after one more was counted or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
	/// How many calls it may make a minute.
	pub limit: u32,
	/// How many of them it may make now.
	pub remaining: u32,
	/// How long it takes until it may make all of them again.
	pub reset: Duration,
	/// How long it has to wait for the next one, if this one was refused.
	pub wait: Option<Duration>,
}

impl Default for Paces {
	fn default() -> Self {
		Self { start: Instant::now(), recent: Mutex::default() }
	}
}

impl Paces {
	/// Counts a call of `account`, which may make so many a minute.
	pub fn count(&self, account: &AccountId32, per_minute: u32) -> Pace {
		self.count_at(account, per_minute, self.start.elapsed())
	}

	fn count_at(&self, account: &AccountId32, per_minute: u32, now: Duration) -> Pace {
		let part = MINUTE / per_minute.max(1);
		let mut recent = self.lock();
		let before = recent.full_at.get(account).map_or(now, |full_at| now.max(*full_at));
		let after = before.saturating_add(part);
		let ahead = after.saturating_sub(now);
		let pace = |full_at: Duration, wait| {
			let reset = full_at.saturating_sub(now);
			let left = MINUTE.saturating_sub(reset).as_nanos() / part.as_nanos().max(1);
			let remaining = u32::try_from(left).unwrap_or(u32::MAX).min(per_minute);
			Pace { limit: per_minute, remaining, reset, wait }
		};
		if ahead > MINUTE {
			return pace(before, Some(ahead.saturating_sub(MINUTE)));
		}
		recent.full_at.insert(account.clone(), after);
		recent.tidy(now);
		pace(after, None)
	}

	/// What is behind the lock is valid at every moment.
	fn lock(&self) -> MutexGuard<'_, Recent> {
		self.recent.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl Recent {
	/// Forgets the accounts that have all their calls, once there are many.
	fn tidy(&mut self, now: Duration) {
		if self.full_at.len() >= self.tidy_at.max(MANY) {
			self.full_at.retain(|_, full_at| *full_at > now);
			self.tidy_at = self.full_at.len().saturating_mul(2);
		}
	}
}

impl Pace {
	/// Puts it into a response's headers, as OpenAI does.
	pub fn tell(&self, headers: &mut HeaderMap) {
		headers.insert(LIMIT, self.limit.into());
		headers.insert(REMAINING, self.remaining.into());
		if let Ok(reset) = HeaderValue::from_str(&spell(self.reset)) {
			headers.insert(RESET, reset);
		}
	}
}

/// A time as OpenAI writes it, such as `1m0s` or `20ms`. Rounded up.
pub fn spell(time: Duration) -> String {
	let millis = time.as_nanos().div_ceil(1_000_000);
	if millis < 1_000 {
		return format!("{millis}ms");
	}
	let seconds = millis.div_ceil(1_000);
	match (seconds / 60, seconds % 60) {
		(0, seconds) => format!("{seconds}s"),
		(minutes, seconds) => format!("{minutes}m{seconds}s"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: AccountId32 = AccountId32::new([1; 32]);
	const BOB: AccountId32 = AccountId32::new([2; 32]);

	fn seconds(seconds: u64) -> Duration {
		Duration::from_secs(seconds)
	}

	#[test]
	fn a_minutes_calls_may_come_at_once_and_the_next_one_waits_for_its_part() {
		let paces = Paces::default();
		for remaining in [2, 1, 0] {
			let pace = paces.count_at(&ALICE, 3, Duration::ZERO);
			let reset = seconds(20 * (3 - u64::from(remaining)));
			assert_eq!(pace, Pace { limit: 3, remaining, reset, wait: None });
		}
		let refused = |wait| Pace {
			limit: 3,
			remaining: 0,
			reset: seconds(40 + wait),
			wait: Some(seconds(wait)),
		};
		assert_eq!(paces.count_at(&ALICE, 3, Duration::ZERO), refused(20));
		// One that was refused does not count.
		assert_eq!(paces.count_at(&ALICE, 3, seconds(13)), refused(7));
		let pace = paces.count_at(&ALICE, 3, seconds(20));
		assert_eq!((pace.remaining, pace.wait), (0, None));
		assert_eq!(paces.count_at(&BOB, 3, seconds(20)).remaining, 2);
	}

	#[test]
	fn after_a_minute_without_calls_there_are_all_again() {
		let paces = Paces::default();
		for _ in 0..3 {
			paces.count_at(&ALICE, 3, Duration::ZERO);
		}
		assert_eq!(paces.count_at(&ALICE, 3, seconds(60)).remaining, 2);
	}

	#[test]
	fn who_gets_a_higher_limit_may_go_on() {
		let paces = Paces::default();
		for _ in 0..2 {
			paces.count_at(&ALICE, 2, Duration::ZERO);
		}
		assert!(paces.count_at(&ALICE, 2, seconds(10)).wait.is_some());
		let pace = paces.count_at(&ALICE, 60, seconds(10));
		assert_eq!((pace.wait, pace.remaining), (None, 9));
	}

	#[test]
	fn the_dearest_pace_is_counted_too() {
		let paces = Paces::default();
		assert_eq!(paces.count_at(&ALICE, u32::MAX, Duration::ZERO).wait, None);
		let once = paces.count_at(&BOB, 1, Duration::ZERO);
		assert_eq!((once.remaining, once.wait), (0, None));
		assert_eq!(paces.count_at(&BOB, 1, seconds(59)).wait, Some(seconds(1)));
	}

	#[test]
	fn accounts_that_have_not_called_for_a_minute_are_forgotten() {
		let paces = Paces::default();
		let account = |number: usize| {
			let mut id = [0; 32];
			id[..8].copy_from_slice(&(number as u64).to_be_bytes());
			AccountId32::new(id)
		};
		for number in 0..MANY - 1 {
			paces.count_at(&account(number), 1, Duration::ZERO);
		}
		assert_eq!(paces.lock().full_at.len(), MANY - 1);
		paces.count_at(&account(MANY), 1, seconds(61));
		assert_eq!(paces.lock().full_at.len(), 1);
	}

	#[test]
	fn times_are_written_as_openai_writes_them() {
		let spelled = [0, 20, 999, 1_000, 1_001, 60_000, 61_500]
			.map(|millis| spell(Duration::from_millis(millis)));
		assert_eq!(spelled, ["0ms", "20ms", "999ms", "1s", "2s", "1m0s", "1m2s"]);
		assert_eq!(spell(Duration::from_nanos(1)), "1ms");
	}
}
