//! Looking at orders without changing them.

use core::ops::ControlFlow;

use crate::{book::Book, index, Lots, PageId, Resting, Side, Tick};

/// All prices of a side with how much there is and in how many orders, the best first.
pub fn depth<B: Book>(book: &B, side: Side) -> impl Iterator<Item = (Tick, Lots, u32)> + '_ {
	let mut next = book.best(side);
	core::iter::from_fn(move || {
		let tick = next?;
		next = index::worse(book, side, tick);
		book.with_level(side, tick, |level| level.map(|level| (tick, level.lots, level.count)))
	})
}

/// Shows the orders of a side at one price, the oldest first, until `look` breaks off.
pub fn orders_at<B: Book>(
	book: &B,
	side: Side,
	tick: Tick,
	look: &mut impl FnMut(&Resting<B::Owner>) -> ControlFlow<()>,
) -> ControlFlow<()> {
	let mut next = book.with_level(side, tick, |level| -> ControlFlow<(), Option<PageId>> {
		let Some(level) = level else { return ControlFlow::Continue(None) };
		level.orders.iter().try_for_each(&mut *look)?;
		ControlFlow::Continue((level.front != level.back).then_some(level.next))
	})?;
	while let Some(page) = next {
		next = book.with_page(side, tick, page, |content| -> ControlFlow<(), Option<PageId>> {
			let Some(content) = content else { return ControlFlow::Continue(None) };
			content.orders.iter().try_for_each(&mut *look)?;
			// The last page leads to none.
			ControlFlow::Continue((content.next != 0).then_some(content.next))
		})?;
	}
	ControlFlow::Continue(())
}
