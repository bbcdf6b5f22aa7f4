//! What is stored beside books and receipts, and what is told.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use lx_matching::Tick;
use lx_math::buyback::{follow, SCALE};
use lx_primitives::{buyback::Receipt, Moment};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// The most receipts of one answer.
pub const MAX_RECEIPTS: u32 = 100;

/// A Friday's buyback under way.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Round {
	/// The Friday.
	pub day: u32,
	/// How many slices are to come.
	pub slices: u32,
	/// The week's receipt, as far as it is written.
	pub receipt: Receipt,
}

/// An average of a price.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Average {
	/// The average, in units of which a tick has [`SCALE`].
	pub price: u64,
	/// Since when the price was watched.
	pub since: Moment,
}

/// A market's price, as it was watched block by block.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Watch {
	/// When it was looked at last.
	pub seen_at: Moment,
	/// Its average, once there has been a price.
	pub average: Option<Average>,
}

impl Watch {
	/// Takes note of the price that has stood since the last look: for how long that was.
	pub(crate) fn look(&mut self, price: Option<Tick>, now: Moment, window: Moment) -> Moment {
		let before = core::mem::replace(&mut self.seen_at, now);
		let elapsed = now.saturating_sub(before);
		if let Some(tick) = price {
			let price = u64::from(tick).saturating_mul(SCALE);
			self.average = Some(match self.average {
				None => Average { price, since: now },
				Some(average) => {
					let age = before.saturating_sub(average.since);
					let price = follow(average.price, price, elapsed, age, window);
					Average { price, ..average }
				},
			});
		}
		elapsed
	}

	/// The average, if the price was watched for a whole window: one that is known for a moment is
	/// somebody's word.
	pub(crate) fn settled(&self, window: Moment) -> Option<u64> {
		let Average { price, since } = self.average?;
		(self.seen_at.saturating_sub(since) >= window).then_some(price)
	}
}

/// Why a slice has bought nothing.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Skip {
	/// Nothing has been traded for long enough that there is an average price.
	#[codec(index = 0)]
	NoAverage,
	/// Nobody sells.
	#[codec(index = 1)]
	NothingOffered,
	/// The price has run away: the lowest one that is asked is more than may be paid.
	#[codec(index = 2)]
	TooDear {
		/// What is asked, in ticks.
		asked: Tick,
		/// The highest price that may be paid, in ticks.
		highest: Tick,
	},
	/// The market has refused the order, or what it brought could not be burned.
	#[codec(index = 3)]
	Failed(DispatchError),
}

#[cfg(test)]
mod tests {
	use super::*;

	const WINDOW: Moment = 100;

	fn average_of(watch: &Watch) -> Option<(u64, Moment)> {
		watch.average.map(|average| (average.price / SCALE, average.since))
	}

	#[test]
	fn the_first_price_is_the_average_and_the_next_ones_move_it() {
		let mut watch = Watch::default();
		assert_eq!(watch.look(None, 1_000, WINDOW), 1_000);
		assert_eq!(average_of(&watch), None);
		assert_eq!(watch.look(Some(25), 1_050, WINDOW), 50);
		assert_eq!(average_of(&watch), Some((25, 1_050)));
		// Nobody knows how long the first one has stood.
		assert_eq!(watch.look(Some(20), 1_100, WINDOW), 50);
		assert_eq!(average_of(&watch), Some((20, 1_050)));
		assert_eq!(watch.look(Some(40), 1_150, WINDOW), 50);
		assert_eq!(average_of(&watch), Some((30, 1_050)));
		assert_eq!(watch.look(Some(10), 1_250, WINDOW), 100);
		assert_eq!(average_of(&watch), Some((20, 1_050)));
		assert_eq!(watch.look(None, 1_260, WINDOW), 10);
		assert_eq!(average_of(&watch), Some((20, 1_050)));
	}

	#[test]
	fn a_price_that_nobody_else_had_a_say_in_counts_for_twice_the_average() {
		let mut watch = Watch::default();
		for moment in [1_000, 1_050, 1_100] {
			watch.look(Some(20), moment, WINDOW);
		}
		watch.look(Some(Tick::MAX), 1_200, WINDOW);
		assert_eq!(average_of(&watch), Some((30, 1_000)));
		watch.look(Some(Tick::MAX), 1_201, WINDOW);
		assert_eq!(average_of(&watch), Some((30, 1_000)));
	}

	#[test]
	fn an_average_counts_after_a_whole_window() {
		let mut watch = Watch::default();
		assert_eq!(watch.settled(WINDOW), None);
		watch.look(Some(20), 1_000, WINDOW);
		assert_eq!(watch.settled(WINDOW), None);
		watch.look(Some(20), 1_099, WINDOW);
		assert_eq!(watch.settled(WINDOW), None);
		watch.look(Some(20), 1_100, WINDOW);
		assert_eq!(watch.settled(WINDOW), Some(20 * SCALE));
	}

	#[test]
	fn a_clock_that_stands_still_moves_nothing() {
		let mut watch = Watch::default();
		watch.look(Some(20), 1_000, WINDOW);
		assert_eq!(watch.look(Some(40), 1_000, WINDOW), 0);
		assert_eq!(average_of(&watch), Some((20, 1_000)));
	}
}
