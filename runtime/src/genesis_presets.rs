//! The states that chains start from.
//!
//! | preset | validators | days last | sudo | guardian |
//! |---|---|---|---|---|
//! | `development` | Alice | a 10-minute week | Alice | two of Alice, Bob, Charlie |
//! | `local_testnet` | Alice, Bob, Charlie, Dave | a 10-minute week | nobody | two of Alice, Bob, Charlie |
//! | `production` | none: fill in the template | 24 hours | nobody | none: fill in the template |
//!
//! In each of them LCO is traded for CRED.
//!
//! No preset holds any LCO, CRED or USDT: LCO is only ever mined, and CRED and USDT only follow
//! deposits.

use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use hex_literal::hex;
use lx_primitives::units::{
	Balance, Moment, CRED, CRED_ASSET, CRED_DECIMALS, LCO, LCO_ASSET, USDT, USDT_ASSET,
};
use pallet_orderbook::{MarketStatus, Terms};
use pallet_price_registry::GenesisModel;
use serde_json::Value;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::sr25519::Public;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::traits::AccountIdConversion;

use crate::{
	configs::ASSET_STEWARD, AccountId, AssetsConfig, CalendarConfig, ComputeConfig, CustodyConfig,
	Multisig, OrderBookConfig, PriceRegistryConfig, RuntimeGenesisConfig, SessionConfig,
	SessionKeys, SudoConfig, WhaleVotingConfig,
};

/// The template that a public chain fills in.
pub const PRODUCTION_PRESET: &str = "production";

/// The key by which the development relay signs batches: `//Relay`.
pub const DEV_RELAY_KEY: [u8; 32] =
	hex!("cc5b1c48ab38a6f87438f07f5f224b2ccdae4c7c619a41c66a2e2d25ac300336");

/// The keys of the development attestors: `//Attestor//0` to `//Attestor//2`.
pub const DEV_ATTESTOR_KEYS: [[u8; 32]; 3] = [
	hex!("7c3b918149dfc40a70bdd7dd183dac45f2c6989f561d72b86c412a7d3bb8506b"),
	hex!("5edf5c3fe80f79a619cb8651dab8ba8706f4a543f9bc8edbb3e8757236a54c47"),
	hex!("220fd190f7568a923b7946bc02aabe1c6dc28c407eef11a84826389f6634aa38"),
];

/// One lot is 0.01 LCO, and one tick 0.0001 CRED per LCO: a lot costs 1 µCRED at one tick.
const LCO_FOR_CRED: Terms = Terms {
	base: LCO_ASSET,
	quote: CRED_ASSET,
	lot: LCO / 100,
	tick: 1,
	min_notional: CRED,
	maker_fee: 10,
	taker_fee: 20,
};

const CIVIL_DAY: Moment = 24 * 60 * 60 * 1_000;
/// A seventh of ten minutes, rounded up.
const DEV_DAY: Moment = 85_715;

/// The smallest balance of CRED and USDT. With any larger one, what a transfer leaves behind below
/// it would be burned, and a USDT in the peg would have no Credit left to redeem it.
const SMALLEST_BALANCE: Balance = 1;

/// With how many whales a guardian's powers end.
pub const SUNSET_WHALES: u32 = 7;

