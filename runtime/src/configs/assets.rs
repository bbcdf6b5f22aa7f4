//! What is owned: LCO, and the assets CRED and USDT with the peg between them.

use frame_support::{
	parameter_types,
	traits::{AsEnsureOriginWithArg, ConstU32, TypedGet, VariantCountOf},
	PalletId,
};
use frame_system::EnsureNever;
use lx_primitives::units::{CRED, CRED_ASSET, LCO, USDT_ASSET};
use pallet_custody::{ReserveBacked, SetUpPeg};
use pallet_whale_voting::Origin;
use sp_runtime::{traits::AccountIdConversion, DispatchResult, Permill};

use alloc::boxed::Box;

use super::origins::NobodysOrigin;
use crate::{
	weights, AccountId, AssetId, Assets, Balance, Balances, Custody, OriginCaller, Psm, Runtime,
	RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin, System,
};

/// Owns every genesis asset. It has no key, so nobody can mint, burn, freeze or destroy one.
pub const ASSET_STEWARD: PalletId = PalletId(*b"lx/asset");

parameter_types! {
	/// 0.001 LCO.
	pub const ExistentialDeposit: Balance = LCO / 1_000;
	pub const CredAsset: AssetId = CRED_ASSET;
	pub const UsdtAsset: AssetId = USDT_ASSET;
	pub const PegId: PalletId = PalletId(*b"lx/peg00");
}

impl pallet_balances::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type Balance = Balance;
	// Dust leaves the issuance: the mining ledger counts it as burned.
	type DustRemoval = ();
	type ExistentialDeposit = ExistentialDeposit;
	type AccountStore = System;
	type ReserveIdentifier = [u8; 8];
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type DoneSlashHandler = ();
	type WeightInfo = weights::pallet_balances::WeightInfo<Runtime>;
}

impl pallet_assets::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Balance = Balance;
	type RemoveItemsLimit = ConstU32<1_000>;
	type AssetId = AssetId;
	type AssetIdParameter = codec::Compact<AssetId>;
	type ReserveData = ();
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type ForceOrigin = NobodysOrigin;
	type AssetDeposit = ExistentialDeposit;
	type AssetAccountDeposit = ExistentialDeposit;
	type MetadataDepositBase = ExistentialDeposit;
	type MetadataDepositPerByte = ExistentialDeposit;
	type ApprovalDeposit = ExistentialDeposit;
	type StringLimit = ConstU32<50>;
	type Freezer = ();
	type Holder = ();
	type Extra = ();
	type CallbackHandle = ();
	type AssetIdAllocator = ();
	type WeightInfo = weights::pallet_assets::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// The assets as the peg sees them: Credits cannot be minted while custody's reserves are stale or
/// short, and can always be redeemed.
pub type ReservedAssets = ReserveBacked<Assets, Custody, GatedAsset>;

#[cfg(not(feature = "runtime-benchmarks"))]
type GatedAsset = CredAsset;
#[cfg(feature = "runtime-benchmarks")]
type GatedAsset = crate::benchmarks::MeasuredCredits;

impl pallet_psm::Config for Runtime {
	type Fungibles = ReservedAssets;
	type Consideration = ();
	type CreateOrigin = CreatePegAsRoot;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type AssetId = AssetId;
	type WeightInfo = weights::pallet_psm::WeightInfo<Runtime>;
	type PalletId = PegId;
	type MaxExternals = ConstU32<4>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::PegAssets;
}

/// Only the root origin creates a peg, without a deposit.
pub type CreatePegAsRoot =
	AsEnsureOriginWithArg<frame_system::EnsureRootWithSuccess<AccountId, NoDepositor>>;

/// Nobody, for [`CreatePegAsRoot`].
pub struct NoDepositor;

impl TypedGet for NoDepositor {
	type Type = Option<AccountId>;

	fn get() -> Option<AccountId> {
		None
	}
}

/// Creates the peg CRED = USDT at genesis: no fee either way. What can be changed of it afterwards is a
/// major decision.
pub struct Peg;

/// Swaps from one µCRED on.
const SMALLEST_SWAP: Balance = 1;
/// Reserves bound the Credits that exist, not a ceiling of the peg's own.
const DEBT_CEILING: Balance = u64::MAX as Balance * CRED;

impl SetUpPeg for Peg {
	fn set_up() -> DispatchResult {
		let major = || RuntimeOrigin::from(Origin::Major);
		let admin = || Box::new(OriginCaller::WhaleVoting(Origin::Major));
		let steward: AccountId = ASSET_STEWARD.into_account_truncating();
		Psm::create_psm(
			RuntimeOrigin::root(),
			CRED_ASSET,
			admin(),
			admin(),
			steward,
			DEBT_CEILING,
			SMALLEST_SWAP,
		)?;
		Psm::add_external_asset(major(), CRED_ASSET, USDT_ASSET)?;
		Psm::set_minting_fee(major(), CRED_ASSET, USDT_ASSET, Permill::zero())?;
		Psm::set_redemption_fee(major(), CRED_ASSET, USDT_ASSET, Permill::zero())?;
		Psm::set_asset_ceiling_weight(major(), CRED_ASSET, USDT_ASSET, Permill::one())
	}
}
