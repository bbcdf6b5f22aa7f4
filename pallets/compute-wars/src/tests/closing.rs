//! The end of a week.

use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
	weights::Weight,
};
use lx_primitives::{units::LCO, Balance, Perk, Reign};
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Event, LastRound, NextPrize, OpenRound, Round, Unclaimed};

/// What the fund has given away.
fn given() -> Balance {
	WEALTH + EXISTENTIAL_DEPOSIT - lco(FUND)
}

fn closed(week: u32, prize: Balance, champion: Option<AccountId>) -> Event<Test> {
	Event::RoundClosed { week, prize, champion }
}

/// The accounts from 1 on score, each less than the one before.
fn score_in_order(accounts: AccountId) {
	(1..=accounts).for_each(|who| pay(who, 100 - u128::from(who)));
}

#[test]
fn the_first_ten_share_the_prize_and_the_first_is_champion() {
	build_and_execute(|| {
		score_in_order(11);
		next_week();
		let prizes = (1..=11).map(|who| lco(who) / LCO).collect::<Vec<_>>();
		assert_eq!(prizes, [300, 200, 130, 100, 80, 60, 50, 40, 20, 20, 0]);
		assert_eq!((given(), Unclaimed::<Test>::get()), (PRIZE, 0));
		let events = take_events();
		assert_eq!(events.len(), 12);
		assert_eq!(events[0], closed(FIRST, PRIZE, Some(1)));
		let second = Event::PrizePaid { week: FIRST, rank: 2, who: 2, amount: 200 * LCO };
		assert_eq!(events[2], second);
		assert_eq!(events[11], Event::RolledOver { week: FIRST, amount: 0 });
		let reign = Reign { champion: 1, week: FIRST + 1, perk: None };
		assert_eq!(ComputeWars::reign(), Some(reign));
	});
}

#[test]
fn the_next_round_begins_at_once_and_with_nothing() {
	build_and_execute(|| {
		fill_board();
		next_week();
		assert_eq!(Round::<Test>::get(), Some(OpenRound { week: FIRST + 1, cutoff: 0 }));
		assert!(ranked().is_empty());
		pay(199, 1);
		assert_eq!((score(FIRST, 199), score(FIRST + 1, 199)), (101, 1));
		let last = ComputeWars::last_round().unwrap();
		assert_eq!((last.week, last.prize, last.board.entries().len()), (FIRST, PRIZE, 100));
		assert_eq!((last.board.rank(&199), last.board.rank(&ALICE)), (Some(100), None));
	});
}

#[test]
fn what_empty_ranks_leave_is_part_of_the_next_prize() {
	build_and_execute(|| {
		pay_all([(ALICE, 2), (BOB, 1)]);
		next_week();
		assert_eq!((lco(ALICE), lco(BOB)), (300 * LCO, 200 * LCO));
		assert_eq!(Unclaimed::<Test>::get(), 500 * LCO);
		pay(CAROL, 1);
		next_week();
		assert_eq!(lco(CAROL), 450 * LCO);
		let rolled_over = Event::RolledOver { week: FIRST + 1, amount: 1_050 * LCO };
		assert_eq!(take_events().last(), Some(&rolled_over));
	});
}

#[test]
fn a_week_without_calls_has_no_champion_and_rolls_over_whole() {
	build_and_execute(|| {
		pay(ALICE, 1);
		next_week();
		take_events();
		next_week();
		let prize = PRIZE + 700 * LCO;
		let rolled_over = Event::RolledOver { week: FIRST + 1, amount: prize };
		assert_eq!(take_events(), [closed(FIRST + 1, prize, None), rolled_over]);
		assert_eq!((ComputeWars::reign(), NextPrize::<Test>::get()), (None, None));
		assert_eq!(given(), 300 * LCO);
	});
}

#[test]
fn the_prize_is_no_more_than_the_fund_has() {
	build_and_execute(|| {
		WeeklyPrize::set(Balance::MAX);
		pay(ALICE, 1);
		next_week();
		assert_eq!(lco(ALICE), WEALTH / 100 * 30);
		assert_eq!(Unclaimed::<Test>::get(), WEALTH / 100 * 70);
		// Nothing is added, so the next one is what is left.
		pay(ALICE, 1);
		next_week();
		assert_eq!(LastRound::<Test>::get().unwrap().prize, WEALTH / 100 * 70);
		assert!(lco(FUND) >= EXISTENTIAL_DEPOSIT);
	});
}

fn empty_the_fund() {
	let keep = Preservation::Preserve;
	assert_ok!(<Balances as Mutate<_>>::transfer(&FUND, &CAROL, WEALTH, keep));
}

