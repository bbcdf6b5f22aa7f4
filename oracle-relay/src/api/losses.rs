//! What accounts cost the relay: what their providers may bill, and nobody pays.
//!
//! A client can choose to cost that: it asks for what takes too long, or leaves before the end of an
//! answer. What that may cost is held against the account. It is forgotten with time, and whole answers
//! that are paid make up for it, so that an account that makes many calls may have many that fail. One
//! that has cost too much rests. So does a key that has cost more than its cap, whatever the account has
//! cost: a wallet that gives a key a small cap trusts it with no more. All accounts together never rest,
//! since many of them may belong to one who means harm; what they cost only raises an alarm.

use std::{
	collections::BTreeMap,
	sync::{Mutex, MutexGuard, PoisonError},
};

use lx_primitives::units::{Credits, Moment};
use sp_core::{crypto::AccountId32, H256};

use crate::ledger::keys::ApiKey;

/// In so many milliseconds as much is forgotten as a debtor may have cost.
const MEMORY: Moment = 60 * 60 * 1_000;

/// All accounts together may have cost as much as so many of them before it is alarming.
const ALARMING: Credits = 10;

/// Who may have cost too much.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Debtor {
	/// All accounts together.
	All,
	/// An account.
	Account(AccountId32),
	/// A key that has a cap, and the cap in µCRED.
	Key(H256, Credits),
}

impl Debtor {
	/// Who costs what the calls of `key` cost: its account and, if it has a cap, the key itself.
	pub fn of(key: &ApiKey) -> Vec<Self> {
		let capped = key.spending_cap.map(|cap| Self::Key(key.key_hash, cap));
		std::iter::once(Self::Account(key.account.clone())).chain(capped).collect()
	}
}

/// What debtors have cost, since the relay started.
pub struct Losses {
	/// µCRED that an account may have cost before it rests.
	most: Credits,
	/// When all that a debtor has cost is forgotten.
	forgotten_at: Mutex<BTreeMap<Debtor, Moment>>,
}

impl Losses {
	/// An account may have cost so many µCRED before it rests.
	pub fn new(most: u64) -> Self {
		Self { most: most.into(), forgotten_at: Mutex::default() }
	}

	/// Notes that a call of `debtor` may have cost so much that nobody pays. Returns whether all that it
	/// has cost is too much by that.
	pub fn add(&self, debtor: &Debtor, cost: Credits, now: Moment) -> bool {
		if cost == 0 {
			return false;
		}
		let mut forgotten_at = self.lock();
		forgotten_at.retain(|_, at| *at > now);
		let at = forgotten_at.entry(debtor.clone()).or_insert(now);
		let (before, most) = (*at, now.saturating_add(MEMORY));
		*at = at.saturating_add(self.span(debtor, cost));
		before <= most && *at > most
	}

	/// Notes that `debtor` has paid so much, which makes up for as much.
	pub fn make_up(&self, debtor: &Debtor, charge: Credits) {
		if let Some(at) = self.lock().get_mut(debtor) {
			*at = at.saturating_sub(self.span(debtor, charge));
		}
	}

	/// How long `debtor` rests from `now` on, in milliseconds; `None` if it does not.
	pub fn rest(&self, debtor: &Debtor, now: Moment) -> Option<Moment> {
		let at = *self.lock().get(debtor)?;
		let rest = at.saturating_sub(now.saturating_add(MEMORY));
		(rest > 0).then_some(rest)
	}

	/// How long it takes until so much is forgotten of `debtor`; rounded down to a millisecond.
	fn span(&self, debtor: &Debtor, amount: Credits) -> Moment {
		let most = match debtor {
			Debtor::All => self.most.saturating_mul(ALARMING),
			Debtor::Account(_) => self.most,
			Debtor::Key(_, cap) => *cap,
		};
		let span = amount.saturating_mul(MEMORY.into()).checked_div(most);
		span.map_or(Moment::MAX, |span| Moment::try_from(span).unwrap_or(Moment::MAX))
	}

