use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungibles::{metadata, roles, Inspect, Mutate},
		tokens::{Fortitude::Polite, Precision::Exact, Preservation::Expendable},
	},
};
use lx_primitives::{
	traits::MintGate,
	units::{CRED_ASSET, USDT, USDT_ASSET},
	Balance,
};
use sp_runtime::{DispatchResult, Permill};

use crate::{mock::*, Error, ReserveBacked};

type Backed = ReserveBacked<Assets, Custody, CredAsset>;

fn buy(who: AccountId, amount: Balance) -> DispatchResult {
	let origin = RuntimeOrigin::signed(who);
	frame_support::storage::with_storage_layer(|| {
		Psm::mint(origin, CRED_ASSET, USDT_ASSET, amount, Permill::zero())
	})
}

fn redeem(who: AccountId, amount: Balance) -> DispatchResult {
	let origin = RuntimeOrigin::signed(who);
	Psm::redeem(origin, CRED_ASSET, USDT_ASSET, amount, Permill::zero())
}

fn credits() -> Balance {
	<Assets as Inspect<AccountId>>::total_issuance(CRED_ASSET)
}

fn in_peg() -> Balance {
	usdt(Psm::psm_account(&CRED_ASSET))
}

#[test]
fn credits_are_usdt_in_the_peg_one_to_one() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(buy(USER, 60 * USDT));
		assert_eq!((usdt(USER), cred(USER)), (40 * USDT, 60 * USDT));
		assert_eq!((credits(), in_peg()), (60 * USDT, 60 * USDT));
		assert_ok!(redeem(USER, 20 * USDT));
		assert_eq!((usdt(USER), cred(USER)), (60 * USDT, 40 * USDT));
		assert_eq!((credits(), in_peg()), (40 * USDT, 40 * USDT));
		assert_ok!(redeem(USER, 40 * USDT));
		assert_eq!((usdt(USER), credits(), in_peg()), (100 * USDT, 0, 0));
		assert_eq!(cred(STEWARD) + usdt(STEWARD), 0);
	});
}

#[test]
fn stale_reserves_stop_minting_and_never_redeeming() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(buy(USER, 50 * USDT));
		pass(LIFETIME + 1);
		assert_noop!(Custody::ensure_open(), Error::<Test>::ReservesStale);
		assert_noop!(buy(USER, USDT), Error::<Test>::ReservesStale);
		assert_ok!(redeem(USER, 50 * USDT));
		assert_ok!(withdraw(USER, 100 * USDT));
		report_all(100 * USDT);
		assert_ok!(Custody::ensure_open());
	});
}

#[test]
fn short_reserves_stop_minting_and_never_redeeming() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(buy(USER, 50 * USDT));
		assert_ok!(withdraw(USER, 20 * USDT));
		// 80 exist and 20 are pending.
		report_all(100 * USDT - 1);
		assert_noop!(Custody::ensure_open(), Error::<Test>::ReservesShort);
		assert_noop!(buy(USER, USDT), Error::<Test>::ReservesShort);
		assert_ok!(redeem(USER, 50 * USDT));
		report_all(100 * USDT);
		assert_ok!(buy(USER, USDT));
	});
}

#[test]
fn one_custodian_can_neither_open_nor_close_the_gate() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(report(CAT, 0));
		assert_ok!(Custody::ensure_open());
		for honest in [ANN, BEN] {
			assert_ok!(report(honest, 99 * USDT));
		}
		assert_ok!(report(CAT, Balance::MAX));
		assert_noop!(Custody::ensure_open(), Error::<Test>::ReservesShort);
	});
}

#[test]
fn no_way_of_creating_credits_goes_round_the_gate() {
	build_and_execute(|| {
		// Nobody has reported: the gate is closed.
		let closed = Error::<Test>::ReservesStale;
		assert_noop!(Backed::mint_into(CRED_ASSET, &USER, USDT), closed);
		let closed = Error::<Test>::ReservesStale;
		assert_noop!(Backed::restore(CRED_ASSET, &USER, USDT), closed);
		assert_eq!(Backed::set_balance(CRED_ASSET, &USER, USDT), 0);
		assert_eq!((cred(USER), credits()), (0, 0));
	});
}

