//! Nothing that whales can pass raises the cap of LCO, mints LCO, or takes what is somebody's. Each call
//! that would is proposed, passed and carried out, and does nothing. Each call that is theirs is made with
//! the worst that it can be told, and leaves everybody what he has.

use std::{collections::BTreeMap, fmt::Debug};

use frame_support::{
	traits::{fungible::Inspect as _, fungibles::Inspect as _},
	weights::Weight,
};
use frame_system::{Call as System, RawOrigin};
use l_exchange_runtime::{
	configs::{
		parameters::{fees, RuntimeParameters},
		RevenueAccount,
	},
	Assets, Balances, Mining, OrderBook, OriginCaller, Runtime, RuntimeCall, StakingTiers,
	BLOCK_MILLIS,
};
use lx_primitives::{
	units::{Balance, CRED, CRED_ASSET, LCO, USDT, USDT_ASSET},
	Moment, Rates,
};
use pallet_assets::Call as AssetsCall;
use pallet_balances::{AdjustmentDirection, Call as BalancesCall};
use pallet_compute::{Call as ComputeCall, RelayStatus};
use pallet_custody::Call as CustodyCall;
use pallet_launchpad::{Call as LaunchCall, Terms as LaunchTerms};
use pallet_orderbook::{Call as OrderBookCall, MarketStatus, Terms, MAX_FEE};
use pallet_price_registry::Call as PriceCall;
use pallet_psm::{Call as PsmCall, CircuitBreakerLevel};
use pallet_safe_mode::Call as SafeModeCall;
use pallet_sudo::Call as SudoCall;
use pallet_tx_pause::{Call as PauseCall, RuntimeCallNameOf};
use pallet_utility::Call as UtilityCall;
use pallet_whale_voting::{Call as UpgradeCall, Origin};
use scenarios::{
	calls::{attempt, every_call, name, rows, POWERS},
	money::{buy_credits, deposit, top_up},
	relay::{model, now},
	whales::{chain_with, mine, pass, propose, submit, DAY},
	Chain,
};
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{self, Dave, Eve, Ferdie};
use sp_runtime::{traits::Dispatchable, AccountId32, MultiAddress, Permill};

const WHALES: [Sr25519Keyring; 2] = [Eve, Ferdie];

fn eve() -> MultiAddress<AccountId32, ()> {
	Eve.to_account_id().into()
}

/// Who has something to lose.
fn dave() -> MultiAddress<AccountId32, ()> {
	Dave.to_account_id().into()
}

fn boxed(call: impl Into<RuntimeCall>) -> Box<RuntimeCall> {
	Box::new(call.into())
}

fn steal() -> BalancesCall<Runtime> {
	BalancesCall::force_transfer { source: dave(), dest: eve(), value: LCO }
}

fn of_lco() -> Vec<RuntimeCall> {
	let who = Dave.to_account_id();
	let supply = (b"supply".to_vec(), b"more".to_vec());
	vec![
		steal().into(),
		BalancesCall::<Runtime>::force_unreserve { who: dave(), amount: LCO }.into(),
		BalancesCall::<Runtime>::force_set_balance { who: eve(), new_free: 1_000_000 * LCO }.into(),
		BalancesCall::<Runtime>::force_set_balance { who: dave(), new_free: 0 }.into(),
		BalancesCall::<Runtime>::force_adjust_total_issuance {
			direction: AdjustmentDirection::Increase,
			delta: LCO,
		}
		.into(),
		BalancesCall::<Runtime>::transfer_allow_death { dest: eve(), value: LCO }.into(),
		System::<Runtime>::set_storage { items: vec![supply] }.into(),
		System::<Runtime>::kill_storage { keys: vec![b"supply".to_vec()] }.into(),
		System::<Runtime>::kill_prefix { prefix: vec![0], subkeys: 1 }.into(),
		System::<Runtime>::set_code { code: vec![0] }.into(),
		System::<Runtime>::set_code_without_checks { code: vec![1] }.into(),
		System::<Runtime>::authorize_upgrade { code_hash: H256::zero() }.into(),
		System::<Runtime>::authorize_upgrade_without_checks { code_hash: H256::zero() }.into(),
		pallet_proxy::Call::<Runtime>::proxy {
			real: who.into(),
			force_proxy_type: None,
			call: boxed(steal()),
		}
		.into(),
	]
}

