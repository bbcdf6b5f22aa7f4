//! Placing, filling, cancelling and amending orders.

use crate::{
	book::{Book, Level},
	fillable::ensure_fillable,
	index,
	queue::Queue,
	taker::Taker,
	CancelReason, Corrupt, Failure, Lots, Moment, NewOrder, OrderId, Place, Rejection, Report,
	Resting, SelfTrade, Tick, TimeInForce, MAX_LOTS, NEVER, TICKS,
};

/// The circumstances of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
	/// The time.
	pub now: Moment,
	/// How many resting orders one may meet; `None` for any number.
	pub max_matches: Option<u32>,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
	/// Its id.
	pub id: OrderId,
	/// How much of it was traded.
	pub filled: Lots,
	/// How many resting orders it has met.
	pub matches: u32,
	/// Where its rest is.
	pub rested: Option<Place>,
}

/// What an amended order is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
	/// Its new price.
	pub tick: Tick,
	/// How much of it is to be left.
	pub lots: Lots,
	/// How long it is to live. Another end than it has lets it begin anew.
	pub time_in_force: TimeInForce,
	/// What happens if it begins anew and meets an order of its owner.
	pub self_trade: SelfTrade,
}

impl Change {
	/// Whether the order at a place stays there: it is to be no more than it was, at its price and with
	/// its end.
	pub fn keeps_place<Owner>(&self, place: Place, before: &Resting<Owner>) -> bool {
		self.tick == place.tick
			&& self.lots <= before.lots
			&& self.time_in_force.may_rest()
			&& expiry(self.time_in_force) == before.expires_at
	}
}

/// The result of an operation on a book whose listener fails with `E`.
pub type Outcome<T, E> = Result<T, Failure<E>>;

/// Places an order: it trades with what it crosses, and the rest rests or is cancelled, as it says.
///
/// What happens is told to `listen`, in order. If that fails, or if the order is rejected, nothing
/// has happened, once whoever called has undone what the book was told.
pub fn place<B: Book, E>(
	book: &mut B,
	order: NewOrder<B::Owner>,
	context: Context,
	listen: &mut impl FnMut(Report<B::Owner>) -> Result<(), E>,
) -> Outcome<Placed, E> {
	let order = admitted(book, order, context)?;
	let id = book.next_id();
	start(book, id, order, context, listen)
}

/// Cancels the order at a place, for whatever reason: what was left of it.
pub fn cancel<B: Book, E>(
	book: &mut B,
	place: Place,
	reason: CancelReason,
	listen: &mut impl FnMut(Report<B::Owner>) -> Result<(), E>,
) -> Outcome<Resting<B::Owner>, E> {
	let gone = reduce(book, place, 0)?;
	tell_cancelled(place, &gone, 0, reason, listen)?;
	Ok(gone)
}

/// Amends the order at a place. To have less of it at its price and with its end keeps its priority;
/// anything else lets it begin anew, with its id: it may trade then, and is last at its price.
pub fn amend<B: Book, E>(
	book: &mut B,
	place: Place,
	change: Change,
	context: Context,
	listen: &mut impl FnMut(Report<B::Owner>) -> Result<(), E>,
) -> Outcome<Placed, E> {
	let before = find(book, place).ok_or(Rejection::UnknownOrder)?;
	if change.lots > 0 && change.keeps_place(place, &before) {
		if change.lots == before.lots {
			return Err(Rejection::NoChange.into());
		}
		let gone = reduce(book, place, change.lots)?;
		tell_cancelled(place, &gone, change.lots, CancelReason::Requested, listen)?;
		return Ok(Placed { id: place.id, filled: 0, matches: 0, rested: Some(place) });
	}
	let order = NewOrder {
		owner: before.owner,
		side: place.side,
		tick: change.tick,
		lots: change.lots,
		time_in_force: change.time_in_force,
		self_trade: change.self_trade,
		reduce_only: before.reduce_only,
	};
	let order = checked(book, order, context)?;
	cancel(book, place, CancelReason::Replaced, listen)?;
	start(book, place.id, order, context, listen)
}

/// The order at a place.
pub fn find<B: Book>(book: &B, place: Place) -> Option<Resting<B::Owner>> {
	let among =
		|orders: &[Resting<B::Owner>]| orders.iter().find(|order| order.id == place.id).cloned();
	let in_front = book.with_level(place.side, place.tick, |level| {
		level.filter(|level| level.front == place.page).map(|level| among(&level.orders))
	});
	in_front.unwrap_or_else(|| {
		book.with_page(place.side, place.tick, place.page, |page| {
			page.and_then(|page| among(&page.orders))
		})
	})
}

/// Checks a new order, and cuts it to what it may reduce.
fn admitted<B: Book>(
	book: &B,
	order: NewOrder<B::Owner>,
	context: Context,
) -> Result<NewOrder<B::Owner>, Rejection> {
	if order.time_in_force.may_rest() && !book.has_room(&order.owner) {
		return Err(Rejection::TooManyOrders);
	}
	checked(book, order, context)
}

