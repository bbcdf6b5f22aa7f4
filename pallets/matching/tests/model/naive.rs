//! Orders in two sorted vectors.

use std::collections::HashMap;

use lx_matching::{
	CancelReason, Change, Context, Lots, NewOrder, OrderId, Rejection, Resting, SelfTrade, Side,
	Tick, TimeInForce, MAX_LOTS, TICKS,
};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
	Accepted { id: OrderId, lots: Lots },
	Filled { maker: OrderId, tick: Tick, left: Lots, taker: OrderId, lots: Lots },
	Rested { id: OrderId, tick: Tick, lots: Lots },
	Cancelled { id: OrderId, lots: Lots, left: Lots, reason: CancelReason },
}

pub type Entry = (Tick, Resting<u8>);

/// The model. Both vectors begin with what is filled first.
#[derive(Clone, Default)]
pub struct Naive {
	bids: Vec<Entry>,
	asks: Vec<Entry>,
	last_id: OrderId,
	pub max_orders: Option<u32>,
	/// In so many parties owners are divided; each is one by itself otherwise.
	pub parties: Option<u8>,
	/// The least that stays of an order that has not traded, or met one of its own party.
	pub min_notional: u32,
	/// By owner, and whether it is for asks.
	pub reducible: HashMap<(u8, bool), Lots>,
}

type Done = Result<(Vec<Event>, Lots), Rejection>;

impl Naive {
	pub fn side(&self, side: Side) -> Vec<Entry> {
		match side {
			Side::Bid => self.bids.clone(),
			Side::Ask => self.asks.clone(),
		}
	}

	pub fn ids(&self) -> Vec<OrderId> {
		let mut ids: Vec<_> =
			self.bids.iter().chain(&self.asks).map(|(_, order)| order.id).collect();
		ids.sort_unstable();
		ids
	}

	fn side_mut(&mut self, side: Side) -> &mut Vec<Entry> {
		match side {
			Side::Bid => &mut self.bids,
			Side::Ask => &mut self.asks,
		}
	}

	fn is_same_party(&self, one: u8, other: u8) -> bool {
		match self.parties {
			Some(parties) => one % parties == other % parties,
			None => one == other,
		}
	}

	fn is_dust(&self, tick: Tick, lots: Lots) -> bool {
		u128::from(tick) * u128::from(lots) < self.min_notional.into()
	}

	fn held(&self, owner: u8, side: Side) -> Lots {
		self.reducible.get(&(owner, side == Side::Ask)).copied().unwrap_or_default()
	}

	pub fn place(&mut self, order: NewOrder<u8>, context: Context) -> Done {
		let may_rest = !matches!(
			order.time_in_force,
			TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill
		);
		let all = self.bids.iter().chain(&self.asks);
		let count = all.filter(|(_, resting)| resting.owner == order.owner).count() as u32;
		if may_rest && self.max_orders.is_some_and(|most| count >= most) {
			return Err(Rejection::TooManyOrders);
		}
		let order = self.checked(order, context)?;
		self.last_id += 1;
		Ok(self.start(self.last_id, order, context))
	}

	fn checked(
		&self,
		mut order: NewOrder<u8>,
		context: Context,
	) -> Result<NewOrder<u8>, Rejection> {
		if order.lots == 0 {
			return Err(Rejection::ZeroLots);
		}
		if order.lots > MAX_LOTS {
			return Err(Rejection::TooManyLots);
		}
		if order.tick >= TICKS {
			return Err(Rejection::TickOutOfRange);
		}
		if order.reduce_only {
			order.lots = order.lots.min(self.held(order.owner, order.side));
			if order.lots == 0 {
				return Err(Rejection::NothingToReduce);
			}
		}
		match order.time_in_force {
			TimeInForce::GoodTilTime(until) if until <= context.now => Err(Rejection::Expired),
			TimeInForce::PostOnly if self.crossing(&order).is_some() => Err(Rejection::WouldTrade),
			TimeInForce::FillOrKill => match self.can_fill(order, context) {
				Ok(()) => Ok(order),
				Err(met) => Err(Rejection::CannotFill { met }),
			},
			_ => Ok(order),
		}
	}

