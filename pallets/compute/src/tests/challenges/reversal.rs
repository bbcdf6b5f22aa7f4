//! What becomes of the relay, of its other batches and of the accounts.

use frame_support::assert_ok;
use lx_primitives::units::CRED;

use super::{
	assert_punished, balances, batch_since, challenge, overcharged, readmit, set_up, wrong_price,
	ODD_BOND, UNITS,
};
use crate::{mock::*, Event, Fraud, LinePages, QueueHead, RelayStatus, Relays, LINES_PER_PAGE};

#[test]
fn a_relay_without_a_bond_pays_nothing_and_is_reversed_all_the_same() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		open(BOB, 10 * CRED);
		let (before, log) = (balances(), overcharged());
		log.post();
		assert_ok!(challenge(0, wrong_price(&log)));
		assert_eq!(balances(), before);
		assert_eq!((wallet(&CAROL), wallet(&RESERVE)), (WEALTH, 0));
		assert_event(Event::RelayPunished { relay: 0, slashed: 0, reporter: CAROL });
		assert_eq!(Relays::<Test>::get(0).unwrap().status, RelayStatus::Suspended);
	});
}

#[test]
fn each_wrong_batch_of_a_punished_relay_is_reversed() {
	build_and_execute(|| {
		set_up();
		let before = balances();
		let logs = [overcharged(), overcharged(), overcharged()];
		logs.iter().for_each(Log::post);
		for sequence in [1, 0, 2] {
			assert_ok!(challenge(sequence, wrong_price(&logs[sequence as usize])));
			// The bond is gone with the first; the stake comes back every time.
			assert_eq!(wallet(&CAROL), WEALTH + ODD_BOND / 2);
		}
		assert_eq!(balances(), before);
		assert_eq!(Relays::<Test>::get(0).unwrap().pending_batches, 0);
		finalise();
		assert_eq!((QueueHead::<Test>::get(), Ledger::revenue()), (3, (0, 0)));
	});
}

#[test]
fn the_batches_before_and_after_a_reversed_one_become_final() {
	build_and_execute(|| {
		set_up();
		let honest = || Log::new(vec![call(ALICE, UNITS)]);
		let wrong = overcharged();
		honest().post();
		wrong.post();
		honest().post();
		assert_ok!(challenge(1, wrong_price(&wrong)));
		finalise();
		assert_eq!(Ledger::settled(&ALICE), 2 * CRED);
		assert_eq!(balances(), [(8 * CRED, 0), (10 * CRED, 0)]);
	});
}

#[test]
fn a_batch_of_several_pages_is_reversed_whole() {
	build_and_execute(|| {
		set_up();
		let size = LINES_PER_PAGE as u8 + 20;
		let crowd = (0..size).map(|number| AccountId::new([number + 100; 32])).collect::<Vec<_>>();
		for who in &crowd {
			give(who, 2 * CRED);
			open(who.clone(), CRED);
		}
		let mut calls = crowd.iter().map(|who| call(who.clone(), UNITS)).collect::<Vec<_>>();
		calls[LINES_PER_PAGE as usize].cost += 1;
		let log = Log::new(calls);
		log.post();
		assert!(crowd.iter().all(|who| purse(who.clone()).pending == CRED));
		let wrong = log.call(LINES_PER_PAGE, 0);
		assert_ok!(challenge(0, Fraud::WrongPrice(wrong)));
		assert!(crowd.iter().all(|who| free_and_thawing(who.clone()) == (CRED, 0)));
		assert_eq!(LinePages::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_account_that_has_left_meanwhile_gets_its_charge_back() {
	build_and_execute(|| {
		set_up();
		ChallengeWindow::set(3 * THAW);
		let log = overcharged();
		log.post();
		let (left, charge) = (9 * CRED - 1, CRED + 1);
		assert_ok!(Compute::thaw(signed(ALICE), 0, left));
		wait(THAW);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!(balances()[0], (0, charge));
		assert_ok!(challenge(0, wrong_price(&log)));
		assert_eq!(balances()[0], (charge, 0));
		assert_ok!(Compute::thaw(signed(ALICE), 0, charge));
		wait(THAW);
		assert_ok!(Compute::withdraw(signed(ALICE), 0));
		assert_eq!((wallet(&ALICE), Compute::account(ALICE)), (WEALTH, None));
	});
}

#[test]
fn a_retiring_relay_loses_its_bond_too() {
	build_and_execute(|| {
		set_up();
		let log = overcharged();
		log.post();
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		assert_ok!(challenge(0, wrong_price(&log)));
		assert_punished();
		wait(UNBONDING);
		assert_ok!(Compute::retire_relay(signed(OPERATOR), 0));
		assert_event(Event::RelayRetired { relay: 0, bond: 0 });
		assert_eq!(wallet(&OPERATOR), MINIMUM);
	});
}

#[test]
fn a_new_bond_answers_for_what_is_signed_after_it() {
	build_and_execute(|| {
		set_up();
		let (first, second) = (overcharged(), overcharged());
		first.post();
		second.post();
		assert_ok!(challenge(0, wrong_price(&first)));
		readmit();
		wait(1);
		let third = overcharged();
		third.post();
		let rewarded = wallet(&CAROL);
		assert_ok!(challenge(1, wrong_price(&second)));
		assert_event(Event::RelayPunished { relay: 0, slashed: 0, reporter: CAROL });
		assert_eq!(Relays::<Test>::get(0).unwrap().bond, ODD_BOND);
		assert_eq!(Relays::<Test>::get(0).unwrap().status, RelayStatus::Suspended);
		assert_eq!(wallet(&CAROL), rewarded);
		assert_ok!(challenge(2, wrong_price(&third)));
		assert_eq!(Relays::<Test>::get(0).unwrap().bond, 0);
		assert_eq!(wallet(&CAROL), rewarded + ODD_BOND / 2);
	});
}

#[test]
fn who_was_punished_is_no_longer_trusted_with_the_providers_cost() {
	build_and_execute(|| {
		set_up();
		assert_ok!(post(vec![line(ALICE, CRED)]));
		let wrong = overcharged();
		wrong.post();
		let before = wallet(&OPERATOR);
		assert_ok!(challenge(1, wrong_price(&wrong)));
		finalise();
		assert_eq!((wallet(&OPERATOR), wallet(&REVENUE)), (before, CRED));
	});
}

#[test]
fn the_calls_of_a_reversed_batch_can_be_posted_again() {
	build_and_execute(|| {
		set_up();
		let wrong = overcharged();
		wrong.post();
		assert_ok!(challenge(0, wrong_price(&wrong)));
		readmit();
		wait(1);
		let mut right = wrong.clone();
		right.0[0][0].charge -= 1;
		assert_ok!(sign(batch_since(START, &right)).post());
		finalise();
		assert_eq!((Ledger::settled(&ALICE), Ledger::settled(&BOB)), (CRED, CRED));
		assert_eq!(balances(), [(9 * CRED, 0), (9 * CRED, 0)]);
	});
}
