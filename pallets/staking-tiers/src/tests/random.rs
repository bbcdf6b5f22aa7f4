//! Random operations keep the invariants, and what is remembered agrees with all that was.

use lx_primitives::{
	traits::{Stakes, Tiers},
	units::LCO,
	Balance, Moment, Tier, TIER_MEMORY,
};
use proptest::{collection::vec, prelude::*};

use crate::{mock::*, Stakers, Totals};

#[derive(Clone, Debug)]
enum Operation {
	Stake(Balance),
	Request(Balance),
	Complete,
	Cancel,
	Wait(Moment),
}

use Operation::*;

fn operation() -> impl Strategy<Value = Operation> {
	// Around the smallest stake and the thresholds, and more than a wallet has.
	let amount = || {
		prop_oneof![
			4 => 0..3 * LCO,
			4 => (prop::sample::select(Tier::ALL[1..].to_vec()), 0u128..3)
				.prop_map(|(tier, more)| tier.min_stake() + more - 1),
			4 => 0..100_000 * LCO,
			1 => Just(WEALTH),
			1 => Just(Balance::MAX),
		]
	};
	prop_oneof![
		4 => amount().prop_map(Stake),
		4 => amount().prop_map(Request),
		1 => Just(Complete),
		2 => Just(Cancel),
		3 => (0..3 * HOUR).prop_map(Wait),
		1 => prop::sample::select(vec![1, DAY, 5 * DAY, DELAY, 100 * DAY]).prop_map(Wait),
	]
}

/// All that an account ever had staked: since when, and how much.
#[derive(Default)]
struct Account(Vec<(Moment, Balance)>);

impl Account {
	fn note(&mut self) {
		let (now, stake) = (Now::get(), staked(ALICE));
		match self.0.last_mut() {
			Some((since, last)) if *since == now => *last = stake,
			_ => self.0.push((now, stake)),
		}
	}

	fn at(&self, time: Moment) -> Balance {
		let before = self.0.iter().rev().find(|(since, _)| *since <= time);
		before.map_or(0, |(_, stake)| *stake)
	}

	fn lowest(&self, from: Moment, to: Moment) -> Balance {
		let within = self.0.iter().filter(|(since, _)| from < *since && *since <= to);
		within.fold(self.at(from), |lowest, (_, stake)| lowest.min(*stake))
	}
}

fn run(who: AccountId, operation: Operation) {
	let before = (Stakers::<Test>::get(who), Totals::<Test>::get(), held(who));
	let done = match operation {
		Stake(amount) => stake(who, amount),
		Request(amount) => request(who, amount),
		Complete => complete(who),
		Cancel => cancel(who),
		Wait(time) => {
			wait(time);
			Ok(())
		},
	};
	// What cannot be done changes nothing.
	if done.is_err() {
		assert_eq!((Stakers::<Test>::get(who), Totals::<Test>::get(), held(who)), before);
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

	#[test]
	fn what_is_remembered_is_what_was(
		steps in vec((prop::bool::weighted(0.8), operation()), 1..80),
		looks in vec((0..=TIER_MEMORY, 0..120 * DAY, 0..120 * DAY), 1..20),
	) {
		new_test_ext().execute_with(|| {
			let mut account = Account::default();
			for (is_alice, operation) in steps {
				run(if is_alice { ALICE } else { BOB }, operation);
				account.note();
				check_invariants();
				for who in [ALICE, BOB] {
					prop_assert_eq!(free(who) + held(who), WEALTH);
				}
				let now = Now::get();
				for (ago, from, to) in &looks {
					let found = <StakingTiers as Tiers<_>>::tier_at(&ALICE, now - ago);
					prop_assert_eq!(found, Tier::of_stake(account.at(now - ago)));
					let (from, to) = (now - from.max(to), now - from.min(to));
					let found = <StakingTiers as Stakes<_>>::lowest_stake(&ALICE, from, to);
					prop_assert!(found <= account.lowest(from, to));
				}
			}
			Ok(())
		})?;
	}

	/// As long as not more has changed than is remembered, nothing is lost.
	#[test]
	fn the_lowest_stake_of_few_changes_is_exact(
		changes in vec((1..10 * DAY, 1u128..100), 1..15),
		from in 0..120 * DAY,
		length in 0..120 * DAY,
	) {
		new_test_ext().execute_with(|| {
			let mut account = Account::default();
			for (pause, lco) in changes {
				wait(pause);
				let (before, after) = (staked(ALICE), lco * LCO);
				let _ = match after.checked_sub(before) {
					Some(more) => stake(ALICE, more),
					None => request(ALICE, before - after),
				};
				// As soon as it can be: a part of the stake waits for seven days.
				let _ = complete(ALICE);
				account.note();
			}
			let (from, to) = (START + from, START + from + length);
			let found = <StakingTiers as Stakes<_>>::lowest_stake(&ALICE, from, to);
			prop_assert_eq!(found, account.lowest(from, to));
			Ok(())
		})?;
	}
}
