//! A second key that runs an account's purses, and can take nothing out of the account.

use l_exchange_runtime::{
	configs::ProxyType, Balances, Runtime, RuntimeCall, RuntimeEvent, StakingTiers,
};
use lx_primitives::units::{CRED, CRED_ASSET, LCO};
use pallet_proxy::{Call as Proxy, Event as ProxyEvent};
use scenarios::{
	dispute::{Dispute, CALLERS, PURSE},
	relay::attestor_key,
	PAST_THE_WINDOW,
};
use sp_core::Pair;
use sp_keyring::Sr25519Keyring::{self, Dave};
use sp_runtime::{DispatchResult, MultiAddress};

/// The account, which has mined enough LCO for the deposit of a proxy.
const OWNER: Sr25519Keyring = CALLERS[0];

/// What came of a call that the proxy makes for the owner.
fn by_proxy(dispute: &mut Dispute, call: impl Into<RuntimeCall>) -> DispatchResult {
	let proxy = Proxy::<Runtime>::proxy {
		real: OWNER.to_account_id().into(),
		force_proxy_type: None,
		call: Box::new(call.into()),
	};
	dispute.chain.submit(Dave, Some(CRED_ASSET), proxy).unwrap().unwrap();
	let mut results = dispute.chain.events().iter().filter_map(|event| match event {
		RuntimeEvent::Proxy(ProxyEvent::ProxyExecuted { result }) => Some(*result),
		_ => None,
	});
	results.next().expect("the proxy was executed")
}

/// A chain on which Dave is a proxy of the owner.
fn with_proxy(proxy_type: ProxyType) -> Dispute {
	let mut dispute = Dispute::new();
	let calls = dispute.calls();
	dispute.post(&calls);
	dispute.chain.wait(PAST_THE_WINDOW);
	let delegate = Dave.to_account_id().into();
	let add = Proxy::<Runtime>::add_proxy { delegate, proxy_type, delay: 0 };
	dispute.chain.submit(OWNER, Some(CRED_ASSET), add).unwrap().unwrap();
	dispute
}

#[test]
fn a_proxy_for_staking_stakes_and_nothing_else() {
	let mut dispute = with_proxy(ProxyType::Staking);
	let owner = OWNER.to_account_id();
	let stake = pallet_staking_tiers::Call::<Runtime>::stake { amount: 10 * LCO };
	by_proxy(&mut dispute, stake).unwrap();
	let request = pallet_staking_tiers::Call::<Runtime>::request_unstake { amount: 9 * LCO };
	by_proxy(&mut dispute, request).unwrap();
	let staker = dispute.chain.with(|| StakingTiers::staker(owner)).unwrap();
	assert_eq!((staker.staked, staker.held()), (LCO, Some(10 * LCO)));
	let top_up = pallet_compute::Call::<Runtime>::top_up { relay: 0, amount: 2 * CRED };
	let calls = calls_that_take_something_out().into_iter().chain([top_up.into()]);
	for call in calls {
		let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
		assert_eq!(by_proxy(&mut dispute, call), filtered);
	}
}

#[test]
fn a_proxy_for_the_api_balance_runs_the_purses_and_nothing_else() {
	let mut dispute = with_proxy(ProxyType::ApiBalance);
	let owner = OWNER.to_account_id();

	let top_up = pallet_compute::Call::<Runtime>::top_up { relay: 0, amount: 2 * CRED };
	by_proxy(&mut dispute, top_up).unwrap();
	let limit = pallet_compute::Call::<Runtime>::set_daily_limit { relay: 0, limit: CRED };
	by_proxy(&mut dispute, limit).unwrap();
	assert_eq!(dispute.purses()[0].0, PURSE - 8 * CRED);

	let had = (dispute.chain.with(|| Balances::free_balance(&owner)), dispute.credits(&owner));
	for call in calls_that_take_something_out() {
		let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
		assert_eq!(by_proxy(&mut dispute, call), filtered);
	}
	let has = (dispute.chain.with(|| Balances::free_balance(&owner)), dispute.credits(&owner));
	assert_eq!(has, had);
}

fn calls_that_take_something_out() -> [RuntimeCall; 4] {
	let dave = MultiAddress::from(Dave.to_account_id());
	let (id, amount) = (CRED_ASSET.into(), CRED);
	[
		pallet_balances::Call::transfer_allow_death { dest: dave.clone(), value: LCO }.into(),
		pallet_assets::Call::transfer { id, target: dave, amount }.into(),
		pallet_compute::Call::bond_relay { relay: 0 }.into(),
		pallet_compute::Call::register_attestor { key: attestor_key(9).public() }.into(),
	]
}
