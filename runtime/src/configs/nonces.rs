//! Where the nonces of a new account start.

use frame_support::{
	storage_alias,
	traits::{Get, OnKilledAccount},
};

use crate::{AccountId, System};

/// The highest nonce that an account had when it was reaped.
#[storage_alias]
type HighestReaped = StorageValue<Nonces, u32, frame_support::pallet_prelude::ValueQuery>;

/// No account's first nonce is below one that a reaped account has used: if it was the same account,
/// its old transactions stay used up.
#[derive(Debug)]
pub struct NonceFloor;

impl Get<u32> for NonceFloor {
	fn get() -> u32 {
		HighestReaped::get()
	}
}

impl OnKilledAccount<AccountId> for NonceFloor {
	/// The account is still stored when this is called.
	fn on_killed_account(who: &AccountId) {
		let nonce = *System::account_nonce(who);
		if nonce > HighestReaped::get() {
			HighestReaped::put(nonce);
		}
	}
}
