//! What calls take up: so much of it in all, and of that no more than a share for any account, so
//! that one does not keep the others out. Places are counted so, and bytes of bodies.

use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sp_core::crypto::AccountId32;

/// Something that there is only so much of.
pub struct Room {
	all: u32,
	taken: Mutex<Taken>,
}

/// How much is taken. There is no account with zero.
#[derive(Debug, Default, PartialEq, Eq)]
struct Taken {
	in_all: u32,
	by_account: BTreeMap<AccountId32, u32>,
}

/// What an account has taken; free again when it is dropped.
pub struct Part {
	room: Arc<Room>,
	account: AccountId32,
	share: u32,
	amount: u32,
}

/// Why no more can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
	/// There is too little left for anybody.
	ForAll,
	/// The account would have more than its share.
	ForAccount,
}

impl Room {
	/// So much in all.
	pub fn new(all: u32) -> Arc<Self> {
		Arc::new(Self { all, taken: Mutex::default() })
	}

	/// Takes so much for `account`, whose share is `share`.
	pub fn take(
		self: &Arc<Self>,
		account: &AccountId32,
		share: u32,
		amount: u32,
	) -> Result<Part, Full> {
		let mut part = Part { room: self.clone(), account: account.clone(), share, amount: 0 };
		part.grow_to(amount)?;
		Ok(part)
	}

	/// Whether so much more could be taken for `account`, whose share is `share`, now.
	pub fn check(&self, account: &AccountId32, share: u32, more: u32) -> Result<(), Full> {
		self.after(&self.lock(), account, share, more).map(|_| ())
	}

	/// What would be taken in all and by `account` after so much more.
	fn after(
		&self,
		taken: &Taken,
		account: &AccountId32,
		share: u32,
		more: u32,
	) -> Result<(u32, u32), Full> {
		let held = taken.by_account.get(account).copied().unwrap_or(0);
		let within = |taken: u32, most: u32| taken.checked_add(more).filter(|sum| *sum <= most);
		let in_all = within(taken.in_all, self.all).ok_or(Full::ForAll)?;
		Ok((in_all, within(held, share).ok_or(Full::ForAccount)?))
	}

	/// The count is right at every moment, so it is good even after a panic.
	fn lock(&self) -> MutexGuard<'_, Taken> {
		self.taken.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

impl Part {
	/// Takes more, until it is `amount`; does nothing if it is as much already.
	pub fn grow_to(&mut self, amount: u32) -> Result<(), Full> {
		let more = amount.saturating_sub(self.amount);
		if more == 0 {
			return Ok(());
		}
		let mut taken = self.room.lock();
		let (in_all, by_account) = self.room.after(&taken, &self.account, self.share, more)?;
		taken.in_all = in_all;
		taken.by_account.insert(self.account.clone(), by_account);
		self.amount = amount;
		Ok(())
	}
}

impl Drop for Part {
	fn drop(&mut self) {
		let mut taken = self.room.lock();
		taken.in_all = taken.in_all.saturating_sub(self.amount);
		let held = taken.by_account.get(&self.account).copied().unwrap_or(0);
		match held.saturating_sub(self.amount) {
			0 => taken.by_account.remove(&self.account),
			left => taken.by_account.insert(self.account.clone(), left),
		};
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: AccountId32 = AccountId32::new([1; 32]);
	const BOB: AccountId32 = AccountId32::new([2; 32]);

	#[test]
	fn an_account_takes_no_more_than_its_share() {
		let room = Room::new(3);
		let first = room.take(&ALICE, 2, 1).unwrap();
		let _second = room.take(&ALICE, 2, 1).unwrap();
		assert_eq!(room.take(&ALICE, 2, 1).err(), Some(Full::ForAccount));
		let _bobs = room.take(&BOB, 2, 1).unwrap();
		assert_eq!(room.take(&BOB, 2, 1).err(), Some(Full::ForAll));
		drop(first);
		assert!(room.take(&ALICE, 2, 1).is_ok());
	}

	#[test]
	fn a_share_that_changes_counts_from_the_next_time_on() {
		let room = Room::new(9);
		let taken = [room.take(&ALICE, 3, 3).unwrap(), room.take(&ALICE, 5, 2).unwrap()];
		assert_eq!(room.take(&ALICE, 3, 1).err(), Some(Full::ForAccount));
		drop(taken);
		assert!(room.take(&ALICE, 3, 3).is_ok());
	}

	#[test]
	fn a_part_grows_as_far_as_there_is_room() {
		let room = Room::new(10);
		let mut alices = room.take(&ALICE, 6, 2).unwrap();
		alices.grow_to(6).unwrap();
		alices.grow_to(3).unwrap();
		assert_eq!(alices.grow_to(7), Err(Full::ForAccount));
		let mut bobs = room.take(&BOB, 6, 4).unwrap();
		assert_eq!(bobs.grow_to(5), Err(Full::ForAll));
		assert_eq!(bobs.grow_to(u32::MAX), Err(Full::ForAll));
		drop(alices);
		bobs.grow_to(5).unwrap();
		assert_eq!(room.lock().in_all, 5);
	}

	#[test]
	fn to_check_takes_nothing() {
		let room = Room::new(1);
		assert_eq!(room.check(&ALICE, 1, 1), Ok(()));
		let taken = room.take(&ALICE, 1, 1).unwrap();
		assert_eq!(room.check(&BOB, 1, 1), Err(Full::ForAll));
		drop(taken);
		assert_eq!(room.check(&BOB, 1, 1), Ok(()));
	}

	#[test]
	fn who_holds_nothing_is_forgotten() {
		let room = Room::new(3);
		let taken = [room.take(&ALICE, 2, 1).unwrap(), room.take(&ALICE, 2, 1).unwrap()];
		assert_eq!(room.lock().by_account.get(&ALICE), Some(&2));
		assert!(room.take(&BOB, 2, 3).is_err());
		drop(taken);
		assert_eq!(*room.lock(), Taken::default());
	}
}
