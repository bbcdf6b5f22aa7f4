//! What a transaction costs, and in what it is paid.

use frame_support::{
	parameter_types,
	traits::{
		fungible::{self, Balanced as _},
		fungibles::{self, Balanced as _},
		tokens::{imbalance::OnUnbalanced, ConversionToAssetBalance},
		ConstU8, Get,
	},
	weights::ConstantMultiplier,
};
use lx_primitives::units::{CRED_ASSET, LCO, USDT_ASSET};
use pallet_asset_tx_payment::{FungiblesAdapter, HandleCredit};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Perquintill};

use super::{economy::RevenueAccount, parameters::fees::CreditsPerLco};
use crate::{
	weights, AccountId, AssetId, Assets, Authorship, Balance, Balances, Runtime, RuntimeEvent,
};

/// Planck per picosecond of execution: a second of a block costs 10 LCO.
const PLANCK_PER_PICOSECOND: Balance = 10;
/// Planck per byte of a transaction.
const PLANCK_PER_BYTE: Balance = LCO / 1_000_000;

parameter_types! {
	pub const WeightPrice: Balance = PLANCK_PER_PICOSECOND;
	pub const BytePrice: Balance = PLANCK_PER_BYTE;
	/// Fees rise while blocks are fuller than this, and fall back after.
	pub const TargetFullness: Perquintill = Perquintill::from_percent(25);
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(1, 100_000);
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl pallet_transaction_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type OnChargeTransaction = FungibleAdapter<Balances, FeesToAuthor>;
	type WeightToFee = ConstantMultiplier<Balance, WeightPrice>;
	type LengthToFee = ConstantMultiplier<Balance, BytePrice>;
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type WeightInfo = weights::pallet_transaction_payment::WeightInfo<Runtime>;
}

impl pallet_asset_tx_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Fungibles = Assets;
	type OnChargeAssetTransaction = FungiblesAdapter<AtFeePrice, FeesToAuthor>;
	type WeightInfo = weights::pallet_asset_tx_payment::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::FeeAssets;
}

impl pallet_skip_feeless_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
}

/// Fees and tips belong to the author of the block.
pub struct FeesToAuthor;

impl OnUnbalanced<fungible::Credit<AccountId, Balances>> for FeesToAuthor {
	fn on_nonzero_unbalanced(fee: fungible::Credit<AccountId, Balances>) {
		if let Some(author) = Authorship::author() {
			// What the author's account cannot take, being below the existential deposit, is
			// burned.
			let _ = Balances::resolve(&author, fee);
		}
	}
}

impl HandleCredit<AccountId, Assets> for FeesToAuthor {
	fn handle_credit(fee: fungibles::Credit<AccountId, Assets>) {
		// No Credit may be lost: each is backed by a USDT that could never be redeemed.
		let to = Authorship::author().unwrap_or_else(RevenueAccount::get);
		if let Err(fee) = Assets::resolve(&to, fee) {
			let _ = Assets::resolve(&RevenueAccount::get(), fee);
		}
	}
}

/// Converts a fee to CRED or USDT at the rate that governance set.
pub struct AtFeePrice;

impl ConversionToAssetBalance<Balance, AssetId, Balance> for AtFeePrice {
	type Error = ();

	/// Rounds up, so that a fee never becomes free.
	fn to_asset_balance(fee: Balance, asset: AssetId) -> Result<Balance, ()> {
		if asset != CRED_ASSET && asset != USDT_ASSET {
			return Err(());
		}
		let scaled = fee.checked_mul(CreditsPerLco::get()).ok_or(())?;
		Ok(scaled.div_ceil(LCO))
	}
}
