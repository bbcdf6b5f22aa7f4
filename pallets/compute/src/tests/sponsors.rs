//! Purses that somebody fills for another's calls.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{traits::Sponsorship, units::CRED, Credits, Leaf, Payment};
use sp_runtime::TokenError;

use crate::{mock::*, Error, Event, Fraud, Purse, RelayStatus, MAX_PURSES};

/// Bob lets Alice call relay 0 for up to 5 CRED.
fn sponsor() {
	assert_eq!(Compute::sponsor(&BOB, &ALICE, 0, 5 * CRED), Ok(5 * CRED));
}

fn sponsored() -> Purse {
	account(ALICE).purse_for(0, Payment::Perk).unwrap().clone()
}

/// What Bob has given away and not got back.
fn given() -> Credits {
	WEALTH - wallet(&BOB)
}

#[test]
fn a_sponsored_call_is_paid_by_the_sponsor_and_rewards_nobody() {
	build_and_execute(|| {
		sponsor();
		open(ALICE, 10 * CRED);
		assert_eq!(given(), 5 * CRED);
		assert_event(Event::Sponsored { who: ALICE, relay: 0, free: 5 * CRED });
		assert_ok!(post(vec![free_line(ALICE, 2 * CRED), line(ALICE, CRED)]));
		assert_eq!((purse(ALICE).free, purse(ALICE).pending), (9 * CRED, CRED));
		assert_eq!((sponsored().free, sponsored().pending), (3 * CRED, 2 * CRED));
		check_invariants();
		finalise();
		assert_eq!((purse(ALICE).pending, sponsored().pending), (0, 0));
		assert_eq!(Ledger::settled(&ALICE), CRED);
		let cost = 3 * CRED * 6 / 10;
		assert_eq!(Ledger::revenue(), (3 * CRED, cost));
		assert_eq!((wallet(&OPERATOR), wallet(&REVENUE)), (cost, 3 * CRED - cost));
	});
}

#[test]
fn each_purse_pays_what_is_its_own_and_no_more() {
	build_and_execute(|| {
		sponsor();
		assert_noop!(post(vec![line(ALICE, CRED)]), Error::<Test>::NoPurse);
		open(ALICE, 10 * CRED);
		open(BOB, 10 * CRED);
		let most = 5 * CRED;
		assert_noop!(post(vec![free_line(ALICE, most + 1)]), Error::<Test>::Overcharge);
		assert_noop!(post(vec![free_line(BOB, 1)]), Error::<Test>::NoPurse);
		assert_noop!(post(vec![free_line(CAROL, 1)]), Error::<Test>::NoAccount);
		let twice = vec![free_line(ALICE, 1), free_line(ALICE, 2)];
		assert_noop!(post(twice), Error::<Test>::LinesNotSorted);
		assert_ok!(Compute::set_daily_limit(signed(ALICE), 0, 0));
		assert_ok!(post(vec![free_line(ALICE, most)]));
	});
}

#[test]
fn the_owner_of_a_sponsored_purse_takes_nothing_out() {
	build_and_execute(|| {
		sponsor();
		assert_noop!(Compute::thaw(signed(ALICE), 0, 1), Error::<Test>::NoPurse);
		assert_noop!(Compute::withdraw(signed(ALICE), 0), Error::<Test>::NoPurse);
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_eq!((sponsored().free, sponsored().thawing), (5 * CRED, 0));
	});
}

#[test]
fn what_a_reversed_batch_took_is_in_the_sponsored_purse_again() {
	build_and_execute(|| {
		sponsor();
		let dear = Leaf { payment: Payment::Perk, charge: CRED, ..call(ALICE, 1) };
		let log = Log::new(vec![dear]);
		log.post();
		assert_eq!(sponsored().free, 4 * CRED);
		let fraud = Fraud::WrongPrice(log.call(0, 0));
		assert_ok!(Compute::challenge(signed(CAROL), 0, 0, fraud));
		assert_eq!((sponsored().free, sponsored().pending), (5 * CRED, 0));
		assert_eq!(account(ALICE).purse(0), None);
	});
}

