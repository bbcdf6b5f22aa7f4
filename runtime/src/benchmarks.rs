//! Which pallets are measured on this runtime, and the assets that the measurements of the SDK's
//! own pallets use.

use alloc::{string::String, vec::Vec};
use codec::Encode;
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{
	fungible::{Mutate as _, Unbalanced as _},
	fungibles::Mutate as _,
	tokens::Precision,
	Get, StorageInfo, StorageInfoTrait, WhitelistedStorageKeys,
};
use frame_system_benchmarking::{
	extensions::Pallet as SystemExtensions, Pallet as SystemBenchmarks,
};
use lx_primitives::{
	units::{CRED, CRED_ASSET, LCO, USDT},
	RelayId, Tier,
};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_runtime::DigestItem;

use crate::{
	configs::{parameters::fees, AllAssets, RuntimeParameters},
	*,
};

define_benchmarks!(
	[frame_system, SystemBenchmarks::<Runtime>]
	[frame_system_extensions, SystemExtensions::<Runtime>]
	[pallet_asset_tx_payment, AssetTxPayment]
	[pallet_assets, Assets]
	[pallet_balances, Balances]
	[pallet_buyback, Buyback]
	[pallet_clearing, Clearing]
	[pallet_compute, Compute]
	[pallet_compute_wars, ComputeWars]
	[pallet_custody, Custody]
	[pallet_launchpad, Launchpad]
	[pallet_migrations, Migrations]
	[pallet_mining, Mining]
	[pallet_multisig, Multisig]
	[pallet_orderbook, OrderBook]
	[pallet_parameters, Parameters]
	[pallet_preimage, Preimage]
	[pallet_price_registry, PriceRegistry]
	[pallet_proxy, Proxy]
	[pallet_psm, Psm]
	[pallet_referenda, Referenda]
	[pallet_safe_mode, SafeMode]
	[pallet_scheduler, Scheduler]
	[pallet_staking_tiers, StakingTiers]
	[pallet_sudo, Sudo]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_tx_pause, TxPause]
	[pallet_utility, Utility]
	[pallet_whale_voting, WhaleVoting]
);

/// What can be measured.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Measures what `config` asks for.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

impl frame_system_benchmarking::Config for Runtime {}

impl pallet_transaction_payment::BenchmarkConfig for Runtime {
	fn setup_benchmark_environment() {
		author_blocks();
	}
}

/// Names an author, who is paid the fees.
fn author_blocks() {
	let slot = Slot::from(0).encode();
	System::deposit_log(DigestItem::PreRuntime(AURA_ENGINE_ID, slot));
}

impl Default for RuntimeParameters {
	fn default() -> Self {
		Self::Fees(fees::Parameters::CreditsPerLco(fees::CreditsPerLco, Some(CRED)))
	}
}

/// The assets that the measured peg swaps.
pub struct PegAssets;

const FIRST_ASSET: AssetId = 1_000;

/// The Credits of the measured peg: what gates their minting is measured too.
pub struct MeasuredCredits;

impl Get<AssetId> for MeasuredCredits {
	fn get() -> AssetId {
		// What the benchmarks number them with.
		FIRST_ASSET + 50
	}
}

impl pallet_psm::BenchmarkHelper<AssetId, AccountId> for PegAssets {
	fn get_asset_id(asset_index: u32) -> AssetId {
		FIRST_ASSET + asset_index
	}

	fn create_asset(id: AssetId, owner: &AccountId, decimals: u8) {
		Assets::force_create(RuntimeOrigin::root(), id.into(), owner.clone().into(), true, 1)
			.expect("the id is free");
		let (name, symbol) = (b"Measured".to_vec(), b"MSR".to_vec());
		Assets::force_set_metadata(RuntimeOrigin::root(), id.into(), name, symbol, decimals, false)
			.expect("the asset exists");
		for custodian in pallet_custody::Custodians::<Runtime>::get().members {
			Custody::report_reserves(RuntimeOrigin::signed(custodian.account), USDT, 0)
				.expect("a custodian reports");
		}
	}
}

/// Assets for measuring fees.
pub struct FeeAssets;

impl pallet_asset_tx_payment::BenchmarkHelperTrait<AccountId, AssetId, AssetId> for FeeAssets {
	fn create_asset_id_parameter(_: u32) -> (AssetId, AssetId) {
		(CRED_ASSET, CRED_ASSET)
	}

	fn setup_balances_and_pool(asset: AssetId, account: AccountId) {
		author_blocks();
		Assets::mint_into(asset, &account, 1_000_000 * CRED).expect("the asset exists");
		Balances::mint_into(&account, 1_000_000 * LCO).expect("there is room in the issuance");
	}
}

/// The relay of the development chain, which is what is measured.
const DEVELOPMENT_RELAY: RelayId = 0;

/// Fills wallets and turns the clock for measuring the exchange, staking and launches.
pub struct Wallets;

impl pallet_orderbook::BenchmarkHelper<AccountId> for Wallets {
	fn endow(who: &AccountId, asset: AssetId, amount: Balance) {
		AllAssets::mint_into(asset, who, amount).expect("the asset exists");
	}

	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Runtime>::put(now);
	}
}

impl pallet_staking_tiers::BenchmarkHelper for Wallets {
	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Runtime>::put(now);
	}
}

impl pallet_compute_wars::BenchmarkHelper<AccountId> for Wallets {
	fn prepare_free_calls(fund: &AccountId) -> RelayId {
		Assets::mint_into(CRED_ASSET, fund, 1_000_000 * CRED).expect("the asset exists");
		DEVELOPMENT_RELAY
	}
}

impl pallet_launchpad::BenchmarkHelper<AccountId> for Wallets {
	fn set_time(now: Moment) {
		pallet_timestamp::Now::<Runtime>::put(now);
	}

	fn stake(who: &AccountId, planck: Balance) {
		Balances::increase_balance(who, 2 * planck, Precision::Exact)
			.expect("the account can take it");
		StakingTiers::stake(RuntimeOrigin::signed(who.clone()), planck).expect("it is there");
	}

	fn active_relay() -> RelayId {
		DEVELOPMENT_RELAY
	}
}

/// Whales for measuring votes.
pub struct Whales;

impl pallet_whale_voting::BenchmarkHelper<AccountId> for Whales {
	fn make_whale(who: &AccountId) {
		let stake = Tier::Whale.min_stake();
		let missing = (2 * stake).saturating_sub(Balances::free_balance(who));
		// Not minted: benchmarks of the SDK fill the issuance.
		Balances::increase_balance(who, missing, Precision::Exact)
			.expect("the account can take it");
		StakingTiers::stake(RuntimeOrigin::signed(who.clone()), stake).expect("it is there");
	}
}
