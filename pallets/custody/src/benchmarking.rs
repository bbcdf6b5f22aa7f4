//! Measures each call and each step of the hook at its worst.

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungibles::{Create, Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use lx_primitives::{traits::Calendar, Balance};
use sp_runtime::DispatchError;

use crate::{
	pallet::*,
	types::{Address, Claim, DayTotal, Network, Reference, Totals, Vote, Withdrawal, WithdrawalId},
	WithdrawalOf,
};

const AMOUNT: Balance = 1_000_000_000;
const RESERVES: Balance = Balance::MAX / 2;

fn text<Max: Get<u32>>(index: u32) -> BoundedVec<u8, Max> {
	// As long as it can be; the index at the end.
	let length = usize::try_from(Max::get()).unwrap_or_default();
	let mut bytes = alloc::vec![b'a'; length];
	for (place, digit) in bytes.iter_mut().rev().zip(alloc::format!("{index:010}").bytes().rev()) {
		*place = digit;
	}
	BoundedVec::truncate_from(bytes)
}

fn accounts<T: Config>(name: &'static str, count: u32) -> Vec<T::AccountId> {
	(0..count).map(|index| account(name, index, 0)).collect()
}

/// As many custodians as there can be, all of them needed, with ample reserves.
fn set_up<T: Config>() -> Result<Vec<T::AccountId>, DispatchError>
where
	T::Assets: Create<T::AccountId>,
{
	let usdt = T::UsdtAsset::get();
	if !T::Assets::asset_exists(usdt) {
		T::Assets::create(usdt, account("steward", 0, 0), true, 1)?;
	}
	DailyCap::<T>::put(Balance::MAX);
	let custodians = accounts::<T>("custodian", T::MaxCustodians::get());
	let members = BoundedVec::truncate_from(custodians.clone());
	Pallet::<T>::do_set_custodians(members, T::MaxCustodians::get())?;
	for custodian in &custodians {
		Pallet::<T>::do_report_reserves(custodian.clone(), RESERVES, 0)?;
	}
	Ok(custodians)
}

fn claim<T: Config>(index: u32) -> Claim<T::AccountId> {
	let (network, reference) = (text(0), text(index));
	Claim { network, reference, account: account("user", 0, 0), amount: AMOUNT }
}

/// Every custodian has all the claims standing that it can have, the one of index 0 last.
fn fill_claims<T: Config>() {
	for member in Custodians::<T>::get().members {
		let claims = (0..T::MaxOpenClaims::get()).rev().map(claim::<T>).collect();
		Claims::<T>::insert(member.seat, BoundedVec::truncate_from(claims));
	}
}

/// An open withdrawal with votes of all custodians but the first.
fn open_withdrawal<T: Config>(amount: Balance) -> Result<WithdrawalId, DispatchError> {
	let seats = Custodians::<T>::get().members.into_iter().skip(1).map(|member| member.seat);
	let votes: Vec<Vote> = seats.map(|seat| Vote { seat, reference: text(0) }).collect();
	let withdrawal: WithdrawalOf<T> = Withdrawal {
		who: account("user", 0, 0),
		amount,
		network: text(0),
		address: text(0),
		refund_at: 0,
		votes: BoundedVec::truncate_from(votes),
	};
	Pallet::<T>::enqueue(withdrawal)
}

#[benchmarks(where T::Assets: Create<T::AccountId>)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn attest_deposit() -> Result<(), BenchmarkError> {
		let custodians = set_up::<T>()?;
		let Claim { network, reference, account, amount } = claim::<T>(0);
		fill_claims::<T>();
		CreditedOn::<T>::put(DayTotal { day: T::Calendar::day(), amount: 1 });
		let attester = RawOrigin::Signed(custodians[0].clone());

		#[extrinsic_call]
		_(attester, network.clone(), reference.clone(), account.clone(), amount);

		assert!(Credited::<T>::contains_key((network, reference)));
		assert_eq!(T::Assets::balance(T::UsdtAsset::get(), &account), AMOUNT);
		Ok(())
	}

	#[benchmark]
	fn report_reserves() -> Result<(), BenchmarkError> {
		let custodians = set_up::<T>()?;
		Ledger::<T>::put(Totals { deposited: RESERVES, paid_out: AMOUNT });

		#[extrinsic_call]
		_(RawOrigin::Signed(custodians[0].clone()), RESERVES, 0);

		let report = Custodians::<T>::get().members[0].report;
		assert_eq!(report.map(|report| report.amount), Some(RESERVES - AMOUNT));
		Ok(())
	}

	#[benchmark]
	fn request_withdrawal() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let user: T::AccountId = account("user", 0, 0);
		let amount = T::MinWithdrawal::get().max(AMOUNT);
		T::Assets::mint_into(T::UsdtAsset::get(), &user, amount)?;
		let network: Network = text(0);
		let address: Address = text(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(user), amount, network, address);

		assert_eq!(Queue::<T>::get().amount, amount);
		Ok(())
	}

	#[benchmark]
	fn attest_payout() -> Result<(), BenchmarkError> {
		let custodians = set_up::<T>()?;
		let id = open_withdrawal::<T>(AMOUNT)?;
		let reference: Reference = text(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(custodians[0].clone()), id, reference);

		assert!(!Withdrawals::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn set_custodians(m: Linear<1, { T::MaxCustodians::get() }>) -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		fill_claims::<T>();
		let members = BoundedVec::truncate_from(accounts::<T>("successor", m));
		let admin = T::AdminOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("no admin"))?;

		#[extrinsic_call]
		_(admin as T::RuntimeOrigin, members, m);

		assert_eq!(Custodians::<T>::get().threshold, m);
		assert_eq!(Claims::<T>::iter().count(), 0);
		Ok(())
	}

	#[benchmark]
	fn set_daily_cap() -> Result<(), BenchmarkError> {
		let admin = T::AdminOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("no admin"))?;

		#[extrinsic_call]
		_(admin as T::RuntimeOrigin, AMOUNT);

		assert_eq!(DailyCap::<T>::get(), AMOUNT);
		Ok(())
	}

	#[benchmark]
	fn inspect_queue() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let id = open_withdrawal::<T>(AMOUNT)?;
		Withdrawals::<T>::mutate(id, |withdrawal| {
			if let Some(withdrawal) = withdrawal {
				withdrawal.refund_at = u64::MAX;
			}
		});

		#[block]
		{
			Pallet::<T>::refund_expired();
		}

		assert!(Withdrawals::<T>::contains_key(id));
		Ok(())
	}

	#[benchmark]
	fn skip_paid() -> Result<(), BenchmarkError> {
		Queue::<T>::mutate(|queue| queue.next = queue.next.saturating_add(1));

		#[block]
		{
			Pallet::<T>::refund_expired();
		}

		let queue = Queue::<T>::get();
		assert_eq!(queue.head, queue.next);
		Ok(())
	}

	#[benchmark]
	fn refund() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		let id = open_withdrawal::<T>(AMOUNT)?;

		#[block]
		{
			Pallet::<T>::refund_or_defer(id);
		}

		assert!(!Withdrawals::<T>::contains_key(id));
		assert_eq!(Queue::<T>::get().open, 0);
		Ok(())
	}

	#[benchmark]
	fn defer_refund() -> Result<(), BenchmarkError> {
		set_up::<T>()?;
		// The last unit overflows the issuance, so it cannot be minted.
		let (usdt, user) = (T::UsdtAsset::get(), account("user", 0, 0));
		T::Assets::mint_into(usdt, &user, Balance::MAX)?;
		let id = open_withdrawal::<T>(AMOUNT)?;

		#[block]
		{
			Pallet::<T>::refund_or_defer(id);
		}

		assert!(!Withdrawals::<T>::contains_key(id));
		assert_eq!(Queue::<T>::get().open, 1);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
