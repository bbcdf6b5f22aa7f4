//! Which pallets are measured on this runtime, and the assets that the measurements of the SDK's
//! own pallets use.

use alloc::{string::String, vec::Vec};
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{
	fungibles::{metadata::Mutate as _, Create as _, Mutate as _},
	StorageInfo, StorageInfoTrait, WhitelistedStorageKeys,
};
use frame_system_benchmarking::{
	extensions::Pallet as SystemExtensions, Pallet as SystemBenchmarks,
};
use lx_primitives::units::{CRED, CRED_ASSET};

use crate::*;

define_benchmarks!(
	[frame_system, SystemBenchmarks::<Runtime>]
	[frame_system_extensions, SystemExtensions::<Runtime>]
	[pallet_asset_tx_payment, AssetTxPayment]
	[pallet_assets, Assets]
	[pallet_balances, Balances]
	[pallet_compute, Compute]
	[pallet_custody, Custody]
	[pallet_migrations, Migrations]
	[pallet_mining, Mining]
	[pallet_multisig, Multisig]
	[pallet_parameters, Parameters]
	[pallet_price_registry, PriceRegistry]
	[pallet_proxy, Proxy]
	[pallet_psm, Psm]
	[pallet_sudo, Sudo]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_utility, Utility]
);

impl frame_system_benchmarking::Config for Runtime {}

/// What can be measured.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	use frame_benchmarking::BenchmarkList;
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

/// Assets for measuring the peg.
pub struct PegAssets;

impl pallet_psm::BenchmarkHelper<AssetId, AccountId> for PegAssets {
	fn get_asset_id(asset_index: u32) -> AssetId {
		1_000 + asset_index
	}

	fn create_asset(id: AssetId, owner: &AccountId, decimals: u8) {
		if !Assets::asset_exists(id) {
			Assets::create(id, owner.clone(), true, 1).expect("the id is free");
		}
		Assets::set(id, owner, b"Measured".to_vec(), b"MSR".to_vec(), decimals)
			.expect("the owner names its asset");
	}
}

/// Assets for measuring fees.
pub struct FeeAssets;

impl pallet_asset_tx_payment::BenchmarkHelperTrait<AccountId, AssetId, AssetId> for FeeAssets {
	fn create_asset_id_parameter(_: u32) -> (AssetId, AssetId) {
		(CRED_ASSET, CRED_ASSET)
	}

	fn setup_balances_and_pool(asset: AssetId, account: AccountId) {
		Assets::mint_into(asset, &account, 1_000_000 * CRED).expect("the asset exists");
	}
}