#[test]
fn what_is_left_returns_when_nothing_can_be_collected_any_more() {
	build_and_execute(|| {
		sponsor();
		assert!(Compute::return_to_sponsor(&BOB, &BOB, 0), "there is none");
		assert!(!Compute::return_to_sponsor(&BOB, &ALICE, 0), "it has not ended");
		Compute::end_sponsorship(&ALICE, 0);
		let thaw_at = START + THAW;
		assert_event(Event::SponsorshipEnded { who: ALICE, relay: 0, thaw_at });
		assert_eq!((sponsored().free, sponsored().thawing), (0, 5 * CRED));
		wait(THAW - 1);
		assert!(!Compute::return_to_sponsor(&BOB, &ALICE, 0));
		assert_ok!(post(vec![free_line(ALICE, CRED)]));
		wait(2);
		assert_noop!(post(vec![free_line(ALICE, CRED)]), Error::<Test>::Overcharge);
		assert!(!Compute::return_to_sponsor(&BOB, &ALICE, 0), "a charge is not final");
		assert_eq!(given(), 5 * CRED);
		finalise();
		assert!(Compute::return_to_sponsor(&BOB, &ALICE, 0));
		assert_event(Event::SponsorshipReturned { who: ALICE, relay: 0, amount: 4 * CRED });
		assert_eq!(given(), CRED);
		assert_eq!(Compute::account(ALICE), None);
		assert!(Compute::return_to_sponsor(&BOB, &ALICE, 0));
		assert_eq!(given(), CRED);
	});
}

#[test]
fn what_is_left_of_an_earlier_time_comes_first() {
	build_and_execute(|| {
		sponsor();
		assert_ok!(post(vec![free_line(ALICE, 2 * CRED)]));
		Compute::end_sponsorship(&ALICE, 0);
		sponsor();
		assert_eq!(given(), 7 * CRED);
		assert_eq!((sponsored().free, sponsored().thawing), (5 * CRED, 0));
		Compute::end_sponsorship(&ALICE, 0);
		assert_eq!(Compute::sponsor(&BOB, &ALICE, 0, CRED), Ok(CRED));
		assert_eq!((sponsored().free, sponsored().thawing), (CRED, 4 * CRED));
		assert_eq!(given(), 7 * CRED);
		wait(THAW + 1);
		assert_ok!(post(vec![free_line(ALICE, 5 * CRED)]));
	});
}

#[test]
fn a_sponsor_gives_what_it_has_and_keeps_its_wallet() {
	build_and_execute(|| {
		give(&REVENUE, MINIMUM + 3);
		// Where nobody has a purse yet, the first CRED must be a holding that the asset allows.
		let small = TokenError::BelowMinimum;
		assert_noop!(Compute::sponsor(&REVENUE, &ALICE, 0, CRED), small);
		open(ALICE, CRED);
		assert_eq!(Compute::sponsor(&REVENUE, &ALICE, 0, CRED), Ok(3));
		assert_eq!(wallet(&REVENUE), MINIMUM);
		let none = Error::<Test>::NothingToSponsor;
		assert_noop!(Compute::sponsor(&REVENUE, &CAROL, 0, CRED), none);
		assert_noop!(Compute::sponsor(&BOB, &CAROL, 0, 0), Error::<Test>::NothingToSponsor);
		assert_eq!(System::sufficients(&CAROL), System::sufficients(&BOB));
	});
}

#[test]
fn only_a_relay_that_serves_is_sponsored() {
	build_and_execute(|| {
		let unknown = Error::<Test>::UnknownRelay;
		assert_noop!(Compute::sponsor(&BOB, &ALICE, 1, CRED), unknown);
		let suspended = RelayStatus::Suspended;
		assert_ok!(Compute::set_relay_status(RuntimeOrigin::root(), 0, suspended));
		let inactive = Error::<Test>::RelayNotActive;
		assert_noop!(Compute::sponsor(&BOB, &ALICE, 0, CRED), inactive);
	});
}

#[test]
fn a_sponsored_purse_takes_a_place_among_the_others() {
	build_and_execute(|| {
		open(ALICE, CRED);
		crate::Accounts::<Test>::mutate_extant(ALICE, |account| {
			let own = |relay| Purse { pending: 1, ..Purse::new(relay) };
			let more = (1..MAX_PURSES).map(own);
			more.for_each(|purse| account.purses.try_push(purse).unwrap());
		});
		let full = Error::<Test>::TooManyPurses;
		assert_noop!(Compute::sponsor(&BOB, &ALICE, 0, CRED), full);
		crate::Accounts::<Test>::mutate_extant(ALICE, |account| account.purses.truncate(1));
		sponsor();
		assert_eq!(account(ALICE).purses.len(), 2);
	});
}
