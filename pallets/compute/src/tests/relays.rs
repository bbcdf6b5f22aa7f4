use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::CRED;
use sp_core::Pair;
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Error, Event, Owed, RelayStatus, Relays};

fn set_status(relay: u32, status: RelayStatus) -> Result<(), DispatchError> {
	Compute::set_relay_status(RuntimeOrigin::root(), relay, status)
}

/// Registers and admits Carol's relay, which gets this id.
fn admit(id: u32) {
	assert_ok!(Compute::register_relay(signed(CAROL), pair(101).public()));
	assert_ok!(set_status(id, RelayStatus::Active));
}

#[test]
fn a_relay_bonds_and_waits_to_be_admitted() {
	build_and_execute(|| {
		let key = pair(101).public();
		assert_ok!(Compute::register_relay(signed(CAROL), key));
		assert_event(Event::RelayRegistered { relay: 1, operator: CAROL, key, bond: BOND });
		assert_eq!(wallet(&CAROL), WEALTH - BOND);
		open(ALICE, CRED);
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[1]), CRED));
		let posting = || sign_by(batch_of(1, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]).post();
		assert_noop!(posting(), Error::<Test>::RelayNotActive);
		assert_ok!(set_status(1, RelayStatus::Active));
		assert_event(Event::RelayStatusSet { relay: 1, status: RelayStatus::Active });
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
fn a_relay_with_nothing_pending_retires_at_once() {
	build_and_execute(|| {
		admit(1);
		assert_noop!(Compute::retire_relay(signed(ALICE), 1), Error::<Test>::NotOperator);
		assert_noop!(Compute::retire_relay(signed(CAROL), 9), Error::<Test>::UnknownRelay);
		assert_ok!(Compute::retire_relay(signed(CAROL), 1));
		assert_event(Event::RelayRetired { relay: 1, bond: BOND });
		assert_eq!(wallet(&CAROL), WEALTH);
		assert_noop!(Compute::retire_relay(signed(CAROL), 1), Error::<Test>::UnknownRelay);
	});
}

#[test]
fn a_relay_gets_its_bond_only_after_its_last_batch_is_final() {
	build_and_execute(|| {
		admit(1);
		open(ALICE, 2 * CRED);
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[1]), CRED));
		let posting = || sign_by(batch_of(1, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]).post();
		assert_ok!(posting());
		assert_ok!(Compute::retire_relay(signed(CAROL), 1));
		assert_event(Event::RelayStatusSet { relay: 1, status: RelayStatus::Retiring });
		assert_eq!(wallet(&CAROL), WEALTH - BOND);
		assert_noop!(posting(), Error::<Test>::RelayNotActive);
		assert_ok!(Compute::retire_relay(signed(CAROL), 1));
		assert_eq!(wallet(&CAROL), WEALTH - BOND);
		finalise();
		assert_ok!(Compute::retire_relay(signed(CAROL), 1));
		assert_eq!(wallet(&CAROL), WEALTH + CRED * 6 / 10);
		assert!(!Relays::<Test>::contains_key(1));
	});
}

#[test]
fn a_retired_id_is_never_given_again() {
	build_and_execute(|| {
		admit(1);
		open(ALICE, 2 * CRED);
		assert_ok!(Compute::authorise(signed(ALICE), relays(&[1]), CRED));
		let old = sign_by(batch_of(1, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]);
		assert_ok!(Compute::retire_relay(signed(CAROL), 1));
		admit(2);
		// Neither the authorisation nor a batch that was signed for the old id passes to the new.
		assert_noop!(old.post(), Error::<Test>::UnknownRelay);
		let new = sign_by(batch_of(2, vec![line(ALICE, CRED)]), &pair(101), &[0, 1]);
		assert_noop!(new.post(), Error::<Test>::RelayNotAuthorised);
	});
}

#[test]
fn a_relay_of_genesis_has_no_bond_to_return() {
	build_and_execute(|| {
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		assert_event(Event::RelayRetired { relay: 0, bond: 0 });
		assert_eq!(wallet(&OPERATOR), 0);
		assert_eq!(Owed::<Test>::get(OPERATOR), 0);
	});
}
