//! A state that is not as it should be is found out.

use frame_support::assert_ok;
use lx_primitives::{traits::Quotas, Claim};
use sp_runtime::DispatchError;

use crate::{
	mock::*, Agenda, Announcements, Launch, Launches, NextLaunchId, Pages, Stage, Subscriber,
	Subscription, Subscriptions, MAX_LIVE,
};

/// What is said after `change` of a launch at `time`, of 100 units, in which Alice and Bob have half
/// each, and Alice has claimed all of hers at one relay, and used some.
fn after(time: u64, change: impl FnOnce()) -> DispatchError {
	new_test_ext().execute_with(|| {
		launched(100, &[(ALICE, 10_000, 60), (BOB, 10_000, 60)], OPENING);
		if time >= CLOSING {
			at(CLOSING);
			assert_ok!(claim(ALICE));
			assert_ok!(Launchpad::redeem(&ALICE, 0, RELAY, 10));
		}
		at(time);
		Launchpad::do_try_state().unwrap();
		change();
		Launchpad::do_try_state().unwrap_err()
	})
}

fn launch_changed(change: impl FnOnce(&mut Launch)) {
	Launches::<Test>::mutate_extant(0, change);
}

fn subscriber_changed(change: impl FnOnce(&mut Subscriber<AccountId>)) {
	Pages::<Test>::mutate(0, 0, |page| change(&mut page.as_mut().unwrap()[0]));
}

fn subscription_changed(change: impl FnOnce(&mut Subscription)) {
	Subscriptions::<Test>::mutate(0, ALICE, |found| change(found.as_mut().unwrap()));
}

#[test]
fn a_launch_that_nothing_happens_to() {
	let plan_changed = |change: fn(&mut Vec<(u64, u32)>)| {
		after(CLOSING, || {
			let mut plan = Agenda::<Test>::get().into_inner();
			change(&mut plan);
			Agenda::<Test>::put(crate::Plan::truncate_from(plan));
		})
	};
	let said = [
		plan_changed(|plan| plan.clear()),
		plan_changed(|plan| plan[0].0 -= 1),
		plan_changed(|plan| plan[0].1 = 7),
		plan_changed(|plan| plan.push(plan[0])),
		plan_changed(|plan| plan.push((0, 1))),
		after(CLOSING, || launch_changed(|launch| launch.stage = Stage::Over)),
		after(CLOSING, || launch_changed(|launch| launch.stage = Stage::Announced)),
		after(CLOSING, || {
			let plan = crate::Plan::truncate_from(vec![(EXPIRY, 0); MAX_LIVE as usize]);
			Announcements::<Test>::put(plan);
		}),
	];
	let other = "a plan is not what happens next";
	let expected = [
		other,
		other,
		other,
		"a launch is planned twice",
		"a plan is out of order",
		other,
		other,
		"too many launches are live",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}

#[test]
fn a_launch_that_gives_what_there_is_not() {
	let said = [
		after(CLOSING, NextLaunchId::<Test>::kill),
		after(CLOSING, || launch_changed(|launch| launch.total = 99)),
		after(CLOSING, || launch_changed(|launch| launch.redeemed = 101)),
		after(CLOSING, || launch_changed(|launch| launch.redeemed = 9)),
		after(CLOSING, || launch_changed(|launch| launch.total = 121)),
	];
	let expected = [
		"a launch has an id that was not given yet",
		"the first round gives more than there is",
		"more is used than there is",
		"more is used than was redeemed",
		"a quota is not given out to the last unit",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}

#[test]
fn subscribers_that_are_not_those_who_subscribed() {
	let said = [
		after(OPENING, || Pages::<Test>::remove(0, 0)),
		after(OPENING, || {
			Pages::<Test>::mutate(0, 0, |page| {
				page.as_mut().unwrap().pop();
			});
		}),
		after(OPENING, || Pages::<Test>::insert(0, 1, crate::Page::default())),
		after(OPENING, || subscriber_changed(|subscriber| subscriber.wanted += 1)),
		after(OPENING, || subscriber_changed(|subscriber| subscriber.account = CAROL)),
		after(OPENING, || launch_changed(|launch| launch.tally.least -= 1)),
		after(OPENING, || subscription_changed(|subscription| subscription.place = 1)),
		after(OPENING, || subscription_changed(|subscription| subscription.place = 2)),
	];
	let tally = "the tally is not that of the subscribers";
	let expected = [
		"a page is missing",
		"a page is not full",
		"there is a page too many",
		tally,
		"a subscriber has no subscription",
		tally,
		"a subscriber is in another place",
		"a subscriber is in another place",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}

#[test]
fn a_quota_that_is_not_what_was_given() {
	let claimed = |time, relay, units| {
		after(time, || {
			let claim = Claim { relay, units, used: 0 };
			subscription_changed(|subscription| subscription.claims.try_push(claim).unwrap());
		})
	};
	let said = [
		claimed(OPENING, RELAY, 1),
		claimed(CLOSING, OTHER, 1),
		claimed(CLOSING, RELAY, 0),
		claimed(CLOSING, OTHER, 0),
		claimed(EXPIRY, OTHER, 51),
		after(CLOSING, || subscription_changed(|subscription| subscription.claims[0].used = 51)),
		after(CLOSING, || Subscriptions::<Test>::remove(0, ALICE)),
	];
	let expected = [
		"a quota is claimed before it is divided",
		"more is claimed than a subscriber was given",
		"a relay is claimed at twice",
		"nothing is claimed at a relay",
		"more is claimed than there is",
		"a quota is overdrawn at a relay",
		"a quota is lost",
	];
	assert_eq!(said, expected.map(DispatchError::Other));
}

#[test]
fn a_page_that_is_kept_too_long() {
	let kept = || {
		let subscriber = Subscriber { account: ALICE, weight: 1, first: 1, wanted: 1 };
		Pages::<Test>::insert(0, 0, crate::Page::truncate_from(vec![subscriber]));
	};
	let said = after(EXPIRY, kept);
	let expected = "the pages are not those that are not removed yet";
	assert_eq!(said, DispatchError::Other(expected));
}

#[test]
fn a_deposit_that_is_not_held() {
	let said = [
		after(CLOSING, || subscription_changed(|subscription| subscription.deposit += 1)),
		after(EXPIRY, || {
			let subscription = Subscription::new(0, 0);
			Subscriptions::<Test>::insert(7, CAROL, subscription);
		}),
	];
	let expected =
		["what is held is not what subscriptions deposit", "a subscription is to no launch"];
	assert_eq!(said, expected.map(DispatchError::Other));
}
