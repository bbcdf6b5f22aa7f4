//! What accounts cost the relay: calls that their providers may bill, and that nobody pays.
//!
//! A client can choose such calls: it asks for what takes too long, or leaves before the answer. What
//! they may cost is held against the account. It is forgotten with time, and calls that are paid make
//! up for it, so that an account that makes many calls may have many that fail. One that has cost too
//! much rests.

use std::{
	collections::BTreeMap,
	sync::{Mutex, MutexGuard, PoisonError},
};

use lx_primitives::units::{Credits, Moment};
use sp_core::crypto::AccountId32;

/// In so many milliseconds as much is forgotten as an account may have cost.
const MEMORY: Moment = 60 * 60 * 1_000;

/// What accounts have cost, since the relay started.
pub struct Losses {
	/// µCRED that an account may have cost before it rests.
	most: Credits,
	/// When all that an account has cost is forgotten.
	forgotten_at: Mutex<BTreeMap<AccountId32, Moment>>,
}

impl Losses {
	/// An account may have cost so many µCRED before it rests.
	pub fn new(most: u64) -> Self {
		Self { most: most.into(), forgotten_at: Mutex::default() }
	}

	/// Notes that a call of `account` may have cost so much that nobody pays.
	pub fn add(&self, account: &AccountId32, cost: Credits, now: Moment) {
		let mut forgotten_at = self.lock();
		forgotten_at.retain(|_, at| *at > now);
		let at = forgotten_at.entry(account.clone()).or_insert(now);
		*at = at.saturating_add(self.span(cost));
	}

	/// Notes that `account` has paid so much, which makes up for as much.
	pub fn make_up(&self, account: &AccountId32, charge: Credits) {
		if let Some(at) = self.lock().get_mut(account) {
			*at = at.saturating_sub(self.span(charge));
		}
	}

	/// How long `account` rests from `now` on, in milliseconds; `None` if it does not.
	pub fn rest(&self, account: &AccountId32, now: Moment) -> Option<Moment> {
		let at = *self.lock().get(account)?;
		let rest = at.saturating_sub(now.saturating_add(MEMORY));
		(rest > 0).then_some(rest)
	}

	/// How long it takes until so much is forgotten; rounded down to a millisecond.
	fn span(&self, amount: Credits) -> Moment {
		let span = amount.saturating_mul(MEMORY.into()).checked_div(self.most);
		span.map_or(Moment::MAX, |span| Moment::try_from(span).unwrap_or(Moment::MAX))
	}

	/// The times are right at every moment, so they are good even after a panic.
	fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountId32, Moment>> {
		self.forgotten_at.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: AccountId32 = AccountId32::new([1; 32]);
	const BOB: AccountId32 = AccountId32::new([2; 32]);
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
