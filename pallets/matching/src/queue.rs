//! The queue of a level: its first page lies in the level itself, the others are apart.

use crate::{
	book::{one, Book, Level, Page},
	Corrupt, Lots, OrderId, PageId, Resting, Side, Tick,
};

/// A level that was taken, with where it is.
pub(crate) struct Queue<'a, B: Book> {
	pub(crate) book: &'a mut B,
	pub(crate) side: Side,
	pub(crate) tick: Tick,
	pub(crate) level: Level<B::Owner>,
}

impl<'a, B: Book> Queue<'a, B> {
	/// Takes a level.
	pub(crate) fn take(book: &'a mut B, side: Side, tick: Tick) -> Option<Self> {
		let level = book.take_level(side, tick)?;
		Some(Self { book, side, tick, level })
	}

	/// Puts it back.
	pub(crate) fn put(self) {
		self.book.put_level(self.side, self.tick, self.level);
	}

	/// Appends an order: the page that holds it.
	pub(crate) fn push(&mut self, order: Resting<B::Owner>) -> Result<PageId, Corrupt> {
		self.level.lots = self.level.lots.checked_add(order.lots).ok_or(Corrupt)?;
		self.level.count = self.level.count.checked_add(1).ok_or(Corrupt)?;
		let Level { front, back, .. } = self.level;
		if front == back {
			return match self.level.orders.try_push(order) {
				Ok(()) => Ok(front),
				Err(order) => {
					let page = self.append_page(order)?;
					self.level.next = page;
					Ok(page)
				},
			};
		}
		let mut last = self.take_page(back)?;
		let page = match last.orders.try_push(order) {
			Ok(()) => back,
			Err(order) => {
				last.next = self.append_page(order)?;
				last.next
			},
		};
		self.put_page(back, last);
		Ok(page)
	}

	/// A new last page with one order. The one before does not lead to it yet.
	fn append_page(&mut self, order: Resting<B::Owner>) -> Result<PageId, Corrupt> {
		let previous = self.level.back;
		let page = previous.checked_add(1).ok_or(Corrupt)?;
		let orders = one(order);
		self.put_page(page, Page { previous, next: 0, orders });
		self.level.back = page;
		Ok(page)
	}

	/// The first order.
	pub(crate) fn first(&self) -> Option<&Resting<B::Owner>> {
		self.level.orders.first()
	}

	/// Takes so much off the first order, and the order out when nothing is left of it: what is
	/// left.
	pub(crate) fn reduce_first(&mut self, lots: Lots) -> Result<Lots, Corrupt> {
		let first = self.level.orders.get_mut(0).ok_or(Corrupt)?;
		first.lots = first.lots.checked_sub(lots).ok_or(Corrupt)?;
		let left = first.lots;
		self.level.lots = self.level.lots.checked_sub(lots).ok_or(Corrupt)?;
		if left == 0 {
			self.level.orders.remove(0);
			self.forget_one()?;
		}
		Ok(left)
	}

	/// Counts an order less, and fetches the next page when the first one is empty.
	fn forget_one(&mut self) -> Result<(), Corrupt> {
		self.level.count = self.level.count.checked_sub(1).ok_or(Corrupt)?;
		if !self.level.orders.is_empty() || self.level.count == 0 {
			return Ok(());
		}
		let page = self.level.next;
		let Page { next, orders, .. } = self.take_page(page)?;
		self.book.drop_page(self.side, self.tick, page);
		self.level.front = page;
		self.level.next = next;
		self.level.orders = orders;
		Ok(())
	}

	/// Does something with an order of a page; `None` if it is not there. An order of which nothing is
	/// left then is taken out.
	pub(crate) fn change<R>(
		&mut self,
		page: PageId,
		id: OrderId,
		change: impl FnOnce(&mut Resting<B::Owner>) -> R,
	) -> Result<Option<R>, Corrupt> {
		if page == self.level.front {
			return self.change_in_front(id, change);
		}
		let Some(mut content) = self.book.take_page(self.side, self.tick, page) else {
			return Ok(None);
		};
		let Some(index) = content.orders.iter().position(|order| order.id == id) else {
			self.put_page(page, content);
			return Ok(None);
		};
		let order = content.orders.get_mut(index).ok_or(Corrupt)?;
		let before = order.lots;
		let done = change(order);
		let left = order.lots;
		self.level.lots = changed(self.level.lots, before, left)?;
		if left > 0 {
			self.put_page(page, content);
			return Ok(Some(done));
		}
		content.orders.remove(index);
		self.level.count = self.level.count.checked_sub(1).ok_or(Corrupt)?;
		if content.orders.is_empty() {
			self.unlink(page, &content)?;
		} else {
			self.put_page(page, content);
		}
		Ok(Some(done))
	}

	fn change_in_front<R>(
		&mut self,
		id: OrderId,
		change: impl FnOnce(&mut Resting<B::Owner>) -> R,
	) -> Result<Option<R>, Corrupt> {
		let Some(index) = self.level.orders.iter().position(|order| order.id == id) else {
			return Ok(None);
		};
		let order = self.level.orders.get_mut(index).ok_or(Corrupt)?;
		let before = order.lots;
		let done = change(order);
		let left = order.lots;
		self.level.lots = changed(self.level.lots, before, left)?;
		if left == 0 {
			self.level.orders.remove(index);
			self.forget_one()?;
		}
		Ok(Some(done))
	}

	/// Takes an empty page out of the chain.
	fn unlink(&mut self, page: PageId, content: &Page<B::Owner>) -> Result<(), Corrupt> {
		let Page { previous, next, .. } = *content;
		self.book.drop_page(self.side, self.tick, page);
		let is_last = page == self.level.back;
		if previous == self.level.front {
			self.level.next = next;
		} else {
			let mut before = self.take_page(previous)?;
			before.next = next;
			self.put_page(previous, before);
		}
		if is_last {
			self.level.back = previous;
			return Ok(());
		}
		let mut after = self.take_page(next)?;
		after.previous = previous;
		self.put_page(next, after);
		Ok(())
	}

	fn take_page(&mut self, page: PageId) -> Result<Page<B::Owner>, Corrupt> {
		self.book.take_page(self.side, self.tick, page).ok_or(Corrupt)
	}

	fn put_page(&mut self, page: PageId, content: Page<B::Owner>) {
		self.book.put_page(self.side, self.tick, page, content);
	}
}

/// A sum of which one part was `before` and is `after`.
fn changed(sum: Lots, before: Lots, after: Lots) -> Result<Lots, Corrupt> {
	sum.checked_sub(before).and_then(|rest| rest.checked_add(after)).ok_or(Corrupt)
}
