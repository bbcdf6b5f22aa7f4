//! Firing triggers at the beginning of a block, when it has its time, in metered steps.

use frame_support::{
	defensive, pallet_prelude::Weight, storage::with_storage_layer, traits::Get,
	weights::WeightMeter,
};
use lx_matching::{Lots, Resting, TimeInForce};
use lx_primitives::trading::{MarketId, TradingId};
use sp_runtime::{DispatchError, DispatchResult};

use super::{has_begun, Trigger, Waiting, MAX_TRIGGER_MATCHES};
use crate::{
	counted, session::Session, work::Work, Config, DueMarkets, Event, Market, Pallet,
	TriggerRequest, Triggers, WeightInfo,
};

/// An account, and a trigger of it.
type Due<AccountId> = (TradingId<AccountId>, Trigger<AccountId>);

impl<T: Config> Pallet<T> {
	/// Fires triggers while there are such that are to fire, and weight is left: of the block, and of
	/// the share of it that this may take.
	pub(crate) fn fire_due(block: &mut WeightMeter) {
		let limit = block.remaining().min(T::TriggerWeight::get());
		let mut meter = WeightMeter::with_limit(limit);
		while Self::fire_step(&mut meter) {}
		block.consume(meter.consumed());
	}

	/// The most that a step weighs: an order that fails after all that it may do, and the second way
	/// out, or one that goes on later.
	pub(crate) fn largest_step() -> Weight {
		let after = T::WeightInfo::clear_trigger().max(T::WeightInfo::set_trigger());
		T::WeightInfo::fire_trigger(Self::most_in_step()).saturating_add(after)
	}

	/// The most that an order may meet in a step, as it is counted.
	fn most_in_step() -> u32 {
		counted(TimeInForce::FillOrKill, MAX_TRIGGER_MATCHES)
	}

	/// What is paid for setting a trigger: also for firing it once, since nobody is there to pay then.
	pub(crate) fn setting_weight(request: &TriggerRequest) -> Weight {
		let most = request.order.most_matches().min(Self::most_in_step());
		T::WeightInfo::set_trigger()
			.saturating_add(T::WeightInfo::next_trigger())
			.saturating_add(T::WeightInfo::fire_trigger(most))
			.saturating_add(Work::to_end(request.order.time_in_force).weight_of_ends::<T>())
	}

	/// Fires a trigger if one is to fire, and says whether to go on.
	fn fire_step(meter: &mut WeightMeter) -> bool {
		if meter.try_consume(T::WeightInfo::next_trigger()).is_err() {
			return false;
		}
		let Some(market) = Self::next_due() else { return false };
		if !meter.can_consume(Self::largest_step()) {
			return false;
		}
		meter.consume(Self::fire_next(market));
		true
	}

	/// The market whose turn it is.
	pub(crate) fn next_due() -> Option<MarketId> {
		DueMarkets::<T>::get().first().copied()
	}

	/// Fires the next trigger of a market in which one is to fire: what it has weighed.
	pub(crate) fn fire_next(id: MarketId) -> Weight {
		// Markets take turns.
		Self::set_due(id, true);
		let Some((account, trigger)) = Self::first_due(id) else {
			Self::leave_out(id);
			return T::WeightInfo::clear_trigger();
		};
		let mut matches = 0;
		let fired = with_storage_layer(|| Self::fire(&account, &trigger, &mut matches));
		let weight = T::WeightInfo::fire_trigger(matches);
		match fired {
			Ok(0) => weight,
			// It was taken out of one queue as always, and put into another.
			Ok(_) => weight.saturating_add(T::WeightInfo::set_trigger()),
			Err(error) => {
				// Nothing of it has happened. It must not hold up the others.
				if with_storage_layer(|| Self::give_up(&account, &trigger, error)).is_err() {
					Self::leave_out(id);
				}
				weight.saturating_add(T::WeightInfo::clear_trigger())
			},
		}
	}

	/// The trigger of a market that is the next to fire, and whose it is.
	fn first_due(id: MarketId) -> Option<Due<T::AccountId>> {
		let market = Self::stored_market(id)?;
		let (side, tick) = market.watch.due()?;
		let first = Waiting::<T>::new(id, side, market).first(tick)?;
		let Resting { id: place, owner, .. } = first;
		let list = Triggers::<T>::get(&owner.owner, owner.sub);
		let is_it = |other: &Trigger<T::AccountId>| other.market == id && other.place.id == place;
		let found = list.into_iter().find(is_it)?;
		Some((owner, found))
	}

	/// Places the order of a trigger for its account, as whoever has set it would, and counts how many
	/// others it has met, or may have if this fails. Says how much of it goes on later.
	///
	/// That is what the limit of matches has cut off: a stop-loss must not be lost because many small
	/// orders were in its way. It goes on behind all other triggers, which it must not hold up.
	fn fire(
		account: &TradingId<T::AccountId>,
		trigger: &Trigger<T::AccountId>,
		matches: &mut u32,
	) -> Result<Lots, DispatchError> {
		let (market, id) = (trigger.market, trigger.id);
		let mut session = Session::<T>::open(&trigger.set_by, account.clone(), market)?;
		let order = trigger.order_of(&account.owner);
		let placed =
			if has_begun(trigger.place) { session.go_on(&order) } else { session.place(&order) };
		*matches = session.work.matches;
		placed?;
		let order = session.shelf.market.last_id;
		// One that may meet nobody would never get any further.
		let left = if *matches > 0 { session.trade.cut_off } else { 0 };
		if left > 0 {
			session.put_behind(id, left)?;
		} else {
			session.take_trigger(id)?;
		}
		session.close().map_err(|failed| failed.error)?;
		let (trigger, account) = (id, account.clone());
		Self::deposit_event(Event::TriggerFired { market, trigger, account, order, left });
		Ok(left)
	}

	/// Takes out a trigger whose order cannot be placed.
	fn give_up(
		account: &TradingId<T::AccountId>,
		trigger: &Trigger<T::AccountId>,
		error: DispatchError,
	) -> DispatchResult {
		let (market, id) = (trigger.market, trigger.id);
		let mut session = Session::<T>::open(&account.owner, account.clone(), market)?;
		session.take_trigger(id)?;
		session.close().map_err(|failed| failed.error)?;
		let account = account.clone();
		Self::deposit_event(Event::TriggerFailed { market, trigger: id, account, error });
		Ok(())
	}

	/// Lets a market alone whose triggers contradict themselves, so that those of others fire.
	fn leave_out(id: MarketId) {
		defensive!("a trigger that is to fire can be taken out");
		Self::set_due(id, false);
	}

	/// Stores a market, and whether a trigger of it is to fire if that has changed.
	pub(crate) fn put_market(id: MarketId, market: Market, was_due: bool) {
		Self::store_market(id, market);
		let is_due = market.is_due();
		if is_due != was_due {
			Self::set_due(id, is_due);
		}
	}

	/// Makes a market the last of those in which triggers are to fire, or none of them.
	pub(crate) fn set_due(id: MarketId, is_due: bool) {
		DueMarkets::<T>::mutate(|markets| {
			markets.retain(|other| *other != id);
			if is_due && markets.try_push(id).is_err() {
				defensive!("there is room for every market");
			}
		});
	}
}
