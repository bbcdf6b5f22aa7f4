//! What must stay true of triggers.

use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use lx_matching::{check_side, find, Side};
use lx_primitives::trading::{MarketId, TradingId};
use sp_runtime::DispatchError;

use super::{has_begun, Trigger, Waiting, BEGUN};
use crate::{
	invariants::AllNeeds, Config, Dated, DueMarkets, Market, Markets, Pallet, TriggerIndex,
	TriggerLevels, TriggerPages, Triggers,
};

/// How much is stored of the books in which triggers wait.
#[derive(Default)]
struct Stored {
	triggers: usize,
	levels: usize,
	pages: usize,
}

impl<T: Config> Pallet<T> {
	/// Checks that each trigger of an account waits where the account says, and nothing else does; that
	/// the books in which they wait are sound; and that those markets are due in which one is to fire.
	/// Adds the deposits to what accounts need.
	pub(crate) fn check_triggers(needs: &mut AllNeeds<T::AccountId>) -> Result<(), DispatchError> {
		let listed = Self::add_deposits(needs)?;
		let mut stored = Stored::default();
		let mut due = BTreeSet::new();
		for (id, Dated { value: market, .. }) in Markets::<T>::iter() {
			for side in [Side::Bid, Side::Ask] {
				Self::check_waiting(id, &market, side, &mut stored)?;
			}
			if market.is_due() {
				due.insert(id);
			}
		}
		let Stored { triggers, levels, pages } = stored;
		ensure!(triggers == listed, "a trigger waits for nobody");
		ensure!(TriggerLevels::<T>::iter_keys().count() == levels, "triggers are in no index");
		ensure!(TriggerPages::<T>::iter_keys().count() == pages, "triggers are in no level");
		let mut parts = TriggerIndex::<T>::iter_values();
		ensure!(!parts.any(|part| part.value.is_empty()), "a part of the triggers' index is empty");
		let known = DueMarkets::<T>::get();
		let distinct: BTreeSet<MarketId> = known.iter().copied().collect();
		let are_those = distinct == due && known.len() == due.len();
		ensure!(are_those, "other markets are due than those in which a trigger is to fire");
		Ok(())
	}

	/// How many triggers accounts have.
	fn add_deposits(needs: &mut AllNeeds<T::AccountId>) -> Result<usize, DispatchError> {
		let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
		for (owner, sub, list) in Triggers::<T>::iter() {
			ensure!(!list.is_empty(), "an account has a list of no triggers");
			let account = TradingId { owner, sub };
			for trigger in &list {
				let is_new = ids.insert((trigger.market, trigger.id))
					&& places.insert((trigger.market, trigger.place.id));
				ensure!(is_new, "an account names a trigger twice");
				ensure!(Self::waits(&account, trigger), "an account's trigger waits nowhere");
				let locked = &mut needs.entry(account.clone()).or_default().locked;
				let sum = locked.entry(T::CredAsset::get()).or_default();
				let total = sum.checked_add(trigger.deposit);
				*sum = total.ok_or("the deposits of triggers overflow")?;
			}
		}
		Ok(ids.len())
	}

	fn waits(account: &TradingId<T::AccountId>, trigger: &Trigger<T::AccountId>) -> bool {
		let place = trigger.place;
		let is_at_its_price = (place.side, place.tick) == trigger.when.split();
		let is_there = Self::stored_market(trigger.market).is_some_and(|market| {
			let waiting = Waiting::<T>::new(trigger.market, place.side, market);
			find(&waiting.book, place).is_some_and(|resting| resting.owner == *account)
		});
		is_there && (is_at_its_price || has_begun(place))
	}

	fn check_waiting(
		id: MarketId,
		market: &Market,
		side: Side,
		stored: &mut Stored,
	) -> Result<(), DispatchError> {
		let flank = market.watch.flank(side);
		let is_due = flank.due(side).is_some();
		ensure!(flank.reached.is_some() == is_due, "a price is remembered that met no trigger");
		let waiting = Waiting::<T>::new(id, side, *market);
		let levels = check_side(&waiting.book, side).map_err(DispatchError::Other)?;
		if side == BEGUN.0 {
			let begun = levels.iter().find(|(tick, _)| *tick == BEGUN.1);
			let begun = begun.map_or(0, |(_, triggers)| triggers.len());
			let are_counted = begun == market.watch.begun as usize;
			ensure!(are_counted, "other triggers have begun than are counted");
		}
		for (tick, triggers) in levels {
			let pages = TriggerPages::<T>::iter_key_prefix((id, side, tick)).count();
			stored.triggers = stored.triggers.saturating_add(triggers.len());
			stored.levels = stored.levels.saturating_add(1);
			stored.pages = stored.pages.saturating_add(pages);
		}
		Ok(())
	}
}
