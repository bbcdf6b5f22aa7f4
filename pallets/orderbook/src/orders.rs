//! Placing, cancelling and amending.

use frame_support::{ensure, storage::with_storage_layer, traits::Get};
use lx_matching::{
	amend, cancel, find, place, CancelReason, Change, Context, Failure, NewOrder, OrderId, Outcome,
	Place, Placed, Rejection, Side, TimeInForce,
};
use lx_primitives::{
	trading::{FundsError, MarketId, OpenOrder, Source, TradingAccount, TradingId},
	traits::{Calendar, Clearing},
	AssetId, Balance,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	counted,
	trade::{orders_of, Party, Trade},
	Amendment, Config, Error, Event, Market, MarketStatus, Markets, Operation, OrderName,
	OrderRequest, Pallet, Shelf, MAX_MATCHES, MIN_LIFETIME,
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
			Rejection::CannotFill => Self::CannotFill,
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

/// A market and an account that were taken out, and the work that was done on them.
pub(crate) struct Session<T: Config> {
	pub(crate) shelf: Shelf<T>,
	pub(crate) trade: Trade<T>,
	/// Who asks for the work.
	pub(crate) who: T::AccountId,
	now: u64,
	/// Whether a trigger of the market was to fire when it was taken out.
	was_due: bool,
	/// How many resting orders were met, or may have been by what has failed.
	pub(crate) matches: u32,
	/// Whether the order that was placed last has met others, or may have though it failed.
	pub(crate) has_met: bool,
}

impl<T: Config> Session<T> {
	/// Takes a market and an account out for `who`, who owns the account or holds a key to it.
	pub(crate) fn open(
		who: &T::AccountId,
		account: TradingId<T::AccountId>,
		id: MarketId,
	) -> Result<Self, Error<T>> {
		let market = Markets::<T>::get(id).ok_or(Error::<T>::UnknownMarket)?;
		let taker = Party::<T>::take(account);
		let now = T::Calendar::now();
		let may_trade = taker.id.owner == *who || taker.account.is_trusted(who, now);
		ensure!(may_trade, Error::<T>::NotTrusted);
		let was_due = market.is_due();
		let shelf = Shelf::new(id, market);
		let trade = Trade::new(id, market.terms, taker);
		Ok(Self { shelf, trade, who: who.clone(), now, was_due, matches: 0, has_met: false })
	}

	/// Stores what was taken out.
	pub(crate) fn close(self) -> DispatchResult {
		let mut market = self.shelf.market;
		if let Some(prices) = self.trade.prices {
			market.note(prices);
		}
		Pallet::<T>::put_market(self.shelf.id, market, self.was_due);
		Ok(self.trade.finish()?)
	}

	pub(crate) fn run(&mut self, operation: &Operation) -> DispatchResult {
		match operation {
			Operation::Place(request) => self.place(request),
			Operation::Cancel(name) => self.cancel(*name),
			Operation::Amend(name, amendment) => self.amend(*name, amendment),
		}
	}

	pub(crate) fn place(&mut self, request: &OrderRequest) -> DispatchResult {
		self.has_met = false;
		self.ensure_accepts(request.time_in_force)?;
		self.ensure_worth(request.side, request.tick, request.lots)?;
		self.ensure_lives(request.time_in_force)?;
		self.submit(request)
	}

	/// Places what is left of an order that began before: it was worth enough then, and long-lived.
	pub(crate) fn go_on(&mut self, request: &OrderRequest) -> DispatchResult {
		self.has_met = false;
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
		self.fund(side, tick, lots, 0)?;
		self.trade.client = request.client;
		self.shelf.room = self.room();
		let Self { shelf, trade, .. } = self;
		let placed = place(shelf, order, context, &mut |report| trade.hear(report));
		self.has_met = may_have_met(&placed);
		self.count(time_in_force, placed.map_err(Error::<T>::from)?);
		Ok(())
	}

	pub(crate) fn cancel(&mut self, name: OrderName) -> DispatchResult {
		self.ensure_not_halted()?;
		let OpenOrder { place, .. } = self.named(name)?;
		Ok(self.cancel_at(place, CancelReason::Requested)?)
	}

	/// Cancels all of the account's orders in the market, of one side or of both: how many.
	pub(crate) fn cancel_all(&mut self, side: Option<Side>) -> Result<u32, DispatchError> {
		self.ensure_not_halted()?;
		let places = orders_of(&self.trade.taker.account, self.shelf.id, side);
		for place in &places {
			self.cancel_at(*place, CancelReason::Requested)?;
		}
		Ok(places.len() as u32)
	}

	pub(crate) fn amend(&mut self, name: OrderName, amendment: &Amendment) -> DispatchResult {
		let Amendment { tick, lots, time_in_force, self_trade, max_matches } = *amendment;
		let OpenOrder { place, client, .. } = self.named(name)?;
		let before = find(&self.shelf, place).ok_or(Error::<T>::Corrupt)?;
		let is_less = tick == place.tick && lots <= before.lots;
		if is_less {
			self.ensure_not_halted()?;
		} else {
			self.ensure_accepts(time_in_force)?;
			self.ensure_lives(time_in_force)?;
		}
		self.ensure_worth(place.side, tick, lots)?;
		let context = self.context(max_matches)?;
		let terms = self.shelf.market.terms;
		let freed = terms.gives(place.side, place.tick, before.lots);
		let (_, freed) = freed.ok_or(Error::<T>::Overflow)?;
		self.fund(place.side, tick, lots, freed)?;
		self.trade.client = client;
		let change = Change { tick, lots, time_in_force, self_trade };
		let Self { shelf, trade, .. } = self;
		let amended = amend(shelf, place, change, context, &mut |report| trade.hear(report));
		self.count(time_in_force, amended.map_err(Error::<T>::from)?);
		Ok(())
	}

	/// Takes an order out whose time is over, whoever's it is.
	pub(crate) fn expire(&mut self, id: OrderId) -> DispatchResult {
		let OpenOrder { place, .. } = self.named(OrderName::Id(id))?;
		let order = find(&self.shelf, place).ok_or(Error::<T>::UnknownOrder)?;
		ensure!(order.expires_at <= self.now, Error::<T>::NotExpired);
		Ok(self.cancel_at(place, CancelReason::Expired)?)
	}

	fn cancel_at(&mut self, place: Place, reason: CancelReason) -> Result<(), Error<T>> {
		let Self { shelf, trade, .. } = self;
		cancel(shelf, place, reason, &mut |report| trade.hear(report))?;
		Ok(())
	}

	fn count(&mut self, time_in_force: TimeInForce, Placed { matches, .. }: Placed) {
		self.matches = self.matches.saturating_add(counted(time_in_force, matches));
	}

	fn context(&self, max_matches: u32) -> Result<Context, Error<T>> {
		ensure!(max_matches <= MAX_MATCHES, Error::<T>::TooManyMatches);
		Ok(Context { now: self.now, max_matches: Some(max_matches) })
	}

	fn room(&self) -> u32 {
		let open = u32::try_from(self.account().orders.len()).unwrap_or(u32::MAX);
		T::MaxOpenOrders::get().saturating_sub(open)
	}

	fn account(&self) -> &TradingAccount<T::AccountId> {
		&self.trade.taker.account
	}

	/// The open order of this name in the market.
	fn named(&self, name: OrderName) -> Result<OpenOrder, Error<T>> {
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

	/// Makes sure that what an order gives at its worst price is there, `freed` being about to become
	/// free.
	fn fund(&mut self, side: Side, tick: u32, lots: u64, freed: u128) -> DispatchResult {
		let gives = self.shelf.market.terms.gives(side, tick, lots);
		let (asset, amount) = gives.ok_or(Error::<T>::Overflow)?;
		self.need(asset, amount.saturating_sub(freed))
	}

	/// Makes sure that so much is free in the account. Only its owner reaches his wallet.
	pub(crate) fn need(&mut self, asset: AssetId, amount: Balance) -> DispatchResult {
		let Party { id, account } = &mut self.trade.taker;
		let source = if id.owner == self.who { Source::Wallet } else { Source::Account };
		T::Clearing::ensure_free(id, account, asset, amount, source)
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
	/// sells at.
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
		ensure!(until > self.now, Error::<T>::Expired);
		ensure!(until >= self.now.saturating_add(MIN_LIFETIME), Error::<T>::TooShortLived);
		Ok(())
	}

	fn ensure_unused(&self, client: Option<u64>) -> Result<(), Error<T>> {
		let is_used =
			client.is_some() && self.account().orders.iter().any(|order| order.client == client);
		ensure!(!is_used, Error::<T>::DuplicateClientId);
		Ok(())
	}

	/// Runs the operations of a batch, in order. One that fails is announced and has changed nothing;
	/// or it ends the batch, if all are to be done or none.
	pub(crate) fn batch(
		&mut self,
		operations: &[Operation],
		is_all_or_nothing: bool,
	) -> DispatchResult {
		for (index, operation) in (0u32..).zip(operations) {
			match self.attempt(operation) {
				Ok(()) => {},
				Err(error) if is_all_or_nothing => return Err(error),
				Err(error) => {
					// How far it got is undone, and not known.
					self.matches = self.matches.saturating_add(operation.most_matches());
					Pallet::<T>::deposit_event(Event::OperationFailed { index, error });
				},
			}
		}
		Ok(())
	}

	/// Runs an operation whole or not at all.
	fn attempt(&mut self, operation: &Operation) -> DispatchResult {
		let (market, trade) = (self.shelf.market, self.trade.snapshot());
		let done = with_storage_layer(|| self.run(operation));
		if done.is_err() {
			self.shelf.market = market;
			self.trade.restore(trade);
		}
		done
	}
}

/// Whether an order may have met others. One that is rejected has not, unless it has looked at them.
fn may_have_met<E>(placed: &Outcome<Placed, E>) -> bool {
	match placed {
		Ok(placed) => placed.matches > 0,
		Err(Failure::Rejected(rejection)) => *rejection == Rejection::CannotFill,
		Err(Failure::Listener(_) | Failure::Corrupt) => true,
	}
}