	/// The times are right at every moment, so they are good even after a panic.
	fn lock(&self) -> MutexGuard<'_, BTreeMap<Debtor, Moment>> {
		self.forgotten_at.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: Debtor = Debtor::Account(AccountId32::new([1; 32]));
	const BOB: Debtor = Debtor::Account(AccountId32::new([2; 32]));
	const NOW: Moment = 1_800_000_000_000;
	const MOST: u64 = 1_000;

	fn after(costs: &[Credits]) -> Losses {
		let losses = Losses::new(MOST);
		for cost in costs {
			losses.add(&ALICE, *cost, NOW);
		}
		losses
	}

	#[test]
	fn an_account_that_has_cost_too_much_rests_until_enough_is_forgotten() {
		assert_eq!(after(&[600, 400]).rest(&ALICE, NOW), None);
		let losses = after(&[600, 400, 250]);
		let rest = MEMORY / 4;
		assert_eq!(losses.rest(&ALICE, NOW), Some(rest));
		assert_eq!(losses.rest(&ALICE, NOW + rest - 1), Some(1));
		assert_eq!(losses.rest(&ALICE, NOW + rest), None);
		assert_eq!(losses.rest(&BOB, NOW), None);
	}

	#[test]
	fn what_is_paid_makes_up_for_as_much() {
		let losses = after(&[1_250]);
		losses.make_up(&ALICE, 249);
		assert!(losses.rest(&ALICE, NOW).is_some());
		losses.make_up(&ALICE, 1);
		assert_eq!(losses.rest(&ALICE, NOW), None);
		// There is no credit for the future.
		losses.make_up(&ALICE, Credits::MAX);
		losses.add(&ALICE, 1_001, NOW);
		assert!(losses.rest(&ALICE, NOW).is_some());
		losses.make_up(&BOB, 1_000);
		losses.add(&BOB, 1_001, NOW);
		assert!(losses.rest(&BOB, NOW).is_some());
	}

	#[test]
	fn a_key_rests_when_it_has_cost_more_than_its_cap() {
		let (losses, key) = (Losses::new(MOST), Debtor::Key(H256::zero(), 100));
		losses.add(&key, 100, NOW);
		assert_eq!(losses.rest(&key, NOW), None);
		losses.add(&key, 25, NOW);
		assert_eq!(losses.rest(&key, NOW), Some(MEMORY / 4));
		losses.make_up(&key, 25);
		assert_eq!(losses.rest(&key, NOW), None);
	}

	#[test]
	fn what_all_cost_is_alarming_once_it_is_as_much_as_ten_may_cost() {
		let losses = Losses::new(MOST);
		assert!(!losses.add(&Debtor::All, 10_000, NOW));
		assert!(losses.add(&Debtor::All, 1, NOW));
		assert!(!losses.add(&Debtor::All, 1, NOW), "it is too much already");
		assert!(!losses.add(&Debtor::All, 1, NOW + MEMORY));
		assert!(losses.add(&Debtor::All, 10_000, NOW + MEMORY), "it is too much again");
	}

	#[test]
	fn who_has_cost_nothing_does_not_rest() {
		let (losses, key) = (Losses::new(MOST), Debtor::Key(H256::zero(), 0));
		losses.add(&key, 0, NOW);
		assert_eq!(losses.rest(&key, NOW), None);
		losses.add(&key, 1, NOW);
		assert!(losses.rest(&key, NOW).is_some());
	}

	#[test]
	fn accounts_whose_losses_are_forgotten_are_forgotten_too() {
		let losses = after(&[1_000]);
		losses.add(&BOB, 1, NOW + MEMORY);
		let known: Vec<_> = losses.lock().keys().cloned().collect();
		assert_eq!(known, [BOB]);
	}

	#[test]
	fn no_amount_is_too_much_to_count() {
		for losses in [after(&[Credits::MAX, Credits::MAX]), Losses::new(0)] {
			losses.add(&ALICE, 1, NOW);
			assert_eq!(losses.rest(&ALICE, NOW), Some(Moment::MAX - NOW - MEMORY));
		}
	}
}
