//! What a market knows of its prices and of the triggers that wait for them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use lx_matching::{Side, Tick};
use scale_info::TypeInfo;

use super::{TriggerId, When, BEGUN};
use crate::{Market, MarketStatus};

/// The triggers that wait for the price to fall, or those that wait for it to rise.
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
pub struct Flank {
	/// The price that is met first of those that are waited for.
	pub first: Option<Tick>,
	/// How far the price has gone; nothing while no trigger is to fire.
	pub reached: Option<Tick>,
}

impl Flank {
	/// The price of the triggers that fire next.
	pub(crate) fn due(&self, side: Side) -> Option<Tick> {
		let (first, reached) = (self.awaited(side)?, self.reached?);
		side.crosses(first, reached).then_some(first)
	}

	/// The price that is met first. Where those stand that have begun, nobody waits for it.
	fn awaited(&self, side: Side) -> Option<Tick> {
		self.first.filter(|first| (side, *first) != BEGUN)
	}

	/// Takes note of a price if a trigger waits for it. Nothing is left of others, so that they do not
	/// fire a trigger that is set later.
	fn reach(&mut self, side: Side, price: Tick) {
		if self.awaited(side).is_some_and(|first| side.crosses(first, price)) {
			let before = self.reached.unwrap_or(price);
			self.reached = Some(match side {
				Side::Bid => before.min(price),
				Side::Ask => before.max(price),
			});
		}
	}
}

/// The triggers of a market.
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
	/// The last id that one was given, or its place.
	pub last_id: TriggerId,
	/// Those that wait for the price to fall.
	pub falling: Flank,
	/// Those that wait for it to rise.
	pub rising: Flank,
	/// The price before the trades that met those that are to fire.
	pub from: Tick,
	/// How many have begun, and go on when no other is to fire.
	pub begun: u32,
}

impl Watch {
	pub(crate) fn flank(&self, side: Side) -> &Flank {
		match side {
			Side::Bid => &self.falling,
			Side::Ask => &self.rising,
		}
	}

	pub(crate) fn flank_mut(&mut self, side: Side) -> &mut Flank {
		match side {
			Side::Bid => &mut self.falling,
			Side::Ask => &mut self.rising,
		}
	}

	/// Whether a trigger would not have to wait. What was reached counts until all have fired that it
	/// met: it could not be told whether one came before or after it.
	pub(crate) fn is_met(&self, when: When, last: Option<Tick>) -> bool {
		let (side, tick) = when.split();
		let reached = self.flank(side).reached;
		[last, reached].into_iter().flatten().any(|price| side.crosses(tick, price))
	}

	/// Where the triggers stand that fire next: those that have begun come last.
	pub(crate) fn due(&self) -> Option<(Side, Tick)> {
		self.met().or((self.begun > 0).then_some(BEGUN))
	}

	/// The side and the price of those that were met, the nearest to the old price.
	fn met(&self) -> Option<(Side, Tick)> {
		let due = |side: Side| Some((side, self.flank(side).due(side)?));
		match (due(Side::Bid), due(Side::Ask)) {
			(Some(below), Some(above)) => {
				let is_nearer = self.from.abs_diff(below.1) <= self.from.abs_diff(above.1);
				Some(if is_nearer { below } else { above })
			},
			(below, above) => below.or(above),
		}
	}

	/// Forgets what was reached on a side once all have fired that it met.
	pub(crate) fn tidy(&mut self, side: Side) {
		let flank = self.flank_mut(side);
		if flank.due(side).is_none() {
			flank.reached = None;
		}
	}
}

/// The prices of several trades, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prices {
	low: Tick,
	high: Tick,
	last: Tick,
}

impl Prices {
	/// Those of one more trade too.
	pub(crate) fn and(before: Option<Self>, tick: Tick) -> Self {
		let Self { low, high, .. } = before.unwrap_or(Self { low: tick, high: tick, last: tick });
		Self { low: low.min(tick), high: high.max(tick), last: tick }
	}
}

