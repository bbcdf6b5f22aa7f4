//! What can be asked of the books.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::ops::ControlFlow;
use lx_matching::{find, orders_at, worse, Book, Lots, Moment, OrderId, Side, Tick};
use lx_primitives::{
	trading::{ClientId, MarketId, OpenOrder, TradingId},
	traits::{Calendar, Clearing},
	Balance,
};
use scale_info::TypeInfo;

use crate::{Config, Markets, Pallet, Shelf};

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
	/// From when on it is expired.
	pub expires_at: Moment,
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
		levels(&shelf, side).take(most.min(MAX_DEPTH) as usize).collect()
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
				expires_at: order.expires_at,
				reduce_only: order.reduce_only,
			})
		};
		T::Clearing::account(&id).orders.iter().filter_map(view).collect()
	}

	pub(crate) fn quote_of(market: MarketId, side: Side, lots: Lots, worst: Tick) -> Option<Quote> {
		let shelf = Self::shelf(market)?;
		let now = T::Calendar::now();
		let mut quote = Quote { lots: 0, notional: 0, worst: None };
		for level in levels(&shelf, side.opposite()).take(MAX_DEPTH as usize) {
			let missing = lots.saturating_sub(quote.lots);
			if missing == 0 || !side.crosses(worst, level.tick) {
				break;
			}
			let taken = live_lots(&shelf, (side.opposite(), level.tick), now, missing);
			if taken == 0 {
				continue;
			}
			let notional = shelf.market.terms.notional(level.tick, taken)?;
			quote.lots = quote.lots.saturating_add(taken);
			quote.notional = quote.notional.checked_add(notional)?;
			quote.worst = Some(level.tick);
		}
		Some(quote)
	}

	fn shelf(id: MarketId) -> Option<Shelf<T>> {
		Some(Shelf::new(id, Markets::<T>::get(id)?))
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

/// The levels of a side, the best first.
fn levels<T: Config>(shelf: &Shelf<T>, side: Side) -> impl Iterator<Item = DepthLevel> + '_ {
	let mut next = shelf.best(side);
	core::iter::from_fn(move || {
		let tick = next?;
		next = worse(shelf, side, tick);
		shelf.with_level(side, tick, |level| {
			level.map(|level| DepthLevel { tick, lots: level.lots, orders: level.count })
		})
	})
}
