//! Placing, cancelling and amending.

use frame_support::{ensure, traits::Get};
use lx_matching::{
	amend, cancel, find, place, CancelReason, Change, Context, Failure, NewOrder, OrderId, Outcome,
	Place, Placed, Rejection, Side, TimeInForce,
};
use lx_primitives::{
	trading::{FundsError, OpenOrder},
	AssetId, Balance,
};
use sp_runtime::DispatchResult;

use crate::{
	counted, session::Session, trade::orders_of, Amendment, Config, Error, Market, MarketStatus,
	OrderName, OrderRequest, MAX_MATCHES, MIN_LIFETIME,
};

impl<T: Config> From<FundsError> for Error<T> {
	fn from(error: FundsError) -> Self {
		match error {
			FundsError::Insufficient => Self::InsufficientFunds,
			FundsError::TooManyAssets => Self::TooManyAssets,
			FundsError::Overflow => Self::Overflow,
		}
	}
}

impl<T: Config> From<Rejection> for Error<T> {
	fn from(rejection: Rejection) -> Self {
		match rejection {
			Rejection::ZeroLots => Self::ZeroLots,
			Rejection::TickOutOfRange => Self::TickOutOfRange,
			Rejection::Expired => Self::Expired,
			Rejection::WouldTrade => Self::WouldTrade,
			Rejection::CannotFill { .. } => Self::CannotFill,
			Rejection::NothingToReduce => Self::NothingToReduce,
			Rejection::TooManyLots => Self::TooManyLots,
			Rejection::UnknownOrder => Self::UnknownOrder,
			Rejection::NoChange => Self::NoChange,
			Rejection::TooManyOrders => Self::TooManyOrders,
		}
	}
}

impl<T: Config> From<Failure<Error<T>>> for Error<T> {
	fn from(failure: Failure<Error<T>>) -> Self {
		match failure {
			Failure::Rejected(rejection) => rejection.into(),
			Failure::Listener(error) => error,
			Failure::Corrupt => Self::Corrupt,
		}
	}
}

impl<T: Config> Session<T> {
	pub(crate) fn place(&mut self, request: &OrderRequest) -> DispatchResult {
		self.work.place();
		self.ensure_accepts(request.time_in_force)?;
		self.ensure_worth(request.side, request.tick, request.lots)?;
		self.ensure_lives(request.time_in_force)?;
		self.submit(request)
	}

	/// Places what is left of an order that began before: it was worth enough then, and long-lived.
	pub(crate) fn go_on(&mut self, request: &OrderRequest) -> DispatchResult {
		self.work.place();
		self.ensure_accepts(request.time_in_force)?;
		self.submit(request)
	}

	fn submit(&mut self, request: &OrderRequest) -> DispatchResult {
		let OrderRequest { side, tick, lots, time_in_force, self_trade, reduce_only, .. } =
			*request;
		self.ensure_unused(request.client)?;
		let context = self.context(request.max_matches)?;
		let owner = self.trade.taker.id.clone();
		let order = NewOrder { owner, side, tick, lots, time_in_force, self_trade, reduce_only };
		let (asset, amount) = self.gives(side, tick, lots)?;
		let lent = self.fund(asset, amount, time_in_force)?;
		self.trade.client = request.client;
		self.shelf.room = self.room();
		let Self { shelf, trade, .. } = self;
		let placed = place(shelf, order, context, &mut |report| trade.hear(report));
		self.count_matches(time_in_force, request.max_matches, &placed);
		if placed.map_err(Error::<T>::from)?.rested.is_some() {
			self.work.rest(time_in_force);
		}
		self.settle(asset, lent)
	}

	pub(crate) fn cancel(&mut self, name: OrderName) -> DispatchResult {
		self.work.cancel();
		self.ensure_not_halted()?;
		let OpenOrder { place, .. } = self.named(name)?;
		Ok(self.cancel_at(place, CancelReason::Requested)?)
	}

	/// Cancels all of the account's orders in the market, of one side or of both.
	pub(crate) fn cancel_all(&mut self, side: Option<Side>) -> DispatchResult {
		self.ensure_not_halted()?;
		for place in orders_of(self.account(), self.shelf.id, side) {
			self.work.cancel();
			self.cancel_at(place, CancelReason::Requested)?;
		}
		Ok(())
	}

	pub(crate) fn amend(&mut self, name: OrderName, amendment: &Amendment) -> DispatchResult {
		self.work.cancel();
		self.work.place();
		let Amendment { tick, lots, time_in_force, self_trade, max_matches } = *amendment;
		let OpenOrder { place, client, .. } = self.named(name)?;
		let before = find(&self.shelf, place).ok_or(Error::<T>::Corrupt)?;
		let change = Change { tick, lots, time_in_force, self_trade };
		let keeps_place = change.keeps_place(place, &before);
		if keeps_place {
			self.ensure_not_halted()?;
		} else {
			self.ensure_accepts(time_in_force)?;
			self.ensure_lives(time_in_force)?;
		}
		self.ensure_worth(place.side, tick, lots)?;
		let context = self.context(max_matches)?;
		let (_, freed) = self.gives(place.side, place.tick, before.lots)?;
		let (asset, amount) = self.gives(place.side, tick, lots)?;
		let lent = self.fund(asset, amount.saturating_sub(freed), time_in_force)?;
		self.trade.client = client;
		let Self { shelf, trade, .. } = self;
		let amended = amend(shelf, place, change, context, &mut |report| trade.hear(report));
		self.count_matches(time_in_force, max_matches, &amended);
		let amended = amended.map_err(Error::<T>::from)?;
		// One that keeps its place has paid for its end.
		if amended.rested.is_some() && !keeps_place {
			self.work.rest(time_in_force);
		}
		self.settle(asset, lent)
	}

