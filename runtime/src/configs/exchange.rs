//! The exchange: trading accounts.

use frame_support::{
	parameter_types,
	traits::{fungible::UnionOf, Get},
	PalletId,
};
use lx_primitives::units::{WhereAssetsLie, CRED_ASSET, LCO_ASSET, USDT_ASSET};
use sp_runtime::traits::Convert;

use super::parameters::{exchange, Hours};
use crate::{weights, AccountId, AssetId, Assets, Balance, Balances, Calendar, Runtime};

parameter_types! {
	pub const ClearingId: PalletId = PalletId(*b"lx/clear");
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

impl pallet_clearing::Config for Runtime {
	type Assets = AllAssets;
	type SmallestHolding = SmallestHolding;
	type Calendar = Calendar;
	type MaxSession = Hours<exchange::MaxSessionHours>;
	type PalletId = ClearingId;
	type WeightInfo = weights::pallet_clearing::WeightInfo<Runtime>;
}
