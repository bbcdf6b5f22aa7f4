//! The weekly buyback.

use frame_support::{
	parameter_types,
	traits::{ConstU16, ConstU32, Get},
	PalletId,
};
use lx_primitives::{buyback::MAX_SLICES, trading::MarketId, units::CRED, Credits};
use sp_runtime::traits::AccountIdConversion;

use super::{
	assets::CredAsset,
	economy::{EcosystemFundAccount, RevenueAccount, ECOSYSTEM_FUND},
	origins::MajorOrigin,
	parameters::{buyback, AtMost, Hours, Within},
};
use crate::{weights, AccountId, Assets, Balances, Calendar, OrderBook, Runtime, System};

/// The burn address. It has no key: what is sent there is burned with the next slice.
pub const BURN_ADDRESS: PalletId = PalletId(*b"lx/ashes");

/// The market of LCO for CRED, the first one of every preset.
pub(super) const LCO_FOR_CRED: MarketId = 0;

/// Whatever governance sets, the average price is no price of a moment, and is known after a week.
type Window = Within<Hours<buyback::AverageHours>, Hours<ConstU32<1>>, Hours<ConstU32<{ 7 * 24 }>>>;

parameter_types! {
	/// Whatever governance sets, a budget of so much is spent.
	pub const LargestSlice: Credits = 100 * CRED;
	/// The Ecosystem Fund's pocket for burning: beside the fund's fees and prizes, so that nothing else
	/// spends from it.
	pub BurnFundAccount: AccountId = ECOSYSTEM_FUND.into_sub_account_truncating(*b"burn");
	pub BurnAddressAccount: AccountId = BURN_ADDRESS.into_account_truncating();
}

/// A number that nobody can know before the block before is made. What its author can do is in
/// `docs/adr/0026-buyback-slices.md`.
pub struct ParentHash;

impl Get<u64> for ParentHash {
	fn get() -> u64 {
		let [a, b, c, d, e, f, g, h, ..] = System::parent_hash().0;
		u64::from_be_bytes([a, b, c, d, e, f, g, h])
	}
}

impl pallet_buyback::Config for Runtime {
	type Currency = Balances;
	type Assets = Assets;
	type CredAsset = CredAsset;
	type AdminOrigin = MajorOrigin;
	type Calendar = Calendar;
	type DayLength = Hours<ConstU32<24>>;
	type Exchange = OrderBook;
	type Market = ConstU32<LCO_FOR_CRED>;
	type Randomness = ParentHash;
	type RevenueAccount = RevenueAccount;
	type BurnFund = BurnFundAccount;
	type PrizeFund = EcosystemFundAccount;
	type BurnAddress = BurnAddressAccount;
	type AverageWindow = Window;
	// No more than a twentieth: it would be the sellers' price.
	type MostOverAverage = AtMost<buyback::MostOverAverage, ConstU16<500>>;
	type Slices = Within<buyback::Slices, ConstU32<1>, ConstU32<MAX_SLICES>>;
	type SmallestSlice = AtMost<buyback::SmallestSlice, LargestSlice>;
	type MaxMatches = ConstU32<100>;
	type WeightInfo = weights::pallet_buyback::WeightInfo<Runtime>;
}
