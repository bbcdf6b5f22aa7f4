//! Whoever has a validator's keys kept on the chain deposits what they take there.

use codec::Encode;
use frame_support::traits::{fungible::InspectHold, Get};
use l_exchange_runtime::{Balances, Runtime, SessionKeys};
use lx_primitives::units::{Balance, LCO};
use pallet_session::{Call, Config, NextKeys};
use scenarios::{
	whales::{mine, submit},
	Chain,
};
use sp_core::proof_of_possession::statement_of_ownership;
use sp_keyring::{
	Ed25519Keyring,
	Sr25519Keyring::{self, Eve, Ferdie},
};
use sp_runtime::TokenError;

/// The keys of two validators, which Eve owns.
const KEYS: [(Sr25519Keyring, Ed25519Keyring); 2] =
	[(Eve, Ed25519Keyring::Eve), (Ferdie, Ed25519Keyring::Ferdie)];

fn set_keys((aura, grandpa): (Sr25519Keyring, Ed25519Keyring)) -> Call<Runtime> {
	let statement = statement_of_ownership(&Eve.to_account_id().encode());
	let proof = (aura.sign(&statement), grandpa.sign(&statement)).encode();
	let keys = SessionKeys { aura: aura.public().into(), grandpa: grandpa.public().into() };
	Call::set_keys { keys, proof }
}

/// What Eve has on hold.
fn held(chain: &mut Chain) -> Balance {
	chain.with(|| Balances::total_balance_on_hold(&Eve.to_account_id()))
}

fn has_keys(chain: &mut Chain) -> bool {
	chain.with(|| NextKeys::<Runtime>::contains_key(Eve.to_account_id()))
}

#[test]
fn keys_are_kept_for_one_deposit_that_comes_back() {
	let mut chain = Chain::development();
	mine(&mut chain, Eve, 10);
	let deposit = <<Runtime as Config>::KeyDeposit as Get<Balance>>::get();
	assert_eq!(deposit, 534 * LCO / 1_000);
	for keys in KEYS {
		submit(&mut chain, Eve, set_keys(keys)).unwrap();
		assert!(has_keys(&mut chain));
		assert_eq!(held(&mut chain), deposit);
	}
	submit(&mut chain, Eve, Call::<Runtime>::purge_keys {}).unwrap();
	assert!(!has_keys(&mut chain));
	assert_eq!(held(&mut chain), 0);
}

#[test]
fn no_keys_are_kept_for_less() {
	let mut chain = Chain::development();
	mine(&mut chain, Eve, 1);
	let (dest, value) = (Ferdie.to_account_id().into(), LCO / 2);
	let spend = pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value };
	submit(&mut chain, Eve, spend).unwrap();
	let refused = submit(&mut chain, Eve, set_keys(KEYS[0]));
	assert_eq!(refused, Err(TokenError::FundsUnavailable.into()));
	assert!(!has_keys(&mut chain));
	assert_eq!(held(&mut chain), 0);
}
