//! USDT, Credits and purses for those who take part.

use l_exchange_runtime::{AccountId, Runtime};
use lx_primitives::units::{Balance, CRED_ASSET, USDT, USDT_ASSET};
use pallet_compute::Purse;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob};
use sp_runtime::Permill;

use crate::Chain;

/// Lets two custodians attest a deposit of USDT for `to`.
pub fn deposit(chain: &mut Chain, to: Sr25519Keyring, amount: Balance, reference: &[u8]) {
	let paid_out = chain.with(|| pallet_custody::Ledger::<Runtime>::get().paid_out);
	for custodian in [Alice, Bob] {
		let report =
			pallet_custody::Call::<Runtime>::report_reserves { amount: 1_000_000 * USDT, paid_out };
		chain.submit(custodian, None, report).expect("it is valid").expect("it succeeds");
	}
	for custodian in [Alice, Bob] {
		let attest = pallet_custody::Call::<Runtime>::attest_deposit {
			network: b"tron".to_vec().try_into().expect("the name is short"),
			reference: reference.to_vec().try_into().expect("the reference is short"),
			account: to.to_account_id(),
			amount,
		};
		chain.submit(custodian, None, attest).expect("it is valid").expect("it succeeds");
	}
}

/// Lets `who` buy Credits for USDT, whose fee is USDT too.
pub fn buy_credits(chain: &mut Chain, who: Sr25519Keyring, amount: Balance) {
	let mint = pallet_psm::Call::<Runtime>::mint {
		internal_asset: CRED_ASSET,
		external_asset: USDT_ASSET,
		external_amount: amount,
		max_fee: Permill::zero(),
	};
	chain.submit(who, Some(USDT_ASSET), mint).expect("it is valid").expect("it succeeds");
}

/// What `who` has at the development relay.
pub fn purse(chain: &mut Chain, who: &AccountId) -> Purse {
	let account = chain.with(|| pallet_compute::Accounts::<Runtime>::get(who));
	account.and_then(|account| account.purse(0).cloned()).expect("it has a purse")
}

/// Adds CRED to the purse of `who` at the development relay, with a fee in CRED.
pub fn top_up(chain: &mut Chain, who: Sr25519Keyring, amount: Balance) {
	let top_up = pallet_compute::Call::<Runtime>::top_up { relay: 0, amount };
	chain.submit(who, Some(CRED_ASSET), top_up).expect("it is valid").expect("it succeeds");
}
