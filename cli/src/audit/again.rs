//! Batches that are looked at again.

use std::{collections::VecDeque, time::Instant};

/// Batches to look at again, the one that has waited longest first.
#[derive(Debug, Default)]
pub struct Again {
	waiting: VecDeque<u64>,
	/// None is looked at before.
	from: Option<Instant>,
}

impl Again {
	/// Notes a batch, if it is not there already.
	pub fn add(&mut self, sequence: u64) {
		if !self.waiting.contains(&sequence) {
			self.waiting.push_back(sequence);
		}
	}

	/// Takes out the next one, if it is time for it.
	pub fn take(&mut self, now: Instant) -> Option<u64> {
		match self.from {
			Some(from) if now < from => None,
			_ => self.waiting.pop_front(),
		}
	}

	/// Puts back one that is still hidden after a look that began at `began`. None is looked at for
	/// twice as long as that look took, since a relay may let each take as long as it can.
	pub fn put_back(&mut self, sequence: u64, began: Instant, now: Instant) {
		self.add(sequence);
		let took = now.saturating_duration_since(began);
		self.from = now.checked_add(took.saturating_mul(2));
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::time::Duration;

	#[test]
	fn each_is_taken_in_turn_and_there_once() {
		let (mut again, now) = (Again::default(), Instant::now());
		for sequence in [3, 5, 3] {
			again.add(sequence);
		}
		assert_eq!(again.take(now), Some(3));
		again.put_back(3, now, now);
		assert_eq!([again.take(now), again.take(now), again.take(now)], [Some(5), Some(3), None]);
	}

	#[test]
	fn a_relay_that_lets_one_wait_is_let_alone_for_a_while() {
		let (mut again, began) = (Again::default(), Instant::now());
		let after = |seconds| began + Duration::from_secs(seconds);
		again.put_back(3, began, after(20));
		assert_eq!(again.take(after(59)), None);
		assert_eq!(again.take(after(60)), Some(3));
	}
}