fn of_assets() -> Vec<RuntimeCall> {
	let (id, amount) = (CRED_ASSET.into(), CRED);
	vec![
		AssetsCall::<Runtime>::mint { id, beneficiary: eve(), amount }.into(),
		AssetsCall::<Runtime>::mint { id: USDT_ASSET.into(), beneficiary: eve(), amount }.into(),
		AssetsCall::<Runtime>::burn { id, who: dave(), amount }.into(),
		AssetsCall::<Runtime>::force_transfer { id, source: dave(), dest: eve(), amount }.into(),
		AssetsCall::<Runtime>::force_asset_status {
			id,
			owner: eve(),
			issuer: eve(),
			admin: eve(),
			freezer: eve(),
			min_balance: 1,
			is_sufficient: true,
			is_frozen: false,
		}
		.into(),
		AssetsCall::<Runtime>::freeze { id, who: dave() }.into(),
		AssetsCall::<Runtime>::start_destroy { id }.into(),
		AssetsCall::<Runtime>::transfer_ownership { id, owner: eve() }.into(),
	]
}

fn of_the_peg() -> Vec<RuntimeCall> {
	let (internal_asset, external_asset) = (CRED_ASSET, USDT_ASSET);
	let status = CircuitBreakerLevel::AllDisabled;
	let new_admin = Box::new(OriginCaller::system(RawOrigin::Signed(Eve.to_account_id())));
	let fee = Permill::one();
	vec![
		PsmCall::<Runtime>::set_redemption_fee { internal_asset, external_asset, fee }.into(),
		PsmCall::<Runtime>::set_minting_fee { internal_asset, external_asset, fee }.into(),
		PsmCall::<Runtime>::set_asset_status { internal_asset, external_asset, status }.into(),
		PsmCall::<Runtime>::add_external_asset { internal_asset, external_asset: 0 }.into(),
		PsmCall::<Runtime>::set_full_admin { internal_asset, new_admin }.into(),
	]
}

fn as_somebody_else() -> Vec<RuntimeCall> {
	let signed = || Box::new(OriginCaller::system(RawOrigin::Signed(Dave.to_account_id())));
	let root = || Box::new(OriginCaller::system(RawOrigin::Root));
	let give = BalancesCall::<Runtime>::transfer_allow_death { dest: eve(), value: LCO };
	vec![
		UtilityCall::<Runtime>::dispatch_as { as_origin: signed(), call: boxed(give) }.into(),
		UtilityCall::<Runtime>::dispatch_as { as_origin: root(), call: boxed(steal()) }.into(),
		UtilityCall::<Runtime>::with_weight { call: boxed(steal()), weight: Weight::zero() }.into(),
		UtilityCall::<Runtime>::batch_all { calls: vec![steal().into()] }.into(),
		SudoCall::<Runtime>::sudo { call: boxed(steal()) }.into(),
		SudoCall::<Runtime>::set_key { new: eve() }.into(),
		pallet_scheduler::Call::<Runtime>::schedule_after {
			after: 1,
			maybe_periodic: None,
			priority: 0,
			call: boxed(steal()),
		}
		.into(),
		pallet_whale_voting::Call::<Runtime>::guard { power: Origin::Major, call: boxed(steal()) }
			.into(),
		pallet_referenda::Call::<Runtime>::kill { index: 0 }.into(),
	]
}

