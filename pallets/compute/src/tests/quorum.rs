use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::CRED;
use sp_core::Pair;
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Attestors, Error, Event, Quorum, Signer};

fn set(ids: &[u32], threshold: u32) -> Result<(), DispatchError> {
	Compute::set_quorum(RuntimeOrigin::root(), members(ids), threshold)
}

fn register(id: u32) {
	assert_ok!(Compute::register_attestor(signed(CAROL), attestor_pair(id).public()));
	assert!(Attestors::<Test>::contains_key(id));
}

/// Attestor `id` is caught with two batches for one place.
fn catch(id: u32) {
	let header = batch(vec![line(ALICE, CRED)]).header;
	let caught = equivocation(Signer::Attestor(id), &attestor_pair(id), header);
	assert_ok!(Compute::report_equivocation(signed(BOB), caught));
	assert!(Attestors::<Test>::get(id).unwrap().is_suspended);
}

#[test]
fn an_attestor_bonds() {
	build_and_execute(|| {
		let key = attestor_pair(3).public();
		assert_ok!(Compute::register_attestor(signed(CAROL), key));
		assert_event(Event::AttestorRegistered { attestor: 3, operator: CAROL, key, bond: BOND });
		assert_eq!(wallet(&CAROL), WEALTH - BOND);
		assert_noop!(
			Compute::register_attestor(signed(OPERATOR), key),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn an_attestor_outside_of_the_quorum_does_not_count() {
	build_and_execute(|| {
		register(3);
		open(ALICE, CRED);
		let signed = || sign_by(batch(vec![line(ALICE, CRED)]), &relay_pair(), &[0, 3]);
		assert_noop!(signed().post(), Error::<Test>::UnknownAttestor);
		assert_ok!(set(&[3, 0], 2));
		assert_event(Event::QuorumSet { members: members(&[0, 3]), threshold: 2 });
		assert_ok!(signed().post());
	});
}

#[test]
fn a_threshold_can_be_met_but_not_by_nobody() {
	build_and_execute(|| {
		assert_noop!(set(&[0, 1, 2], 0), Error::<Test>::InvalidThreshold);
		assert_noop!(set(&[0, 1, 2], 4), Error::<Test>::InvalidThreshold);
		assert_noop!(set(&[], 0), Error::<Test>::InvalidThreshold);
		assert_noop!(set(&[], 1), Error::<Test>::InvalidThreshold);
		assert_ok!(set(&[0, 1, 2], 3));
		assert_ok!(set(&[0], 1));
	});
}

#[test]
fn members_are_registered_bonded_and_different() {
	build_and_execute(|| {
		assert_noop!(set(&[0, 9], 1), Error::<Test>::UnknownAttestor);
		assert_noop!(set(&[0, 1, 1], 2), Error::<Test>::DuplicateMember);
		// The same key under a second id.
		assert_ok!(Compute::register_attestor(signed(CAROL), attestor_pair(0).public()));
		assert_noop!(set(&[0, 3], 2), Error::<Test>::DuplicateMember);
		// One of genesis has no bond: it may stay, but not come back.
		assert_ok!(set(&[0, 1], 2));
		assert_noop!(set(&[0, 1, 2], 2), Error::<Test>::NotBonded);
		assert_noop!(
			Compute::set_quorum(signed(CAROL), members(&[0]), 1),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn without_a_quorum_nothing_can_be_posted() {
	build_and_execute(|| {
		Quorum::<Test>::kill();
		open(ALICE, CRED);
		let unsigned = sign_by(batch(vec![line(ALICE, CRED)]), &relay_pair(), &[]);
		assert_noop!(unsigned.post(), Error::<Test>::TooFewSignatures);
	});
}

#[test]
fn an_attestor_leaves_when_all_it_signed_is_final() {
	build_and_execute(|| {
		register(3);
		assert_ok!(set(&[0, 1, 3], 2));
		open(ALICE, 2 * CRED);
		let signed_by_it = sign_by(batch(vec![line(ALICE, CRED)]), &relay_pair(), &[0, 3]);
		assert_ok!(signed_by_it.post());
		let retire = || Compute::retire_attestor(signed(CAROL), 3);
		assert_noop!(retire(), Error::<Test>::AttestorNeeded);
		assert_ok!(set(&[0, 1], 2));
		assert_noop!(retire(), Error::<Test>::AttestorNeeded);
		// Batches posted after it has left do not keep it.
		wait(1);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		wait(WINDOW - 1);
		next_block();
		assert_noop!(Compute::retire_attestor(signed(ALICE), 3), Error::<Test>::NotOperator);
		assert_noop!(retire(), Error::<Test>::StillBonded);
		wait(UNBONDING - WINDOW - 1);
		assert_noop!(retire(), Error::<Test>::StillBonded);
		wait(1);
		assert_ok!(retire());
		assert_event(Event::AttestorRetired { attestor: 3, bond: BOND });
		assert_eq!(wallet(&CAROL), WEALTH);
		assert_noop!(retire(), Error::<Test>::UnknownAttestor);
	});
}

#[test]
fn an_attestor_that_never_signed_leaves_at_once() {
	build_and_execute(|| {
		register(3);
		open(ALICE, CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::retire_attestor(signed(CAROL), 3));
		// Its id is not given again.
		register(4);
		assert!(!Attestors::<Test>::contains_key(3));
	});
}

#[test]
fn an_attestors_bond_is_raised_to_what_is_required_by_the_operator() {
	build_and_execute(|| {
		let bond = |who| Compute::bond_attestor(signed(who), 1);
		assert_noop!(bond(CAROL), Error::<Test>::NotOperator);
		assert_noop!(Compute::bond_attestor(signed(CAROL), 9), Error::<Test>::UnknownAttestor);
		give(&OPERATOR, 2 * BOND);
		assert_ok!(bond(OPERATOR));
		assert_event(Event::AttestorBonded { attestor: 1, added: BOND });
		assert_eq!(Attestors::<Test>::get(1).unwrap().bond, BOND);
		assert_noop!(bond(OPERATOR), Error::<Test>::BondComplete);
		// It may leave the quorum and come back now.
		assert_ok!(set(&[0], 1));
		assert_ok!(set(&[0, 1], 2));
	});
}

#[test]
fn a_suspended_attestor_counts_again_when_it_is_bonded_and_named() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		let posting =
			|ids: &[u32]| sign_by(batch(vec![line(ALICE, CRED)]), &relay_pair(), ids).post();
		assert_ok!(posting(&[0, 1]));
		catch(1);
		assert_noop!(posting(&[0, 1]), Error::<Test>::AttestorSuspended);
		// Enough others beside it do not make up for it.
		assert_noop!(posting(&[0, 1, 2]), Error::<Test>::AttestorSuspended);
		assert_ok!(posting(&[0, 2]));
		// The others of genesis stay without a bond, but not one that was suspended.
		assert_noop!(set(&[0, 1, 2], 2), Error::<Test>::NotBonded);
		give(&OPERATOR, BOND + MINIMUM);
		assert_ok!(Compute::bond_attestor(signed(OPERATOR), 1));
		assert_noop!(posting(&[0, 1]), Error::<Test>::AttestorSuspended);
		assert_ok!(set(&[0, 1, 2], 2));
		assert!(!Attestors::<Test>::get(1).unwrap().is_suspended);
		assert_ok!(posting(&[0, 1]));
	});
}

#[test]
fn a_suspended_attestor_stays_suspended_outside_of_the_quorum() {
	build_and_execute(|| {
		catch(1);
		assert_ok!(set(&[0, 2], 2));
		give(&OPERATOR, BOND + MINIMUM);
		assert_ok!(Compute::bond_attestor(signed(OPERATOR), 1));
		assert_ok!(set(&[0], 1));
		assert!(Attestors::<Test>::get(1).unwrap().is_suspended);
	});
}

#[test]
fn a_new_member_has_the_bond_that_is_required_today() {
	build_and_execute(|| {
		register(3);
		RequiredBond::set(BOND + CRED);
		assert_noop!(set(&[0, 3], 2), Error::<Test>::NotBonded);
		assert_ok!(Compute::bond_attestor(signed(CAROL), 3));
		assert_event(Event::AttestorBonded { attestor: 3, added: CRED });
		assert_ok!(set(&[0, 3], 2));
		// It stays when more is required later.
		RequiredBond::set(BOND + 2 * CRED);
		assert_ok!(set(&[0, 3], 1));
	});
}
