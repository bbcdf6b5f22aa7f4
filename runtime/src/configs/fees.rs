//! What a transaction costs, and in what it is paid.

use frame_support::{
	parameter_types,
	traits::{
		fungible::{self, Balanced as _},
		fungibles::{self, Balanced as _},
		tokens::{imbalance::OnUnbalanced, ConversionToAssetBalance},
		ConstU8, Get,
	},
	weights::{ConstantMultiplier, Weight},
};
use lx_primitives::units::{Credits, CRED, CRED_ASSET, LCO, USDT_ASSET};
use pallet_asset_tx_payment::{FungiblesAdapter, HandleCredit};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::Bounded, FixedPointNumber, Perquintill};

use super::{
	economy::RevenueAccount,
	parameters::{fees::CreditsPerLco, Within},
};
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
	pub const LeastPerLco: Credits = CRED / 1_000;
	pub const MostPerLco: Credits = 10 * CRED;
}

/// What one LCO counts for in a fee. Whatever governance sets, a fee is never nothing, or blocks would be
/// filled for nothing; and never so much that whoever has Credits only could not pay for the way out.
type PerLco = Within<CreditsPerLco, LeastPerLco, MostPerLco>;

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
	type WeightInfo = ChargingWeight;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::FeeAssets;
}

/// How long charging for a transaction takes: as measured, less the database's share of what a block does
/// once, or what another extension has counted.
///
/// Who are the authors is read once in a block, and the author's accounts, to which all fees go, are written
/// once: the weight of an empty block has room for that. The payer's LCO is where its nonce is, which
/// `CheckNonce` reads and writes.
pub struct ChargingWeight;

type Measured = weights::pallet_asset_tx_payment::WeightInfo<Runtime>;

impl pallet_asset_tx_payment::WeightInfo for ChargingWeight {
	fn charge_asset_tx_payment_zero() -> Weight {
		Measured::charge_asset_tx_payment_zero()
	}

	/// Less the accounts of the payer and the author, and who are the authors, in two values.
	fn charge_asset_tx_payment_native() -> Weight {
		Measured::charge_asset_tx_payment_native().saturating_sub(database(4, 2))
	}

	/// Less the asset and its price, both of the author's accounts, and who are the authors. The payer's
	/// account of the asset is left.
	fn charge_asset_tx_payment_asset() -> Weight {
		Measured::charge_asset_tx_payment_asset().saturating_sub(database(6, 3))
	}
}

fn database(reads: u64, writes: u64) -> Weight {
	<Runtime as frame_system::Config>::DbWeight::get().reads_writes(reads, writes)
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
		let scaled = fee.checked_mul(<PerLco as Get<Credits>>::get()).ok_or(())?;
		Ok(scaled.div_ceil(LCO))
	}
}
