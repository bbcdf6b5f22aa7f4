//! Measures each call and each step at its worst.

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{fungible::MutateHold, EnsureOrigin, Get},
	weights::WeightMeter,
};
use frame_system::RawOrigin;
use lx_math::allocation::{Cut, Search};
use lx_primitives::{
	traits::Quotas, Balance, Claim, LaunchId, ModelId, Moment, Offer, Price, Rates, RelayId, Tier,
	Units,
};

use crate::{
	Agenda, Announcements, BenchmarkHelper, Call, Claims, Config, Filling, HoldReason, Launch,
	Launches, NextLaunchId, Page, Pages, Pallet, Plan, Stage, Subscriber, Subscription,
	Subscriptions, Tally, Terms, MAX_CLAIMS, MAX_LIVE, SUBSCRIBERS_PER_PAGE,
};

/// When what is measured was announced. Everything else follows [`HOUR`] after hour.
const START: Moment = 1_767_571_200_000;
const HOUR: Moment = 60 * 60 * 1_000;
const TOTAL: Units = 1_000_000;
const LAUNCH: LaunchId = 1_000_000;
const STAKE: Balance = Tier::Lv3.min_stake();

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

fn model() -> ModelId {
	ModelId::truncate_from(alloc::vec![b'm'; 64])
}

fn rates(rate: Balance) -> Rates {
	Rates::Tokens { input: rate, cached_input: rate, output: rate }
}

/// Terms for a launch that is announced at `now`.
fn terms<T: Config>(now: Moment) -> Terms {
	let snapshot_at = now + T::ShortestNotice::get().max(1);
	Terms {
		list: rates(100),
		cost: rates(70),
		snapshot_at,
		opens_at: snapshot_at,
		closes_at: snapshot_at + 1,
		expires_at: snapshot_at + 2,
	}
}

/// As many launches are announced as leave room for one more.
fn announce_others<T: Config>() {
	let others = (1..MAX_LIVE).map(|id| (Moment::MAX, id)).collect();
	Announcements::<T>::put(Plan::truncate_from(others));
}

/// A launch with so many subscribers on its last page, and whatever has to be stored of it.
fn add_launch<T: Config>(stage: Stage, subscribers: u32) {
	let price = Price { list: rates(100), cost: rates(70), active_from: START + 3 * HOUR };
	let least = STAKE;
	let launch = Launch {
		offer: Offer { model: model(), price, expires_at: START + 4 * HOUR },
		total: TOTAL,
		announced_at: START,
		snapshot_at: START + HOUR,
		opens_at: START + 2 * HOUR,
		stage,
		tally: Tally { subscribers, first: 0, wanted: TOTAL.into(), least },
		redeemed: TOTAL / 2,
	};
	let page = (0..subscribers).map(|number| Subscriber {
		account: account::<T::AccountId>("subscriber", number, 0),
		weight: STAKE + Balance::from(number),
		first: TOTAL / 1_000,
		wanted: TOTAL / 100,
	});
	Pages::<T>::insert(LAUNCH, 0, Page::<T::AccountId>::truncate_from(page.collect::<Vec<_>>()));
	Launches::<T>::insert(LAUNCH, launch);
	NextLaunchId::<T>::put(LAUNCH + 1);
}

/// What is claimed at so many relays, of which no benchmark's is one.
fn claims(count: u32) -> Claims {
	let claim = |number: u32| Claim { relay: RelayId::MAX - number, units: 1, used: 1 };
	Claims::truncate_from((0..count).map(claim).collect())
}

/// Somebody with the last place on the page, who has claimed this.
fn subscriber<T: Config>(claims: Claims) -> T::AccountId {
	let who: T::AccountId = whitelisted_caller();
	let deposit = T::Deposit::get();
	T::BenchmarkHelper::stake(&who, STAKE);
	T::Currency::hold(&HoldReason::Subscription.into(), &who, deposit).expect("it is there");
	let place = SUBSCRIBERS_PER_PAGE - 1;
	Subscriptions::<T>::insert(LAUNCH, &who, Subscription { place, deposit, claims });
	who
}

