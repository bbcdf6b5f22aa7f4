//! A purse belongs to one relay.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{units::CRED, RelayId};
use sp_core::Pair;

use crate::{mock::*, Error, RelayStatus, MAX_PURSES};

/// Relays with the ids from 1 on.
fn admit_relays(count: u32) {
	for _ in 0..count {
		admit_relay();
	}
}

fn top_up(relay: RelayId) -> sp_runtime::DispatchResult {
	Compute::top_up(signed(ALICE), relay, CRED)
}

fn empty(relay: RelayId) {
	assert_ok!(Compute::thaw(signed(ALICE), relay, CRED));
	wait(THAW);
	assert_ok!(Compute::withdraw(signed(ALICE), relay));
}

#[test]
fn no_other_relay_can_charge_a_purse() {
	build_and_execute(|| {
		let other = admit_relay();
		open(ALICE, 10 * CRED);
		assert_ok!(top_up(other));
		let charge = |amount| {
			let batch = batch_of(other, vec![line(ALICE, amount)]);
			sign_by(batch, &pair(101), &[0, 1]).post()
		};
		assert_noop!(charge(CRED + 1), Error::<Test>::Overcharge);
		assert_ok!(charge(CRED));
		assert_eq!(purse(ALICE).free, 10 * CRED);
		assert_ok!(post(vec![line(ALICE, 10 * CRED)]));
	});
}

#[test]
fn a_purse_is_filled_only_at_an_active_relay() {
	build_and_execute(|| {
		assert_noop!(top_up(1), Error::<Test>::UnknownRelay);
		assert_ok!(Compute::register_relay(signed(CAROL), pair(101).public()));
		assert_noop!(top_up(1), Error::<Test>::RelayNotActive);
		let suspended = RelayStatus::Suspended;
		assert_ok!(Compute::set_relay_status(RuntimeOrigin::root(), 0, suspended));
		assert_noop!(top_up(0), Error::<Test>::RelayNotActive);
	});
}

#[test]
fn an_account_has_purses_at_so_many_relays() {
	build_and_execute(|| {
		give(&CAROL, 10 * BOND);
		admit_relays(MAX_PURSES);
		for relay in 0..MAX_PURSES {
			assert_ok!(top_up(relay));
		}
		assert_noop!(top_up(MAX_PURSES), Error::<Test>::TooManyPurses);
		// One that is there can still be filled.
		assert_ok!(top_up(0));
		empty(3);
		assert_ok!(top_up(MAX_PURSES));
		assert_noop!(top_up(3), Error::<Test>::TooManyPurses);
	});
}

#[test]
fn an_empty_purse_gives_way() {
	build_and_execute(|| {
		give(&CAROL, 10 * BOND);
		admit_relays(MAX_PURSES);
		for relay in 0..MAX_PURSES {
			assert_ok!(top_up(relay));
		}
		// All of it is charged, and then final: nobody withdrew anything.
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_noop!(top_up(MAX_PURSES), Error::<Test>::TooManyPurses);
		finalise();
		assert_eq!(purse(ALICE).pending, 0);
		assert_ok!(top_up(MAX_PURSES));
		assert_eq!(account(ALICE).purse(0), None);
		assert_eq!(purse_at(MAX_PURSES, ALICE).free, CRED);
	});
}

#[test]
fn withdrawing_closes_one_purse_and_the_last_one_the_account() {
	build_and_execute(|| {
		let other = admit_relay();
		assert_ok!(top_up(0));
		assert_ok!(top_up(other));
		empty(0);
		assert_eq!(account(ALICE).purses.len(), 1);
		assert_noop!(Compute::thaw(signed(ALICE), 0, 1), Error::<Test>::NoPurse);
		assert_noop!(Compute::cancel_thaw(signed(ALICE), 0), Error::<Test>::NoPurse);
		assert_noop!(Compute::withdraw(signed(ALICE), 0), Error::<Test>::NoPurse);
		empty(other);
		assert_eq!(Compute::account(ALICE), None);
		assert_eq!(wallet(&ALICE), WEALTH);
	});
}

#[test]
fn a_thaw_ends_for_the_relay_when_the_owner_may_withdraw() {
	build_and_execute(|| {
		open(ALICE, 2 * CRED);
		assert_ok!(Compute::thaw(signed(ALICE), 0, 2 * CRED));
		wait(THAW);
		// At that moment either may still come first.
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!((wallet(&ALICE), free_and_thawing(ALICE)), (WEALTH - CRED, (0, 0)));
	});
}