fn of_major() -> Vec<RuntimeCall> {
	let (internal_asset, external_asset) = (CRED_ASSET, USDT_ASSET);
	let status = CircuitBreakerLevel::MintingDisabled;
	let weight = Permill::zero();
	let eve = Eve.to_account_id();
	let quorum = vec![0u32].try_into().expect("there is room");
	let custodians = vec![eve.clone()].try_into().expect("there is room");
	let code_hash = H256::repeat_byte(7);
	vec![
		pallet_buyback::Call::<Runtime>::refund { account: eve.clone(), amount: CRED }.into(),
		ComputeCall::<Runtime>::set_payee { relay: 0, payee: eve }.into(),
		ComputeCall::<Runtime>::set_quorum { members: quorum, threshold: 1 }.into(),
		ComputeCall::<Runtime>::set_relay_status { relay: 0, status: RelayStatus::Suspended }
			.into(),
		CustodyCall::<Runtime>::set_custodians { members: custodians, threshold: 1 }.into(),
		CustodyCall::<Runtime>::set_daily_cap { cap: Balance::MAX }.into(),
		PsmCall::<Runtime>::set_asset_ceiling_weight { internal_asset, external_asset, weight }
			.into(),
		PsmCall::<Runtime>::set_asset_status { internal_asset, external_asset, status }.into(),
		PsmCall::<Runtime>::set_max_debt { internal_asset, value: 0 }.into(),
		pallet_referenda::Call::<Runtime>::cancel { index: 0 }.into(),
		PauseCall::<Runtime>::pause { full_name: transfers() }.into(),
		PauseCall::<Runtime>::unpause { ident: transfers() }.into(),
		UpgradeCall::<Runtime>::authorize_upgrade { code_hash }.into(),
	]
}

fn of_cancellation() -> Vec<RuntimeCall> {
	vec![UpgradeCall::<Runtime>::cancel_upgrade {}.into()]
}

fn transfers() -> RuntimeCallNameOf<Runtime> {
	let bounded = |text: &str| text.as_bytes().to_vec().try_into().expect("the name is short");
	(bounded("Balances"), bounded("transfer_all"))
}

fn rates(rate: Balance) -> Rates {
	Rates::Tokens { input: rate, cached_input: rate, output: rate }
}

/// A launch of a scarce model that is over as soon as can be after `now`.
fn launch(now: Moment) -> LaunchCall<Runtime> {
	let model = b"scarce".to_vec().try_into().expect("the name is short");
	LaunchCall::launch { model, total: 1, terms: launch_terms(now) }
}

fn launch_terms(now: Moment) -> LaunchTerms {
	let snapshot_at = now + 2 * DAY;
	LaunchTerms {
		list: rates(CRED),
		cost: rates(CRED / 2),
		snapshot_at,
		opens_at: snapshot_at,
		closes_at: snapshot_at + BLOCK_MILLIS,
		expires_at: snapshot_at + 2 * BLOCK_MILLIS,
	}
}

/// `terms` are those of the first market. A first launch is over at `now`.
fn of_parameters(terms: Terms, now: Moment) -> Vec<RuntimeCall> {
	let dearest = Terms { maker_fee: MAX_FEE, taker_fee: MAX_FEE, ..terms };
	let another = Terms { base: USDT_ASSET, ..terms };
	let price = fees::Parameters::CreditsPerLco(fees::CreditsPerLco, Some(Balance::MAX));
	let key_value = RuntimeParameters::Fees(price);
	let status = MarketStatus::CancelOnly;
	let (model, list, cost) = (model(), rates(1_000_000 * CRED), rates(0));
	vec![
		OrderBookCall::<Runtime>::change_terms { market: 0, terms: dearest }.into(),
		OrderBookCall::<Runtime>::open_market { terms: another }.into(),
		OrderBookCall::<Runtime>::set_status { market: 0, status }.into(),
		pallet_parameters::Call::<Runtime>::set_parameter { key_value }.into(),
		PriceCall::<Runtime>::set_price { model: model.clone(), list, cost }.into(),
		PriceCall::<Runtime>::delist_model { model }.into(),
		launch(now).into(),
		LaunchCall::<Runtime>::reoffer { launch: 0, terms: launch_terms(now) }.into(),
		SafeModeCall::<Runtime>::force_enter {}.into(),
		SafeModeCall::<Runtime>::force_exit {}.into(),
	]
}

/// What must stay as it is: what Dave has wherever it lies, what there is of everything, and who is root.
fn possessions() -> impl PartialEq + Debug {
	let who = Dave.to_account_id();
	let amounts = [
		Balances::total_balance(&who),
		Assets::balance(CRED_ASSET, &who),
		Assets::balance(USDT_ASSET, &who),
		Assets::total_issuance(CRED_ASSET),
		Assets::total_issuance(USDT_ASSET),
		Balances::total_issuance(),
		Mining::minted(),
	];
	let stake = StakingTiers::staker(who.clone());
	let purses = pallet_compute::Accounts::<Runtime>::get(&who);
	let holdings = pallet_clearing::Accounts::<Runtime>::get(&who, 0u16);
	(amounts, stake, purses, holdings, pallet_sudo::Key::<Runtime>::get())
}

