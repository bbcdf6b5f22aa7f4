//! A set of 4,096 numbers, in which the next one is found at once.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// So many numbers there are.
pub const SIZE: u32 = WORD * WORD;

const WORD: u32 = 64;

/// Numbers below 4,096.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Bits {
	/// Which words are not zero.
	summary: u64,
	words: [u64; WORD as usize],
}

impl Default for Bits {
	fn default() -> Self {
		Self { summary: 0, words: [0; WORD as usize] }
	}
}

impl Bits {
	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.summary == 0
	}

	/// Whether `number` is one of them.
	pub fn contains(&self, number: u32) -> bool {
		self.word(number / WORD) & bit(number % WORD) != 0
	}

	/// Adds a number. One that is too large is left out.
	pub fn insert(&mut self, number: u32) {
		if let Some(word) = self.word_mut(number) {
			*word |= bit(number % WORD);
			self.summary |= bit(number / WORD);
		}
	}

	/// Takes a number out.
	pub fn remove(&mut self, number: u32) {
		if let Some(word) = self.word_mut(number) {
			*word &= !bit(number % WORD);
			if *word == 0 {
				self.summary &= !bit(number / WORD);
			}
		}
	}

	/// The lowest number.
	pub fn first(&self) -> Option<u32> {
		let word = lowest(self.summary)?;
		Some(word * WORD + lowest(self.word(word))?)
	}

	/// The highest number.
	pub fn last(&self) -> Option<u32> {
		let word = highest(self.summary)?;
		Some(word * WORD + highest(self.word(word))?)
	}

	/// The lowest number above `number`.
	pub fn after(&self, number: u32) -> Option<u32> {
		let (word, within) = (number / WORD, number % WORD);
		if let Some(found) = lowest(self.word(word) & above(within)) {
			return Some(word * WORD + found);
		}
		let word = lowest(self.summary & above(word))?;
		Some(word * WORD + lowest(self.word(word))?)
	}

	/// The highest number below `number`.
	pub fn before(&self, number: u32) -> Option<u32> {
		let (word, within) = (number / WORD, number % WORD);
		if let Some(found) = highest(self.word(word) & below(within)) {
			return Some(word * WORD + found);
		}
		let word = highest(self.summary & below(word))?;
		Some(word * WORD + highest(self.word(word))?)
	}

	fn word(&self, index: u32) -> u64 {
		self.words.get(index as usize).copied().unwrap_or_default()
	}

	fn word_mut(&mut self, number: u32) -> Option<&mut u64> {
		self.words.get_mut((number / WORD) as usize)
	}
}

/// The bit of a place in a word; none beyond it.
fn bit(place: u32) -> u64 {
	1u64.checked_shl(place).unwrap_or_default()
}

/// The bits below a place.
fn below(place: u32) -> u64 {
	bit(place).wrapping_sub(1)
}

/// The bits above a place.
fn above(place: u32) -> u64 {
	!(below(place) | bit(place))
}

fn lowest(word: u64) -> Option<u32> {
	(word != 0).then(|| word.trailing_zeros())
}

fn highest(word: u64) -> Option<u32> {
	word.checked_ilog2()
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::{collection::btree_set, prelude::*};
	use std::collections::BTreeSet;

	proptest! {
		#[test]
		fn it_is_a_set(
			numbers in btree_set(0..SIZE, 0..80),
			gone in btree_set(0..SIZE, 0..20),
			at in 0..SIZE,
		) {
			let mut bits = Bits::default();
			for number in numbers.iter().chain(&gone) {
				bits.insert(*number);
			}
			for number in &gone {
				bits.remove(*number);
			}
			let set: BTreeSet<_> = numbers.difference(&gone).copied().collect();
			prop_assert_eq!(bits.is_empty(), set.is_empty());
			prop_assert_eq!(bits.contains(at), set.contains(&at));
			prop_assert_eq!(bits.first(), set.first().copied());
			prop_assert_eq!(bits.last(), set.last().copied());
			prop_assert_eq!(bits.after(at), set.range(at + 1..).next().copied());
			prop_assert_eq!(bits.before(at), set.range(..at).next_back().copied());
		}
	}

	#[test]
	fn its_ends() {
		let mut bits = Bits::default();
		for number in [0, 63, 64, SIZE - 1] {
			bits.insert(number);
		}
		bits.insert(SIZE);
		assert!(!bits.contains(SIZE));
		assert_eq!((bits.first(), bits.last()), (Some(0), Some(SIZE - 1)));
		assert_eq!(
			(bits.after(0), bits.after(63), bits.after(64)),
			(Some(63), Some(64), Some(SIZE - 1))
		);
		assert_eq!(
			(bits.before(SIZE - 1), bits.before(0), bits.after(SIZE - 1)),
			(Some(64), None, None)
		);
	}
}
