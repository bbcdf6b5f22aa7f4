//! What is done, and how long it takes.
//!
//! The weight of a call is composed of what it does: so many orders are placed, cancelled and met, and so
//! many values of the book are visited for that. Before, it is the most that the call may do; after, it
//! is what was done.

use frame_support::{traits::Get, weights::Weight};
use lx_matching::TimeInForce;

use crate::{drawer::Visits, Config, WeightInfo};

/// Values of the book that placing an order visits: its level, the last page of that and a new one, its
/// leaf of the index and the root.
const TO_PLACE: u32 = 5;

/// Values that taking an order out visits: its level, and its page with two neighbours or its leaf of the
/// index with the root and the next leaf.
const TO_CANCEL: u32 = 4;

/// Values that each order visits that is met: its level and its leaf of the index, or the next page.
const TO_MEET: u32 = 2;

/// Values that an order visits which meets others, beside those: the root of the index, and of the next
/// price, where it stops, the level and the leaf.
const TO_STOP: u32 = 3;

/// What is done in a market for an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
	/// Orders that are placed, or moved to another place.
	places: u32,
	/// Orders that are taken out, or from one place to another.
	cancels: u32,
	/// Orders that are met.
	pub(crate) matches: u32,
	/// How often money comes from the wallet.
	draws: u32,
	/// Orders that end by themselves: each has paid for taking it out then.
	ends: u32,
	/// Whether fees are paid.
	pub(crate) trades: bool,
	/// Whether a trigger is to fire from now on, or none any more.
	pub(crate) alerts: bool,
	/// Whether this block has not changed the market before.
	is_fresh: bool,
	/// What of the book is visited.
	pub(crate) visits: Visits,
}

impl Work {
	/// Nothing yet, in a market that this block has not changed before, or has.
	pub(crate) fn new(is_fresh: bool) -> Self {
		Self { is_fresh, ..Self::default() }
	}

	/// The most that placing an order does which meets so many.
	pub(crate) fn most_to_place(matches: u32) -> Self {
		let trades = matches > 0;
		let to_stop = if trades { TO_STOP } else { 0 };
		let values = matches.saturating_mul(TO_MEET).saturating_add(TO_PLACE + to_stop);
		let visits = Visits::whole(values);
		Self {
			places: 1,
			cancels: 0,
			matches,
			draws: 1,
			ends: 0,
			trades,
			alerts: trades,
			is_fresh: true,
			visits,
		}
	}

	/// What an order does that rests for so long: it is taken out by [`expire`](crate::Pallet::expire), for
	/// nothing, or by whoever meets it.
	pub(crate) fn to_end(time_in_force: TimeInForce) -> Self {
		let ends = matches!(time_in_force, TimeInForce::GoodTilTime(_));
		Self { ends: ends.into(), ..Self::default() }
	}

	/// The most that cancelling so many orders does.
	pub(crate) fn most_to_cancel(orders: u32) -> Self {
		let visits = Visits::whole(orders.saturating_mul(TO_CANCEL));
		Self { cancels: orders, is_fresh: true, visits, ..Self::default() }
	}

	/// The most that amending an order does which then meets so many.
	pub(crate) fn most_to_amend(matches: u32) -> Self {
		Self::most_to_cancel(1).and(Self::most_to_place(matches))
	}

	/// An order is placed, or cannot be.
	pub(crate) fn place(&mut self) {
		self.places = self.places.saturating_add(1);
	}

	/// An order is taken out, or cannot be.
	pub(crate) fn cancel(&mut self) {
		self.cancels = self.cancels.saturating_add(1);
	}

	/// So many orders are met.
	pub(crate) fn meet(&mut self, orders: u32) {
		self.matches = self.matches.saturating_add(orders);
	}

	/// An order rests for so long.
	pub(crate) fn rest(&mut self, time_in_force: TimeInForce) {
		*self = self.and(Self::to_end(time_in_force));
	}

	/// Money comes from the wallet.
	pub(crate) fn draw(&mut self) {
		self.draws = self.draws.saturating_add(1);
	}

	/// This and that.
	pub(crate) fn and(self, other: Self) -> Self {
		Self {
			places: self.places.saturating_add(other.places),
			cancels: self.cancels.saturating_add(other.cancels),
			matches: self.matches.saturating_add(other.matches),
			draws: self.draws.saturating_add(other.draws),
			ends: self.ends.saturating_add(other.ends),
			trades: self.trades || other.trades,
			alerts: self.alerts || other.alerts,
			is_fresh: self.is_fresh || other.is_fresh,
			visits: self.visits.and(other.visits),
		}
	}

	/// How long taking the orders out takes at most that end by themselves, each in a call of its own.
	pub(crate) fn weight_of_ends<T: Config>(&self) -> Weight {
		let each = T::WeightInfo::open_session()
			.saturating_add(further(T::WeightInfo::cancel, 1))
			.saturating_add(visiting::<T>(Visits::whole(TO_CANCEL)));
		each.saturating_mul(self.ends.into())
	}

	/// How long it takes.
	pub(crate) fn weight<T: Config>(&self) -> Weight {
		let Self { places, cancels, matches, draws, trades, alerts, is_fresh, visits, .. } = *self;
		let market = if is_fresh { Weight::zero() } else { T::DbWeight::get().reads_writes(1, 1) };
		let only_if = |is_so, weight| if is_so { weight } else { Weight::zero() };
		T::WeightInfo::open_session()
			.saturating_sub(market)
			.saturating_add(only_if(trades, T::WeightInfo::pay_fees()))
			.saturating_add(only_if(alerts, T::WeightInfo::alert()))
			.saturating_add(T::WeightInfo::draw().saturating_mul(draws.into()))
			.saturating_add(self.weight_of_ends::<T>())
			.saturating_add(further(T::WeightInfo::place, places))
			.saturating_add(further(T::WeightInfo::cancel, cancels))
			.saturating_add(further(T::WeightInfo::meet, matches))
			.saturating_add(visiting::<T>(visits))
	}
}

/// What so many of something take in a session that is paid for.
fn further(weight: fn(u32) -> Weight, number: u32) -> Weight {
	weight(number).saturating_sub(weight(0))
}

/// What visiting values takes: the database's share only where the database works for it.
fn visiting<T: Config>(Visits { values, reads, writes }: Visits) -> Weight {
	let (unread, unwritten) = (values.saturating_sub(reads), values.saturating_sub(writes));
	let spared = T::DbWeight::get().reads_writes(unread.into(), unwritten.into());
	further(T::WeightInfo::visit, values).saturating_sub(spared)
}
