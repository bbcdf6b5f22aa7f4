//! Places for calls: so many in all, and of them no more than a share for any account, so that one
//! that sends its bodies slowly does not keep the others out.

use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sp_core::crypto::AccountId32;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ApiError;

/// The accounts that hold places, and how many. No more accounts than places, and none with zero.
type Holders = Arc<Mutex<BTreeMap<AccountId32, u32>>>;

/// The places of a relay.
pub struct Places {
	all: Arc<Semaphore>,
	share: u32,
	holders: Holders,
}

/// A call's place; free again when it is dropped.
pub struct Place {
	account: AccountId32,
	holders: Holders,
	_of_all: OwnedSemaphorePermit,
}

impl Places {
	/// So many places, and of them at most `share` for an account.
	pub fn new(all: u32, share: u32) -> Self {
		let most = Semaphore::MAX_PERMITS;
		let all = usize::try_from(all).unwrap_or(most).min(most);
		Self { all: Arc::new(Semaphore::new(all)), share, holders: Holders::default() }
	}

	/// A place for a call of `account`, if there is one for it.
	pub fn take(&self, account: &AccountId32) -> Result<Place, ApiError> {
		let of_all = self.all.clone().try_acquire_owned().map_err(|_| ApiError::overloaded())?;
		let mut holders = lock(&self.holders);
		let held = holders.get(account).copied().unwrap_or(0);
		if held >= self.share {
			return Err(ApiError::too_many_calls(self.share));
		}
		holders.insert(account.clone(), held.saturating_add(1));
		Ok(Place { account: account.clone(), holders: self.holders.clone(), _of_all: of_all })
	}
}

impl Drop for Place {
	fn drop(&mut self) {
		let mut holders = lock(&self.holders);
		let left = holders.get(&self.account).map_or(0, |held| held.saturating_sub(1));
		if left == 0 {
			holders.remove(&self.account);
		} else {
			holders.insert(self.account.clone(), left);
		}
	}
}

/// The count is right at every moment, so it is good even after a panic.
fn lock(holders: &Holders) -> MutexGuard<'_, BTreeMap<AccountId32, u32>> {
	holders.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: AccountId32 = AccountId32::new([1; 32]);
	const BOB: AccountId32 = AccountId32::new([2; 32]);

	fn code(taken: Result<Place, ApiError>) -> Option<String> {
		taken.err().and_then(|error| error.code)
	}

	#[test]
	fn an_account_holds_no_more_than_its_share() {
		let places = Places::new(3, 2);
		let first = places.take(&ALICE).unwrap();
		let _second = places.take(&ALICE).unwrap();
		assert_eq!(code(places.take(&ALICE)).as_deref(), Some("rate_limit_exceeded"));
		let _bobs = places.take(&BOB).unwrap();
		assert_eq!(code(places.take(&BOB)).as_deref(), Some("overloaded"));
		drop(first);
		assert!(places.take(&ALICE).is_ok());
	}

	#[test]
	fn who_holds_no_place_is_forgotten() {
		let places = Places::new(3, 2);
		let taken = [places.take(&ALICE).unwrap(), places.take(&ALICE).unwrap()];
		assert_eq!(lock(&places.holders).get(&ALICE), Some(&2));
		drop(taken);
		assert!(lock(&places.holders).is_empty());
		assert_eq!(places.all.available_permits(), 3);
	}
}