/// What a series of operations leaves: balances, issuance, events.
fn effects<A>() -> (Vec<String>, [Balance; 3])
where
	A: Mutate<AccountId, AssetId = u32, Balance = Balance>,
{
	let mut effects = ([0; 3], Vec::new());
	new_test_ext().execute_with(|| {
		report_all(1_000_000 * USDT);
		System::reset_events();
		A::mint_into(CRED_ASSET, &USER, 100 * USDT).unwrap();
		A::transfer(CRED_ASSET, &USER, &OTHER, 30 * USDT, Expendable).unwrap();
		A::burn_from(CRED_ASSET, &OTHER, 30 * USDT - 1, Expendable, Exact, Polite).unwrap();
		A::shelve(CRED_ASSET, &USER, 20 * USDT).unwrap();
		A::restore(CRED_ASSET, &USER, 5 * USDT).unwrap();
		assert_eq!(A::set_balance(CRED_ASSET, &USER, 40 * USDT), 40 * USDT);
		assert_eq!(A::set_balance(CRED_ASSET, &USER, 70 * USDT), 70 * USDT);
		A::set_total_issuance(CRED_ASSET, 71 * USDT);
		A::increase_balance(CRED_ASSET, &OTHER, USDT, Exact).unwrap();
		A::decrease_balance(CRED_ASSET, &USER, USDT, Exact, Expendable, Polite).unwrap();
		A::done_mint_into(CRED_ASSET, &USER, 1);
		A::done_burn_from(CRED_ASSET, &USER, 2);
		A::done_transfer(CRED_ASSET, &USER, &OTHER, 3);
		assert!(A::transfer(CRED_ASSET, &USER, &OTHER, 1_000 * USDT, Expendable).is_err());
		let events = System::events().into_iter().map(|record| format!("{:?}", record.event));
		effects = ([cred(USER), cred(OTHER), credits()], events.collect());
	});
	(effects.1, effects.0)
}

#[test]
fn an_open_gate_changes_nothing() {
	let (events, balances) = effects::<Backed>();
	assert_eq!((events.clone(), balances), effects::<Assets>());
	assert!(events.len() > 8);
}

#[test]
fn what_is_read_is_what_the_assets_say() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(buy(USER, 50 * USDT));
		for asset in [CRED_ASSET, USDT_ASSET, 7] {
			assert_eq!(
				<Backed as metadata::Inspect<AccountId>>::name(asset),
				<Assets as metadata::Inspect<AccountId>>::name(asset)
			);
			assert_eq!(
				<Backed as metadata::Inspect<AccountId>>::symbol(asset),
				<Assets as metadata::Inspect<AccountId>>::symbol(asset)
			);
			assert_eq!(
				<Backed as metadata::Inspect<AccountId>>::decimals(asset),
				<Assets as metadata::Inspect<AccountId>>::decimals(asset)
			);
			let roles = |owner, issuer, admin, freezer| [owner, issuer, admin, freezer];
			assert_eq!(
				roles(
					<Backed as roles::Inspect<AccountId>>::owner(asset),
					<Backed as roles::Inspect<AccountId>>::issuer(asset),
					<Backed as roles::Inspect<AccountId>>::admin(asset),
					<Backed as roles::Inspect<AccountId>>::freezer(asset)
				),
				roles(
					<Assets as roles::Inspect<AccountId>>::owner(asset),
					<Assets as roles::Inspect<AccountId>>::issuer(asset),
					<Assets as roles::Inspect<AccountId>>::admin(asset),
					<Assets as roles::Inspect<AccountId>>::freezer(asset)
				)
			);
			let figures = |exists, issuance, minimum, balance| (exists, issuance, minimum, balance);
			assert_eq!(
				figures(
					<Backed as Inspect<AccountId>>::asset_exists(asset),
					<Backed as Inspect<AccountId>>::total_issuance(asset),
					<Backed as Inspect<AccountId>>::minimum_balance(asset),
					Backed::balance(asset, &USER)
				),
				figures(
					<Assets as Inspect<AccountId>>::asset_exists(asset),
					<Assets as Inspect<AccountId>>::total_issuance(asset),
					<Assets as Inspect<AccountId>>::minimum_balance(asset),
					<Assets as Inspect<AccountId>>::balance(asset, &USER)
				)
			);
			assert_eq!(
				Backed::reducible_balance(asset, &USER, Expendable, Polite),
				<Assets as Inspect<AccountId>>::reducible_balance(asset, &USER, Expendable, Polite)
			);
		}
	});
}
