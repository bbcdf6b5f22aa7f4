//! Triggers: orders that wait for a price.

mod fire;
mod invariants;
mod types;
mod waiting;
mod watch;

use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use lx_matching::{Book, Lots, Place, Side, Tick};
use lx_primitives::{trading::TradingId, Balance};
use sp_runtime::DispatchResult;

use crate::{
	session::Session, Config, Error, Event, Market, MarketStatus, OrderRequest, Pallet, Triggers,
};

pub use types::*;
pub(crate) use waiting::Waiting;
pub(crate) use watch::Prices;
pub use watch::{Flank, Watch};

impl<T: Config> Session<T> {
	/// Lets a trigger wait for the account.
	pub(crate) fn set_trigger(&mut self, request: &TriggerRequest) -> DispatchResult {
		let TriggerRequest { when, order } = *request;
		let (side, tick) = when.split();
		self.ensure_takes_triggers()?;
		Self::ensure_in_range(tick, order.lots)?;
		ensure!((side, tick) != BEGUN, Error::<T>::TickOutOfRange);
		self.ensure_may_wait(&order, tick)?;
		let Market { watch, last, .. } = self.shelf.market;
		ensure!(!watch.is_met(when, last), Error::<T>::AlreadyMet);
		let deposit = T::TriggerDeposit::get();
		self.set_aside(deposit)?;
		let account = self.trade.taker.id.clone();
		let place = self.change_waiting(side, |waiting| waiting.add(tick, account.clone()))?;
		let (market, id, set_by) = (self.shelf.id, place.id, self.trade.asker.who.clone());
		let trigger = Trigger { market, id, when, place, order, deposit, set_by: set_by.clone() };
		let mut list = Triggers::<T>::get(&account.owner, account.sub);
		list.try_push(trigger).map_err(|_| Error::<T>::TooManyTriggers)?;
		Triggers::<T>::insert(&account.owner, account.sub, list);
		let (trigger, request) = (id, *request);
		let event = Event::TriggerSet { market, trigger, account, request, deposit, set_by };
		Pallet::<T>::deposit_event(event);
		Ok(())
	}

	/// Checks an order that is to wait as one that is placed, as far as can be known now: one that is
	/// sure to fail would be work that nobody needs.
	fn ensure_may_wait(&self, order: &OrderRequest, waits_for: Tick) -> Result<(), Error<T>> {
		let OrderRequest { side, tick, lots, .. } = *order;
		Self::ensure_in_range(tick, lots)?;
		ensure!(order.max_matches <= MAX_TRIGGER_MATCHES, Error::<T>::TooManyMatches);
		let likely = match side {
			Side::Bid => tick,
			// It is about there that it will sell, if that is better than its worst price.
			Side::Ask => tick.max(waits_for),
		};
		self.ensure_worth(side, likely, lots)?;
		self.ensure_lives(order.time_in_force)?;
		let reduces = !order.reduce_only || self.shelf.reducible(&self.trade.taker.id, side) > 0;
		ensure!(reduces, Error::<T>::NothingToReduce);
		Ok(())
	}

	/// Clears a trigger of the account.
	pub(crate) fn clear_trigger(&mut self, id: TriggerId) -> DispatchResult {
		self.ensure_not_halted()?;
		self.take_trigger(id)?;
		let (market, account) = (self.shelf.id, self.trade.taker.id.clone());
		Pallet::<T>::deposit_event(Event::TriggerCleared { market, trigger: id, account });
		Ok(())
	}

	/// Takes a trigger of the account out, and gives its deposit back.
	pub(crate) fn take_trigger(&mut self, id: TriggerId) -> Result<(), Error<T>> {
		let (market, account) = (self.shelf.id, self.trade.taker.id.clone());
		let mut list = Triggers::<T>::get(&account.owner, account.sub);
		let index = list.iter().position(|trigger| trigger.is(market, id));
		let trigger = list.remove(index.ok_or(Error::<T>::UnknownTrigger)?);
		if list.is_empty() {
			Triggers::<T>::remove(&account.owner, account.sub);
		} else {
			Triggers::<T>::insert(&account.owner, account.sub, list);
		}
		self.leave(trigger.place)?;
		Ok(self.trade.taker.account.unlock(T::CredAsset::get(), trigger.deposit)?)
	}

	/// Lets so much of a trigger's order go on once no other trigger of the market is to fire. It meets
	/// as many others then as it can at a time, so that it takes few turns.
	pub(crate) fn put_behind(&mut self, id: TriggerId, left: Lots) -> Result<(), Error<T>> {
		let (market, account) = (self.shelf.id, self.trade.taker.id.clone());
		let mut list = Triggers::<T>::get(&account.owner, account.sub);
		let found = list.iter_mut().find(|trigger| trigger.is(market, id));
		let trigger = found.ok_or(Error::<T>::UnknownTrigger)?;
		self.leave(trigger.place)?;
		let (side, tick) = BEGUN;
		trigger.place = self.change_waiting(side, |waiting| waiting.add(tick, account.clone()))?;
		trigger.order.lots = left;
		trigger.order.max_matches = MAX_TRIGGER_MATCHES;
		Triggers::<T>::insert(&account.owner, account.sub, list);
		Ok(())
	}

	/// Takes a trigger out of where it stands.
	fn leave(&mut self, place: Place) -> Result<(), Error<T>> {
		self.change_waiting(place.side, |waiting| waiting.remove(place))?;
		self.shelf.market.watch.tidy(place.side);
		Ok(())
	}

	/// Sets a deposit aside.
	fn set_aside(&mut self, deposit: Balance) -> DispatchResult {
		let asset = T::CredAsset::get();
		self.need(asset, deposit)?;
		self.trade.taker.account.lock(asset, deposit).map_err(Error::<T>::from)?;
		Ok(())
	}

	/// Changes what waits on a side.
	fn change_waiting<R>(
		&mut self,
		side: Side,
		change: impl FnOnce(&mut Waiting<T>) -> Result<R, Error<T>>,
	) -> Result<R, Error<T>> {
		let mut waiting = Waiting::<T>::new(self.shelf.id, side, self.shelf.market);
		let done = change(&mut waiting)?;
		self.shelf.market.watch = waiting.store();
		Ok(done)
	}

	/// Where orders may come, triggers may, though none fires before all orders may.
	fn ensure_takes_triggers(&self) -> Result<(), Error<T>> {
		match self.shelf.market.status {
			MarketStatus::Active | MarketStatus::PostOnly => Ok(()),
			MarketStatus::CancelOnly => Err(Error::<T>::CancelOnlyMarket),
			MarketStatus::Halted => Err(Error::<T>::HaltedMarket),
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn triggers_of(id: TradingId<T::AccountId>) -> Vec<TriggerView<T::AccountId>> {
		let list = Triggers::<T>::get(&id.owner, id.sub);
		list.into_iter().map(TriggerView::from).collect()
	}
}