#[test]
fn what_the_fund_has_earned_meanwhile_is_won() {
	build_and_execute(|| {
		empty_the_fund();
		Earned::set(400 * LCO);
		pay_all([(ALICE, 2), (BOB, 1)]);
		next_block();
		assert_eq!(Earned::get(), 400 * LCO, "it waits for the end of the round");
		next_week();
		assert_eq!((Earned::get(), lco(ALICE), lco(BOB)), (0, 120 * LCO, 80 * LCO));
		assert_eq!(lco(FUND), 200 * LCO + EXISTENTIAL_DEPOSIT);
		// What comes later is of the next prize.
		Earned::set(100 * LCO);
		pay(ALICE, 1);
		next_week();
		assert_eq!(LastRound::<Test>::get().unwrap().prize, 300 * LCO);
	});
}

#[test]
fn an_empty_fund_pays_nothing_and_crowns_all_the_same() {
	build_and_execute(|| {
		empty_the_fund();
		pay(ALICE, 1);
		next_week();
		let rolled_over = Event::RolledOver { week: FIRST, amount: 0 };
		assert_eq!(take_events(), [closed(FIRST, 0, Some(ALICE)), rolled_over]);
		assert_eq!(ComputeWars::reign().unwrap().champion, ALICE);
	});
}

#[test]
fn what_cannot_be_paid_rolls_over_and_stops_nobody() {
	build_and_execute(|| {
		// Less than an account may have for the second rank, and not for the first.
		WeeklyPrize::set(4 * EXISTENTIAL_DEPOSIT);
		pay_all([(ALICE, 2), (BOB, 1)]);
		next_week();
		let (week, amount) = (FIRST, 4 * EXISTENTIAL_DEPOSIT / 5);
		let error = DispatchError::Token(TokenError::BelowMinimum);
		let failed = Event::PrizeNotPaid { week, rank: 2, who: BOB, amount, error };
		let events = take_events();
		assert!(events.contains(&failed), "{events:?}");
		assert_eq!((lco(ALICE), lco(BOB)), (6 * EXISTENTIAL_DEPOSIT / 5, 0));
		assert_eq!(Unclaimed::<Test>::get(), 14 * EXISTENTIAL_DEPOSIT / 5);
	});
}

#[test]
fn a_prize_too_small_for_a_rank_pays_the_ranks_before() {
	build_and_execute(|| {
		for who in 1..=10 {
			assert_ok!(<Balances as Mutate<_>>::mint_into(&who, EXISTENTIAL_DEPOSIT));
		}
		score_in_order(10);
		WeeklyPrize::set(9);
		next_week();
		let got = (1..=10).map(|who| lco(who) - EXISTENTIAL_DEPOSIT).collect::<Vec<_>>();
		assert_eq!(got, [2, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
		assert_eq!(Unclaimed::<Test>::get(), 5);
		let is_paid = |event: &&Event<Test>| matches!(event, Event::PrizePaid { .. });
		assert_eq!(take_events().iter().filter(is_paid).count(), 3);
	});
}

#[test]
fn a_block_takes_no_more_steps_than_it_has_weight_for() {
	build_and_execute(|| {
		score_in_order(10);
		// Less than any step weighs: then it is as much as the largest step.
		ClosingWeight::set(Weight::zero());
		Week::mutate(|week| *week += 1);
		let most = next_block();
		assert_eq!((NextPrize::<Test>::get(), lco(1)), (Some(0), 0));
		let mut blocks = 0;
		while NextPrize::<Test>::exists() {
			let before = given();
			// The next round goes on meanwhile.
			pay(ALICE, 1);
			assert!(next_block().all_lte(most));
			assert!(given() > before);
			check_invariants();
			blocks += 1;
		}
		assert!(blocks > 1, "all were paid at once");
		assert_eq!((given(), score(FIRST + 1, ALICE)), (PRIZE, blocks));
	});
}

#[test]
fn a_round_is_closed_and_paid_before_the_next_one_is() {
	build_and_execute(|| {
		pay_all([(ALICE, 2), (BOB, 1)]);
		ClosingWeight::set(Weight::zero());
		next_week();
		pay(CAROL, 3);
		next_week();
		assert_eq!((lco(ALICE), lco(BOB)), (300 * LCO, 200 * LCO));
		assert_eq!(LastRound::<Test>::get().unwrap().week, FIRST);
		next_week();
		let last = LastRound::<Test>::get().unwrap();
		assert_eq!((last.week, last.board.rank(&CAROL)), (FIRST + 1, Some(1)));
		assert_eq!(Round::<Test>::get().unwrap().week, FIRST + 3);
	});
}

#[test]
fn weeks_without_a_block_are_no_rounds() {
	build_and_execute(|| {
		pay(ALICE, 1);
		Week::mutate(|week| *week += 50);
		next_block();
		assert_eq!(Round::<Test>::get().unwrap().week, FIRST + 50);
		let reign = Reign { champion: ALICE, week: FIRST + 50, perk: None };
		assert_eq!(ComputeWars::reign(), Some(reign));
		assert_ok!(choose(ALICE, Perk::NoConcurrencyLimit));
	});
}
