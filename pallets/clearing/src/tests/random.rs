//! Random operations keep the invariants, and no money comes or goes.

use lx_primitives::{
	trading::{Source, SubAccount},
	units::{CRED_ASSET, LCO_ASSET},
	AssetId, Balance,
};
use proptest::{collection::vec, prelude::*};

use crate::mock::*;

#[derive(Clone, Debug)]
enum Operation {
	Deposit(Balance),
	Withdraw(Balance),
	WithdrawAll,
	Move(SubAccount, Balance),
	Lock(Balance),
	Unlock(Balance),
	/// A market moves what is locked to the other owner.
	Trade(Balance),
	Need(Balance),
	/// So much is lent, and the other owner gets some of it.
	Give(Balance, Balance),
}

fn operation() -> impl Strategy<Value = Operation> {
	use Operation::*;
	// Around the smallest holding of CRED, and of LCO, and more than a wallet has.
	let amount = || {
		prop_oneof![
			0..3 * LEAST_CRED,
			LEAST_LCO - 2..3 * LEAST_LCO,
			Just(WEALTH * LEAST_LCO),
			Just(Balance::MAX),
		]
	};
	prop_oneof![
		3 => amount().prop_map(Deposit),
		2 => amount().prop_map(Withdraw),
		1 => Just(WithdrawAll),
		1 => (0u16..3, amount()).prop_map(|(to, amount)| Move(to, amount)),
		2 => amount().prop_map(Lock),
		1 => amount().prop_map(Unlock),
		2 => amount().prop_map(Trade),
		1 => amount().prop_map(Need),
		2 => (amount(), amount()).prop_map(|(lent, given)| Give(lent, given)),
	]
}

fn run(owner: AccountId, other: AccountId, sub: SubAccount, asset: AssetId, operation: Operation) {
	let account = id(owner.clone(), sub);
	let origin = signed(owner);
	// What cannot be done is not done.
	match operation {
		Operation::Deposit(amount) => drop(Clearing::deposit(origin, sub, asset, amount)),
		Operation::Withdraw(amount) => drop(Clearing::withdraw(origin, sub, asset, amount)),
		Operation::WithdrawAll => drop(Clearing::withdraw_all(origin, sub)),
		Operation::Move(to, amount) => drop(Clearing::move_funds(origin, sub, to, asset, amount)),
		Operation::Lock(amount) => as_market(&account, |held| {
			let _ = held.lock(asset, amount);
		}),
		Operation::Unlock(amount) => as_market(&account, |held| {
			let _ = held.unlock(asset, amount);
		}),
		Operation::Trade(amount) => {
			let mut is_paid = false;
			as_market(&account, |held| is_paid = held.spend(asset, amount).is_ok());
			if is_paid {
				as_market(&id(other, sub), |held| held.credit(asset, amount).unwrap());
			}
		},
		Operation::Need(amount) => {
			use lx_primitives::traits::Clearing as _;
			let mut held = <Clearing as lx_primitives::traits::Clearing<_>>::account(&account);
			let brought = Clearing::ensure_free(&account, &mut held, asset, amount, Source::Wallet);
			if brought.is_ok() {
				Clearing::store(&account, held);
			}
		},
		Operation::Give(amount, given) => {
			use lx_primitives::traits::Clearing as _;
			let mut held = <Clearing as lx_primitives::traits::Clearing<_>>::account(&account);
			let lent = Clearing::lend(&account, &mut held, asset, amount, Source::Wallet);
			let Ok(lent) = lent else { return };
			let given = given.min(amount);
			held.debit(asset, given).unwrap();
			if Clearing::settle(&account, &mut held, asset, lent).is_ok() {
				Clearing::store(&account, held);
				as_market(&id(other, sub), |held| held.credit(asset, given).unwrap());
			}
		},
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

	#[test]
	fn no_money_comes_or_goes(
		steps in vec((any::<bool>(), 0u16..3, any::<bool>(), operation()), 1..60),
	) {
		new_test_ext().execute_with(|| {
			let supply = |asset| {
				let held = wallet(&ALICE, asset) + wallet(&BOB, asset);
				held + Clearing::totals().unwrap().get(&asset).copied().unwrap_or_default()
			};
			let before = [LCO_ASSET, CRED_ASSET].map(supply);
			for (is_alice, sub, is_lco, operation) in steps {
				let (owner, other) = if is_alice { (ALICE, BOB) } else { (BOB, ALICE) };
				run(owner, other, sub, if is_lco { LCO_ASSET } else { CRED_ASSET }, operation);
				Clearing::do_try_state().unwrap();
				prop_assert_eq!([LCO_ASSET, CRED_ASSET].map(supply), before);
				for asset in [LCO_ASSET, CRED_ASSET] {
					let owed = Clearing::totals().unwrap().get(&asset).copied().unwrap_or_default();
					prop_assert_eq!(wallet(&Clearing::account_id(), asset), owed);
				}
			}
			Ok(())
		})?;
	}
}
