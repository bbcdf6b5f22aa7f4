//! Who acts before there are enough whales, and how calls are stopped.

use frame_support::traits::GetCallMetadata;
use l_exchange_runtime::{
	configs::{
		parameters::{custody, RuntimeParameters},
		UNSTOPPABLE, UNSTOPPABLE_CALLS, WAY_OUT,
	},
	genesis_presets::{development_guardian, SUNSET_WHALES},
	OrderBook, Runtime, RuntimeCall, SafeMode, System, TxPause, BLOCK_MILLIS,
};
use lx_primitives::units::{CRED, CRED_ASSET, USDT, USDT_ASSET};
use pallet_custody::DailyCap;
use pallet_orderbook::MarketStatus;
use pallet_tx_pause::RuntimeCallNameOf;
use pallet_whale_voting::{Guardian, Origin, PlannedUpgrade, RedemptionStopped};
use scenarios::{
	money::{buy_credits, deposit},
	whales::{by_guardian, chain_with, make_whale, pass, propose, submit, vote, DAY, WHALE},
	Chain, Outcome,
};
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{AliceStash, BobStash, CharlieStash, Dave, Eve, Ferdie, One, Two};
use sp_runtime::{DispatchError, DispatchResult, Permill};

fn filtered() -> DispatchError {
	frame_system::Error::<Runtime>::CallFiltered.into()
}

/// A development chain on which Dave has USDT and CRED.
fn chain_with_credits() -> Chain {
	let mut chain = Chain::development();
	deposit(&mut chain, Dave, 100 * USDT, b"for-dave");
	buy_credits(&mut chain, Dave, 50 * USDT);
	chain
}

fn by_dave(chain: &mut Chain, call: impl Into<RuntimeCall>) -> DispatchResult {
	let outcome: Outcome = chain.submit(Dave, Some(CRED_ASSET), call);
	outcome.expect("it is valid")
}

fn redeem_one() -> pallet_psm::Call<Runtime> {
	pallet_psm::Call::redeem {
		internal_asset: CRED_ASSET,
		external_asset: USDT_ASSET,
		internal_amount: CRED,
		max_fee: Permill::zero(),
	}
}

fn redeem(chain: &mut Chain) -> DispatchResult {
	by_dave(chain, redeem_one())
}

fn withdraw(chain: &mut Chain) -> DispatchResult {
	let request = pallet_custody::Call::<Runtime>::request_withdrawal {
		amount: 10 * USDT,
		network: b"tron".to_vec().try_into().expect("the name is short"),
		address: b"somewhere".to_vec().try_into().expect("the address is short"),
	};
	by_dave(chain, request)
}

fn transfer(chain: &mut Chain) -> DispatchResult {
	let transfer = pallet_assets::Call::<Runtime>::transfer {
		id: CRED_ASSET.into(),
		target: Eve.to_account_id().into(),
		amount: CRED,
	};
	by_dave(chain, transfer)
}

fn name(pallet: &str, call: &str) -> RuntimeCallNameOf<Runtime> {
	let bounded = |text: &str| text.as_bytes().to_vec().try_into().expect("the name is short");
	(bounded(pallet), bounded(call))
}

#[test]
fn a_guardian_acts_until_there_are_enough_whales() {
	let mut chain = Chain::development();
	let set_cap = |cap| pallet_custody::Call::<Runtime>::set_daily_cap { cap };
	assert_eq!(by_guardian(&mut chain, Origin::Major, set_cap(USDT)), Ok(()));
	assert_eq!(chain.with(DailyCap::<Runtime>::get), USDT);
	let wrong_name = by_guardian(&mut chain, Origin::Parameters, set_cap(2 * USDT));
	assert_eq!(wrong_name, Err(DispatchError::BadOrigin));

	let whales = [Dave, Eve, Ferdie, One, Two, AliceStash, BobStash];
	assert_eq!(whales.len() as u32, SUNSET_WHALES);
	for whale in &whales[1..] {
		make_whale(&mut chain, *whale);
	}
	assert_eq!(by_guardian(&mut chain, Origin::Major, set_cap(3 * USDT)), Ok(()));
	make_whale(&mut chain, whales[0]);
	chain.block(Vec::new());
	assert_eq!(chain.with(Guardian::<Runtime>::get), None);
	let too_late = by_guardian(&mut chain, Origin::Major, set_cap(4 * USDT));
	assert_eq!(too_late, Err(DispatchError::BadOrigin));
	assert_eq!(chain.with(DailyCap::<Runtime>::get), 3 * USDT);
}

