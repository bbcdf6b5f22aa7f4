//! API balances, and every movement of CRED.

use frame_support::{
	defensive, ensure,
	pallet_prelude::{DispatchResult, Zero},
	storage::with_storage_layer,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::Preservation,
		DefensiveSaturating, Get,
	},
};
use lx_primitives::{traits::Calendar, Credits, Line, Moment, Payment, RelayId};
use sp_runtime::{
	traits::{AccountIdConversion, EnsureAdd, EnsureAddAssign},
	ArithmeticError, DispatchError,
};

use crate::{Accounts, ApiAccount, Config, Error, Event, Owed, Pallet, Purse};

impl<T: Config> Pallet<T> {
	/// The account that holds all CRED of the pallet.
	pub fn account_id() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	pub(crate) fn do_top_up(who: T::AccountId, relay: RelayId, amount: Credits) -> DispatchResult {
		ensure!(
			amount >= T::Assets::minimum_balance(T::CredAsset::get()),
			Error::<T>::BelowMinimum
		);
		Self::active_relay(relay)?;
		// Before the transfer: it may take the wallet's last CRED, and the system account must not be
		// reaped, or its nonce would start again.
		let mut account = Self::account_or_new(&who);
		let purse = Self::purse_or_new(&mut account, relay, Payment::Purse)?;
		purse.free.ensure_add_assign(amount)?;
		Self::transfer(&who, &Self::account_id(), amount)?;
		Accounts::<T>::insert(&who, account);
		Self::deposit_event(Event::ToppedUp { who, relay, amount });
		Ok(())
	}

	/// The API account of `who`. A new one holds the system account from then on.
	pub(crate) fn account_or_new(who: &T::AccountId) -> ApiAccount {
		Accounts::<T>::get(who).unwrap_or_else(|| {
			frame_system::Pallet::<T>::inc_sufficients(who);
			ApiAccount::default()
		})
	}

	/// The purse at `relay` that calls with this payment are charged to, a new one if there is none.
	/// It takes the place of an empty one where there is no other room.
	pub(crate) fn purse_or_new(
		account: &mut ApiAccount,
		relay: RelayId,
		payment: Payment,
	) -> Result<&mut Purse, Error<T>> {
		if account.purse_for(relay, payment).is_none() {
			if account.purses.is_full() {
				account.purses.retain(|purse| !purse.is_empty());
			}
			let is_sponsored = payment.is_sponsored();
			let added = account.purses.try_push(Purse { is_sponsored, ..Purse::new(relay) });
			added.map_err(|_| Error::<T>::TooManyPurses)?;
		}
		account.purse_for_mut(relay, payment).ok_or(Error::<T>::NoPurse)
	}

	/// Stores an account, or forgets it if nothing is lost by that.
	pub(crate) fn store(who: &T::AccountId, account: ApiAccount) {
		if account.is_closed() {
			Accounts::<T>::remove(who);
			frame_system::Pallet::<T>::dec_sufficients(who);
		} else {
			Accounts::<T>::insert(who, account);
		}
	}

