//! The parts that the node is made of, and what its authors say of a block.

use std::sync::Arc;

use sc_executor::WasmExecutor;

use crate::runtime_api::{Block, RuntimeApi};

type Executor = WasmExecutor<sp_io::SubstrateHostFunctions>;
/// Executes and stores blocks.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// Keeps blocks and states.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// Chooses the longest chain.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// Imports blocks, and what finalises them.
pub type GrandpaBlockImport =
	sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
/// What importing blocks and voting share.
pub type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;
/// What waits for a block.
pub type Pool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;

/// How often, in blocks, GRANDPA keeps a justification for light clients.
pub const JUSTIFICATION_PERIOD: u32 = 512;

/// What an author says of its block: the slot and the time.
pub type Inherents =
	(sp_consensus_aura::inherents::InherentDataProvider, sp_timestamp::InherentDataProvider);

/// The slot and the time of a block that is authored now.
pub fn inherents(duration: sp_consensus_aura::SlotDuration) -> Inherents {
	let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
	let slot = sp_consensus_aura::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
		*timestamp, duration,
	);
	(slot, timestamp)
}

/// Talks to peers.
pub type Network = Arc<dyn sc_network::service::traits::NetworkService>;
/// Follows what peers have.
pub type SyncService = Arc<sc_network_sync::SyncingService<Block>>;