#[test]
fn a_single_whale_decides_unless_the_guardian_stops_it() {
	let mut chain = chain_with(&[Eve]);
	let code_hash = H256::repeat_byte(7);
	let upgrade = || pallet_whale_voting::Call::<Runtime>::authorize_upgrade { code_hash };
	assert_eq!(pass(&mut chain, &[Eve], Origin::Major, upgrade()), Ok(()));
	assert!(chain.with(PlannedUpgrade::<Runtime>::exists));
	let cancel = pallet_whale_voting::Call::<Runtime>::cancel_upgrade {};
	assert_eq!(by_guardian(&mut chain, Origin::Cancellation, cancel), Ok(()));
	assert!(!chain.with(PlannedUpgrade::<Runtime>::exists));

	let index = propose(&mut chain, Eve, Origin::Major, upgrade());
	vote(&mut chain, Eve, index, WHALE).unwrap();
	let cancel = pallet_referenda::Call::<Runtime>::cancel { index };
	assert_eq!(by_guardian(&mut chain, Origin::Major, cancel), Ok(()));
	chain.wait(4 * DAY);
	assert!(!chain.with(PlannedUpgrade::<Runtime>::exists));
	assert!(chain.with(System::authorized_upgrade).is_none());
}

#[test]
fn every_chain_but_a_public_template_names_its_guardian() {
	for preset in ["development", "local_testnet"] {
		let guardian = Chain::from_preset(preset).with(Guardian::<Runtime>::get);
		assert_eq!(guardian, Some(development_guardian()), "{preset}");
	}
	assert_eq!(Chain::from_preset("production").with(Guardian::<Runtime>::get), None);
}

#[test]
fn safe_mode_stops_redemption_for_a_day_and_not_again_soon() {
	let mut chain = chain_with_credits();
	let enter = || pallet_safe_mode::Call::<Runtime>::force_enter {};
	by_guardian(&mut chain, Origin::Parameters, enter()).unwrap();
	assert_eq!(transfer(&mut chain), Err(filtered()));
	assert_eq!(redeem(&mut chain), Err(filtered()));
	assert_eq!(withdraw(&mut chain), Err(filtered()));

	chain.wait(DAY);
	assert!(!chain.with(SafeMode::is_entered), "it ends by itself");
	assert_eq!(redeem(&mut chain), Ok(()));
	by_guardian(&mut chain, Origin::Parameters, enter()).unwrap();
	assert_eq!(transfer(&mut chain), Err(filtered()));
	assert_eq!(redeem(&mut chain), Ok(()));
	assert_eq!(withdraw(&mut chain), Ok(()));

	let exit = pallet_safe_mode::Call::<Runtime>::force_exit {};
	by_guardian(&mut chain, Origin::Parameters, exit).unwrap();
	assert_eq!(transfer(&mut chain), Ok(()));
	let extend = pallet_safe_mode::Call::<Runtime>::force_extend {};
	let refused = by_guardian(&mut chain, Origin::Parameters, extend);
	assert_eq!(refused, Err(DispatchError::BadOrigin));
}

/// What lies in an account that another derives has its way out too, and no other way in.
#[test]
fn a_derived_account_is_locked_out_no_longer_than_others() {
	let mut chain = chain_with_credits();
	let derived = pallet_utility::derivative_account_id(Dave.to_account_id(), 0);
	let fund = pallet_assets::Call::<Runtime>::transfer {
		id: CRED_ASSET.into(),
		target: derived.into(),
		amount: 2 * CRED,
	};
	by_dave(&mut chain, fund).unwrap();
	let as_derived = || {
		let call = Box::new(redeem_one().into());
		pallet_utility::Call::<Runtime>::as_derivative { index: 0, call }
	};
	let full_name = name("Utility", "as_derivative");
	let pause = pallet_tx_pause::Call::<Runtime>::pause { full_name };
	let refused = by_guardian(&mut chain, Origin::Major, pause);
	assert_eq!(refused, Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into()));

	let enter = || pallet_safe_mode::Call::<Runtime>::force_enter {};
	by_guardian(&mut chain, Origin::Parameters, enter()).unwrap();
	assert_eq!(by_dave(&mut chain, as_derived()), Err(filtered()));
	chain.wait(DAY);
	by_guardian(&mut chain, Origin::Parameters, enter()).unwrap();
	assert_eq!(by_dave(&mut chain, as_derived()), Ok(()));
}

#[test]
fn a_pause_stops_a_call_and_never_the_way_out() {
	let mut chain = chain_with_credits();
	let pause =
		|pallet, call| pallet_tx_pause::Call::<Runtime>::pause { full_name: name(pallet, call) };
	by_guardian(&mut chain, Origin::Major, pause("Assets", "transfer")).unwrap();
	assert_eq!(transfer(&mut chain), Err(filtered()));
	assert_eq!(redeem(&mut chain), Ok(()));
	let refused = by_guardian(&mut chain, Origin::Major, pause("Psm", "redeem"));
	assert_eq!(refused, Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into()));
	let unpause = pallet_tx_pause::Call::<Runtime>::unpause { ident: name("Assets", "transfer") };
	by_guardian(&mut chain, Origin::Major, unpause).unwrap();
	assert_eq!(transfer(&mut chain), Ok(()));
}

