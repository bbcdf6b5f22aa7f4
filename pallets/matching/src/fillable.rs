//! Whether an order can be filled whole, before anything is changed.

use core::ops::ControlFlow;

use crate::{
	book::Book, engine::Context, index, walk::orders_at, Lots, NewOrder, Rejection, Resting,
	SelfTrade,
};

/// Makes sure that an order would be filled whole at once.
///
/// What rests to reduce only is not counted on: it may turn out to be less by then.
pub(crate) fn ensure_fillable<B: Book>(
	book: &B,
	order: &NewOrder<B::Owner>,
	context: Context,
) -> Result<(), Rejection> {
	let side = order.side.opposite();
	let mut walk = Walk { order, context, missing: order.lots, matches: 0 };
	let mut next = book.best(side);
	while let Some(tick) = next.filter(|tick| order.side.crosses(order.tick, *tick)) {
		if orders_at(book, side, tick, &mut |maker| walk.meet(book, maker)).is_break() {
			break;
		}
		next = index::worse(book, side, tick);
	}
	match walk {
		Walk { missing: 0, .. } => Ok(()),
		Walk { matches: met, .. } => Err(Rejection::CannotFill { met }),
	}
}

/// A walk along the orders that one would meet.
struct Walk<'a, Owner> {
	order: &'a NewOrder<Owner>,
	context: Context,
	missing: Lots,
	matches: u32,
}

impl<Owner> Walk<'_, Owner> {
	/// Breaks off when the order is filled, or would be stopped before.
	fn meet<B: Book<Owner = Owner>>(
		&mut self,
		book: &B,
		maker: &Resting<Owner>,
	) -> ControlFlow<()> {
		// One that reduces may be cut first, and trade then.
		let more = if maker.reduce_only { 2 } else { 1 };
		let matches = self.matches.saturating_add(more);
		if self.context.max_matches.is_some_and(|most| matches > most) {
			return ControlFlow::Break(());
		}
		self.matches = matches;
		if maker.expires_at <= self.context.now {
			return ControlFlow::Continue(());
		}
		if book.is_same_party(&maker.owner, &self.order.owner) {
			return match self.order.self_trade {
				SelfTrade::CancelMaker => ControlFlow::Continue(()),
				_ => ControlFlow::Break(()),
			};
		}
		if !maker.reduce_only {
			self.missing = self.missing.saturating_sub(maker.lots);
		}
		match self.missing {
			0 => ControlFlow::Break(()),
			_ => ControlFlow::Continue(()),
		}
	}
}
