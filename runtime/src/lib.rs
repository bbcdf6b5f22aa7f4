//! # The L-Exchange runtime
//!
//! Assembles the pallets into the chain's state transition function. Each pallet is configured in
//! [`configs`], by theme; the interfaces that nodes and clients call are in [`apis`]; the genesis
//! states that chains start from are in [`genesis_presets`].
//!
//! Pallet and call indices are part of every signed transaction: they are explicit and never
//! reused.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]
// Most items here come out of macros, which do not document what they make.
#![allow(missing_docs)]

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod genesis_presets;
pub mod weights;

use alloc::{borrow::Cow, vec::Vec};
use frame_support::weights::constants::WEIGHT_REF_TIME_PER_SECOND;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	type_with_default::TypeWithDefault,
	MultiAddress, MultiSignature,
};
use sp_version::{runtime_version, RuntimeVersion};

pub use lx_primitives::units::{AssetId, Balance, Credits, Moment};

/// A signature by any of the key types that wallets use.
pub type Signature = MultiSignature;
/// An account's public identifier.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How calls name an account.
pub type Address = MultiAddress<AccountId, ()>;
/// A transaction counter. A new account's starts where no old transaction of an earlier life of it is
/// valid again.
pub type Nonce = TypeWithDefault<u32, configs::NonceFloor>;
/// A block's hash.
pub type Hash = sp_core::H256;
/// A block's number.
pub type BlockNumber = u32;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// Identifies a block by hash or number.
pub type BlockId = generic::BlockId<Block>;
/// A transaction as it travels.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a signed transaction signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// What every transaction carries beside its call, in this order. Custom extensions stay out of it,
/// so that every wallet can sign; [`SkipCheckIfFeeless`] looks to a wallet like what it wraps.
///
/// [`SkipCheckIfFeeless`]: pallet_skip_feeless_payment::SkipCheckIfFeeless
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckMortality<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_skip_feeless_payment::SkipCheckIfFeeless<
		Runtime,
		pallet_asset_tx_payment::ChargeAssetTxPayment<Runtime>,
	>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// Dispatches blocks to the pallets.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

impl_opaque_keys! {
	/// The keys of a validator.
	pub struct SessionKeys {
		/// Authors blocks.
		pub aura: Aura,
		/// Finalises them.
		pub grandpa: Grandpa,
	}
}

// It is written into a section of the WebAssembly too, so it takes the literal itself.
macro_rules! version {
	($spec_version:tt) => {
		/// The version of the runtime: what it executes and how it is spoken to.
		#[runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: Cow::Borrowed("l-exchange"),
			impl_name: Cow::Borrowed("l-exchange"),
			authoring_version: 1,
			spec_version: $spec_version,
			impl_version: 1,
			apis: apis::RUNTIME_API_VERSIONS,
			transaction_version: 1,
			system_version: 1,
		};
	};
}

#[cfg(not(feature = "next-version"))]
version!(1);
#[cfg(feature = "next-version")]
version!(2);

/// The time between two blocks, in milliseconds.
pub const BLOCK_MILLIS: Moment = 2_000;

/// Half of the time between two blocks is for executing one; the rest for everything around it.
pub const BLOCK_REF_TIME: u64 = WEIGHT_REF_TIME_PER_SECOND;

/// The runtime: pallets by index. An index is never reused.
#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	// The base of the chain.
	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Migrations = pallet_migrations;
	#[runtime::pallet_index(3)]
	pub type Parameters = pallet_parameters;
	#[runtime::pallet_index(4)]
	pub type Calendar = pallet_calendar;

	// Who makes blocks.
	#[runtime::pallet_index(10)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(11)]
	pub type Aura = pallet_aura;
	#[runtime::pallet_index(12)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(13)]
	pub type Grandpa = pallet_grandpa;

	// What is owned, and how fees are paid.
	#[runtime::pallet_index(20)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(21)]
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(22)]
	pub type Psm = pallet_psm;
	#[runtime::pallet_index(23)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(24)]
	pub type AssetTxPayment = pallet_asset_tx_payment;
	#[runtime::pallet_index(25)]
	pub type SkipFeelessPayment = pallet_skip_feeless_payment;

	// How accounts act together.
	#[runtime::pallet_index(30)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(31)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(32)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(33)]
	pub type Sudo = pallet_sudo;

	// The economy.
	#[runtime::pallet_index(40)]
	pub type Custody = pallet_custody;
	#[runtime::pallet_index(41)]
	pub type Mining = pallet_mining;
	#[runtime::pallet_index(42)]
	pub type Compute = pallet_compute;
	#[runtime::pallet_index(43)]
	pub type PriceRegistry = pallet_price_registry;

	// The exchange.
	#[runtime::pallet_index(50)]
	pub type Clearing = pallet_clearing;
	#[runtime::pallet_index(51)]
	pub type OrderBook = pallet_orderbook;

	// Who has a stake in it, and what follows from that.
	#[runtime::pallet_index(60)]
	pub type StakingTiers = pallet_staking_tiers;

	// Who decides.
	#[runtime::pallet_index(61)]
	pub type WhaleVoting = pallet_whale_voting;
	#[runtime::pallet_index(62)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(63)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(64)]
	pub type Referenda = pallet_referenda;
	#[runtime::pallet_index(65)]
	pub type ConvictionVoting = pallet_conviction_voting;
	#[runtime::pallet_index(66)]
	pub type SafeMode = pallet_safe_mode;
	#[runtime::pallet_index(67)]
	pub type TxPause = pallet_tx_pause;

	// What LCO is for.
	#[runtime::pallet_index(70)]
	pub type Launchpad = pallet_launchpad;
	#[runtime::pallet_index(71)]
	pub type ComputeWars = pallet_compute_wars;
	#[runtime::pallet_index(72)]
	pub type Buyback = pallet_buyback;
}