	/// A copy does it, with what rests to reduce being worth nothing, and two meetings. If it cannot, so
	/// many were met.
	fn can_fill(&self, order: NewOrder<u8>, context: Context) -> Result<(), u32> {
		let (mut left, mut matches) = (order.lots, 0);
		for (tick, maker) in self.side(order.side.opposite()) {
			if left == 0 || !crosses(order.side, order.tick, tick) {
				break;
			}
			let before = matches;
			matches += if maker.reduce_only { 2 } else { 1 };
			if context.max_matches.is_some_and(|most| matches > most) {
				return Err(before);
			}
			if maker.expires_at <= context.now {
				continue;
			}
			if self.is_same_party(maker.owner, order.owner) {
				if order.self_trade == SelfTrade::CancelMaker {
					continue;
				}
				return Err(matches);
			}
			if !maker.reduce_only {
				left = left.saturating_sub(maker.lots);
			}
		}
		if left == 0 {
			Ok(())
		} else {
			Err(matches)
		}
	}

	fn crossing(&self, order: &NewOrder<u8>) -> Option<Entry> {
		let best = *self.side(order.side.opposite()).first()?;
		crosses(order.side, order.tick, best.0).then_some(best)
	}

	fn start(&mut self, id: OrderId, order: NewOrder<u8>, context: Context) -> (Vec<Event>, Lots) {
		let mut events = vec![Event::Accepted { id, lots: order.lots }];
		let (mut left, mut filled, mut matches) = (order.lots, 0, 0);
		let (mut stopped, mut is_decremented) = (None, false);
		let other = order.side.opposite();
		while left > 0 {
			let Some((tick, maker)) = self.crossing(&order) else { break };
			if context.max_matches == Some(matches) {
				stopped = Some(CancelReason::MatchLimit);
				break;
			}
			matches += 1;
			let mut drop = |naive: &mut Self, lots, reason| {
				let left = naive.reduce_first(other, lots);
				events.push(Event::Cancelled { id: maker.id, lots, left, reason });
			};
			if maker.expires_at <= context.now {
				drop(self, maker.lots, CancelReason::Expired);
			} else if self.is_same_party(maker.owner, order.owner) {
				let reason = CancelReason::SelfTrade;
				match order.self_trade {
					SelfTrade::CancelMaker => drop(self, maker.lots, reason),
					SelfTrade::CancelTaker => stopped = Some(reason),
					SelfTrade::CancelBoth => {
						drop(self, maker.lots, reason);
						stopped = Some(reason);
					},
					SelfTrade::Decrement => {
						let lots = left.min(maker.lots);
						drop(self, lots, reason);
						events.push(Event::Cancelled { id, lots, left: 0, reason });
						left -= lots;
						is_decremented = true;
						self.drop_dust(other, (tick, maker.id, maker.lots - lots), &mut events);
					},
				}
			} else if maker.reduce_only && self.held(maker.owner, other) < maker.lots {
				let lots = maker.lots - self.held(maker.owner, other);
				drop(self, lots, CancelReason::NothingToReduce);
			} else {
				let lots = left.min(maker.lots);
				let maker_left = self.reduce_first(other, lots);
				events.push(Event::Filled {
					maker: maker.id,
					tick,
					left: maker_left,
					taker: id,
					lots,
				});
				left -= lots;
				filled += lots;
			}
			if stopped.is_some() {
				break;
			}
		}
		let is_free = filled == 0 || is_decremented;
		self.finish(id, order, (left, is_free), stopped, &mut events);
		(events, filled)
	}

