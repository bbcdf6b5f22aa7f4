//! What the node calls of the runtime.
//!
//! The node executes the runtime as WebAssembly only, so all that it needs at compile time is which
//! interfaces there are. They are implemented here for a runtime that is never run: the client takes
//! their shape from it, and the node does not have to be compiled again whenever a pallet changes.

// The macro does not document what it makes, and nothing calls it.
#![allow(missing_docs, dead_code)]

use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata, H256};
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, Block as BlockT, NumberFor},
	transaction_validity::{TransactionSource, TransactionValidity},
	AccountId32, ApplyExtrinsicResult, ExtrinsicInclusionMode, OpaqueExtrinsic,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

pub use lx_primitives::Balance;

/// An account's public identifier.
pub type AccountId = AccountId32;
/// A transaction counter.
pub type Nonce = u32;
/// A block's hash.
pub type Hash = H256;
/// A block's number.
pub type BlockNumber = u32;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block as the node sees it: its transactions are bytes.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;

/// The runtime that is never run.
pub struct Runtime;

/// Stands for every implementation.
fn elsewhere<T>() -> T {
	unreachable!("the runtime is executed as WebAssembly")
}

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			elsewhere()
		}

		fn execute_block(_: <Block as BlockT>::LazyBlock) {
			elsewhere()
		}

		fn initialize_block(_: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			elsewhere()
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			elsewhere()
		}

		fn metadata_at_version(_: u32) -> Option<OpaqueMetadata> {
			elsewhere()
		}

		fn metadata_versions() -> Vec<u32> {
			elsewhere()
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(_: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			elsewhere()
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			elsewhere()
		}

		fn inherent_extrinsics(_: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			elsewhere()
		}

		fn check_inherents(
			_: <Block as BlockT>::LazyBlock,
			_: sp_inherents::InherentData,
		) -> sp_inherents::CheckInherentsResult {
			elsewhere()
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			_: TransactionSource,
			_: <Block as BlockT>::Extrinsic,
			_: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			elsewhere()
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(_: &<Block as BlockT>::Header) {
			elsewhere()
		}
	}

	impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
		fn slot_duration() -> sp_consensus_aura::SlotDuration {
			elsewhere()
		}

		fn authorities() -> Vec<AuraId> {
			elsewhere()
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(_: Vec<u8>, _: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			elsewhere()
		}

		fn decode_session_keys(_: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			elsewhere()
		}
	}

	impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
		fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList {
			elsewhere()
		}

		fn current_set_id() -> sp_consensus_grandpa::SetId {
			elsewhere()
		}

		fn submit_report_equivocation_unsigned_extrinsic(
			_: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
			_: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
		) -> Option<()> {
			elsewhere()
		}

		fn generate_key_ownership_proof(
			_: sp_consensus_grandpa::SetId,
			_: GrandpaId,
		) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
			elsewhere()
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(_: AccountId) -> Nonce {
			elsewhere()
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance>
		for Runtime
	{
		fn query_info(
			_: <Block as BlockT>::Extrinsic,
			_: u32,
		) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
			elsewhere()
		}

		fn query_fee_details(
			_: <Block as BlockT>::Extrinsic,
			_: u32,
		) -> pallet_transaction_payment::FeeDetails<Balance> {
			elsewhere()
		}

		fn query_weight_to_fee(_: sp_weights::Weight) -> Balance {
			elsewhere()
		}

		fn query_length_to_fee(_: u32) -> Balance {
			elsewhere()
		}
	}
}
