//! Whether an order can be filled whole, before anything is changed.

use crate::{
	book::{Book, Level, Page},
	engine::Context,
	index, Lots, NewOrder, PageId, Resting, SelfTrade, Side, Tick,
};

/// Whether an order would be filled whole at once.
///
/// What rests to reduce only is not counted on: it may turn out to be less by then.
pub(crate) fn can_fill<B: Book>(book: &B, order: &NewOrder<B::Owner>, context: Context) -> bool {
	let side = order.side.opposite();
	let mut walk = Walk { order, context, missing: order.lots, matches: 0, is_stopped: false };
	let mut next = book.best(side);
	while let Some(tick) = next.filter(|tick| order.side.crosses(order.tick, *tick)) {
		walk.level(book, side, tick);
		if walk.missing == 0 || walk.is_stopped {
			break;
		}
		next = index::worse(book, side, tick);
	}
	walk.missing == 0
}

/// A walk along the orders that one would meet.
struct Walk<'a, Owner> {
	order: &'a NewOrder<Owner>,
	context: Context,
	missing: Lots,
	matches: u32,
	is_stopped: bool,
}

impl<Owner: Eq> Walk<'_, Owner> {
	fn level<B: Book<Owner = Owner>>(&mut self, book: &B, side: Side, tick: Tick) {
		let mut next = book.with_level(side, tick, |level| {
			let level = level?;
			self.orders(&level.orders);
			after_front(level)
		});
		while let Some(page) = next.filter(|_| !self.is_over()) {
			next = book.with_page(side, tick, page, |content| {
				let content = content?;
				self.orders(&content.orders);
				after(content)
			});
		}
	}

	fn orders(&mut self, orders: &[Resting<Owner>]) {
		for order in orders {
			if self.is_over() {
				return;
			}
			self.meet(order);
		}
	}

	fn meet(&mut self, maker: &Resting<Owner>) {
		// One that reduces may be cut first, and trade then.
		let matches = if maker.reduce_only { 2 } else { 1 };
		self.matches = self.matches.saturating_add(matches);
		if self.context.max_matches.is_some_and(|most| self.matches > most) {
			self.is_stopped = true;
		} else if maker.expires_at > self.context.now && maker.owner == self.order.owner {
			self.is_stopped = !matches!(self.order.self_trade, SelfTrade::CancelMaker);
		} else if maker.expires_at > self.context.now && !maker.reduce_only {
			self.missing = self.missing.saturating_sub(maker.lots);
		}
	}

	fn is_over(&self) -> bool {
		self.is_stopped || self.missing == 0
	}
}

fn after_front<Owner>(level: &Level<Owner>) -> Option<PageId> {
	(level.front != level.back).then_some(level.next)
}

/// The last page leads to none.
fn after<Owner>(page: &Page<Owner>) -> Option<PageId> {
	(page.next != 0).then_some(page.next)
}
