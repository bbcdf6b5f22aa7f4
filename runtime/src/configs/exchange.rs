//! The exchange: trading accounts, markets and their books.

use frame_support::{
	parameter_types,
	traits::{fungible::UnionOf, Get},
	weights::Weight,
	PalletId,
};
use lx_primitives::{
	units::{WhereAssetsLie, CRED, CRED_ASSET, LCO, LCO_ASSET, USDT, USDT_ASSET},
	Credits, Tier,
};
use sp_runtime::{traits::Convert, Perbill};

use super::{
	assets::CredAsset,
	economy::EcosystemFundAccount,
	origins::ParameterOrigin,
	parameters::{exchange, Hours, Within},
	system::Weights,
};
use crate::{
	weights, AccountId, AssetId, Assets, Balance, Balances, Calendar, Clearing, Runtime,
	StakingTiers,
};

parameter_types! {
	pub const ClearingId: PalletId = PalletId(*b"lx/clear");
	/// The share of a block that firing triggers may take.
	pub TriggerWeight: Weight = Perbill::from_percent(10) * Weights::get().max_block;
	/// A trigger's place in the state is paid for, whatever governance sets.
	pub const LeastTriggerDeposit: Credits = CRED / 10;
	/// Whoever has so much can set a trigger.
	pub const LargestTriggerDeposit: Credits = 100 * CRED;
}

/// Every asset, LCO among them.
pub type AllAssets = UnionOf<Balances, Assets, WhereAssetsLie, AssetId, AccountId>;

/// What a trading account must hold of an asset at least, or nothing.
pub struct SmallestHolding;

impl Convert<AssetId, Option<Balance>> for SmallestHolding {
	fn convert(asset: AssetId) -> Option<Balance> {
		match asset {
			LCO_ASSET => Some(worth_holding(exchange::SmallestLco::get(), LCO)),
			CRED_ASSET => Some(worth_holding(exchange::SmallestCred::get(), CRED)),
			USDT_ASSET => Some(worth_holding(exchange::SmallestUsdt::get(), USDT)),
			_ => None,
		}
	}
}

/// Whatever governance sets, a place in the state is paid for, and whoever has a hundred of an asset can
/// trade it.
fn worth_holding(set: Balance, unit: Balance) -> Balance {
	set.clamp(unit / 100, 100 * unit)
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
	type AdminOrigin = ParameterOrigin;
	type Calendar = Calendar;
	type MaxOpenOrders = exchange::MaxOpenOrders;
	type FeeFund = EcosystemFundAccount;
	type Tiers = StakingTiers;
	type FeePercent = FeePercent;
	type CredAsset = CredAsset;
	type TriggerDeposit =
		Within<exchange::TriggerDeposit, LeastTriggerDeposit, LargestTriggerDeposit>;
	type TriggerWeight = TriggerWeight;
	type WeightInfo = weights::pallet_orderbook::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Wallets;
}
