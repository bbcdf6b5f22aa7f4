//! Measures each call, the hook, and what the pallet does for others, at its worst.

use alloc::boxed::Box;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{Get, Hooks},
	BoundedVec,
};
use frame_system::RawOrigin;
use lx_primitives::{traits::MayUnstake, Balance, Tier};
use pallet_conviction_voting::{AccountVote, Conviction, Status, Vote, VotingHooks};

use crate::{
	BenchmarkHelper, Call, Config, Guardian, Origin, Pallet, PlannedUpgrade, PollIndex,
	RedemptionStopped, Standing, SunsetWhales, Upgrade,
};

fn appoint<T: Config>() -> T::AccountId {
	let guardian: T::AccountId = account("guardian", 0, 0);
	Guardian::<T>::put(&guardian);
	SunsetWhales::<T>::put(1);
	guardian
}

/// An upgrade waits, and another is due.
fn plan<T: Config>() {
	PlannedUpgrade::<T>::put(Upgrade { code_hash: T::Hash::default(), due: 0 });
	frame_system::Pallet::<T>::do_authorize_upgrade(T::Hash::default(), true);
}

/// The referendum that an account of [`voter`] has voted on last.
fn last_poll<T: Config>() -> PollIndex {
	T::MaxStanding::get().saturating_sub(1)
}

/// A whale with as many votes that stand as an account can have.
fn voter<T: Config>() -> T::AccountId {
	let who: T::AccountId = account("voter", 0, 0);
	T::BenchmarkHelper::make_whale(&who);
	let votes = (0..T::MaxStanding::get()).map(|poll| (poll, Balance::from(poll)));
	Standing::<T>::insert(&who, BoundedVec::truncate_from(votes.collect()));
	who
}

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: the guardian's powers end, and two upgrades with them.
	#[benchmark]
	fn on_initialize() {
		appoint::<T>();
		plan::<T>();
		T::BenchmarkHelper::make_whale(&account("whale", 0, 0));

		#[block]
		{
			Pallet::<T>::on_initialize(frame_system::Pallet::<T>::block_number());
		}

		assert!(!Guardian::<T>::exists());
		assert!(!PlannedUpgrade::<T>::exists());
	}

	/// Worst: there is no other case.
	#[benchmark]
	fn guard() {
		let guardian = appoint::<T>();
		let remark = frame_system::Call::<T>::remark { remark: Default::default() };
		let call = Box::new(<T as Config>::RuntimeCall::from(remark));

		#[extrinsic_call]
		_(RawOrigin::Signed(guardian), Origin::Major, call);

		assert!(Guardian::<T>::exists());
	}

	/// Worst: redemption was stopped.
	#[benchmark]
	fn authorize_upgrade() {
		RedemptionStopped::<T>::put(0);
		let origin = T::RuntimeOrigin::from(Origin::Major);

		#[extrinsic_call]
		_(origin, T::Hash::default());

		assert!(PlannedUpgrade::<T>::exists());
	}

	/// Worst: two upgrades are called off.
	#[benchmark]
	fn cancel_upgrade() {
		plan::<T>();
		let origin = T::RuntimeOrigin::from(Origin::Cancellation);

		#[extrinsic_call]
		_(origin);

		assert!(!PlannedUpgrade::<T>::exists());
	}

	/// Worst: the account changes the last of as many votes as it can have.
	#[benchmark]
	fn before_vote() {
		let (who, poll) = (voter::<T>(), last_poll::<T>());
		let vote = Vote { aye: true, conviction: Conviction::None };
		let balance = Tier::Whale.min_stake();
		let vote = AccountVote::Standard { vote, balance };

		#[block]
		{
			Pallet::<T>::on_before_vote(&who, poll, vote).expect("a whale votes");
		}

		assert_eq!(Pallet::<T>::largest_vote(&who), Some(balance));
	}

	/// Worst: the account has as many votes as it can have.
	#[benchmark]
	fn remove_vote() {
		let (who, poll) = (voter::<T>(), last_poll::<T>());

		#[block]
		{
			<Pallet<T> as VotingHooks<T::AccountId, PollIndex, Balance>>::on_remove_vote(
				&who,
				poll,
				Status::Completed,
			);
		}

		assert!(Standing::<T>::get(who).iter().all(|(standing, _)| *standing != poll));
	}

	/// Worst: the account has as many votes as it can have.
	#[benchmark]
	fn may_unstake() {
		let who = voter::<T>();
		let result;

		#[block]
		{
			result = Pallet::<T>::may_unstake(&who, Tier::Whale.min_stake());
		}

		assert!(result.is_ok());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