#[test]
fn a_guardian_cannot_keep_whales_from_coming() {
	let mut chain = Chain::development();
	let full_name = name("StakingTiers", "stake");
	let pause = pallet_tx_pause::Call::<Runtime>::pause { full_name };
	let refused = by_guardian(&mut chain, Origin::Major, pause);
	assert_eq!(refused, Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into()));
	let enter = pallet_safe_mode::Call::<Runtime>::force_enter {};
	by_guardian(&mut chain, Origin::Parameters, enter).unwrap();
	make_whale(&mut chain, Eve);
	// Nor does it keep anybody's stake.
	let request = pallet_staking_tiers::Call::<Runtime>::request_unstake { amount: WHALE };
	submit(&mut chain, Eve, request).unwrap();
}

#[test]
fn no_decision_locks_up_what_is_in_orders() {
	let mut chain = Chain::development();
	let set = |status| pallet_orderbook::Call::<Runtime>::set_status { market: 0, status };
	let halt = by_guardian(&mut chain, Origin::Parameters, set(MarketStatus::Halted));
	assert_eq!(halt, Err(filtered()));
	let close = by_guardian(&mut chain, Origin::Parameters, set(MarketStatus::CancelOnly));
	assert_eq!(close, Ok(()));
	let market = chain.with(|| OrderBook::market(0)).expect("it was opened at genesis");
	assert_eq!(market.status, MarketStatus::CancelOnly);
}

#[test]
fn new_code_leaves_a_day_to_redeem() {
	let mut chain = Chain::development();
	let code_hash = H256::repeat_byte(7);
	let upgrade = pallet_whale_voting::Call::<Runtime>::authorize_upgrade { code_hash };
	let enter = pallet_safe_mode::Call::<Runtime>::force_enter {};
	by_guardian(&mut chain, Origin::Major, upgrade).unwrap();
	by_guardian(&mut chain, Origin::Parameters, enter).unwrap();
	let (stopped, planned) =
		chain.with(|| (RedemptionStopped::<Runtime>::get(), PlannedUpgrade::<Runtime>::get()));
	let resumes = stopped.expect("redemption is stopped") + DAY;
	// Before the stop it had waited for the two blocks of the guardian's second decision.
	let waited = 2 * BLOCK_MILLIS;
	assert_eq!(planned.expect("it waits").due, resumes + DAY - waited);
}

#[test]
fn what_cannot_be_stopped_exists_under_its_name() {
	let exists = |pallet: &str, call: &str| RuntimeCall::get_call_names(pallet).contains(&call);
	Chain::development().with(|| {
		for pallet in UNSTOPPABLE {
			assert!(RuntimeCall::get_module_names().contains(&pallet), "{pallet}");
			for call in RuntimeCall::get_call_names(pallet) {
				assert!(TxPause::ensure_can_pause(&name(pallet, call)).is_err(), "{pallet}.{call}");
			}
		}
		for (pallet, call) in UNSTOPPABLE_CALLS.into_iter().chain(WAY_OUT) {
			assert!(exists(pallet, call), "{pallet}.{call}");
			assert!(TxPause::ensure_can_pause(&name(pallet, call)).is_err(), "{pallet}.{call}");
		}
		assert!(TxPause::ensure_can_pause(&name("Balances", "transfer_all")).is_ok());
	});
}

#[test]
fn no_parameter_holds_back_a_withdrawal() {
	let mut chain = chain_with_credits();
	let most = custody::Parameters::MinWithdrawal(custody::MinWithdrawal, Some(u128::MAX));
	let key_value = RuntimeParameters::Custody(most);
	let set = pallet_parameters::Call::<Runtime>::set_parameter { key_value };
	by_guardian(&mut chain, Origin::Parameters, set).unwrap();
	let too_small = withdraw(&mut chain);
	assert!(too_small.is_err(), "it is below what the code allows as the smallest");
	deposit(&mut chain, CharlieStash, 101 * USDT, b"for-charlie");
	let request = pallet_custody::Call::<Runtime>::request_withdrawal {
		amount: 100 * USDT,
		network: b"tron".to_vec().try_into().expect("the name is short"),
		address: b"somewhere".to_vec().try_into().expect("the address is short"),
	};
	let withdrawn = chain.submit(CharlieStash, Some(USDT_ASSET), request);
	assert_eq!(withdrawn, Ok(Ok(())));
}
