//! Measures each call and service at its worst.

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	tokens::Preservation,
};
use frame_system::RawOrigin;
use lx_math::emission;
use lx_primitives::traits::OnUsageSettled;

use crate::{Call, Config, Pallet, Unpaid};

/// µCRED so few that they mine less than the existential deposit.
const FEW: u128 = 1;

/// µCRED of which a hundred accounts end the first epoch.
const MUCH: u128 = emission::epoch_start(1) / 100;

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: of every account unpaid rewards are paid together with the new one, and it is created;
	/// and an epoch ends.
	#[benchmark]
	fn settle(a: Linear<1, 100>) {
		let miners = (0..a).map(|index| account("miner", index, 0)).collect::<Vec<T::AccountId>>();
		for who in &miners {
			Pallet::<T>::on_usage_settled(who, FEW).expect("a first settlement succeeds");
			assert!(Unpaid::<T>::get(who) > 0);
		}

		#[block]
		{
			for who in &miners {
				Pallet::<T>::on_usage_settled(who, MUCH).expect("a settlement that fits succeeds");
			}
		}

		assert!(miners.iter().all(|who| Unpaid::<T>::get(who) == 0));
		let paid = (FEW + MUCH) * u128::from(a);
		assert_eq!(T::Currency::total_issuance(), emission::minted_at(paid));
	}

	/// Worst: there is no other case.
	#[benchmark]
	fn claim() {
		let caller: T::AccountId = whitelisted_caller();
		let who: T::AccountId = account("miner", 0, 0);
		let minimum = T::Currency::minimum_balance();
		Pallet::<T>::on_usage_settled(&caller, emission::epoch_start(1))
			.expect("a first settlement succeeds");
		Pallet::<T>::on_usage_settled(&who, FEW).expect("a settlement succeeds");
		let unpaid = Unpaid::<T>::get(&who);
		assert!(unpaid > 0);
		T::Currency::transfer(&caller, &who, minimum, Preservation::Preserve)
			.expect("the caller owns an epoch's LCO");

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), who.clone());

		assert_eq!(T::Currency::balance(&who), minimum + unpaid);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
