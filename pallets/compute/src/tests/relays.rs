use frame_support::{assert_noop, assert_ok, weights::Weight};
use lx_primitives::units::CRED;
use sp_core::Pair;
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Error, Event, Owed, RelayStatus, Relays};

fn set_status(relay: u32, status: RelayStatus) -> Result<(), DispatchError> {
	Compute::set_relay_status(RuntimeOrigin::root(), relay, status)
}

/// Relay 1 leaves, and its time is over.
fn retire() {
	assert_ok!(Compute::retire_relay(signed(CAROL), 1));
	wait(UNBONDING);
	assert_ok!(Compute::retire_relay(signed(CAROL), 1));
}

/// Alice has so much to spend at relay 1.
fn open_at_other(amount: u128) {
	assert_ok!(Compute::top_up(signed(ALICE), 1, amount));
}

#[test]
fn a_relay_bonds_and_waits_to_be_admitted() {
	build_and_execute(|| {
		let key = pair(101).public();
		assert_ok!(Compute::register_relay(signed(CAROL), key));
		assert_event(Event::RelayRegistered { relay: 1, operator: CAROL, key, bond: BOND });
		assert_eq!(wallet(&CAROL), WEALTH - BOND);
		let posting = || sign_by(batch_of(1, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]).post();
		assert_noop!(posting(), Error::<Test>::RelayNotActive);
		let top_up = || Compute::top_up(signed(ALICE), 1, CRED);
		assert_noop!(top_up(), Error::<Test>::RelayNotActive);
		assert_ok!(set_status(1, RelayStatus::Active));
		assert_event(Event::RelayStatusSet { relay: 1, status: RelayStatus::Active });
		assert_ok!(top_up());
		assert_ok!(posting());
	});
}

#[test]
fn a_relay_without_the_bond_is_refused() {
	build_and_execute(|| {
		give(&OPERATOR, BOND + MINIMUM - 1);
		let register = || Compute::register_relay(signed(OPERATOR), pair(101).public());
		assert_noop!(register(), TokenError::NotExpendable);
		give(&OPERATOR, 1);
		assert_ok!(register());
		assert_eq!(wallet(&OPERATOR), MINIMUM);
	});
}

