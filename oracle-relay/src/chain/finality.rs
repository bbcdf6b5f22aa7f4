//! Whether the chain goes on finalising blocks.
//!
//! What is read at an old block no longer holds: meanwhile an account may have taken its money out, or
//! revoked its keys, in blocks that are not final yet.

use std::time::{Duration, Instant};

use lx_primitives::Moment;
use sp_core::H256;

use super::ChainError;

/// The last finalised block, and since when it is that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finalised {
	hash: H256,
	/// The block's own time.
	time: Moment,
	/// When it was seen first to be the last.
	since: Instant,
}

impl Finalised {
	/// What is known when the node names this block as the last one, after `before`. A block that is
	/// named once more, as over every new connection, is none the younger for it.
	pub(super) fn named(hash: H256, time: Moment, before: Option<Self>) -> Self {
		match before {
			Some(same) if same.hash == hash => same,
			_ => Self { hash, time, since: Instant::now() },
		}
	}

	/// Refuses a block that is older than `most`, by its own time at `now`, or since it is the last
	/// one: the clock here may be behind.
	pub(super) fn check(&self, most: Duration, now: Moment) -> Result<(), ChainError> {
		let age = Duration::from_millis(now.saturating_sub(self.time));
		if age.max(self.since.elapsed()) <= most {
			return Ok(());
		}
		// Without the age itself, since whoever tries on and on says it once.
		Err(ChainError::Unreachable(format!(
			"the last finalised block is older than {} s; finality stands still, the node lags \
			 behind, or the clock here is ahead",
			most.as_secs()
		)))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const MOST: Duration = Duration::from_secs(60);
	const TIME: Moment = 1_767_571_200_000;

	fn block(number: u64) -> H256 {
		H256::from_low_u64_be(number)
	}

	#[test]
	fn a_block_is_as_old_as_its_own_time_says() {
		let head = Finalised::named(block(1), TIME, None);
		for now in [TIME, TIME + 60_000] {
			assert!(head.check(MOST, now).is_ok());
		}
		for now in [TIME + 60_001, TIME + 3_600_000] {
			let error = head.check(MOST, now).unwrap_err().to_string();
			assert!(error.contains("older than 60 s"), "{error}");
		}
		assert!(head.check(MOST, TIME - 1).is_ok(), "the author's clock may be ahead");
	}

	#[test]
	fn a_block_that_is_named_again_is_none_the_younger() {
		let head = Finalised::named(block(1), TIME, None);
		std::thread::sleep(Duration::from_millis(20));
		let over_a_new_connection = Finalised::named(block(1), TIME, Some(head));
		assert_eq!(over_a_new_connection, head);
		let short = Duration::from_millis(10);
		assert!(over_a_new_connection.check(short, TIME).is_err(), "whatever the clock says");
		let next = Finalised::named(block(2), TIME, Some(head));
		assert!(next.check(MOST, TIME).is_ok() && next.since > head.since);
	}
}
