//! Random operations.

use lx_matching::{
	CancelReason, Change, Context, Lots, NewOrder, SelfTrade, Side, Tick, TimeInForce,
};
use proptest::{collection::vec, prelude::*};

#[derive(Clone, Debug)]
pub enum Operation {
	Place(NewOrder<u8>),
	/// The order with this index among all that rest.
	Cancel(usize, CancelReason),
	Amend(usize, Change),
	/// What reduce-only orders of an owner reduce.
	Hold(u8, Side, Lots),
}

#[derive(Clone, Debug)]
pub struct Step {
	pub operation: Operation,
	pub context: Context,
	pub max_orders: Option<u32>,
	pub min_notional: Option<u32>,
}

/// Operations at so many prices, one after the other. So many of a hundred orders are bids.
pub fn operations(ticks: Tick, bids: u32, most: usize) -> impl Strategy<Value = Vec<Step>> {
	let limits = (option(0u32..6), option(4u32..12), option(1u32..20));
	vec((operation(ticks, bids), 0u64..3, limits), 1..most).prop_map(|steps| {
		let mut now = 0;
		let later = |(operation, passed, (max_matches, max_orders, min_notional))| {
			now += passed;
			Step { operation, context: Context { now, max_matches }, max_orders, min_notional }
		};
		steps.into_iter().map(later).collect()
	})
}

/// Mostly nothing.
fn option<T: std::fmt::Debug>(
	strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
	proptest::option::weighted(0.2, strategy)
}

fn operation(ticks: Tick, bids: u32) -> impl Strategy<Value = Operation> {
	prop_oneof![
		8 => order(ticks, bids).prop_map(Operation::Place),
		3 => (any::<usize>(), cancel_reason()).prop_map(|(index, reason)| Operation::Cancel(index, reason)),
		2 => (any::<usize>(), change(ticks)).prop_map(|(index, change)| Operation::Amend(index, change)),
		1 => (owner(), side(50), 0u64..6).prop_map(|(owner, side, lots)| Operation::Hold(owner, side, lots)),
	]
}

fn order(ticks: Tick, bids: u32) -> impl Strategy<Value = NewOrder<u8>> {
	(
		owner(),
		side(bids),
		tick(ticks),
		lots(),
		time_in_force(),
		self_trade(),
		prop::bool::weighted(0.1),
	)
		.prop_map(|(owner, side, tick, lots, time_in_force, self_trade, reduce_only)| NewOrder {
			owner,
			side,
			tick,
			lots,
			time_in_force,
			self_trade,
			reduce_only,
		})
}

fn change(ticks: Tick) -> impl Strategy<Value = Change> {
	(tick(ticks), lots(), time_in_force(), self_trade()).prop_map(
		|(tick, lots, time_in_force, self_trade)| Change { tick, lots, time_in_force, self_trade },
	)
}

/// Now and then one that is out of range.
fn tick(ticks: Tick) -> impl Strategy<Value = Tick> {
	prop_oneof![40 => 0..ticks, 1 => Just(lx_matching::TICKS)]
}

fn lots() -> impl Strategy<Value = Lots> {
	prop_oneof![40 => 1u64..8, 1 => Just(0), 1 => Just(lx_matching::MAX_LOTS), 1 => Just(lx_matching::MAX_LOTS + 1)]
}

fn owner() -> impl Strategy<Value = u8> {
	0u8..4
}

fn side(bids: u32) -> impl Strategy<Value = Side> {
	prop_oneof![bids => Just(Side::Bid), 100 - bids => Just(Side::Ask)]
}

fn self_trade() -> impl Strategy<Value = SelfTrade> {
	use SelfTrade::{CancelBoth, CancelMaker, CancelTaker, Decrement};
	prop_oneof![Just(CancelTaker), Just(CancelMaker), Just(CancelBoth), Just(Decrement)]
}

fn time_in_force() -> impl Strategy<Value = TimeInForce> {
	use TimeInForce::{FillOrKill, GoodTilCancelled, GoodTilTime, ImmediateOrCancel, PostOnly};
	prop_oneof![
		6 => Just(GoodTilCancelled),
		2 => (0u64..200).prop_map(GoodTilTime),
		2 => Just(PostOnly),
		1 => Just(ImmediateOrCancel),
		1 => Just(FillOrKill),
	]
}

fn cancel_reason() -> impl Strategy<Value = CancelReason> {
	prop_oneof![Just(CancelReason::Requested), Just(CancelReason::Expired)]
}
