//! What the presets promise.

use std::collections::BTreeSet;

use frame_support::traits::fungibles::Inspect as _;
use l_exchange_runtime::{
	configs::{
		BurnAddressAccount, BurnFundAccount, EcosystemFundAccount, RevenueAccount,
		RiskReserveAccount,
	},
	genesis_presets::{self, DEV_ATTESTOR_KEYS, DEV_RELAY_KEY},
	Assets, Balances, OrderBook, Runtime,
};
use lx_primitives::units::{CRED_ASSET, LCO_ASSET, USDT_ASSET};
use pallet_orderbook::MarketStatus;
use scenarios::Chain;
use sp_core::{sr25519::Pair, Pair as _};

fn public(uri: &str) -> [u8; 32] {
	Pair::from_string(uri, None).expect("the URI is valid").public().0
}

#[test]
fn development_keys_derive_from_their_names() {
	assert_eq!(DEV_RELAY_KEY, public("//Relay"));
	for (index, key) in DEV_ATTESTOR_KEYS.iter().enumerate() {
		assert_eq!(*key, public(&format!("//Attestor//{index}")));
	}
}

#[test]
fn every_named_preset_exists_and_no_other() {
	assert!(genesis_presets::names().iter().all(|name| genesis_presets::preset(name).is_some()));
	assert!(genesis_presets::preset(&"nothing".into()).is_none());
}

#[test]
fn genesis_holds_nothing() {
	for preset in ["development", "local_testnet", "production"] {
		let mut chain = Chain::from_preset(preset);
		chain.with(|| {
			assert_eq!(Balances::total_issuance(), 0, "{preset}");
			assert_eq!(Assets::total_issuance(CRED_ASSET), 0, "{preset}");
			assert_eq!(Assets::total_issuance(USDT_ASSET), 0, "{preset}");
		});
	}
}

#[test]
fn lco_is_traded_for_credits_from_the_beginning() {
	for preset in ["development", "local_testnet", "production"] {
		let mut chain = Chain::from_preset(preset);
		let market = chain.with(|| OrderBook::market(0)).expect("there is a market");
		assert_eq!((market.terms.base, market.terms.quote), (LCO_ASSET, CRED_ASSET), "{preset}");
		assert_eq!(market.status, MarketStatus::Active, "{preset}");
	}
}

#[test]
fn every_fund_has_an_account_of_its_own() {
	let accounts = BTreeSet::from([
		RevenueAccount::get(),
		RiskReserveAccount::get(),
		EcosystemFundAccount::get(),
		BurnFundAccount::get(),
		BurnAddressAccount::get(),
	]);
	assert_eq!(accounts.len(), 5);
}

#[test]
fn only_the_development_chain_has_a_sudo_key() {
	let key = |preset| Chain::from_preset(preset).with(pallet_sudo::Key::<Runtime>::get);
	assert!(key("development").is_some());
	assert!(key("local_testnet").is_none() && key("production").is_none());
}

#[test]
fn wallets_of_every_age_can_read_the_metadata() {
	Chain::development().with(|| {
		for version in 14..=16 {
			assert!(Runtime::metadata_at_version(version).is_some(), "version {version}");
		}
	});
}