	/// Takes an order out whose time is over, whoever's it is.
	pub(crate) fn expire(&mut self, id: OrderId) -> DispatchResult {
		self.work.cancel();
		let OpenOrder { place, .. } = self.named(OrderName::Id(id))?;
		let order = find(&self.shelf, place).ok_or(Error::<T>::UnknownOrder)?;
		ensure!(order.expires_at <= self.now(), Error::<T>::NotExpired);
		Ok(self.cancel_at(place, CancelReason::Expired)?)
	}

	fn cancel_at(&mut self, place: Place, reason: CancelReason) -> Result<(), Error<T>> {
		let Self { shelf, trade, .. } = self;
		cancel(shelf, place, reason, &mut |report| trade.hear(report))?;
		Ok(())
	}

	/// Counts the orders that one has met; that it has looked at in vain; or all that it may have met if it
	/// has failed amid them: how far it got is not known then.
	fn count_matches<E>(
		&mut self,
		time_in_force: TimeInForce,
		most: u32,
		placed: &Outcome<Placed, E>,
	) {
		let matches = match placed {
			Ok(placed) => counted(time_in_force, placed.matches),
			Err(Failure::Rejected(Rejection::CannotFill { met })) => *met,
			Err(Failure::Rejected(_)) => 0,
			Err(Failure::Listener(_) | Failure::Corrupt) => counted(time_in_force, most),
		};
		self.work.meet(matches);
	}

	fn context(&self, max_matches: u32) -> Result<Context, Error<T>> {
		ensure!(max_matches <= MAX_MATCHES, Error::<T>::TooManyMatches);
		Ok(Context { now: self.now(), max_matches: Some(max_matches) })
	}

	fn room(&self) -> u32 {
		let open = u32::try_from(self.account().orders.len()).unwrap_or(u32::MAX);
		T::MaxOpenOrders::get().saturating_sub(open)
	}

	/// The open order of this name in the market.
	pub(crate) fn named(&self, name: OrderName) -> Result<OpenOrder, Error<T>> {
		let market = self.shelf.id;
		let is_it = |order: &&OpenOrder| {
			order.market == market
				&& match name {
					OrderName::Id(id) => order.place.id == id,
					OrderName::Client(client) => order.client == Some(client),
				}
		};
		self.account().orders.iter().find(is_it).copied().ok_or(Error::<T>::UnknownOrder)
	}

	/// What an order gives at its worst price.
	fn gives(&self, side: Side, tick: u32, lots: u64) -> Result<(AssetId, Balance), Error<T>> {
		self.shelf.market.terms.gives(side, tick, lots).ok_or(Error::<T>::Overflow)
	}

	fn ensure_accepts(&self, time_in_force: TimeInForce) -> Result<(), Error<T>> {
		match self.shelf.market.status {
			MarketStatus::Active => Ok(()),
			MarketStatus::PostOnly if time_in_force == TimeInForce::PostOnly => Ok(()),
			MarketStatus::PostOnly => Err(Error::<T>::PostOnlyMarket),
			MarketStatus::CancelOnly => Err(Error::<T>::CancelOnlyMarket),
			MarketStatus::Halted => Err(Error::<T>::HaltedMarket),
		}
	}

	pub(crate) fn ensure_not_halted(&self) -> Result<(), Error<T>> {
		let is_halted = self.shelf.market.status == MarketStatus::Halted;
		ensure!(!is_halted, Error::<T>::HaltedMarket);
		Ok(())
	}

	/// An order is worth the least that the market takes: at its own price, or at the best one that it
	/// sells at. If it does not sell then, the engine asks again before it rests.
	pub(crate) fn ensure_worth(&self, side: Side, tick: u32, lots: u64) -> Result<(), Error<T>> {
		Self::ensure_in_range(tick, lots)?;
		let Market { terms, best_bid, .. } = self.shelf.market;
		let tick = match side {
			Side::Bid => tick,
			Side::Ask => tick.max(best_bid.unwrap_or_default()),
		};
		let notional = terms.notional(tick, lots).ok_or(Error::<T>::Overflow)?;
		ensure!(notional >= terms.min_notional, Error::<T>::BelowMinNotional);
		Ok(())
	}

	pub(crate) fn ensure_in_range(tick: u32, lots: u64) -> Result<(), Error<T>> {
		ensure!(lots > 0, Error::<T>::ZeroLots);
		ensure!(lots <= lx_matching::MAX_LOTS, Error::<T>::TooManyLots);
		ensure!(tick < lx_matching::TICKS, Error::<T>::TickOutOfRange);
		Ok(())
	}

	/// An order that lives until a moment lives long enough for others to meet it.
	pub(crate) fn ensure_lives(&self, time_in_force: TimeInForce) -> Result<(), Error<T>> {
		let TimeInForce::GoodTilTime(until) = time_in_force else { return Ok(()) };
		ensure!(until > self.now(), Error::<T>::Expired);
		ensure!(until >= self.now().saturating_add(MIN_LIFETIME), Error::<T>::TooShortLived);
		Ok(())
	}

	fn ensure_unused(&self, client: Option<u64>) -> Result<(), Error<T>> {
		let is_used =
			client.is_some() && self.account().orders.iter().any(|order| order.client == client);
		ensure!(!is_used, Error::<T>::DuplicateClientId);
		Ok(())
	}
}
