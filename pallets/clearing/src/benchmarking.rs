//! Measures each call at its worst.

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungibles::{Inspect, Mutate},
	Get,
};
use frame_system::RawOrigin;
use lx_matching::{Place, Side};
use lx_primitives::{
	trading::{
		Holding, OpenOrder, Session, TradingAccount, MAX_HOLDINGS, MAX_OPEN_ORDERS, MAX_SESSIONS,
	},
	traits::Calendar,
	units::{CRED_ASSET, USDT_ASSET},
	AssetId, Balance,
};
use sp_runtime::traits::Convert;

use crate::{Accounts, Call, Config, Pallet};

/// The assets of this chain that take the most to pay out: for LCO, fewer entries change.
const COSTLY: [AssetId; 2] = [CRED_ASSET, USDT_ASSET];

/// Far above every smallest holding and existential deposit.
const MUCH: Balance = 1_000_000_000_000_000;

/// An account that is as large as one can be: the longest to read and write.
fn full<T: Config>() -> TradingAccount<T::AccountId> {
	let mut account = TradingAccount::default();
	for asset in 0..MAX_HOLDINGS {
		let holding = Holding { asset, free: MUCH, locked: MUCH, awaited_by: 1 };
		account.holdings.try_push(holding).expect("there is room");
	}
	for id in 0..u64::from(MAX_OPEN_ORDERS) {
		let place = Place { id, side: Side::Bid, tick: 1, page: 0 };
		let order = OpenOrder { market: 0, place, client: Some(id), maker_fee: 1 };
		account.orders.try_push(order).expect("there is room");
	}
	let expires_at = T::Calendar::now().saturating_add(T::MaxSession::get());
	for number in 1..MAX_SESSIONS {
		let session = Session { key: account_of::<T>(number), expires_at };
		account.sessions.try_push(session).expect("there is room");
	}
	account
}

fn account_of<T: Config>(number: u32) -> T::AccountId {
	account("session", number, 0)
}

/// Gives `who`, and the ledger, so much of an asset that nothing is reaped.
fn fund<T: Config>(who: &T::AccountId, asset: AssetId) {
	for holder in [who, &Pallet::<T>::account_id()] {
		T::Assets::mint_into(asset, holder, 4 * MUCH).expect("the asset exists");
	}
}

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: the account is full. LCO has no asset account to look for, CRED has.
	#[benchmark]
	fn deposit() {
		let caller: T::AccountId = whitelisted_caller();
		fund::<T>(&caller, CRED_ASSET);
		Accounts::<T>::insert(&caller, 0, full::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0, CRED_ASSET, MUCH);

		let held = Pallet::<T>::account(caller, 0).expect("it is there").holding(CRED_ASSET);
		assert_eq!(held.free, 2 * MUCH);
	}

	/// Worst: the account is full and stays so, and the wallet is new to the asset.
	#[benchmark]
	fn withdraw() {
		let caller: T::AccountId = whitelisted_caller();
		fund::<T>(&account("somebody", 0, 0), CRED_ASSET);
		Accounts::<T>::insert(&caller, 0, full::<T>());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0, CRED_ASSET, MUCH);

		assert_eq!(T::Assets::balance(CRED_ASSET, &caller), MUCH);
	}

	/// Worst: as for a withdrawal, for each asset of which something is free; the account is full and
	/// stays so. Each is one of the costliest, so that the call may declare as many of them as an account
	/// holds, whichever those are.
	#[benchmark]
	fn withdraw_all(a: Linear<1, 2>) {
		let caller: T::AccountId = whitelisted_caller();
		let assets: Vec<_> = COSTLY.into_iter().take(a as usize).collect();
		let mut account = full::<T>();
		let others = account.holdings.iter_mut().filter(|other| !assets.contains(&other.asset));
		others.for_each(|holding| holding.free = 0);
		for asset in &assets {
			fund::<T>(&frame_benchmarking::account("somebody", 0, 0), *asset);
			assert!(T::SmallestHolding::convert(*asset).is_some());
		}
		Accounts::<T>::insert(&caller, 0, account);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0);

		for asset in assets {
			assert_eq!(T::Assets::balance(asset, &caller), MUCH);
		}
	}

	/// Worst: both accounts are full.
	#[benchmark]
	fn move_funds() {
		let caller: T::AccountId = whitelisted_caller();
		for sub in [0, 1] {
			Accounts::<T>::insert(&caller, sub, full::<T>());
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0, 1, CRED_ASSET, MUCH);

		let held = Pallet::<T>::account(caller, 1).expect("it is there").holding(CRED_ASSET);
		assert_eq!(held.free, 2 * MUCH);
	}

	/// Worst: the account is full.
	#[benchmark]
	fn add_session() {
		let caller: T::AccountId = whitelisted_caller();
		Accounts::<T>::insert(&caller, 0, full::<T>());
		let key = account_of::<T>(MAX_SESSIONS);
		let expires_at = T::Calendar::now().saturating_add(T::MaxSession::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0, key.clone(), expires_at);

		let account = Pallet::<T>::account(caller, 0).expect("it is there");
		assert!(account.is_trusted(&key, T::Calendar::now()));
	}

	/// Worst: the account is full.
	#[benchmark]
	fn remove_session() {
		let caller: T::AccountId = whitelisted_caller();
		Accounts::<T>::insert(&caller, 0, full::<T>());
		let key = account_of::<T>(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), 0, key.clone());

		let account = Pallet::<T>::account(caller, 0).expect("it is there");
		assert!(!account.is_trusted(&key, T::Calendar::now()));
	}
}
