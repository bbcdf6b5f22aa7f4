//! Takes part in consensus: authors blocks and votes on their finality.

use std::{sync::Arc, time::Duration};

use sc_consensus_aura::{SlotProportion, StartAuraParams};
use sc_consensus_grandpa::{GrandpaParams, SharedVoterState};
use sc_service::{error::Error as ServiceError, Configuration, TaskManager};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_aura::sr25519::AuthorityPair;
use substrate_prometheus_endpoint::Registry;

use crate::parts::{
	inherents, FullClient, FullSelectChain, GrandpaBlockImport, GrandpaLink, Network, Pool,
	SyncService, JUSTIFICATION_PERIOD,
};

/// How long a finality vote is expected to travel.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// How much of a slot a block may take to be proposed.
const PROPOSAL_SHARE: f32 = 2.0 / 3.0;

/// What part the node takes in consensus.
pub struct Roles {
	/// Whether it authors blocks.
	pub authors: bool,
	/// Whether it votes on finality, or at least follows the votes.
	pub finality: bool,
	force_authoring: bool,
	role: sc_service::Role,
	name: String,
	grandpa_protocol: sc_network::ProtocolName,
	keystore: sp_keystore::KeystorePtr,
}

impl Roles {
	/// The part that `config` gives the node.
	pub fn of(
		config: &Configuration,
		grandpa_protocol: sc_network::ProtocolName,
		keystore: sp_keystore::KeystorePtr,
	) -> Self {
		Self {
			authors: config.role.is_authority(),
			finality: !config.disable_grandpa,
			force_authoring: config.force_authoring,
			role: config.role,
			name: config.network.node_name.clone(),
			grandpa_protocol,
			keystore,
		}
	}
}

/// The running node, as far as consensus needs it.
pub struct Running {
	/// Executes and stores blocks.
	pub client: Arc<FullClient>,
	/// Chooses the chain to build on.
	pub select_chain: FullSelectChain,
	/// What waits for a block.
	pub transaction_pool: Arc<Pool>,
	/// Talks to peers.
	pub network: Network,
	/// Follows what peers have.
	pub sync_service: SyncService,
	/// Where metrics go.
	pub registry: Option<Registry>,
	/// Where telemetry goes.
	pub telemetry: Option<TelemetryHandle>,
	/// What part the node takes.
	pub roles: Roles,
}

impl Running {
	/// Starts authoring blocks.
	pub fn start_authoring(
		&self,
		block_import: GrandpaBlockImport,
		task_manager: &TaskManager,
	) -> Result<(), ServiceError> {
		let slot_duration = sc_consensus_aura::slot_duration(&*self.client)?;
		let proposer_factory = sc_basic_authorship::ProposerFactory::new(
			task_manager.spawn_handle(),
			self.client.clone(),
			self.transaction_pool.clone(),
			self.registry.as_ref(),
			self.telemetry.clone(),
		);
		let aura = sc_consensus_aura::start_aura::<AuthorityPair, _, _, _, _, _, _, _, _, _, _>(
			StartAuraParams {
				slot_duration,
				client: self.client.clone(),
				select_chain: self.select_chain.clone(),
				block_import,
				proposer_factory,
				create_inherent_data_providers: move |_, ()| async move { Ok(inherents(slot_duration)) },
				force_authoring: self.roles.force_authoring,
				backoff_authoring_blocks: Some(
					sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging::default(),
				),
				keystore: self.roles.keystore.clone(),
				sync_oracle: self.sync_service.clone(),
				justification_sync_link: self.sync_service.clone(),
				block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SHARE),
				max_block_proposal_slot_portion: None,
				telemetry: self.telemetry.clone(),
				compatibility_mode: Default::default(),
			},
		)?;
		// A validator that cannot author is of no use: the node ends with it.
		task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
		Ok(())
	}

	/// Starts voting on finality.
	pub fn start_finality(
		&self,
		link: GrandpaLink,
		notification_service: Box<dyn sc_network::NotificationService>,
		shared_voter_state: SharedVoterState,
		task_manager: &TaskManager,
	) -> Result<(), ServiceError> {
		let config = sc_consensus_grandpa::Config {
			gossip_duration: GOSSIP_DURATION,
			justification_generation_period: JUSTIFICATION_PERIOD,
			name: Some(self.roles.name.clone()),
			observer_enabled: false,
			keystore: self.roles.authors.then(|| self.roles.keystore.clone()),
			local_role: self.roles.role,
			telemetry: self.telemetry.clone(),
			protocol_name: self.roles.grandpa_protocol.clone(),
		};
		let voter = sc_consensus_grandpa::run_grandpa_voter(GrandpaParams {
			config,
			link,
			network: self.network.clone(),
			sync: self.sync_service.clone(),
			notification_service,
			voting_rule: sc_consensus_grandpa::VotingRulesBuilder::default().build(),
			prometheus_registry: self.registry.clone(),
			shared_voter_state,
			telemetry: self.telemetry.clone(),
			offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(
				self.transaction_pool.clone(),
			),
		})?;
		// Without finality nothing settles: the node ends with its voter.
		task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
		Ok(())
	}
}
