//! The exchange: trading accounts, markets and their books.

use frame_support::{
	parameter_types,
	traits::{fungible::UnionOf, Get},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use lx_primitives::{
	units::{WhereAssetsLie, CRED_ASSET, LCO_ASSET, USDT_ASSET},
	Tier,
};
use sp_runtime::{traits::Convert, Perbill};

use super::{
	assets::CredAsset,
	economy::EcosystemFundAccount,
	parameters::{exchange, Hours},
	system::Weights,
};
use crate::{weights, AccountId, AssetId, Assets, Balance, Balances, Calendar, Clearing, Runtime};

parameter_types! {
	pub const ClearingId: PalletId = PalletId(*b"lx/clear");
	/// The share of a block that firing triggers may take.
	pub TriggerWeight: Weight = Perbill::from_percent(10) * Weights::get().max_block;
}

/// Every asset, LCO among them.
pub type AllAssets = UnionOf<Balances, Assets, WhereAssetsLie, AssetId, AccountId>;

/// What a trading account must hold of an asset at least, or nothing.
pub struct SmallestHolding;

impl Convert<AssetId, Option<Balance>> for SmallestHolding {
	fn convert(asset: AssetId) -> Option<Balance> {
		match asset {
			LCO_ASSET => Some(exchange::SmallestLco::get()),
			CRED_ASSET => Some(exchange::SmallestCred::get()),
			USDT_ASSET => Some(exchange::SmallestUsdt::get()),
			_ => None,
		}
	}
}

/// What each tier pays of a market's fees.
pub struct FeePercent;

impl Convert<Tier, u8> for FeePercent {
	fn convert(tier: Tier) -> u8 {
		match tier {
			Tier::Lv1 => exchange::FeePercentLv1::get(),
			Tier::Lv2 => exchange::FeePercentLv2::get(),
			Tier::Lv3 => exchange::FeePercentLv3::get(),
			Tier::Lv4 => exchange::FeePercentLv4::get(),
			Tier::Whale => exchange::FeePercentWhale::get(),
		}
	}
}

impl pallet_clearing::Config for Runtime {
	type Assets = AllAssets;
	type SmallestHolding = SmallestHolding;
	type Calendar = Calendar;
	type MaxSession = Hours<exchange::MaxSessionHours>;
	type PalletId = ClearingId;
	type WeightInfo = weights::pallet_clearing::WeightInfo<Runtime>;
}

impl pallet_orderbook::Config for Runtime {
	type Clearing = Clearing;
	// All markets are spot markets.
	type Positions = ();
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = Calendar;
	type MaxOpenOrders = exchange::MaxOpenOrders;
	type FeeFund = EcosystemFundAccount;
	// Nobody stakes yet.
	type Tiers = ();
	type FeePercent = FeePercent;
	type CredAsset = CredAsset;
	type TriggerDeposit = exchange::TriggerDeposit;
	type TriggerWeight = TriggerWeight;
	type WeightInfo = weights::pallet_orderbook::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Wallets;
}
