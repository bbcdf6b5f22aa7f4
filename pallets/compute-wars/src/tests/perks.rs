//! What the champion chooses, and what becomes of it.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{Credits, Perk, Reign};
use sp_runtime::DispatchError;

use crate::{mock::*, CurrentReign, Ended, Error, Event, MAX_ENDED};

const FREE_CALLS: Perk = Perk::FreeCalls { relay: RELAY };

/// `who` wins the round.
fn crown(who: AccountId) {
	pay(who, 1);
	next_week();
	assert_eq!(ComputeWars::reign().unwrap().champion, who);
	take_events();
}

/// What the fund has in purses.
fn set_aside() -> Credits {
	10 * CAP - FundCredits::get()
}

#[test]
fn only_the_champion_chooses_and_once() {
	build_and_execute(|| {
		pay(ALICE, 2);
		assert_noop!(choose(ALICE, FREE_CALLS), Error::<Test>::NotChampion);
		pay(BOB, 1);
		crown(ALICE);
		assert_noop!(choose(BOB, FREE_CALLS), Error::<Test>::NotChampion);
		assert_ok!(choose(ALICE, Perk::NoConcurrencyLimit));
		for perk in [Perk::NoConcurrencyLimit, FREE_CALLS] {
			assert_noop!(choose(ALICE, perk), Error::<Test>::AlreadyChosen);
		}
		assert_eq!(set_aside(), 0);
	});
}

#[test]
fn a_choice_needs_a_signature() {
	build_and_execute(|| {
		crown(ALICE);
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			assert_noop!(ComputeWars::choose_perk(origin, FREE_CALLS), DispatchError::BadOrigin);
		}
	});
}

#[test]
fn no_limit_of_concurrency_lasts_for_the_week() {
	build_and_execute(|| {
		crown(ALICE);
		let perk = Perk::NoConcurrencyLimit;
		assert_ok!(choose(ALICE, perk));
		let week = FIRST + 1;
		let chosen = Event::PerkChosen { week, champion: ALICE, perk, free_calls: 0 };
		assert_eq!(take_events(), [chosen]);
		let reign = Reign { champion: ALICE, week, perk: Some(perk) };
		assert_eq!(ComputeWars::reign(), Some(reign));
		next_week();
		assert_eq!(ComputeWars::reign(), None);
		assert_noop!(choose(ALICE, perk), Error::<Test>::NotChampion);
	});
}

#[test]
fn the_fund_sets_free_calls_aside_and_has_back_what_is_left() {
	build_and_execute(|| {
		crown(ALICE);
		assert_ok!(choose(ALICE, FREE_CALLS));
		let (week, champion, perk) = (FIRST + 1, ALICE, FREE_CALLS);
		assert_eq!(take_events(), [Event::PerkChosen { week, champion, perk, free_calls: CAP }]);
		assert_eq!(Purses::get().get(&(ALICE, RELAY)), Some(&(CAP, false)));
		// Some of it is used.
		Purses::mutate(|purses| purses.get_mut(&(ALICE, RELAY)).unwrap().0 -= 100);
		next_week();
		assert_eq!(Purses::get().get(&(ALICE, RELAY)), Some(&(CAP - 100, true)));
		assert_eq!(Ended::<Test>::get().to_vec(), [(ALICE, RELAY)]);
		IsCollecting::set(true);
		next_week();
		assert_eq!(Ended::<Test>::get().to_vec(), [(ALICE, RELAY)]);
		IsCollecting::set(false);
		next_week();
		assert!(Ended::<Test>::get().is_empty());
		assert_eq!(set_aside(), 100);
	});
}

#[test]
fn a_choice_that_cannot_be_had_is_refused_and_another_is_not() {
	build_and_execute(|| {
		crown(ALICE);
		let elsewhere = Perk::FreeCalls { relay: RELAY + 1 };
		assert_noop!(choose(ALICE, elsewhere), UNKNOWN_RELAY);
		FundCredits::set(0);
		assert_noop!(choose(ALICE, FREE_CALLS), EMPTY_FUND);
		FundCredits::set(3);
		assert_ok!(choose(ALICE, FREE_CALLS));
		let (week, champion, perk) = (FIRST + 1, ALICE, FREE_CALLS);
		assert_eq!(take_events(), [Event::PerkChosen { week, champion, perk, free_calls: 3 }]);
	});
}

#[test]
fn who_wins_again_goes_on_with_what_is_left() {
	build_and_execute(|| {
		crown(ALICE);
		assert_ok!(choose(ALICE, FREE_CALLS));
		Purses::mutate(|purses| purses.get_mut(&(ALICE, RELAY)).unwrap().0 -= 100);
		crown(ALICE);
		assert_eq!(Ended::<Test>::get().len(), 1);
		assert_ok!(choose(ALICE, FREE_CALLS));
		assert!(Ended::<Test>::get().is_empty());
		assert_eq!((set_aside(), Purses::get()[&(ALICE, RELAY)]), (CAP + 100, (CAP, false)));
		// The purse that goes on is not taken back with the next close.
		crown(BOB);
		assert_eq!(Purses::get()[&(ALICE, RELAY)], (CAP, true));
	});
}

#[test]
fn free_calls_wait_until_former_ones_have_returned() {
	build_and_execute(|| {
		IsCollecting::set(true);
		for who in 1..=AccountId::from(MAX_ENDED) {
			crown(who);
			assert_ok!(choose(who, FREE_CALLS));
		}
		crown(100);
		assert!(Ended::<Test>::get().is_full());
		assert_noop!(choose(100, FREE_CALLS), Error::<Test>::TooManyEnded);
		assert_ok!(choose(100, Perk::NoConcurrencyLimit));
		// Who has one of them takes its place again.
		crown(1);
		assert_ok!(choose(1, FREE_CALLS));
		IsCollecting::set(false);
		next_week();
		assert_eq!(Ended::<Test>::get().to_vec(), [(1, RELAY)]);
		assert_eq!(CurrentReign::<Test>::get(), None);
	});
}
