//! An order that trades.

use crate::{
	book::Book,
	engine::{expiry, rest, settle, tell, Context, Outcome},
	queue::Queue,
	CancelReason, Failure, Fill, Lots, NewOrder, OrderId, Place, Report, Resting, SelfTrade, Side,
};

/// An order that trades.
pub(crate) struct Taker<Owner> {
	id: OrderId,
	order: NewOrder<Owner>,
	context: Context,
	left: Lots,
	pub(crate) filled: Lots,
	pub(crate) matches: u32,
	/// Whether it has lost something to an order of its own party.
	is_decremented: bool,
}

impl<Owner: Clone + Eq> Taker<Owner> {
	pub(crate) fn new(id: OrderId, order: NewOrder<Owner>, context: Context) -> Self {
		let left = order.lots;
		Self { id, order, context, left, filled: 0, matches: 0, is_decremented: false }
	}

	/// Trades with all that it crosses, the best first. Says why it stopped, if it may not rest
	/// after that.
	pub(crate) fn trade<B: Book<Owner = Owner>, E>(
		&mut self,
		book: &mut B,
		listen: &mut impl FnMut(Report<Owner>) -> Result<(), E>,
	) -> Outcome<Option<CancelReason>, E> {
		let side = self.order.side.opposite();
		while self.left > 0 {
			let Some(tick) = book.best(side) else { break };
			if !self.order.side.crosses(self.order.tick, tick) {
				break;
			}
			let mut queue = Queue::take(book, side, tick).ok_or(Failure::Corrupt)?;
			let stopped = self.trade_at(&mut queue, listen)?;
			settle(queue);
			if stopped.is_some() {
				return Ok(stopped);
			}
		}
		Ok(None)
	}

	/// Trades at one price, the oldest order first.
	fn trade_at<B: Book<Owner = Owner>, E>(
		&mut self,
		queue: &mut Queue<'_, B>,
		listen: &mut impl FnMut(Report<Owner>) -> Result<(), E>,
	) -> Outcome<Option<CancelReason>, E> {
		while self.left > 0 && queue.level.count > 0 {
			if self.context.max_matches.is_some_and(|most| self.matches >= most) {
				return Ok(Some(CancelReason::MatchLimit));
			}
			self.matches = self.matches.saturating_add(1);
			let maker = queue.first().cloned().ok_or(Failure::Corrupt)?;
			match self.meet(queue.book, queue.side, &maker) {
				Meeting::Trade(lots) => self.fill(queue, &maker, lots, listen)?,
				Meeting::Drop(lots, reason) => {
					drop_maker(queue, &maker, lots, reason, listen)?;
				},
				Meeting::Both(lots) => self.decrement(queue, &maker, lots, listen)?,
				Meeting::DropAndStop => {
					drop_maker(queue, &maker, maker.lots, CancelReason::SelfTrade, listen)?;
					return Ok(Some(CancelReason::SelfTrade));
				},
				Meeting::Stop => return Ok(Some(CancelReason::SelfTrade)),
			}
		}
		Ok(None)
	}

	/// What happens between this order and a resting one.
	fn meet<B: Book<Owner = Owner>>(
		&self,
		book: &B,
		side: Side,
		maker: &Resting<Owner>,
	) -> Meeting {
		if maker.expires_at <= self.context.now {
			return Meeting::Drop(maker.lots, CancelReason::Expired);
		}
		if book.is_same_party(&maker.owner, &self.order.owner) {
			return match self.order.self_trade {
				SelfTrade::CancelTaker => Meeting::Stop,
				SelfTrade::CancelMaker => Meeting::Drop(maker.lots, CancelReason::SelfTrade),
				SelfTrade::CancelBoth => Meeting::DropAndStop,
				SelfTrade::Decrement => Meeting::Both(self.left.min(maker.lots)),
			};
		}
		if maker.reduce_only {
			let most = book.reducible(&maker.owner, side);
			if most < maker.lots {
				return Meeting::Drop(
					maker.lots.saturating_sub(most),
					CancelReason::NothingToReduce,
				);
			}
		}
		Meeting::Trade(self.left.min(maker.lots))
	}