impl Market {
	/// Whether a trigger is to fire now. While not everything may be done they all stay.
	pub(crate) fn is_due(&self) -> bool {
		self.status == MarketStatus::Active && self.watch.due().is_some()
	}

	/// Takes note of trades, the extremes among them: a price that was touched and left counts.
	pub(crate) fn note(&mut self, Prices { low, high, last }: Prices) {
		if self.watch.met().is_none() {
			self.watch.from = self.last.unwrap_or(last);
		}
		self.watch.falling.reach(Side::Bid, low);
		self.watch.rising.reach(Side::Ask, high);
		self.last = Some(last);
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn prices(ticks: &[Tick]) -> Prices {
		ticks.iter().fold(None, |before, tick| Some(Prices::and(before, *tick))).unwrap()
	}

	fn watch(below: Tick, above: Tick) -> Watch {
		let flank = |tick| Flank { first: Some(tick), reached: None };
		Watch { falling: flank(below), rising: flank(above), ..Watch::default() }
	}

	#[test]
	fn extremes_are_kept_and_the_last_one_counts() {
		let Prices { low, high, last } = prices(&[20, 10, 30, 25]);
		assert_eq!((low, high, last), (10, 30, 25));
	}

	#[test]
	fn a_price_that_nobody_waits_for_leaves_nothing() {
		let mut flank = Flank { first: Some(90), reached: None };
		flank.reach(Side::Bid, 91);
		assert_eq!((flank.reached, flank.due(Side::Bid)), (None, None));
		flank.reach(Side::Bid, 90);
		assert_eq!((flank.reached, flank.due(Side::Bid)), (Some(90), Some(90)));
		flank.reach(Side::Bid, 80);
		flank.reach(Side::Bid, 85);
		assert_eq!(flank.reached, Some(80));
	}

	#[test]
	fn the_nearest_to_the_old_price_is_the_next() {
		let mut both = Watch { from: 100, ..watch(90, 105) };
		both.falling.reach(Side::Bid, 80);
		assert_eq!(both.due(), Some((Side::Bid, 90)));
		both.rising.reach(Side::Ask, 120);
		assert_eq!(both.due(), Some((Side::Ask, 105)));
		both.rising.first = Some(110);
		assert_eq!(both.due(), Some((Side::Bid, 90)), "at the same distance the fall comes first");
	}

	#[test]
	fn those_that_have_begun_come_last_and_keep_no_price() {
		let mut market = Watch { begun: 1, ..watch(90, 110) };
		assert_eq!(market.due(), Some(BEGUN));
		market.rising.reach(Side::Ask, 110);
		assert_eq!(market.due(), Some((Side::Ask, 110)));
		market.rising.first = None;
		market.tidy(Side::Ask);
		assert_eq!(market.due(), Some(BEGUN));
		assert!(!market.is_met(When::AtOrAbove(110), None));
		market.begun = 0;
		assert_eq!(market.due(), None);
	}

	#[test]
	fn what_holds_now_need_not_wait() {
		let mut both = watch(90, 110);
		assert!(!both.is_met(When::AtOrBelow(95), None));
		assert!(both.is_met(When::AtOrBelow(95), Some(95)));
		assert!(!both.is_met(When::AtOrBelow(95), Some(96)));
		both.falling.reach(Side::Bid, 90);
		assert!(both.is_met(When::AtOrBelow(95), Some(96)), "it was lower");
		assert!(!both.is_met(When::AtOrBelow(89), Some(96)));
		assert!(!both.is_met(When::AtOrAbove(97), Some(96)));
		both.falling.first = None;
		both.tidy(Side::Bid);
		assert_eq!(both.falling, Flank::default());
	}

	#[test]
	fn a_price_of_nothing_meets_none_that_has_begun() {
		let mut market = Watch { begun: 1, ..watch(0, 110) };
		market.falling.reach(Side::Bid, 0);
		assert_eq!(market.falling.reached, None);
		// It has met another one, which has fired.
		market.falling.reached = Some(0);
		assert_eq!((market.falling.due(Side::Bid), market.due()), (None, Some(BEGUN)));
		market.tidy(Side::Bid);
		assert_eq!(market.falling.reached, None);
	}
}
