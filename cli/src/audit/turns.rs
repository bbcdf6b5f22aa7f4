//! Which batch is looked at when: new ones in order, and some of them again.

use std::{collections::VecDeque, ops::Range, time::Instant};

/// Batches to look at.
#[derive(Debug)]
pub struct Turns {
	/// Those that are new.
	new: Range<u64>,
	/// Those to look at again, the one that has waited longest first.
	waiting: VecDeque<u64>,
	/// None is looked at again before.
	from: Option<Instant>,
}

impl Turns {
	/// All batches before `end` are new.
	pub fn before(end: u64) -> Self {
		Self { new: 0..end, waiting: VecDeque::new(), from: None }
	}

	/// The next new one of the batches that the chain remembers, which are in order. Whatever comes of
	/// the look at it, it is new no more, so that it does not hold up those after it.
	pub fn next_new(&mut self, remembered: &[u64]) -> Option<u64> {
		let known = remembered.partition_point(|sequence| *sequence < self.new.start);
		let next = *remembered.get(known).filter(|sequence| self.new.contains(sequence))?;
		self.new.start = next.saturating_add(1);
		Some(next)
	}

	/// Notes a batch to look at again, if it is not noted already.
	pub fn add(&mut self, sequence: u64) {
		if !self.waiting.contains(&sequence) {
			self.waiting.push_back(sequence);
		}
	}

	/// Takes out the next one to look at again, if it is time for it.
	pub fn take(&mut self, now: Instant) -> Option<u64> {
		match self.from {
			Some(from) if now < from => None,
			_ => self.waiting.pop_front(),
		}
	}

	/// Puts back one of which a look that began at `began` has not found enough. None is looked at again
	/// for twice as long as that look took, since a relay may let each take as long as it can.
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
	fn new_ones_come_in_order_and_once_whatever_comes_of_them() {
		let mut turns = Turns::before(9);
		assert_eq!(turns.next_new(&[3, 5]), Some(3));
		// The look at it fails, and nothing more is heard of it here.
		assert_eq!(turns.next_new(&[3, 5, 8, 9]), Some(5));
		assert_eq!(turns.next_new(&[8, 9]), Some(8));
		assert_eq!(turns.next_new(&[8, 9, 10]), None);
		assert_eq!(turns.next_new(&[]), None);
	}

	#[test]
	fn each_is_taken_again_in_turn_and_there_once() {
		let (mut turns, now) = (Turns::before(9), Instant::now());
		for sequence in [3, 5, 3] {
			turns.add(sequence);
		}
		assert_eq!(turns.take(now), Some(3));
		turns.put_back(3, now, now);
		assert_eq!([turns.take(now), turns.take(now), turns.take(now)], [Some(5), Some(3), None]);
	}

	#[test]
	fn a_relay_that_lets_one_wait_is_let_alone_for_a_while_and_new_ones_are_not() {
		let (mut turns, began) = (Turns::before(9), Instant::now());
		let after = |seconds| began + Duration::from_secs(seconds);
		turns.put_back(3, began, after(20));
		assert_eq!(turns.take(after(59)), None);
		assert_eq!(turns.next_new(&[4]), Some(4));
		assert_eq!(turns.take(after(60)), Some(3));
	}
}
