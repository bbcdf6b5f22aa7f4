//! Removing what nobody needs any more.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::traits::Quotas;

use crate::{mock::*, Error, Event, Stage};

#[test]
fn a_deposit_comes_back_when_nothing_more_can_be_posted() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 60), (BOB, 10_000, 60)], CLOSING);
		assert_ok!(claim(ALICE));
		for time in [CLOSING, EXPIRY - 1, EXPIRY, EXPIRY + GRACE] {
			at(time);
			assert_noop!(release(ALICE), Error::<Test>::StillInUse);
			assert_noop!(release(BOB), Error::<Test>::StillInUse);
		}
		at(EXPIRY + GRACE + 1);
		take_events();
		assert_ok!(release(ALICE));
		assert_ok!(release(BOB));
		assert_eq!([ALICE, BOB].map(free), [WEALTH; 2]);
		let released = |who| Event::Released { launch: 0, who, deposit: DEPOSIT };
		assert_eq!(take_events(), vec![released(ALICE), released(BOB)]);
		assert_noop!(release(ALICE), Error::<Test>::NotSubscribed);
		assert_eq!(stored(), (0, 0));
	});
}

#[test]
fn who_was_given_nothing_need_not_wait() {
	build_and_execute(|| {
		launched(1, &[(ALICE, 10_000, 1), (BOB, 10_000, 1)], CLOSING - 1);
		assert_noop!(release(BOB), Error::<Test>::StillInUse);
		at(CLOSING);
		assert_eq!(allocations([ALICE, BOB]), [1, 0]);
		assert_ok!(release(BOB));
		assert_eq!(free(BOB), WEALTH);
		assert_noop!(claim(BOB), Error::<Test>::NotSubscribed);
		assert_noop!(release(ALICE), Error::<Test>::StillInUse);
		assert_ok!(claim(ALICE));
		assert_noop!(release(ALICE), Error::<Test>::StillInUse);
		assert_ok!(Launchpad::redeem(&ALICE, 0, RELAY, 1));
		// What is used may be given back.
		assert_noop!(release(ALICE), Error::<Test>::StillInUse);
	});
}

#[test]
fn there_is_nothing_to_release_elsewhere() {
	build_and_execute(|| {
		assert_noop!(release(ALICE), Error::<Test>::UnknownLaunch);
		launched(100, &[(ALICE, 10_000, 60)], EXPIRY + GRACE + 1);
		assert_noop!(release(BOB), Error::<Test>::NotSubscribed);
		assert_ok!(release(ALICE));
	});
}

#[test]
fn pages_go_by_themselves_when_a_launch_expires() {
	build_and_execute(|| {
		let many: Vec<_> = (1_000u64..1_250).map(|who| (who, 10_000, 10)).collect();
		many.iter().for_each(|(who, ..)| endow(*who));
		launched(20_000, &many, EXPIRY - 1);
		assert_eq!(stored(), (3, 250));
		take_events();
		at(EXPIRY);
		assert_eq!(stored(), (0, 250));
		assert_eq!(stage(), Stage::Over);
		assert_eq!(take_events(), vec![Event::Expired { launch: 0 }]);
		at(EXPIRY + GRACE + 1);
		many.iter().for_each(|(who, ..)| release(*who).unwrap());
		assert_eq!(stored(), (0, 0));
	});
}