	fn fill<B: Book<Owner = Owner>, E>(
		&mut self,
		queue: &mut Queue<'_, B>,
		maker: &Resting<Owner>,
		lots: Lots,
		listen: &mut impl FnMut(Report<Owner>) -> Result<(), E>,
	) -> Outcome<(), E> {
		let place = front(queue, maker.id);
		let maker_left = queue.reduce_first(lots)?;
		self.left = self.left.saturating_sub(lots);
		self.filled = self.filled.saturating_add(lots);
		let (maker, maker_owner, taker) = (place, maker.owner.clone(), self.id);
		tell(listen, Report::Filled(Fill { maker, maker_owner, maker_left, taker, lots }))
	}

	/// Takes as much off both orders, which are of one party. What is left of the resting one is gone
	/// too if it is too little to stay.
	fn decrement<B: Book<Owner = Owner>, E>(
		&mut self,
		queue: &mut Queue<'_, B>,
		maker: &Resting<Owner>,
		lots: Lots,
		listen: &mut impl FnMut(Report<Owner>) -> Result<(), E>,
	) -> Outcome<(), E> {
		let reason = CancelReason::SelfTrade;
		let left = drop_maker(queue, maker, lots, reason, listen)?;
		tell(listen, Report::TakerCancelled { id: self.id, lots, reason })?;
		self.left = self.left.saturating_sub(lots);
		self.is_decremented = true;
		if left > 0 && !queue.book.is_enough(queue.tick, left) {
			drop_maker(queue, maker, left, CancelReason::Dust, listen)?;
		}
		Ok(())
	}

	/// Why what is left may not rest though nothing has stopped it.
	fn unworthy<B: Book<Owner = Owner>>(&self, book: &B) -> Option<CancelReason> {
		// It has paid for nothing, or not for all that it has lost.
		let is_free = self.filled == 0 || self.is_decremented;
		let is_dust = is_free && !book.is_enough(self.order.tick, self.left);
		is_dust.then_some(CancelReason::Dust)
	}

	/// Puts what is left into the book, or says that it is gone.
	pub(crate) fn finish<B: Book<Owner = Owner>, E>(
		&self,
		book: &mut B,
		stopped: Option<CancelReason>,
		listen: &mut impl FnMut(Report<Owner>) -> Result<(), E>,
	) -> Outcome<Option<Place>, E> {
		if self.left == 0 {
			return Ok(None);
		}
		let reason = if self.order.time_in_force.may_rest() {
			stopped.or_else(|| self.unworthy(book))
		} else {
			Some(stopped.unwrap_or(CancelReason::Unfilled))
		};
		if let Some(reason) = reason {
			tell(listen, Report::TakerCancelled { id: self.id, lots: self.left, reason })?;
			return Ok(None);
		}
		let place = rest(book, self.id, &self.order, self.left)?;
		let NewOrder { owner, time_in_force, reduce_only, .. } = self.order.clone();
		let (lots, expires_at) = (self.left, expiry(time_in_force));
		tell(listen, Report::Rested { place, owner, lots, expires_at, reduce_only })?;
		Ok(Some(place))
	}
}

/// What happens when two orders meet.
enum Meeting {
	/// They trade so much.
	Trade(Lots),
	/// The resting one loses so much.
	Drop(Lots, CancelReason),
	/// Both lose so much.
	Both(Lots),
	/// The resting one is gone, and the new one goes no further.
	DropAndStop,
	/// The new one goes no further.
	Stop,
}

/// Where the first order of a queue is.
fn front<B: Book>(queue: &Queue<'_, B>, id: OrderId) -> Place {
	Place { id, side: queue.side, tick: queue.tick, page: queue.level.front }
}

/// Takes so much off the first order of a queue: what is left of it.
fn drop_maker<B: Book, E>(
	queue: &mut Queue<'_, B>,
	maker: &Resting<B::Owner>,
	lots: Lots,
	reason: CancelReason,
	listen: &mut impl FnMut(Report<B::Owner>) -> Result<(), E>,
) -> Outcome<Lots, E> {
	let place = front(queue, maker.id);
	let left = queue.reduce_first(lots)?;
	let owner = maker.owner.clone();
	tell(listen, Report::MakerCancelled { place, owner, lots, left, reason })?;
	Ok(left)
}