fn checked<B: Book>(
	book: &B,
	mut order: NewOrder<B::Owner>,
	context: Context,
) -> Result<NewOrder<B::Owner>, Rejection> {
	let reject = |is_wrong: bool, rejection| if is_wrong { Err(rejection) } else { Ok(()) };
	reject(order.lots == 0, Rejection::ZeroLots)?;
	reject(order.lots > MAX_LOTS, Rejection::TooManyLots)?;
	reject(order.tick >= TICKS, Rejection::TickOutOfRange)?;
	if order.reduce_only {
		order.lots = order.lots.min(book.reducible(&order.owner, order.side));
		reject(order.lots == 0, Rejection::NothingToReduce)?;
	}
	match order.time_in_force {
		TimeInForce::GoodTilTime(until) => reject(until <= context.now, Rejection::Expired)?,
		TimeInForce::PostOnly => {
			let best = book.best(order.side.opposite());
			let trades = best.is_some_and(|best| order.side.crosses(order.tick, best));
			reject(trades, Rejection::WouldTrade)?;
		},
		TimeInForce::FillOrKill => ensure_fillable(book, &order, context)?,
		TimeInForce::GoodTilCancelled | TimeInForce::ImmediateOrCancel => {},
	}
	Ok(order)
}

/// Lets an order that was checked trade and rest.
fn start<B: Book, E>(
	book: &mut B,
	id: OrderId,
	order: NewOrder<B::Owner>,
	context: Context,
	listen: &mut impl FnMut(Report<B::Owner>) -> Result<(), E>,
) -> Outcome<Placed, E> {
	let (owner, side, lots) = (order.owner.clone(), order.side, order.lots);
	tell(listen, Report::Accepted { id, owner, side, lots })?;
	let mut taker = Taker::new(id, order, context);
	let stopped = taker.trade(book, listen)?;
	let rested = taker.finish(book, stopped, listen)?;
	Ok(Placed { id, filled: taker.filled, matches: taker.matches, rested })
}

/// Puts a level back, or forgets it when nothing is left of it.
pub(crate) fn settle<B: Book>(queue: Queue<'_, B>) {
	if queue.level.count > 0 {
		return queue.put();
	}
	let Queue { book, side, tick, .. } = queue;
	book.drop_level(side, tick);
	index::remove(book, side, tick);
}

/// Puts an order into the book.
pub(crate) fn rest<B: Book>(
	book: &mut B,
	id: OrderId,
	order: &NewOrder<B::Owner>,
	lots: Lots,
) -> Result<Place, Corrupt> {
	let NewOrder { side, tick, reduce_only, .. } = *order;
	let owner = order.owner.clone();
	let expires_at = expiry(order.time_in_force);
	let resting = Resting { id, owner, lots, expires_at, reduce_only };
	let page = match Queue::take(book, side, tick) {
		Some(mut queue) => {
			let page = queue.push(resting);
			queue.put();
			page?
		},
		None => {
			let level = Level::new(resting);
			let page = level.front;
			book.put_level(side, tick, level);
			index::insert(book, side, tick);
			page
		},
	};
	Ok(Place { id, side, tick, page })
}

/// From when on an order is expired.
pub(crate) fn expiry(time_in_force: TimeInForce) -> Moment {
	match time_in_force {
		TimeInForce::GoodTilTime(until) => until,
		_ => NEVER,
	}
}

/// Leaves only so much of the order at a place: what is gone.
fn reduce<B: Book, E>(book: &mut B, place: Place, left: Lots) -> Outcome<Resting<B::Owner>, E> {
	let Some(mut queue) = Queue::take(book, place.side, place.tick) else {
		return Err(Rejection::UnknownOrder.into());
	};
	let found = queue.change(place.page, place.id, |order| {
		let gone = order.lots.saturating_sub(left);
		order.lots = left;
		Resting { lots: gone, ..order.clone() }
	})?;
	settle(queue);
	Ok(found.ok_or(Rejection::UnknownOrder)?)
}

fn tell_cancelled<Owner: Clone, E>(
	place: Place,
	gone: &Resting<Owner>,
	left: Lots,
	reason: CancelReason,
	listen: &mut impl FnMut(Report<Owner>) -> Result<(), E>,
) -> Outcome<(), E> {
	let (owner, lots) = (gone.owner.clone(), gone.lots);
	tell(listen, Report::MakerCancelled { place, owner, lots, left, reason })
}

pub(crate) fn tell<Owner, E>(
	listen: &mut impl FnMut(Report<Owner>) -> Result<(), E>,
	report: Report<Owner>,
) -> Outcome<(), E> {
	listen(report).map_err(Failure::Listener)
}
