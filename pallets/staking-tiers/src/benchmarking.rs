//! Measures each call at its worst.

use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{MutateHold, Unbalanced},
		tokens::Precision,
		Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use lx_primitives::{traits::Tiers, Balance, Moment, Tier};

use crate::{
	BenchmarkHelper, Call, Config, FormerStake, HoldReason, Pallet, Staker, Stakers, Totals,
	Unstaking, LONGEST_WINDOW, MAX_FORMER, MAX_UNSTAKING,
};

/// Long after all that is remembered, so that of two former stakes one can be forgotten.
const NOW: Moment = 2 * LONGEST_WINDOW;

/// What makes a whale.
const MUCH: Balance = Tier::Whale.min_stake();

/// An account with a full history that has staked `staked`, and is unstaking so many parts, all of
/// them ready.
fn staker<T: Config>(staked: Balance, parts: u32) -> T::AccountId {
	T::BenchmarkHelper::set_time(NOW);
	let who: T::AccountId = whitelisted_caller();
	let part = |_| Unstaking { amount: T::SmallestStake::get(), ready_at: NOW };
	let former = |number: Balance| FormerStake { staked: number, until: number as Moment + 1 };
	let known = Staker {
		staked,
		unstaking: BoundedVec::truncate_from((0..parts).map(part).collect()),
		former: BoundedVec::truncate_from((0..Balance::from(MAX_FORMER)).map(former).collect()),
	};
	let held = known.held().expect("it is little");
	T::Currency::increase_balance(&who, held + 2 * MUCH, Precision::Exact)
		.expect("the account can take it");
	T::Currency::hold(&HoldReason::Stake.into(), &who, held).expect("it is there");
	Totals::<T>::mutate(|totals| totals.restake(0, staked)).expect("it is little");
	Stakers::<T>::insert(&who, known);
	who
}

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: the account is as large as one can be, its oldest stake is forgotten, and its tier
	/// changes.
	#[benchmark]
	fn stake() {
		let caller = staker::<T>(T::SmallestStake::get(), MAX_UNSTAKING);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), MUCH);

		assert_eq!(Pallet::<T>::tier(caller), Tier::Whale);
	}

	/// Worst: as for `stake`.
	#[benchmark]
	fn request_unstake() {
		let caller = staker::<T>(MUCH, MAX_UNSTAKING - 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), MUCH);

		assert_eq!(Pallet::<T>::tier(caller), Tier::Lv1);
	}

	/// Worst: all that an account can be unstaking is ready, and it has staked more, so that it is
	/// stored again.
	#[benchmark]
	fn complete_unstake() {
		let caller = staker::<T>(MUCH, MAX_UNSTAKING);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		let left = Pallet::<T>::staker(caller).expect("it is there");
		assert!(left.unstaking.is_empty());
	}

	/// Worst: as for `stake`.
	#[benchmark]
	fn cancel_unstake() {
		let caller = staker::<T>(MUCH - T::SmallestStake::get(), MAX_UNSTAKING);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert_eq!(Pallet::<T>::tier(caller), Tier::Whale);
	}

	/// Worst: the account is as large as one can be, and all that is known of its tiers is told.
	#[benchmark]
	fn tier() {
		let who = staker::<T>(MUCH, MAX_UNSTAKING);
		let found;

		#[block]
		{
			found = <Pallet<T> as Tiers<_>>::tier_history(&who);
		}

		assert_eq!((found.current, found.at(0)), (Tier::Whale, Tier::Lv1));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
