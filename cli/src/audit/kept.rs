//! Batches that a relay has shown, kept for proofs that need them when it hides them.

use std::{collections::BTreeMap, sync::Arc};

use super::Shown;

/// The most calls and lines that are kept, which take some 300 MB: sixteen of the largest batches. A
/// proof needs every call of the repeated one's line, and nobody knows which call a relay will repeat,
/// so there is nothing less to keep. A relay that wants one forgotten must first post as many others.
const MOST: usize = 1 << 20;

/// Batches that a relay has shown.
#[derive(Debug)]
pub struct Kept {
	most: usize,
	size: usize,
	/// Each with the number of its calls that can be proven.
	batches: BTreeMap<u64, (usize, Arc<Shown>)>,
}

impl Default for Kept {
	fn default() -> Self {
		Self::with_room(MOST)
	}
}

impl Kept {
	/// Room for so many calls and lines.
	pub fn with_room(most: usize) -> Self {
		Self { most, size: 0, batches: BTreeMap::new() }
	}

	/// Keeps a batch, and lets the oldest go for it. What the relay shows of one later does not replace
	/// what proves more.
	pub fn add(&mut self, shown: Arc<Shown>) {
		let (sequence, provable) = (shown.header.sequence, shown.sound_calls().count());
		if self.batches.get(&sequence).is_some_and(|(known, _)| *known >= provable) {
			return;
		}
		self.size = self.size.saturating_add(size(&shown));
		let replaced = self.batches.insert(sequence, (provable, shown));
		self.release(replaced);
		while self.size > self.most {
			let oldest = self.batches.pop_first().map(|(_, batch)| batch);
			self.release(oldest);
		}
	}

	/// A batch, if it is kept.
	pub fn get(&self, sequence: u64) -> Option<Arc<Shown>> {
		self.batches.get(&sequence).map(|(_, shown)| shown.clone())
	}

	fn release(&mut self, batch: Option<(usize, Arc<Shown>)>) {
		let freed = batch.map_or(0, |(_, shown)| size(&shown));
		self.size = self.size.saturating_sub(freed);
	}
}

fn size(shown: &Shown) -> usize {
	shown.calls.iter().map(Vec::len).fold(shown.lines.len(), usize::saturating_add)
}
