//! What must be true of the whole chain after every block.

use frame_support::traits::fungibles::Inspect as _;
use l_exchange_runtime::{Assets, Balances, Calendar, Compute, Custody, Mining, Psm};
use lx_primitives::units::{CRED_ASSET, USDT_ASSET};

/// Panics, saying which, if an invariant of a pallet or one between pallets does not hold.
pub fn check() {
	Calendar::do_try_state().expect("calendar");
	Custody::do_try_state().expect("custody");
	Mining::do_try_state().expect("mining");
	Compute::do_try_state().expect("compute");
	credits_are_backed();
	lco_is_only_mined();
}

fn credits_are_backed() {
	let in_peg = Assets::balance(USDT_ASSET, Psm::psm_account(&CRED_ASSET));
	assert_eq!(Assets::total_issuance(CRED_ASSET), in_peg, "every Credit is one USDT in the peg");
}

fn lco_is_only_mined() {
	assert!(Balances::total_issuance() <= Mining::minted(), "LCO exists that was not mined");
}
