use frame_support::{assert_noop, assert_ok, traits::SafeModeNotify};
use sp_core::H256;
use sp_runtime::DispatchError::BadOrigin;

use crate::{mock::*, Error, Event, Guardian, Origin, PlannedUpgrade};

const HASH: H256 = H256::repeat_byte(7);

fn major() -> RuntimeOrigin {
	Origin::Major.into()
}

fn cancellation() -> RuntimeOrigin {
	Origin::Cancellation.into()
}

fn is_authorized() -> bool {
	System::authorized_upgrade().is_some()
}

#[test]
fn an_upgrade_waits_and_is_authorised_by_itself() {
	build_and_execute(|| {
		assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
		let due = Now::get() + DELAY;
		assert_eq!(take_events(), [Event::UpgradePlanned { code_hash: HASH, due }]);
		block_at(due - 1);
		assert!(!is_authorized());
		block_at(due);
		assert!(is_authorized());
		assert!(!PlannedUpgrade::<Test>::exists());
		let authorized =
			frame_system::Event::<Test>::UpgradeAuthorized { code_hash: HASH, check_version: true };
		System::assert_has_event(authorized.into());
	});
}

#[test]
fn an_upgrade_can_be_called_off_while_it_waits() {
	build_and_execute(|| {
		assert_noop!(WhaleVoting::cancel_upgrade(cancellation()), Error::<Test>::NoUpgrade);
		assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
		assert_ok!(WhaleVoting::cancel_upgrade(cancellation()));
		assert_eq!(take_events().pop(), Some(Event::UpgradeCancelled { code_hash: HASH }));
		block_at(Now::get() + 2 * DELAY);
		assert!(!is_authorized());
	});
}

#[test]
fn an_upgrade_that_is_due_can_be_called_off_until_it_is_applied() {
	build_and_execute(|| {
		assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
		block_at(Now::get() + DELAY);
		assert!(is_authorized());
		let next = H256::repeat_byte(8);
		assert_ok!(WhaleVoting::authorize_upgrade(major(), next));
		take_events();
		assert_ok!(WhaleVoting::cancel_upgrade(cancellation()));
		let both = [next, HASH].map(|code_hash| Event::UpgradeCancelled { code_hash });
		assert_eq!(take_events(), both);
		assert!(!is_authorized());
		assert!(!PlannedUpgrade::<Test>::exists());
		assert_noop!(WhaleVoting::cancel_upgrade(cancellation()), Error::<Test>::NoUpgrade);
	});
}

#[test]
fn what_the_guardian_has_begun_ends_with_it() {
	build_and_execute(|| {
		assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
		block_at(Now::get() + DELAY);
		let next = H256::repeat_byte(8);
		assert_ok!(WhaleVoting::authorize_upgrade(major(), next));
		stake(ALICE, WHALE);
		stake(BOB, WHALE);
		take_events();
		// It is due in the very block in which the guardian ends.
		block_at(Now::get() + DELAY);
		assert!(!Guardian::<Test>::exists());
		let expected = [
			Event::GuardianRetired { whales: SUNSET },
			Event::UpgradeCancelled { code_hash: next },
			Event::UpgradeCancelled { code_hash: HASH },
		];
		assert_eq!(take_events(), expected);
		assert!(!is_authorized());

		// What whales decide from now on stays.
		assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
		block_at(Now::get() + DELAY);
		assert!(is_authorized());
	});
}

#[test]
fn an_upgrade_waits_longer_when_redemption_stops_meanwhile() {
	build_and_execute(|| {
		assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
		let due = Now::get() + DELAY + STOP;
		Now::set(Now::get() + DELAY - 1);
		take_events();
		WhaleVoting::entered();
		let until = Now::get() + STOP;
		let postponed = Event::UpgradePlanned { code_hash: HASH, due };
		assert_eq!(take_events(), [Event::RedemptionStopped { until }, postponed]);
		// Entered again, safe mode stops redemption no longer.
		WhaleVoting::exited();
		WhaleVoting::entered();
		assert!(take_events().is_empty());
		block_at(due - 1);
		assert!(!is_authorized());
		block_at(due);
		assert!(is_authorized());
	});
}

#[test]
fn an_upgrade_waits_from_when_redemption_goes_on() {
	build_and_execute(|| {
		WhaleVoting::entered();
		let resumes = Now::get() + STOP;
		for after in [0, STOP, STOP + 1] {
			Now::set(resumes - STOP + after);
			assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
			let due = resumes.max(Now::get()) + DELAY;
			assert_eq!(WhaleVoting::planned_upgrade().map(|upgrade| upgrade.due), Some(due));
		}
	});
}

#[test]
fn a_second_upgrade_waits_as_long_as_the_first() {
	build_and_execute(|| {
		assert_ok!(WhaleVoting::authorize_upgrade(major(), H256::zero()));
		Now::set(Now::get() + DELAY - 1);
		assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
		block_at(Now::get() + 1);
		assert!(!is_authorized());
		block_at(Now::get() + DELAY);
		assert!(is_authorized());
	});
}

#[test]
fn only_a_major_decision_upgrades() {
	build_and_execute(|| {
		let origins = [
			RuntimeOrigin::signed(GUARDIAN),
			RuntimeOrigin::root(),
			Origin::Parameters.into(),
			cancellation(),
		];
		for origin in origins {
			assert_noop!(WhaleVoting::authorize_upgrade(origin, HASH), BadOrigin);
		}
	});
}

#[test]
fn only_a_cancellation_calls_an_upgrade_off() {
	build_and_execute(|| {
		assert_ok!(WhaleVoting::authorize_upgrade(major(), HASH));
		let origins = [
			RuntimeOrigin::signed(GUARDIAN),
			RuntimeOrigin::root(),
			Origin::Parameters.into(),
			major(),
		];
		for origin in origins {
			assert_noop!(WhaleVoting::cancel_upgrade(origin), BadOrigin);
		}
		let guardian = RuntimeOrigin::signed(GUARDIAN);
		let cancel = Box::new(crate::Call::<Test>::cancel_upgrade {}.into());
		assert_ok!(WhaleVoting::guard(guardian, Origin::Cancellation, cancel));
		assert!(!PlannedUpgrade::<Test>::exists());
	});
}