	fn finish(
		&mut self,
		id: OrderId,
		order: NewOrder<u8>,
		(left, is_free): (Lots, bool),
		stopped: Option<CancelReason>,
		events: &mut Vec<Event>,
	) {
		let expires_at = match order.time_in_force {
			TimeInForce::GoodTilTime(until) => Some(until),
			TimeInForce::GoodTilCancelled | TimeInForce::PostOnly => Some(u64::MAX),
			_ => None,
		};
		if left == 0 {
			return;
		}
		let (None, Some(expires_at)) = (stopped, expires_at) else {
			let reason = stopped.unwrap_or(CancelReason::Unfilled);
			return events.push(Event::Cancelled { id, lots: left, left: 0, reason });
		};
		let NewOrder { owner, side, tick, reduce_only, .. } = order;
		if is_free && self.is_dust(tick, left) {
			let reason = CancelReason::Dust;
			return events.push(Event::Cancelled { id, lots: left, left: 0, reason });
		}
		let resting = Resting { id, owner, lots: left, expires_at, reduce_only };
		let orders = self.side_mut(side);
		// Behind all that are as good.
		let place = orders.iter().position(|(other, _)| match side {
			Side::Bid => *other < tick,
			Side::Ask => *other > tick,
		});
		orders.insert(place.unwrap_or(orders.len()), (tick, resting));
		events.push(Event::Rested { id, tick, lots: left });
	}

	/// What an order of the taker's party has left, if that is too little to stay.
	fn drop_dust(
		&mut self,
		side: Side,
		(tick, id, lots): (Tick, OrderId, Lots),
		events: &mut Vec<Event>,
	) {
		if lots > 0 && self.is_dust(tick, lots) {
			let left = self.reduce_first(side, lots);
			events.push(Event::Cancelled { id, lots, left, reason: CancelReason::Dust });
		}
	}

	fn reduce_first(&mut self, side: Side, lots: Lots) -> Lots {
		let orders = self.side_mut(side);
		orders[0].1.lots -= lots;
		let left = orders[0].1.lots;
		if left == 0 {
			orders.remove(0);
		}
		left
	}

	pub fn cancel(&mut self, id: OrderId, reason: CancelReason) -> Done {
		for side in [Side::Bid, Side::Ask] {
			let orders = self.side_mut(side);
			if let Some(index) = orders.iter().position(|(_, order)| order.id == id) {
				let (_, gone) = orders.remove(index);
				return Ok((vec![Event::Cancelled { id, lots: gone.lots, left: 0, reason }], 0));
			}
		}
		Err(Rejection::UnknownOrder)
	}

	pub fn amend(&mut self, id: OrderId, change: Change, context: Context) -> Done {
		let found = [Side::Bid, Side::Ask].into_iter().find_map(|side| {
			let index = self.side(side).iter().position(|(_, order)| order.id == id)?;
			Some((side, index))
		});
		let (side, index) = found.ok_or(Rejection::UnknownOrder)?;
		let (tick, before) = self.side(side)[index];
		let end = match change.time_in_force {
			TimeInForce::GoodTilTime(until) => Some(until),
			TimeInForce::GoodTilCancelled | TimeInForce::PostOnly => Some(u64::MAX),
			TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill => None,
		};
		let is_alike = change.tick == tick && end == Some(before.expires_at);
		if is_alike && change.lots == before.lots {
			return Err(Rejection::NoChange);
		}
		if is_alike && change.lots > 0 && change.lots < before.lots {
			self.side_mut(side)[index].1.lots = change.lots;
			let (lots, left) = (before.lots - change.lots, change.lots);
			let reason = CancelReason::Requested;
			return Ok((vec![Event::Cancelled { id, lots, left, reason }], 0));
		}
		let order = NewOrder {
			owner: before.owner,
			side,
			tick: change.tick,
			lots: change.lots,
			time_in_force: change.time_in_force,
			self_trade: change.self_trade,
			reduce_only: before.reduce_only,
		};
		let order = self.checked(order, context)?;
		let (mut events, _) = self.cancel(id, CancelReason::Replaced)?;
		let (more, filled) = self.start(id, order, context);
		events.extend(more);
		Ok((events, filled))
	}
}

fn crosses(side: Side, limit: Tick, tick: Tick) -> bool {
	match side {
		Side::Bid => tick <= limit,
		Side::Ask => tick >= limit,
	}
}
