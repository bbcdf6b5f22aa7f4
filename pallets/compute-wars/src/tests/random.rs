//! Random weeks keep the invariants, and boards are what a full sort gives.

use std::{cmp::Reverse, collections::BTreeMap};

use frame_support::{traits::Hooks, weights::Weight};
use lx_math::prizes::SHARES;
use lx_primitives::{Balance, Credits, Perk};
use proptest::{collection::vec, prelude::*};

use crate::{mock::*, LastRound, NextPrize, Unclaimed, RANKS};

/// More accounts than there are ranks, and amounts so small that many scores are equal.
fn payment() -> impl Strategy<Value = (AccountId, Credits)> {
	(0..130u64, 0..4u128)
}

/// Scores with the time at which they were reached.
#[derive(Default)]
struct Model(BTreeMap<AccountId, (Credits, usize)>);

impl Model {
	fn pay(&mut self, who: AccountId, paid: Credits, time: usize) {
		if paid > 0 {
			let (score, reached) = self.0.entry(who).or_default();
			*score += paid;
			*reached = time;
		}
	}

	fn ranked(&self) -> Vec<AccountId> {
		let mut all = self.0.iter().collect::<Vec<_>>();
		all.sort_by_key(|(_, (score, reached))| (Reverse(*score), *reached));
		all.into_iter().take(RANKS as usize).map(|(who, _)| *who).collect()
	}
}

#[derive(Clone, Debug)]
enum Step {
	Pay(AccountId, Credits),
	Choose(bool),
	Week(u32),
	Block(u64),
	Prize(Balance),
	Collect(bool),
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		20 => payment().prop_map(|(who, paid)| Step::Pay(who, paid)),
		2 => any::<bool>().prop_map(Step::Choose),
		2 => (1..3u32).prop_map(Step::Week),
		4 => (0..3_000_000_000u64).prop_map(Step::Block),
		1 => prop_oneof![0..100u128, 0..2 * PRIZE].prop_map(Step::Prize),
		1 => any::<bool>().prop_map(Step::Collect),
	]
}

fn run(step: Step) {
	match step {
		Step::Pay(who, paid) => pay(who, paid),
		Step::Choose(is_free) => {
			let perk = match is_free {
				true => Perk::FreeCalls { relay: RELAY },
				false => Perk::NoConcurrencyLimit,
			};
			if let Some(reign) = ComputeWars::reign() {
				let chosen = choose(reign.champion, perk);
				// Too many former purses may keep a new one from being filled.
				assert!(reign.perk.is_none() || chosen.is_err());
				assert!(is_free || reign.perk.is_some() || chosen.is_ok());
			}
		},
		Step::Week(weeks) => Week::mutate(|week| *week += weeks),
		Step::Block(weight) => {
			ClosingWeight::set(Weight::from_parts(weight, u64::MAX));
			next_block();
			ComputeWars::on_idle(System::block_number(), Weight::MAX);
		},
		Step::Prize(prize) => WeeklyPrize::set(prize),
		Step::Collect(is_collecting) => IsCollecting::set(is_collecting),
	}
}

/// All LCO is the fund's or the winners', and the fund has what rolls over.
fn assert_lco_kept() {
	let won = (0..130).map(lco).sum::<Balance>();
	assert_eq!(won + lco(FUND), WEALTH + EXISTENTIAL_DEPOSIT);
	assert!(Unclaimed::<Test>::get() + EXISTENTIAL_DEPOSIT <= lco(FUND));
}

/// All CRED is the fund's, or in a purse.
fn assert_cred_kept() {
	let in_purses = Purses::get().values().map(|(left, _)| left).sum::<Credits>();
	assert_eq!(in_purses + FundCredits::get(), 10 * CAP);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	#[test]
	fn ranks_equal_a_full_sort(payments in vec(payment(), 0..1_500)) {
		build_and_execute(|| {
			let mut model = Model::default();
			for (time, (who, paid)) in payments.into_iter().enumerate() {
				pay(who, paid);
				model.pay(who, paid, time);
			}
			assert_eq!(ranked(), model.ranked());
		});
	}

	#[test]
	fn every_sequence_keeps_the_invariants(steps in vec(step(), 1..200)) {
		build_and_execute(|| {
			for step in steps {
				run(step);
				check_invariants();
				assert_lco_kept();
				assert_cred_kept();
			}
			// Whatever was left undone is done in time.
			ClosingWeight::set(Weight::MAX);
			next_block();
			assert!(!NextPrize::<Test>::exists());
			let last = LastRound::<Test>::get();
			let winners = last.map_or(0, |last| last.board.winners().count());
			assert!(winners <= SHARES.len());
		});
	}
}
