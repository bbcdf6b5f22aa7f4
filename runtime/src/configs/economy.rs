//! The economy: custody, mining, compute, prices.

use frame_support::{
	parameter_types,
	traits::{ConstU32, Get},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use lx_primitives::{call_log::BATCH_LIFETIME, Moment};
use sp_runtime::{traits::AccountIdConversion, Perbill};

use super::{
	assets::{CredAsset, Peg, UsdtAsset},
	parameters::{compute, custody, Hours},
	system::Weights,
};
use crate::{weights, AccountId, Assets, Balances, Calendar, Mining, PriceRegistry, Runtime};

/// The platform: holds the margin of API calls. It has no key.
pub const PLATFORM: PalletId = PalletId(*b"lx/platf");

/// The Risk Reserve Fund. It has no key.
pub const RISK_RESERVE: PalletId = PalletId(*b"lx/riskr");

/// The Ecosystem Fund: holds the exchange's fees. It has no key.
pub const ECOSYSTEM_FUND: PalletId = PalletId(*b"lx/ecosy");

/// A batch takes some seconds to the chain, however short the calendar's hours are.
const SHORTEST_THAW: Moment = 2 * BATCH_LIFETIME;

/// How long an API balance thaws.
pub struct ThawDelay;

impl Get<Moment> for ThawDelay {
	fn get() -> Moment {
		Hours::<compute::ThawHours>::get().max(SHORTEST_THAW)
	}
}

parameter_types! {
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
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = Calendar;
	type MaxCustodians = ConstU32<16>;
	type MaxOpenClaims = ConstU32<128>;
	type MaxOpenWithdrawals = ConstU32<100_000>;
	type ReportLifetime = Hours<custody::ReportHours>;
	type WithdrawalTimeout = Hours<custody::WithdrawalHours>;
	type MinWithdrawal = custody::MinWithdrawal;
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
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = Calendar;
	type Tiers = ();
	type Prices = PriceRegistry;
	type OnSettled = Mining;
	type OnRevenue = ();
	type RevenueAccount = RevenueAccount;
	type ChallengeWindow = Hours<compute::ChallengeWindowHours>;
	type ThawDelay = ThawDelay;
	type RelayBond = compute::RelayBond;
	type AttestorBond = compute::AttestorBond;
	type UnbondingDelay = Hours<compute::UnbondingHours>;
	type ChallengeBond = compute::ChallengeBond;
	type RiskReserve = RiskReserveAccount;
	type FinalisationWeight = FinalisationWeight;
	type PalletId = ComputeId;
	type WeightInfo = weights::pallet_compute::WeightInfo<Runtime>;
}

impl pallet_price_registry::Config for Runtime {
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = Calendar;
	type WeightInfo = weights::pallet_price_registry::WeightInfo<Runtime>;
}
