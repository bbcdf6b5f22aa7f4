//! Amounts, assets and time.

use sp_runtime::{traits::Convert, Either};

/// An amount of any asset in its smallest unit.
pub type Balance = u128;

/// An amount of L-Credits in µCRED: 1,000,000 µCRED = 1 CRED = 1 USDT.
pub type Credits = u128;

/// Identifies an asset of `pallet-assets`, or the chain's own coin, which is [`LCO_ASSET`].
pub type AssetId = u32;

/// Milliseconds since 1970-01-01 00:00 UTC.
pub type Moment = u64;

/// One L-Coin in planck (12 decimals).
pub const LCO: Balance = 1_000_000_000_000;

/// Decimals of the L-Coin.
pub const LCO_DECIMALS: u8 = 12;

/// One L-Credit in µCRED (6 decimals).
pub const CRED: Credits = 1_000_000;

/// One USDT in its smallest unit (6 decimals).
pub const USDT: Balance = 1_000_000;

/// Decimals of L-Credits and of USDT.
pub const CRED_DECIMALS: u8 = 6;

/// The L-Coin's place among the assets, where all are spoken of alike. `pallet-assets` has none of
/// this id.
pub const LCO_ASSET: AssetId = 0;

/// The asset id of L-Credits.
pub const CRED_ASSET: AssetId = 1;

/// The asset id of USDT, the on-chain receipt of custody USDT.
pub const USDT_ASSET: AssetId = 2;

/// Where assets lie: [`LCO_ASSET`] with the chain's own coin, every other one in `pallet-assets`.
pub struct WhereAssetsLie;

impl Convert<AssetId, Either<(), AssetId>> for WhereAssetsLie {
	fn convert(asset: AssetId) -> Either<(), AssetId> {
		match asset {
			LCO_ASSET => Either::Left(()),
			other => Either::Right(other),
		}
	}
}
