//! What must be true of the whole chain after every block.

use frame_support::traits::fungibles::Inspect as _;
use l_exchange_runtime::{
	Assets, Balances, Buyback, Calendar, Clearing, Compute, ComputeWars, Custody, Launchpad,
	Mining, OrderBook, PriceRegistry, Psm, Runtime, StakingTiers, WhaleVoting,
};
use lx_primitives::units::{CRED_ASSET, USDT_ASSET};

/// Panics, saying which, if an invariant of a pallet or one between pallets does not hold.
pub fn check() {
	Calendar::do_try_state().expect("calendar");
	Custody::do_try_state().expect("custody");
	Mining::do_try_state().expect("mining");
	Compute::do_try_state().expect("compute");
	ComputeWars::do_try_state().expect("compute wars");
	Clearing::do_try_state().expect("clearing");
	OrderBook::do_try_state().expect("order book");
	PriceRegistry::do_try_state().expect("price registry");
	StakingTiers::do_try_state().expect("staking tiers");
	WhaleVoting::do_try_state().expect("whale voting");
	Launchpad::do_try_state().expect("launchpad");
	Buyback::do_try_state().expect("buyback");
	credits_are_backed();
	lco_is_only_mined();
}

/// The peg may hold more than it owes: anyone can send it USDT.
fn credits_are_backed() {
	let owed = pallet_psm::PsmDebt::<Runtime>::get(CRED_ASSET, USDT_ASSET);
	assert_eq!(Assets::total_issuance(CRED_ASSET), owed, "the peg owes a USDT for every Credit");
	let in_peg = Assets::balance(USDT_ASSET, Psm::psm_account(&CRED_ASSET));
	assert!(in_peg >= owed, "the peg holds {in_peg} and owes {owed}");
}

fn lco_is_only_mined() {
	assert!(Balances::total_issuance() <= Mining::minted(), "LCO exists that was not mined");
}
