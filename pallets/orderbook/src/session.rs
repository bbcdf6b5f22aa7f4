//! A market and an account that are taken out of the state for the time of a call.

use frame_support::{
	dispatch::{DispatchResultWithPostInfo, WithPostDispatchInfo},
	ensure,
	pallet_prelude::Weight,
	storage::with_storage_layer,
};
use lx_matching::TimeInForce;
use lx_primitives::{
	trading::{MarketId, Source, TradingAccount, TradingId},
	traits::{Calendar, Clearing},
	AssetId, Balance, Moment,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	trade::{Asker, Party, Trade},
	work::Work,
	Config, Error, Event, Markets, Operation, Pallet, Shelf,
};

/// A market and an account that were taken out, and the work that was done on them.
///
/// Operations change what is held here. It is stored when the session [closes](Session::close).
pub(crate) struct Session<T: Config> {
	pub(crate) shelf: Shelf<T>,
	pub(crate) trade: Trade<T>,
	/// Whether a trigger of the market was to fire when it was taken out.
	was_due: bool,
	/// What was done, also by what has failed.
	pub(crate) work: Work,
}

impl<T: Config> Session<T> {
	/// Takes a market and an account out for `who`, who owns the account or holds a key to it.
	pub(crate) fn open(
		who: &T::AccountId,
		account: TradingId<T::AccountId>,
		id: MarketId,
	) -> Result<Self, Error<T>> {
		let stored = Markets::<T>::get(id).ok_or(Error::<T>::UnknownMarket)?;
		let is_fresh = stored.changed_in != frame_system::Pallet::<T>::block_number();
		let market = stored.value;
		let taker = Party::<T>::take(account);
		let asker = Asker { who: who.clone(), now: T::Calendar::now() };
		ensure!(asker.may_trade_for(&taker.id, &taker.account), Error::<T>::NotTrusted);
		let was_due = market.is_due();
		let shelf = Shelf::new(id, market);
		let trade = Trade::new(id, market.terms, asker, taker);
		Ok(Self { shelf, trade, was_due, work: Work::new(is_fresh) })
	}

	/// Stores what was taken out, and says how much all has weighed.
	pub(crate) fn close(mut self) -> DispatchResultWithPostInfo {
		self.keep();
		if let Some(prices) = self.trade.prices {
			self.shelf.market.note(prices);
			self.work.trades = true;
			self.work.alerts = self.shelf.market.is_due() != self.was_due;
		}
		let weight = self.weight();
		self.shelf.store();
		Pallet::<T>::put_market(self.shelf.id, self.shelf.market, self.was_due);
		self.trade.finish().map_err(|error| error.with_weight(weight))?;
		Ok(Some(weight).into())
	}

	/// How much it has weighed so far.
	pub(crate) fn weight(&self) -> Weight {
		let mut work = self.work;
		work.visits = self.shelf.visits();
		work.weight::<T>()
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
					Pallet::<T>::deposit_event(Event::OperationFailed { index, error });
				},
			}
		}
		Ok(())
	}

	/// Runs an operation whole or not at all.
	fn attempt(&mut self, operation: &Operation) -> DispatchResult {
		let (market, trade) = (self.shelf.market, self.trade.snapshot());
		// All that an operation changes is held here, but for the wallet.
		let done = if self.may_draw(operation) {
			with_storage_layer(|| self.run(operation))
		} else {
			self.run(operation)
		};
		match done {
			Ok(()) => self.keep(),
			Err(_) => {
				self.shelf.undo(market);
				self.trade.undo(trade);
			},
		}
		done
	}

	fn run(&mut self, operation: &Operation) -> DispatchResult {
		match operation {
			Operation::Place(request) => self.place(request),
			Operation::Cancel(name) => self.cancel(*name),
			Operation::Amend(name, amendment) => self.amend(*name, amendment),
		}
	}

	/// The operation at hand has done its work.
	pub(crate) fn keep(&mut self) {
		self.shelf.keep();
		self.trade.keep();
	}

	/// Whether an operation may need more than is free in the account.
	fn may_draw(&self, operation: &Operation) -> bool {
		let (side, tick, lots) = match operation {
			Operation::Place(order) => (order.side, order.tick, order.lots),
			Operation::Amend(name, amendment) => {
				let Ok(order) = self.named(*name) else { return false };
				(order.place.side, amendment.tick, amendment.lots)
			},
			Operation::Cancel(_) => return false,
		};
		// What overflows is refused before anything is asked of the wallet.
		let gives = self.trade.terms.gives(side, tick, lots);
		gives.is_some_and(|(asset, amount)| self.account().holding(asset).free < amount)
	}

	/// Makes sure that what an order may give is free in the account, and says how much of it is lent:
	/// the wallet keeps what an order does not give that only trades at once.
	pub(crate) fn fund(
		&mut self,
		asset: AssetId,
		amount: Balance,
		time_in_force: TimeInForce,
	) -> Result<Balance, DispatchError> {
		if time_in_force.may_rest() {
			return self.need(asset, amount).map(|()| 0);
		}
		let source = self.source_of(asset, amount);
		let Party { id, account } = &mut self.trade.taker;
		T::Clearing::lend(id, account, asset, amount, source)
	}

	/// Brings what was lent and is given.
	pub(crate) fn settle(&mut self, asset: AssetId, lent: Balance) -> DispatchResult {
		let Party { id, account } = &mut self.trade.taker;
		T::Clearing::settle(id, account, asset, lent)
	}

	/// Makes sure that so much is free in the account.
	pub(crate) fn need(&mut self, asset: AssetId, amount: Balance) -> DispatchResult {
		let source = self.source_of(asset, amount);
		let Party { id, account } = &mut self.trade.taker;
		T::Clearing::ensure_free(id, account, asset, amount, source)
	}

	/// Where so much comes from. Only its owner reaches his wallet.
	fn source_of(&mut self, asset: AssetId, amount: Balance) -> Source {
		if self.trade.taker.id.owner != self.trade.asker.who {
			return Source::Account;
		}
		if self.account().holding(asset).free < amount {
			self.work.draw();
		}
		Source::Wallet
	}

	pub(crate) fn now(&self) -> Moment {
		self.trade.asker.now
	}

	pub(crate) fn account(&self) -> &TradingAccount<T::AccountId> {
		&self.trade.taker.account
	}
}