/// A chain with whales, on which Dave has some of everything, and the platform has a Credit.
fn chain() -> Chain {
	let mut chain = chain_with(&WHALES);
	deposit(&mut chain, Dave, 100 * USDT, b"for-dave");
	buy_credits(&mut chain, Dave, 50 * USDT);
	top_up(&mut chain, Dave, 20 * CRED);
	mine(&mut chain, Dave, 1_000);
	let platform = RevenueAccount::get().into();
	let (id, amount) = (CRED_ASSET.into(), CRED);
	let gift = AssetsCall::<Runtime>::transfer { id, target: platform, amount };
	submit(&mut chain, Dave, gift).expect("he has so much");
	let stake = pallet_staking_tiers::Call::<Runtime>::stake { amount: 500 * LCO };
	submit(&mut chain, Dave, stake).expect("he has so much");
	let (asset, amount) = (CRED_ASSET, 10 * CRED);
	let fund = pallet_clearing::Call::<Runtime>::deposit { sub: 0, asset, amount };
	submit(&mut chain, Dave, fund).expect("he has so much");
	chain
}

fn pass_all_in_vain(calls: Vec<RuntimeCall>) {
	let mut chain = chain();
	let before = chain.with(possessions);
	for call in calls {
		let name = name(&call);
		let passed = pass(&mut chain, &WHALES, Origin::Major, call.clone());
		assert!(passed.is_err(), "{name}");
		for (power, whose) in POWERS {
			let (done, after) = chain.with(|| attempt(call.clone(), power.into(), possessions));
			assert!(done.is_err(), "{name} in the name of {whose}");
			assert_eq!(after, before, "{name} in the name of {whose}");
		}
	}
}

#[test]
fn whales_cannot_make_or_take_lco() {
	pass_all_in_vain(of_lco());
}

#[test]
fn whales_cannot_make_or_take_assets() {
	pass_all_in_vain(of_assets());
}

#[test]
fn whales_cannot_loosen_the_peg() {
	pass_all_in_vain(of_the_peg());
}

#[test]
fn whales_cannot_act_as_somebody_else() {
	pass_all_in_vain(as_somebody_else());
}

#[test]
fn no_call_at_all_makes_or_takes_anything_in_the_name_of_whales() {
	let mut chain = chain();
	let before = chain.with(possessions);
	chain.with(|| {
		for (name, call) in every_call() {
			for (power, _) in POWERS {
				let (_, after) = attempt(call.clone(), power.into(), possessions);
				assert_eq!(after, before, "{name}");
			}
		}
	});
}

#[test]
fn what_is_theirs_to_decide_takes_nothing_either() {
	let mut chain = chain();
	let announced =
		chain.with(|| RuntimeCall::from(launch(now())).dispatch(Origin::Parameters.into()));
	announced.expect("it is announced in time");
	// Then what relays may still collect is over too.
	chain.wait(5 * DAY);
	let remark = System::<Runtime>::remark { remark: Vec::new() };
	assert_eq!(propose(&mut chain, Eve, Origin::Parameters, remark), 0);
	let terms = chain.with(|| OrderBook::market(0)).expect("there is a market").terms;
	let (before, now) = chain.with(|| (possessions(), now()));
	let theirs = [of_major(), of_parameters(terms, now), of_cancellation()];
	let theirs = POWERS.into_iter().zip(theirs);
	let mut made = BTreeMap::new();
	for ((power, whose), call) in
		theirs.flat_map(|(power, calls)| calls.into_iter().map(move |call| (power, call)))
	{
		let name = name(&call);
		let (done, after) = chain.with(|| {
			let done = call.dispatch(power.into()).map(drop).map_err(|failed| failed.error);
			(done, possessions())
		});
		assert_eq!(done, Ok(()), "{name}");
		assert_eq!(after, before, "{name}");
		made.insert(name, whose.to_owned());
	}
	let mut page = rows("Calls");
	page.retain(|_, whose| POWERS.iter().any(|(_, name)| whose == name));
	assert_eq!(made, page, "each call of theirs was made");
	chain.wait(DAY);
	assert_eq!(chain.with(possessions), before);
}
