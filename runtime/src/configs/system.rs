//! The base of the chain: blocks, time, migrations, the calendar.

use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU16, ConstU32, ConstU64},
	weights::{constants::WEIGHT_REF_TIME_PER_MICROS, RuntimeDbWeight, Weight},
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::{traits::AccountIdLookup, Perbill};
use sp_version::RuntimeVersion;

use super::{filter::CallFilter, nonces::NonceFloor};
use crate::{
	weights, AccountId, Aura, Balance, Block, Hash, Migrations, Nonce, PalletInfo, Runtime,
	RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, Timestamp, BLOCK_MILLIS, BLOCK_REF_TIME,
	VERSION,
};

/// The share of a block that ordinary transactions may fill; the rest is for operational ones.
const NORMAL_SHARE: Perbill = Perbill::from_percent(75);

/// The most bytes of transactions in a block.
const MAX_BLOCK_BYTES: u32 = 5 * 1024 * 1024;

parameter_types! {
	pub const Version: RuntimeVersion = VERSION;
	pub Weights: BlockWeights = block_weights();
	/// What the database takes with a million values: `lx-bench database` measures it.
	pub const DatabaseWeight: RuntimeDbWeight = RuntimeDbWeight {
		read: 9 * WEIGHT_REF_TIME_PER_MICROS,
		write: 40 * WEIGHT_REF_TIME_PER_MICROS,
	};
	pub Length: BlockLength = BlockLength::builder()
		.max_length(MAX_BLOCK_BYTES)
		.modify_max_length_for_class(DispatchClass::Normal, |bytes| *bytes = NORMAL_SHARE * *bytes)
		.build();
}

/// What a transaction takes that does nothing, with its signature and its extensions, but without what
/// they do in the database: `lx-bench orders` measures it.
const TRANSACTION_REF_TIME: u64 = 73 * WEIGHT_REF_TIME_PER_MICROS;

/// The limits of a block, as the SDK's sensible defaults make them.
fn block_weights() -> BlockWeights {
	let most = Weight::from_parts(BLOCK_REF_TIME, u64::MAX);
	let normal = NORMAL_SHARE * most;
	BlockWeights::builder()
		.for_class(DispatchClass::all(), |class| {
			class.base_extrinsic = Weight::from_parts(TRANSACTION_REF_TIME, 0);
		})
		.for_class(DispatchClass::Normal, |class| class.max_total = Some(normal))
		.for_class(DispatchClass::Operational, |class| {
			class.max_total = Some(most);
			class.reserved = Some(most.saturating_sub(normal));
		})
		.avg_block_initialization(Perbill::from_percent(10))
		.build_or_panic()
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type BaseCallFilter = CallFilter;
	type Block = Block;
	type BlockWeights = Weights;
	type BlockLength = Length;
	type BlockHashCount = ConstU32<4_096>;
	type AccountId = AccountId;
	type Lookup = AccountIdLookup<AccountId, ()>;
	type Nonce = Nonce;
	type OnKilledAccount = NonceFloor;
	type Hash = Hash;
	type DbWeight = DatabaseWeight;
	type Version = Version;
	type AccountData = pallet_balances::AccountData<Balance>;
	type SystemWeightInfo = weights::frame_system::WeightInfo<Runtime>;
	type ExtensionsWeightInfo = weights::frame_system_extensions::WeightInfo<Runtime>;
	type SS58Prefix = ConstU16<42>;
	type MultiBlockMigrator = Migrations;
}

impl pallet_timestamp::Config for Runtime {
	type Moment = u64;
	type OnTimestampSet = Aura;
	type MinimumPeriod = ConstU64<{ BLOCK_MILLIS / 2 }>;
	type WeightInfo = weights::pallet_timestamp::WeightInfo<Runtime>;
}

parameter_types! {
	pub MigrationWeight: Weight = NORMAL_SHARE * Weights::get().max_block;
}

impl pallet_migrations::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = ();
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type CursorMaxLen = ConstU32<65_536>;
	type IdentifierMaxLen = ConstU32<256>;
	type MigrationStatusHandler = ();
	type FailedMigrationHandler = frame_support::migrations::FreezeChainOnFailedMigration;
	type MaxServiceWeight = MigrationWeight;
	type WeightInfo = weights::pallet_migrations::WeightInfo<Runtime>;
}

impl pallet_calendar::Config for Runtime {
	type Time = Timestamp;
}