/// The development validators: who authors, and with which key each finalises.
const VALIDATORS: [(Sr25519Keyring, Ed25519Keyring); 4] = [
	(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
	(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
	(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
	(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
];

/// The presets' names.
pub fn names() -> Vec<PresetId> {
	vec![
		PresetId::from(DEV_RUNTIME_PRESET),
		PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET),
		PresetId::from(PRODUCTION_PRESET),
	]
}

/// The preset called `id`, as JSON.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development(&VALIDATORS[..1], Some(Sr25519Keyring::Alice)),
		// As on a public chain nobody is root: the guardian acts, and then whales.
		LOCAL_TESTNET_RUNTIME_PRESET => development(&VALIDATORS, None),
		PRODUCTION_PRESET => production(),
		_ => return None,
	};
	serde_json::to_vec(&patch).ok()
}

fn production() -> Value {
	build_struct_json_patch!(RuntimeGenesisConfig {
		assets: assets(),
		calendar: CalendarConfig { day_ms: CIVIL_DAY },
		order_book: OrderBookConfig { markets: markets() },
	})
}

fn development(
	validators: &[(Sr25519Keyring, Ed25519Keyring)],
	sudo: Option<Sr25519Keyring>,
) -> Value {
	build_struct_json_patch!(RuntimeGenesisConfig {
		assets: assets(),
		calendar: CalendarConfig { day_ms: DEV_DAY },
		session: SessionConfig { keys: validators.iter().map(session_keys).collect() },
		sudo: SudoConfig { key: sudo.map(|sudo| sudo.to_account_id()) },
		custody: CustodyConfig {
			custodians: development_custodians(),
			threshold: 2,
			daily_cap: 10_000_000 * USDT,
		},
		compute: ComputeConfig {
			relays: vec![(Sr25519Keyring::Ferdie.to_account_id(), Public::from(DEV_RELAY_KEY))],
			attestors: development_attestors(),
			threshold: 2,
		},
		price_registry: PriceRegistryConfig { models: demo_models() },
		order_book: OrderBookConfig { markets: markets() },
		whale_voting: WhaleVotingConfig {
			guardian: Some(development_guardian()),
			sunset_whales: SUNSET_WHALES,
		},
	})
}

fn assets() -> AssetsConfig {
	let steward: AccountId = ASSET_STEWARD.into_account_truncating();
	AssetsConfig {
		assets: vec![
			(CRED_ASSET, steward.clone(), true, SMALLEST_BALANCE),
			(USDT_ASSET, steward, true, SMALLEST_BALANCE),
		],
		metadata: vec![
			(CRED_ASSET, b"L-Credit".to_vec(), b"CRED".to_vec(), CRED_DECIMALS),
			(USDT_ASSET, b"Tether USD".to_vec(), b"USDT".to_vec(), CRED_DECIMALS),
		],
		..Default::default()
	}
}

fn markets() -> Vec<(Terms, MarketStatus)> {
	vec![(LCO_FOR_CRED, MarketStatus::Active)]
}

fn session_keys(
	(author, finaliser): &(Sr25519Keyring, Ed25519Keyring),
) -> (AccountId, AccountId, SessionKeys) {
	let account = author.to_account_id();
	let keys = SessionKeys {
		aura: AuraId::from(author.public()),
		grandpa: GrandpaId::from(finaliser.public()),
	};
	(account.clone(), account, keys)
}

fn development_custodians() -> Vec<AccountId> {
	use Sr25519Keyring::{Alice, Bob, Charlie};
	[Alice, Bob, Charlie].map(|custodian| custodian.to_account_id()).to_vec()
}

/// Any two of Alice, Bob and Charlie.
pub fn development_guardian() -> AccountId {
	let mut signatories = development_custodians();
	signatories.sort();
	Multisig::multi_account_id(&signatories, 2)
}

fn development_attestors() -> Vec<(AccountId, Public)> {
	use Sr25519Keyring::{Alice, Bob, Charlie};
	[Alice, Bob, Charlie]
		.iter()
		.zip(DEV_ATTESTOR_KEYS)
		.map(|(operator, key)| (operator.to_account_id(), Public::from(key)))
		.collect()
}

/// The models of the relay's built-in demo provider.
fn demo_models() -> Vec<GenesisModel> {
	vec![
		("lx-demo-1".into(), [2_500_000, 1_250_000, 10_000_000], [1_500_000, 750_000, 6_000_000]),
		("lx-demo-mini".into(), [150_000, 75_000, 600_000], [75_000, 37_500, 300_000]),
	]
}