	pub(crate) fn do_thaw(who: T::AccountId, relay: RelayId, amount: Credits) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::ZeroAmount);
		let thaw_at = Self::thawed_at()?;
		Self::mutate_purse(&who, relay, |purse| {
			purse.free = purse.free.checked_sub(amount).ok_or(Error::<T>::InsufficientBalance)?;
			purse.thawing.ensure_add_assign(amount)?;
			purse.thaw_at = thaw_at;
			Ok(())
		})?;
		Self::deposit_event(Event::Thawing { who, relay, amount, thaw_at });
		Ok(())
	}

	pub(crate) fn do_cancel_thaw(who: T::AccountId, relay: RelayId) -> DispatchResult {
		let amount = Self::mutate_purse(&who, relay, |purse| {
			let amount = Self::take_thawing(purse)?;
			purse.free.ensure_add_assign(amount)?;
			Ok(amount)
		})?;
		Self::deposit_event(Event::ThawCancelled { who, relay, amount });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: T::AccountId, relay: RelayId) -> DispatchResult {
		let mut account = Accounts::<T>::get(&who).ok_or(Error::<T>::NoAccount)?;
		let purse = account.purse_mut(relay).ok_or(Error::<T>::NoPurse)?;
		let amount = Self::take_thawing(purse)?;
		ensure!(T::Calendar::now() >= purse.thaw_at, Error::<T>::StillThawing);
		Self::transfer(&Self::account_id(), &who, amount)?;
		if purse.is_empty() {
			account.purses.retain(|purse| !purse.pays(relay, Payment::Purse));
		}
		Self::store(&who, account);
		Self::deposit_event(Event::Withdrawn { who, relay, amount });
		Ok(())
	}

	pub(crate) fn do_set_daily_limit(
		who: T::AccountId,
		relay: RelayId,
		limit: Credits,
	) -> DispatchResult {
		let (now, delay) = (T::Calendar::now(), T::ThawDelay::get());
		Self::mutate_purse(&who, relay, |purse| {
			purse.set_daily_limit(limit, now, delay);
			Ok(())
		})?;
		Self::deposit_event(Event::DailyLimitSet { who, relay, limit });
		Ok(())
	}

	pub(crate) fn do_revoke_keys(who: T::AccountId) -> DispatchResult {
		let (now, thaw_at) = (T::Calendar::now(), Self::thawed_at()?);
		let mut account = Accounts::<T>::get(&who).ok_or(Error::<T>::NoAccount)?;
		let is_collected = Self::collected_until(&account).is_none_or(|until| now > until);
		ensure!(is_collected, Error::<T>::RevokedRecently);
		account.key_epoch.ensure_add_assign(1)?;
		account.epoch_since = now;
		// What others have filled is not the account's to take back.
		let own = account.purses.iter_mut().filter(|purse| !purse.is_sponsored);
		own.for_each(|purse| purse.thaw_all(thaw_at));
		let key_epoch = account.key_epoch;
		Accounts::<T>::insert(&who, account);
		Self::deposit_event(Event::KeysRevoked { who, key_epoch, thaw_at });
		Ok(())
	}

	/// Until when relays may collect what the keys of the epoch before were served, if there were any.
	///
	/// Of no earlier epoch can they, so keys are not revoked again until then: it lasts for a delay, as
	/// everything does that is taken back.
	pub(crate) fn collected_until(account: &ApiAccount) -> Option<Moment> {
		let has_revoked = !account.key_epoch.is_zero();
		has_revoked.then(|| account.epoch_since.saturating_add(T::ThawDelay::get()))
	}

	pub(crate) fn do_claim(who: T::AccountId) -> DispatchResult {
		let amount = Owed::<T>::take(&who);
		ensure!(!amount.is_zero(), Error::<T>::NothingOwed);
		Self::transfer(&Self::account_id(), &who, amount)?;
		Self::deposit_event(Event::Claimed { who, amount });
		Ok(())
	}

	/// Lets `relay` charge its account for `line`, `now` and on the day `today`. Free balance is taken
	/// first.
	pub(crate) fn charge(
		account: &mut ApiAccount,
		relay: RelayId,
		line: &Line<T::AccountId>,
		now: Moment,
		today: u32,
	) -> Result<(), Error<T>> {
		let purse = account.purse_for_mut(relay, line.payment).ok_or(Error::<T>::NoPurse)?;
		let charge = line.total.charge;
		let from_free = charge.min(purse.free);
		let from_thawing = charge.saturating_sub(from_free);
		ensure!(from_thawing <= purse.collectable(now), Error::<T>::Overcharge);
		purse.free = purse.free.saturating_sub(from_free);
		purse.thawing = purse.thawing.saturating_sub(from_thawing);
		purse.pending = purse.pending.checked_add(charge).ok_or(Error::<T>::Overcharge)?;
		// Saturates only beyond every balance that can exist.
		purse.spent_today = purse.spent_on(today).saturating_add(charge);
		purse.spent_day = purse.spent_day.max(today);
		ensure!(purse.spent_today <= purse.limit_at(now), Error::<T>::DailyLimitExceeded);
		Ok(())
	}

	/// Ends the wait of what `relay` has charged by `line`, and gives `refund` of it back.
	pub(crate) fn release(relay: RelayId, line: &Line<T::AccountId>, refund: Credits) {
		Accounts::<T>::mutate_extant(&line.account, |account| {
			match account.purse_for_mut(relay, line.payment) {
				Some(purse) => {
					purse.pending = purse.pending.defensive_saturating_sub(line.total.charge);
					purse.free = purse.free.defensive_saturating_add(refund);
				},
				None => {
					defensive!("a purse stays while a charge of it is pending");
				},
			}
		});
	}

	/// Pays `who` this `amount` and what is still owed to them. What cannot be paid stays owed.
	pub(crate) fn pay(who: &T::AccountId, amount: Credits) {
		let earlier = Owed::<T>::get(who);
		let due = earlier.saturating_add(amount);
		if due.is_zero() {
			return;
		}
		if with_storage_layer(|| Self::transfer(&Self::account_id(), who, due)).is_ok() {
			if !earlier.is_zero() {
				Owed::<T>::remove(who);
			}
		} else {
			Owed::<T>::insert(who, due);
			Self::deposit_event(Event::PaymentDeferred { who: who.clone(), owed: due });
		}
	}

	/// Takes `amount` from the wallet of `who`, which stays alive.
	pub(crate) fn take_from(who: &T::AccountId, amount: Credits) -> DispatchResult {
		if amount.is_zero() {
			return Ok(());
		}
		let (asset, to) = (T::CredAsset::get(), Self::account_id());
		T::Assets::transfer(asset, who, &to, amount, Preservation::Preserve).map(drop)
	}

	/// Moves CRED: all that `from` has, or so much that the asset's minimum stays. Anything between
	/// would burn the rest as dust.
	fn transfer(from: &T::AccountId, to: &T::AccountId, amount: Credits) -> DispatchResult {
		let asset = T::CredAsset::get();
		let preservation = if T::Assets::balance(asset, from) == amount {
			Preservation::Expendable
		} else {
			Preservation::Preserve
		};
		T::Assets::transfer(asset, from, to, amount, preservation).map(drop)
	}

	fn thawed_at() -> Result<Moment, ArithmeticError> {
		T::Calendar::now().ensure_add(T::ThawDelay::get())
	}

	fn take_thawing(purse: &mut Purse) -> Result<Credits, Error<T>> {
		ensure!(!purse.thawing.is_zero(), Error::<T>::NothingThawing);
		Ok(core::mem::take(&mut purse.thawing))
	}

	fn mutate_purse<R>(
		who: &T::AccountId,
		relay: RelayId,
		change: impl FnOnce(&mut Purse) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Accounts::<T>::try_mutate(who, |account| {
			let account = account.as_mut().ok_or(Error::<T>::NoAccount)?;
			change(account.purse_mut(relay).ok_or(Error::<T>::NoPurse)?)
		})
	}
}