/// A search for the ids of those who get the last units, which takes the most work.
fn search() -> Search {
	let mut search = Search::new(TOTAL, STAKE);
	// Of more passes than it takes to find the level, and in which nothing is counted.
	for _ in 0..200 {
		let _ = search.turn();
	}
	search
}

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: there is room for one launch more.
	#[benchmark]
	fn launch() -> Result<(), BenchmarkError> {
		T::BenchmarkHelper::set_time(START);
		announce_others::<T>();
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, model(), TOTAL, terms::<T>(START));

		assert_eq!(Announcements::<T>::get().len() as u32, MAX_LIVE);
		Ok(())
	}

	/// Worst: the page becomes full.
	#[benchmark]
	fn subscribe() {
		let caller: T::AccountId = whitelisted_caller();
		T::BenchmarkHelper::set_time(START);
		T::BenchmarkHelper::stake(&caller, STAKE);
		add_launch::<T>(Stage::Open { network: 100 * STAKE }, SUBSCRIBERS_PER_PAGE - 1);
		T::BenchmarkHelper::set_time(START + 2 * HOUR);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), LAUNCH, TOTAL);

		assert!(Subscriptions::<T>::contains_key(LAUNCH, caller));
	}

	/// Worst: the page is full, and there is room for one relay more.
	#[benchmark]
	fn claim() {
		T::BenchmarkHelper::set_time(START + 3 * HOUR);
		add_launch::<T>(Stage::Allocated(Cut::ALL), SUBSCRIBERS_PER_PAGE);
		let caller = subscriber::<T>(claims(MAX_CLAIMS - 1));
		let relay = T::BenchmarkHelper::active_relay();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), LAUNCH, relay, 1);

		assert!(Pallet::<T>::claimed(LAUNCH, caller, relay).is_some());
	}

	/// Worst: the page is full, and has to be looked at, since the quota is divided. This is somebody who
	/// was given nothing.
	#[benchmark]
	fn release() {
		T::BenchmarkHelper::set_time(START);
		add_launch::<T>(Stage::Allocated(Cut::ALL), SUBSCRIBERS_PER_PAGE);
		Pages::<T>::mutate(LAUNCH, 0, |page| {
			let last = page.iter_mut().flatten().next_back().expect("it is full");
			(last.first, last.wanted) = (0, 0);
		});
		let owner = subscriber::<T>(claims(MAX_CLAIMS));
		let caller: T::AccountId = account("caller", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), LAUNCH, owner.clone());

		assert!(!Subscriptions::<T>::contains_key(LAUNCH, owner));
	}

	/// Worst: there is room for one launch more.
	#[benchmark]
	fn reoffer() -> Result<(), BenchmarkError> {
		let now = START + 5 * HOUR + T::Grace::get();
		T::BenchmarkHelper::set_time(now);
		add_launch::<T>(Stage::Over, 0);
		announce_others::<T>();
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, LAUNCH, terms::<T>(now));

		let stage = Launches::<T>::get(LAUNCH).expect("it stays").stage;
		assert_eq!(stage, Stage::Reoffered(LAUNCH + 1));
		Ok(())
	}

	/// Worst: there is something planned, and nothing is due.
	#[benchmark]
	fn next_due() {
		T::BenchmarkHelper::set_time(START);
		announce_others::<T>();
		let due;

		#[block]
		{
			due = Pallet::<T>::next_due(Announcements::<T>::get, &mut WeightMeter::new());
		}

		assert!(due.is_none());
	}

	/// Worst: a snapshot, which reads what the network has staked and is planned anew.
	#[benchmark]
	fn turn() {
		T::BenchmarkHelper::set_time(START + HOUR);
		add_launch::<T>(Stage::Announced, 0);
		let others = (2..MAX_LIVE).map(|id| (Moment::MAX, id)).collect();
		Agenda::<T>::put(Plan::truncate_from(others));
		Announcements::<T>::put(Plan::truncate_from(alloc::vec![(START + HOUR, LAUNCH)]));

		#[block]
		{
			Pallet::<T>::advance(&mut WeightMeter::new());
		}

		let stage = Launches::<T>::get(LAUNCH).expect("it stays").stage;
		assert!(matches!(stage, Stage::Open { .. }));
	}

	/// Worst: the last units go by the ids.
	#[benchmark]
	fn count(n: Linear<0, { SUBSCRIBERS_PER_PAGE }>) {
		add_launch::<T>(Stage::Announced, n);
		let mut filling = Filling { search: search(), page: 0 };

		#[block]
		{
			Pallet::<T>::count(LAUNCH, &mut filling);
		}

		assert_eq!(filling.page, 1);
	}

	/// Worst: the page is full.
	#[benchmark]
	fn sweep() {
		add_launch::<T>(Stage::Expired { swept: 0 }, SUBSCRIBERS_PER_PAGE);

		#[block]
		{
			Pages::<T>::remove(LAUNCH, 0);
		}

		assert!(!Pages::<T>::contains_key(LAUNCH, 0));
	}

	/// Worst: its quota is being divided, so that it is as large as it can be.
	#[benchmark]
	fn offer() {
		add_launch::<T>(Stage::Filling(Filling { search: search(), page: 0 }), 0);
		let found;

		#[block]
		{
			found = <Pallet<T> as Quotas<_>>::offer(LAUNCH);
		}

		assert!(found.is_some());
	}

	/// Worst: the relay is the last of as many as may be; giving back takes less.
	#[benchmark]
	fn redeem() {
		const RELAY: RelayId = 7;
		T::BenchmarkHelper::set_time(START + 3 * HOUR);
		add_launch::<T>(Stage::Allocated(Cut::ALL), SUBSCRIBERS_PER_PAGE);
		let mut claims = claims(MAX_CLAIMS - 1);
		claims.try_push(Claim { relay: RELAY, units: TOTAL, used: 0 }).expect("there is room");
		let who = subscriber::<T>(claims);
		let done;

		#[block]
		{
			done = <Pallet<T> as Quotas<_>>::redeem(&who, LAUNCH, RELAY, TOTAL / 2);
		}

		assert_eq!(done, Ok(()));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
