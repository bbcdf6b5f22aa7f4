//! Measures the call, each step, and the service, at its worst.

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, Unbalanced},
		tokens::Precision,
		Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use lx_primitives::{traits::OnUsageSettled, units::LCO, Balance, Credits, Perk, Reign};

use crate::{
	BenchmarkHelper, Board, Call, ClosedRound, Config, CurrentReign, Ended, Entry, LastRound,
	LiveBoard, NextPrize, OldestScores, OpenRound, Pallet, Round, Scores, Unclaimed, RANKS,
};

/// The week of the round that is measured.
const WEEK: u32 = 1;

const PRIZE: Balance = 1_000 * LCO;

fn player<T: Config>(index: u32) -> T::AccountId {
	account("player", index, 0)
}

/// A full board, whose last entry has 10 µCRED, and each before it one more than the next.
fn board<T: Config>() -> Board<T::AccountId> {
	let score = |index: u32| Credits::from(RANKS - index) + 9;
	(0..RANKS).map(|index| Entry { who: player::<T>(index), score: score(index) }).collect()
}

fn open_round<T: Config>() -> OpenRound {
	let round = OpenRound { week: WEEK, cutoff: 10 };
	Round::<T>::put(round);
	LiveBoard::<T>::put(board::<T>());
	round
}

/// The fund can pay prizes.
fn endow_fund<T: Config>() {
	// Not minted: there may be no room left in the issuance, and nobody can spend what was not issued.
	T::Currency::increase_balance(&T::Fund::get(), 2 * PRIZE, Precision::Exact)
		.expect("the account can take it");
	let issuance = T::Currency::total_issuance().saturating_add(2 * PRIZE);
	T::Currency::set_total_issuance(issuance);
}

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: the board is full, and each account enters it for the first time, ahead of all others, and
	/// raises the cutoff.
	#[benchmark]
	fn settle(a: Linear<1, 100>) {
		let OpenRound { cutoff, .. } = open_round::<T>();
		let newcomers = (0..a).map(|index| player::<T>(RANKS + index)).collect::<Vec<_>>();

		#[block]
		{
			for (index, who) in newcomers.iter().enumerate() {
				let paid = 1_000 + index as Credits;
				Pallet::<T>::on_usage_settled(who, paid).expect("it never fails");
			}
		}

		let ranked = newcomers.iter().filter(|who| LiveBoard::<T>::get().rank(who).is_some());
		assert_eq!(ranked.count(), a as usize);
		assert!(Round::<T>::get().is_some_and(|round| round.cutoff > cutoff));
	}

	/// Worst: free calls, which have to be paid for.
	#[benchmark]
	fn choose_perk() {
		let champion: T::AccountId = whitelisted_caller();
		let relay = T::BenchmarkHelper::prepare_free_calls(&T::Fund::get());
		let reign = Reign { champion: champion.clone(), week: WEEK, perk: None };
		CurrentReign::<T>::put(reign);
		Ended::<T>::put(BoundedVec::truncate_from(alloc::vec![(player::<T>(0), relay)]));
		let perk = Perk::FreeCalls { relay };

		#[extrinsic_call]
		_(RawOrigin::Signed(champion), perk);

		assert_eq!(CurrentReign::<T>::get().and_then(|reign| reign.perk), Some(perk));
	}

	/// Worst: there is no other case.
	#[benchmark]
	fn next_step() {
		Round::<T>::put(OpenRound { week: u32::MAX, cutoff: 0 });

		#[block]
		{
			Pallet::<T>::turn();
		}

		assert!(!LastRound::<T>::exists());
	}

	/// Worst: the board is full. What `Takings` and `Sponsorship` do is paid for by what they weigh.
	#[benchmark]
	fn close_round() {
		let round = open_round::<T>();
		endow_fund::<T>();
		let reign = Reign { champion: player::<T>(0), week: WEEK, perk: None };
		CurrentReign::<T>::put(reign);

		#[block]
		{
			Pallet::<T>::close_round(round, WEEK + 1);
		}

		assert_eq!(NextPrize::<T>::get(), Some(0));
		assert_eq!(CurrentReign::<T>::get().map(|reign| reign.week), Some(WEEK + 1));
	}

	/// Worst: the winner's account is created, and there is another one after it.
	#[benchmark]
	fn pay_prize() {
		endow_fund::<T>();
		LastRound::<T>::put(ClosedRound { week: WEEK, prize: PRIZE, board: board::<T>() });
		Unclaimed::<T>::put(PRIZE);
		NextPrize::<T>::put(0);

		#[block]
		{
			Pallet::<T>::pay_prize(0);
		}

		assert_eq!(Unclaimed::<T>::get(), PRIZE / 100 * 70);
		assert_eq!(NextPrize::<T>::get(), Some(1));
	}

	/// Worst: these are the last ones of their week.
	#[benchmark]
	fn prune(n: Linear<0, 500>) {
		OldestScores::<T>::put(WEEK);
		Round::<T>::put(OpenRound { week: WEEK + 1, cutoff: 0 });
		(0..n).for_each(|index| Scores::<T>::insert(WEEK, player::<T>(index), 1));

		#[block]
		{
			Pallet::<T>::prune(frame_support::weights::Weight::MAX);
		}

		assert_eq!(Scores::<T>::iter_key_prefix(WEEK).count(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