#[test]
fn a_suspended_relay_cannot_post_but_its_batches_become_final() {
	build_and_execute(|| {
		open(ALICE, 2 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(set_status(0, RelayStatus::Suspended));
		assert_noop!(post(vec![line(ALICE, CRED)]), Error::<Test>::RelayNotActive);
		finalise();
		assert_eq!(wallet(&OPERATOR), CRED * 6 / 10);
		// One of genesis has no bond, and does not come back without.
		assert_noop!(set_status(0, RelayStatus::Active), Error::<Test>::NotBonded);
		give(&OPERATOR, BOND);
		assert_ok!(Compute::bond_relay(signed(OPERATOR), 0));
		assert_ok!(set_status(0, RelayStatus::Active));
		assert_ok!(post(vec![line(ALICE, CRED)]));
	});
}

#[test]
fn only_sensible_statuses_can_be_set() {
	build_and_execute(|| {
		let bad = || Error::<Test>::InvalidStatus;
		assert_noop!(set_status(0, RelayStatus::Registered), bad());
		assert_noop!(set_status(0, RelayStatus::Retiring), bad());
		assert_noop!(set_status(9, RelayStatus::Active), Error::<Test>::UnknownRelay);
		assert_noop!(
			Compute::set_relay_status(signed(CAROL), 0, RelayStatus::Active),
			DispatchError::BadOrigin
		);
		open(ALICE, CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		assert_noop!(set_status(0, RelayStatus::Active), bad());
	});
}

#[test]
fn a_relay_that_leaves_answers_for_what_it_signed_for_a_while() {
	build_and_execute(|| {
		admit_relay();
		let retire = |who| Compute::retire_relay(signed(who), 1);
		assert_noop!(retire(ALICE), Error::<Test>::NotOperator);
		assert_noop!(Compute::retire_relay(signed(CAROL), 9), Error::<Test>::UnknownRelay);
		assert_ok!(retire(CAROL));
		assert_event(Event::RelayStatusSet { relay: 1, status: RelayStatus::Retiring });
		assert_noop!(retire(CAROL), Error::<Test>::StillBonded);
		wait(UNBONDING - 1);
		// To ask again does not begin anew.
		assert_noop!(retire(CAROL), Error::<Test>::StillBonded);
		wait(1);
		assert_eq!(wallet(&CAROL), WEALTH - BOND);
		assert_ok!(retire(CAROL));
		assert_event(Event::RelayRetired { relay: 1, bond: BOND });
		assert_eq!(wallet(&CAROL), WEALTH);
		assert_noop!(retire(CAROL), Error::<Test>::UnknownRelay);
	});
}

#[test]
fn the_providers_cost_goes_to_the_platform_until_a_relay_is_trusted() {
	build_and_execute(|| {
		assert_ok!(Compute::register_relay(signed(CAROL), pair(101).public()));
		assert_ok!(set_status(1, RelayStatus::Active));
		open_at_other(2 * CRED);
		let posting = || sign_by(batch_of(1, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]).post();
		assert_ok!(posting());
		finalise();
		assert_eq!((wallet(&REVENUE), wallet(&CAROL)), (CRED, WEALTH - BOND));
		assert_noop!(Compute::set_payee(signed(CAROL), 1, CAROL), DispatchError::BadOrigin);
		let set_payee = |relay| Compute::set_payee(RuntimeOrigin::root(), relay, BOB);
		assert_noop!(set_payee(9), Error::<Test>::UnknownRelay);
		wait(1);
		assert_ok!(posting());
		// What counts is who is named when the batch becomes final.
		assert_ok!(set_payee(1));
		assert_event(Event::PayeeSet { relay: 1, payee: BOB });
		finalise();
		assert_eq!(wallet(&REVENUE), CRED + CRED * 4 / 10);
		assert_eq!(wallet(&BOB), WEALTH + CRED * 6 / 10);
	});
}

#[test]
fn a_relay_gets_its_bond_only_after_its_last_batch_is_final() {
	build_and_execute(|| {
		admit_relay();
		open_at_other(2 * CRED);
		let posting = || sign_by(batch_of(1, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]).post();
		assert_ok!(posting());
		assert_ok!(Compute::retire_relay(signed(CAROL), 1));
		assert_event(Event::RelayStatusSet { relay: 1, status: RelayStatus::Retiring });
		assert_eq!(wallet(&CAROL), WEALTH - BOND);
		assert_noop!(posting(), Error::<Test>::RelayNotActive);
		// Finality is late: the bond waits for it.
		FinalisationWeight::set(Weight::zero());
		wait(UNBONDING);
		assert_noop!(Compute::retire_relay(signed(CAROL), 1), Error::<Test>::StillBonded);
		assert_eq!(wallet(&CAROL), WEALTH - BOND);
		FinalisationWeight::set(Weight::MAX);
		next_block();
		assert_ok!(Compute::retire_relay(signed(CAROL), 1));
		assert_eq!(wallet(&CAROL), WEALTH + CRED * 6 / 10);
		assert!(!Relays::<Test>::contains_key(1));
	});
}

#[test]
fn a_retired_id_is_never_given_again() {
	build_and_execute(|| {
		admit_relay();
		open_at_other(2 * CRED);
		let old = sign_by(batch_of(1, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]);
		retire();
		admit_relay();
		// Neither the purse nor a batch that was signed for the old id passes to the new.
		assert_noop!(old.post(), Error::<Test>::UnknownRelay);
		let new = sign_by(batch_of(2, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]);
		assert_noop!(new.post(), Error::<Test>::NoPurse);
		// What is in the purse is not lost.
		assert_ok!(Compute::thaw(signed(ALICE), 1, 2 * CRED));
		wait(THAW);
		assert_ok!(Compute::withdraw(signed(ALICE), 1));
		assert_eq!(wallet(&ALICE), WEALTH);
	});
}

#[test]
fn a_relay_of_genesis_has_no_bond_to_return() {
	build_and_execute(|| {
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		wait(UNBONDING);
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		assert_event(Event::RelayRetired { relay: 0, bond: 0 });
		assert_eq!(wallet(&OPERATOR), 0);
		assert_eq!(Owed::<Test>::get(OPERATOR), 0);
	});
}

#[test]
fn a_bond_is_raised_to_what_is_required_by_the_operator() {
	build_and_execute(|| {
		let bond = |who| Compute::bond_relay(signed(who), 0);
		assert_noop!(bond(CAROL), Error::<Test>::NotOperator);
		assert_noop!(Compute::bond_relay(signed(CAROL), 9), Error::<Test>::UnknownRelay);
		assert_noop!(bond(OPERATOR), TokenError::FundsUnavailable);
		give(&OPERATOR, BOND + MINIMUM);
		assert_ok!(bond(OPERATOR));
		assert_event(Event::RelayBonded { relay: 0, added: BOND });
		assert_eq!(Relays::<Test>::get(0).unwrap().bond, BOND);
		assert_eq!(wallet(&OPERATOR), MINIMUM);
		assert_noop!(bond(OPERATOR), Error::<Test>::BondComplete);
	});
}

#[test]
fn a_relay_is_admitted_with_the_bond_that_is_required_today() {
	build_and_execute(|| {
		admit_relay();
		RequiredBond::set(BOND + CRED);
		assert_noop!(set_status(1, RelayStatus::Active), Error::<Test>::NotBonded);
		assert_ok!(set_status(1, RelayStatus::Suspended));
		assert_noop!(set_status(1, RelayStatus::Active), Error::<Test>::NotBonded);
		assert_ok!(Compute::bond_relay(signed(CAROL), 1));
		assert_event(Event::RelayBonded { relay: 1, added: CRED });
		assert_eq!(wallet(&CAROL), WEALTH - BOND - CRED);
		assert_ok!(set_status(1, RelayStatus::Active));
		// A bond above what is required is not paid back before the relay retires.
		RequiredBond::set(BOND);
		assert_noop!(Compute::bond_relay(signed(CAROL), 1), Error::<Test>::BondComplete);
		retire();
		assert_eq!(wallet(&CAROL), WEALTH);
	});
}
