//! What can be asked of the books.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::ops::ControlFlow;
use lx_matching::{depth, end, find, orders_at, Lots, Moment, OrderId, Side, Tick};
use lx_primitives::{
	trading::{ClientId, MarketId, OpenOrder, TradingId},
	traits::{Calendar, Clearing},
	Balance,
};
use scale_info::TypeInfo;

use crate::{Config, Pallet, Shelf};

/// The most levels of one answer.
pub const MAX_DEPTH: u32 = 500;

/// All orders of a side at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct DepthLevel {
	/// The price, in ticks.
	pub tick: Tick,
	/// How much, in lots.
	pub lots: Lots,
	/// In how many orders.
	pub orders: u32,
}

/// An order in a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct OrderView {
	/// Its market.
	pub market: MarketId,
	/// The order.
	pub order: OrderId,
	/// What its owner calls it.
	pub client: Option<ClientId>,
	/// Its side.
	pub side: Side,
	/// Its price, in ticks.
	pub tick: Tick,
	/// What is left of it, in lots.
	pub lots: Lots,
	/// From when on it is expired, if it ends.
	pub expires_at: Option<Moment>,
	/// Whether it only reduces what its account has.
	pub reduce_only: bool,
}

/// What an order would trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Quote {
	/// How much, in lots: less than was asked for where there is less, or more than
	/// [`MAX_DEPTH`] prices would be needed.
	pub lots: Lots,
	/// What it is worth, in the quote's smallest unit.
	pub notional: Balance,
	/// The last price that is needed, in ticks.
	pub worst: Option<Tick>,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn depth_of(market: MarketId, side: Side, most: u32) -> Vec<DepthLevel> {
		let Some(shelf) = Self::shelf(market) else { return Vec::new() };
		let levels = depth(&shelf, side).take(most.min(MAX_DEPTH) as usize);
		levels.map(|(tick, lots, orders)| DepthLevel { tick, lots, orders }).collect()
	}

	pub(crate) fn orders_in_books(id: TradingId<T::AccountId>) -> Vec<OrderView> {
		let view = |open: &OpenOrder| {
			let OpenOrder { market, place, client, .. } = *open;
			let order = find(&Self::shelf(market)?, place)?;
			Some(OrderView {
				market,
				order: place.id,
				client,
				side: place.side,
				tick: place.tick,
				lots: order.lots,
				expires_at: end(order.expires_at),
				reduce_only: order.reduce_only,
			})
		};
		T::Clearing::account(&id).orders.iter().filter_map(view).collect()
	}

	pub(crate) fn quote_of(market: MarketId, side: Side, lots: Lots, worst: Tick) -> Option<Quote> {
		let shelf = Self::shelf(market)?;
		let now = T::Calendar::now();
		let mut quote = Quote { lots: 0, notional: 0, worst: None };
		for (tick, ..) in depth(&shelf, side.opposite()).take(MAX_DEPTH as usize) {
			let missing = lots.saturating_sub(quote.lots);
			if missing == 0 || !side.crosses(worst, tick) {
				break;
			}
			let taken = live_lots(&shelf, (side.opposite(), tick), now, missing);
			if taken == 0 {
				continue;
			}
			let notional = shelf.market.terms.notional(tick, taken)?;
			quote.lots = quote.lots.saturating_add(taken);
			quote.notional = quote.notional.checked_add(notional)?;
			quote.worst = Some(tick);
		}
		Some(quote)
	}

	fn shelf(id: MarketId) -> Option<Shelf<T>> {
		Some(Shelf::new(id, Self::stored_market(id)?))
	}
}

/// How much at a price has not expired: at most as much as is asked for.
fn live_lots<T: Config>(
	shelf: &Shelf<T>,
	(side, tick): (Side, Tick),
	now: Moment,
	most: Lots,
) -> Lots {
	let mut found: Lots = 0;
	// Whether it has seen all of them is no matter.
	let _ = orders_at(shelf, side, tick, &mut |order| {
		if now < order.expires_at {
			found = found.saturating_add(order.lots);
		}
		if found < most {
			ControlFlow::Continue(())
		} else {
			ControlFlow::Break(())
		}
	});
	found.min(most)
}
