//! Offering again what is left.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{traits::Quotas, Moment, QuotaError};
use sp_runtime::DispatchResult;

use crate::{mock::*, Error, Event, Stage, Terms};

/// The terms of [`terms`], so much later.
fn later(by: Moment) -> Terms {
	let Terms { snapshot_at, opens_at, closes_at, expires_at, .. } = terms();
	Terms {
		snapshot_at: snapshot_at + by,
		opens_at: opens_at + by,
		closes_at: closes_at + by,
		expires_at: expires_at + by,
		..terms()
	}
}

fn reoffer() -> DispatchResult {
	Launchpad::reoffer(RuntimeOrigin::root(), 0, later(Now::get() - START))
}

#[test]
fn what_was_not_used_is_offered_again() {
	build_and_execute(|| {
		launched(100, &[(ALICE, 10_000, 60), (BOB, 10_000, 20)], CLOSING);
		assert_ok!(claim(ALICE));
		assert_ok!(Launchpad::redeem(&ALICE, 0, RELAY, 35));
		assert_noop!(reoffer(), Error::<Test>::NotOver);
		for time in [EXPIRY - 1, EXPIRY, EXPIRY + GRACE] {
			at(time);
			assert_noop!(reoffer(), Error::<Test>::NotOver);
		}
		at(EXPIRY + GRACE + 1);
		take_events();
		assert_ok!(reoffer());
		let announced = Event::Announced { launch: 1, model: model("scarce"), total: 65 };
		let reoffered = Event::Reoffered { launch: 0, again: 1, units: 65 };
		assert_eq!(take_events(), vec![announced, reoffered]);
		assert_eq!(stage(), Stage::Reoffered(1));
		assert_eq!((launch_of(1).total, launch_of(1).stage), (65, Stage::Announced));
		assert_noop!(reoffer(), Error::<Test>::AlreadyReoffered);
		// Of what is offered to others, nothing is used any more.
		assert_eq!(Launchpad::may_redeem(&ALICE, 0, RELAY, 1), Err(QuotaError::Expired));
		assert_ok!(release(ALICE));
		assert_ok!(release(BOB));
	});
}

#[test]
fn of_what_was_used_up_nothing_is_left() {
	build_and_execute(|| {
		assert_noop!(reoffer(), Error::<Test>::UnknownLaunch);
		launched(60, &[(ALICE, 10_000, 60)], CLOSING);
		assert_ok!(claim(ALICE));
		assert_ok!(Launchpad::redeem(&ALICE, 0, RELAY, 60));
		at(EXPIRY + GRACE + 1);
		assert_noop!(reoffer(), Error::<Test>::NothingLeft);
		// A batch that is reversed late leaves something.
		Launchpad::restore(&ALICE, 0, RELAY, 1);
		assert_ok!(reoffer());
		assert_eq!(launch_of(1).total, 1);
	});
}

#[test]
fn it_is_a_launch_like_any_other() {
	build_and_execute(|| {
		launched(60, &[(ALICE, 10_000, 60)], EXPIRY + GRACE + 1);
		let root = RuntimeOrigin::root;
		assert_noop!(Launchpad::reoffer(root(), 0, terms()), Error::<Test>::NoticeTooShort);
		let wrong = Terms { expires_at: 0, ..later(2 * EXPIRY) };
		assert_noop!(Launchpad::reoffer(root(), 0, wrong), Error::<Test>::WrongTimes);
		assert_ok!(reoffer());
		at(Now::get() + NOTICE + HOUR);
		assert_ok!(Launchpad::subscribe(RuntimeOrigin::signed(ALICE), 1, 60));
	});
}
