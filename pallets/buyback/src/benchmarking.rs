//! Measures each call, service and step at its worst: a round is as long as one can be.

use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect as InspectLco, Mutate as MutateLco},
		fungibles::{Inspect, Mutate},
		EnsureOrigin, Get,
	},
	weights::WeightMeter,
	BoundedVec,
};
use lx_math::calendar::{self, FRIDAY};
use lx_primitives::{
	buyback::{Books, Link, Receipt, Slice, MAX_SLICES},
	trading::Bought,
	traits::{Calendar, OnRevenue},
	units::{CRED, LCO},
};

use crate::*;

/// A Friday, whichever day it is now.
fn friday() -> u32 {
	(0..7).find(|day| calendar::weekday(*day) == FRIDAY).expect("each week has one")
}

/// A round with so many slices behind it.
fn round<T: Config>(day: u32, slices: u32) -> Round {
	let link = Link::first(Pallet::<T>::genesis_hash());
	let books = Books { revenue: 1_000 * CRED, ..Books::default() };
	let closed = Receipt::start(&link, calendar::week(day)).close(books);
	let slice = Slice { block: 1, spent: 1, bought: 1, burned: 1 };
	let mut receipt = closed.expect("it is little");
	receipt.slices = BoundedVec::truncate_from(alloc::vec![slice; slices as usize]);
	Round { day, slices: 0, receipt }
}

/// Gives CRED to the platform.
fn fund_platform<T: Config>() {
	T::Assets::mint_into(T::CredAsset::get(), &T::RevenueAccount::get(), 1_000 * CRED)
		.expect("CRED can be minted");
}

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: a round is under way, in which nothing is to come.
	#[benchmark]
	fn look() {
		CurrentRound::<T>::put(round::<T>(T::Calendar::day(), MAX_SLICES));
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::run(&mut meter);
		}

		assert!(CurrentRound::<T>::exists());
		assert_eq!(PriceWatch::<T>::get().seen_at, T::Calendar::now());
	}

	/// Worst: both shares are paid, to accounts that are new to CRED.
	#[benchmark]
	fn open_round() {
		fund_platform::<T>();
		OpenBooks::<T>::put(Books { revenue: 1_000 * CRED, ..Books::default() });

		#[block]
		{
			Pallet::<T>::open_round(friday());
		}

		let round = CurrentRound::<T>::get().expect("it is open");
		assert_eq!(round.receipt.burning, 200 * CRED);
		assert_eq!(T::Assets::balance(T::CredAsset::get(), &T::BurnFund::get()), 200 * CRED);
	}

	/// Worst: it is the last slice that there is room for.
	#[benchmark]
	fn finish_slice() {
		let (fund, address) = (T::BurnFund::get(), T::BurnAddress::get());
		T::Currency::mint_into(&fund, LCO).expect("there is room in the issuance");
		let round = round::<T>(friday(), MAX_SLICES - 1);
		let bought = Bought { spent: CRED, bought: LCO, matches: 1 };

		#[block]
		{
			Pallet::<T>::finish_slice(round, bought).expect("it can be burned and entered");
		}

		let round = CurrentRound::<T>::get().expect("it goes on");
		assert_eq!(round.receipt.slices.len(), MAX_SLICES as usize);
		assert_eq!((T::Currency::balance(&fund), T::Currency::balance(&address)), (0, 0));
	}

	/// Worst: there is no other case.
	#[benchmark]
	fn write_receipt() {
		let round = round::<T>(friday(), MAX_SLICES);
		CurrentRound::<T>::put(&round);

		#[block]
		{
			Pallet::<T>::write_receipt(round);
		}

		assert_eq!(Head::<T>::get().map(|head| head.number), Some(1));
		assert!(!CurrentRound::<T>::exists());
	}

	/// Worst: there is no other case.
	#[benchmark]
	fn on_revenue() {
		#[block]
		{
			Pallet::<T>::on_revenue(CRED, 1).expect("it is little");
		}

		assert_eq!(OpenBooks::<T>::get(), Books { revenue: CRED, cost: 1, refunds: 0 });
	}

	/// Worst: the user is new to CRED.
	#[benchmark]
	fn refund() -> Result<(), BenchmarkError> {
		let origin =
			T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		fund_platform::<T>();
		let user: T::AccountId = account("user", 0, 0);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, user.clone(), CRED);

		assert_eq!(T::Assets::balance(T::CredAsset::get(), &user), CRED);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
