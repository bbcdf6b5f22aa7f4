//! The economy: custody, mining, compute, prices.

use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
	weights::Weight,
	PalletId,
};
use lx_primitives::{
	call_log::{BATCH_LIFETIME, MAX_CALL_AGE},
	units::{CRED, USDT},
	Credits, TIER_MEMORY,
};
use sp_runtime::{traits::AccountIdConversion, Perbill};

use super::{
	assets::{CredAsset, Peg, UsdtAsset},
	origins::{MajorOrigin, ParameterOrigin},
	parameters::{compute, custody, AtMost, Hours, Within},
	system::Weights,
};
use crate::{
	weights, AccountId, Assets, Balance, Balances, Buyback, Calendar, ComputeWars, Launchpad,
	Mining, PriceRegistry, Runtime, StakingTiers,
};

/// The platform: holds the margin of API calls. It has no key.
pub const PLATFORM: PalletId = PalletId(*b"lx/platf");

/// The Risk Reserve Fund. It has no key.
pub const RISK_RESERVE: PalletId = PalletId(*b"lx/riskr");

/// The Ecosystem Fund: has the exchange's fees, which come into its wallet when a round of the Compute
/// Wars is closed, and pays their prizes. It has no key.
pub const ECOSYSTEM_FUND: PalletId = PalletId(*b"lx/ecosy");

/// However governance sets what money waits for on its way out, and what is charged or bonded for its
/// end, it waits no longer: 30 days.
type LongestWait = Hours<ConstU32<{ 30 * 24 }>>;

/// So long there is to prove a batch wrong, whatever governance sets.
type ShortestWindow = Hours<ConstU32<1>>;

/// However old a call was when it was posted, the chain can tell its payer's tier for as long as it can be
/// challenged. By the clock, as what the chain remembers.
type LongestWindow = ConstU64<{ TIER_MEMORY - MAX_CALL_AGE }>;

/// However governance sets it, a bond is there until what its owner has signed can be found out; and a
/// withdrawal is not refunded while custodians pay it.
type Day = Hours<ConstU32<24>>;

/// A batch takes some seconds to the chain, however short the calendar's hours are.
type ShortestThaw = ConstU64<{ 2 * BATCH_LIFETIME }>;

/// How long relays may collect what they have served.
pub type ThawDelay = Within<Hours<compute::ThawHours>, ShortestThaw, LongestWait>;

parameter_types! {
	/// The queue of withdrawals is not filled for less.
	pub const LeastMinWithdrawal: Balance = USDT;
	/// Whoever has so much USDT can withdraw it, whatever governance sets.
	pub const LargestMinWithdrawal: Balance = 100 * USDT;
	/// What a bond is at least: it pays for its owner's place in the state.
	pub const LeastBond: Credits = 100 * CRED;
	/// With more, whom one decision admits another could keep out.
	pub const LargestBond: Credits = 1_000_000 * CRED;
	/// Whoever has so much can challenge.
	pub const LargestChallengeBond: Credits = 1_000 * CRED;
	pub RiskReserveAccount: AccountId = RISK_RESERVE.into_account_truncating();
	pub EcosystemFundAccount: AccountId = ECOSYSTEM_FUND.into_account_truncating();
	pub RevenueAccount: AccountId = PLATFORM.into_account_truncating();
	pub const ComputeId: PalletId = PalletId(*b"lx/cmput");
	/// The share of a block that finalising batches may take.
	pub FinalisationWeight: Weight = Perbill::from_percent(20) * Weights::get().max_block;
}

impl pallet_custody::Config for Runtime {
	type Assets = Assets;
	type UsdtAsset = UsdtAsset;
	type AdminOrigin = MajorOrigin;
	type Calendar = Calendar;
	type MaxCustodians = ConstU32<16>;
	type MaxOpenClaims = ConstU32<128>;
	type MaxOpenWithdrawals = ConstU32<100_000>;
	type ReportLifetime = AtMost<Hours<custody::ReportHours>, Day>;
	type WithdrawalTimeout = Within<Hours<custody::WithdrawalHours>, Day, LongestWait>;
	type MinWithdrawal = Within<custody::MinWithdrawal, LeastMinWithdrawal, LargestMinWithdrawal>;
	type RefundsPerBlock = ConstU32<10>;
	type Peg = Peg;
	type WeightInfo = weights::pallet_custody::WeightInfo<Runtime>;
}

impl pallet_mining::Config for Runtime {
	type Currency = Balances;
	type WeightInfo = weights::pallet_mining::WeightInfo<Runtime>;
}

impl pallet_compute::Config for Runtime {
	type Assets = Assets;
	type CredAsset = CredAsset;
	type AdminOrigin = MajorOrigin;
	type Calendar = Calendar;
	type Tiers = StakingTiers;
	type Prices = PriceRegistry;
	type Quotas = Launchpad;
	type OnSettled = (Mining, ComputeWars);
	type OnRevenue = Buyback;
	type RevenueAccount = RevenueAccount;
	type ChallengeWindow =
		Within<Hours<compute::ChallengeWindowHours>, ShortestWindow, LongestWindow>;
	type ThawDelay = ThawDelay;
	type RelayBond = Within<compute::RelayBond, LeastBond, LargestBond>;
	type AttestorBond = Within<compute::AttestorBond, LeastBond, LargestBond>;
	type UnbondingDelay = Within<Hours<compute::UnbondingHours>, Day, LongestWait>;
	type ChallengeBond = AtMost<compute::ChallengeBond, LargestChallengeBond>;
	type RiskReserve = RiskReserveAccount;
	type FinalisationWeight = FinalisationWeight;
	type PalletId = ComputeId;
	type WeightInfo = weights::pallet_compute::WeightInfo<Runtime>;
}

impl pallet_price_registry::Config for Runtime {
	type AdminOrigin = ParameterOrigin;
	type Calendar = Calendar;
	type WeightInfo = weights::pallet_price_registry::WeightInfo<Runtime>;
}
