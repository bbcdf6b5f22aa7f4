//! Purses that somebody fills for another's calls.

use frame_support::{
	ensure,
	pallet_prelude::Weight,
	storage::with_storage_layer,
	traits::{
		fungibles::Inspect,
		tokens::{Fortitude, Preservation},
		Get,
	},
};
use lx_primitives::{
	traits::{Calendar, Sponsorship},
	Credits, Moment, Payment, RelayId,
};
use sp_runtime::{traits::Zero, DispatchError};

use crate::{Accounts, Config, Error, Event, Pallet, WeightInfo};

impl<T: Config> Sponsorship<T::AccountId> for Pallet<T> {
	fn sponsor(
		sponsor: &T::AccountId,
		who: &T::AccountId,
		relay: RelayId,
		most: Credits,
	) -> Result<Credits, DispatchError> {
		with_storage_layer(|| Self::do_sponsor(sponsor, who, relay, most))
	}

	fn end_sponsorship(who: &T::AccountId, relay: RelayId) {
		let thaw_at = T::Calendar::now().saturating_add(T::ThawDelay::get());
		Accounts::<T>::mutate_extant(who, |account| {
			if let Some(purse) = account.purse_for_mut(relay, Payment::Perk) {
				purse.thaw_all(thaw_at);
				purse.thaw_at = thaw_at;
			}
		});
		Self::deposit_event(Event::SponsorshipEnded { who: who.clone(), relay, thaw_at });
	}

	fn return_to_sponsor(sponsor: &T::AccountId, who: &T::AccountId, relay: RelayId) -> bool {
		let Some(mut account) = Accounts::<T>::get(who) else { return true };
		// It may have given its place to another when it was empty.
		let Some(purse) = account.purse_for(relay, Payment::Perk) else { return true };
		if !purse.pending.is_zero() || T::Calendar::now() < purse.thaw_at {
			return false;
		}
		// What a reversed batch has given back is free again. Both are parts of one asset's issuance,
		// which does not overflow.
		let amount = purse.free.saturating_add(purse.thawing);
		account.purses.retain(|purse| !purse.pays(relay, Payment::Perk));
		Self::store(who, account);
		Self::pay(sponsor, amount);
		Self::deposit_event(Event::SponsorshipReturned { who: who.clone(), relay, amount });
		true
	}

	fn end_weight() -> Weight {
		T::WeightInfo::end_sponsorship()
	}

	fn return_weight() -> Weight {
		T::WeightInfo::return_to_sponsor()
	}
}

impl<T: Config> Pallet<T> {
	/// Fills the sponsored purse of `who` at `relay`, until `most` is free in it or the sponsor's
	/// wallet has no more to give. Returns what is free.
	fn do_sponsor(
		sponsor: &T::AccountId,
		who: &T::AccountId,
		relay: RelayId,
		most: Credits,
	) -> Result<Credits, DispatchError> {
		Self::active_relay(relay)?;
		let mut account = Self::account_or_new(who);
		let purse = Self::purse_or_new(&mut account, relay, Payment::Perk)?;
		// What is left of an earlier time comes first.
		let left = purse.free.saturating_add(purse.thawing);
		let kept = left.min(most);
		let added = most.saturating_sub(kept).min(Self::spare(sponsor));
		let free = kept.saturating_add(added);
		ensure!(!free.is_zero(), Error::<T>::NothingToSponsor);
		purse.free = free;
		purse.thawing = left.saturating_sub(kept);
		// Nothing returns before the end.
		purse.thaw_at = Moment::MAX;
		Self::take_from(sponsor, added)?;
		Accounts::<T>::insert(who, account);
		Self::deposit_event(Event::Sponsored { who: who.clone(), relay, free });
		Ok(free)
	}

	/// What a wallet can give and stay alive.
	fn spare(who: &T::AccountId) -> Credits {
		let (keep, polite) = (Preservation::Preserve, Fortitude::Polite);
		T::Assets::reducible_balance(T::CredAsset::get(), who, keep, polite)
	}
}
