//! Assembles the node: database, client, pool, network, RPC.

use std::sync::Arc;

use sc_client_api::BlockBackend;
use sc_consensus_aura::ImportQueueParams;
use sc_consensus_grandpa::{FinalityProofProvider, SharedVoterState};
use sc_network::{
	config::{FullNetworkConfiguration, NetworkBackendType},
	NetworkBackend,
};
use sc_service::{
	error::Error as ServiceError, BuildNetworkParams, Configuration, PartialComponents,
	SpawnTasksParams, TaskManager, WarpSyncConfig,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sp_consensus_aura::sr25519::AuthorityPair;

use crate::{
	consensus::{Roles, Running},
	parts::{
		inherents, FullBackend, FullClient, FullSelectChain, GrandpaBlockImport, GrandpaLink, Pool,
		JUSTIFICATION_PERIOD,
	},
	rpc,
	runtime_api::{Block, Hash, RuntimeApi},
};

/// What only a running node needs beyond the parts that tasks share.
pub struct Consensus {
	block_import: GrandpaBlockImport,
	link: GrandpaLink,
	telemetry: Option<Telemetry>,
}

/// The parts that the node and its tasks share.
pub type Parts = PartialComponents<
	FullClient,
	FullBackend,
	FullSelectChain,
	sc_consensus::DefaultImportQueue<Block>,
	Pool,
	Consensus,
>;

/// Opens the database and prepares what the node and its tasks share.
pub fn new_partial(config: &Configuration) -> Result<Parts, ServiceError> {
	let telemetry = start_telemetry(config)?;
	let executor = sc_service::new_wasm_executor::<sp_io::SubstrateHostFunctions>(&config.executor);
	let (client, backend, keystore_container, task_manager) =
		sc_service::new_full_parts::<Block, RuntimeApi, _>(
			config,
			telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
			executor,
			Vec::new(),
		)?;
	let client = Arc::new(client);
	let telemetry = telemetry.map(|(worker, telemetry)| {
		task_manager.spawn_handle().spawn("telemetry", None, worker.run());
		telemetry
	});
	let select_chain = sc_consensus::LongestChain::new(backend.clone());
	let transaction_pool = Arc::from(
		sc_transaction_pool::Builder::new(
			task_manager.spawn_essential_handle(),
			client.clone(),
			config.role.is_authority().into(),
		)
		.with_options(config.transaction_pool.clone())
		.with_prometheus(config.prometheus_registry())
		.build(),
	);
	let (block_import, link) = sc_consensus_grandpa::block_import(
		client.clone(),
		JUSTIFICATION_PERIOD,
		&client,
		select_chain.clone(),
		telemetry.as_ref().map(Telemetry::handle),
	)?;
	let import_queue = import_queue(config, &client, &block_import, &task_manager, &telemetry)?;

	Ok(PartialComponents {
		client,
		backend,
		task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus { block_import, link, telemetry },
	})
}

fn start_telemetry(
	config: &Configuration,
) -> Result<Option<(TelemetryWorker, Telemetry)>, ServiceError> {
	let endpoints = config.telemetry_endpoints.clone().filter(|endpoints| !endpoints.is_empty());
	let Some(endpoints) = endpoints else { return Ok(None) };
	let worker = TelemetryWorker::new(16)?;
	let telemetry = worker.handle().new_telemetry(endpoints);
	Ok(Some((worker, telemetry)))
}

fn import_queue(
	config: &Configuration,
	client: &Arc<FullClient>,
	block_import: &GrandpaBlockImport,
	task_manager: &TaskManager,
	telemetry: &Option<Telemetry>,
) -> Result<sc_consensus::DefaultImportQueue<Block>, ServiceError> {
	let slot_client = client.clone();
	Ok(sc_consensus_aura::import_queue::<AuthorityPair, _, _, _, _, _>(ImportQueueParams {
		block_import: block_import.clone(),
		justification_import: Some(Box::new(block_import.clone())),
		client: client.clone(),
		create_inherent_data_providers: move |parent: Hash, _| {
			let client = slot_client.clone();
			async move {
				let duration = sc_consensus_aura::standalone::slot_duration_at(&*client, parent)?;
				Ok(inherents(duration))
			}
		},
		spawner: &task_manager.spawn_essential_handle(),
		registry: config.prometheus_registry(),
		check_for_equivocation: Default::default(),
		telemetry: telemetry.as_ref().map(Telemetry::handle),
		compatibility_mode: Default::default(),
	})?)
}

/// Starts the node with the network backend that the command line chose.
pub fn new_full(config: Configuration) -> Result<TaskManager, ServiceError> {
	match config.network.network_backend {
		NetworkBackendType::Libp2p => start::<sc_network::NetworkWorker<Block, Hash>>(config),
		NetworkBackendType::Litep2p => start::<sc_network::Litep2pNetworkBackend>(config),
	}
}

fn start<N: NetworkBackend<Block, Hash>>(
	config: Configuration,
) -> Result<TaskManager, ServiceError> {
	let PartialComponents {
		client,
		backend,
		mut task_manager,
		import_queue,
		keystore_container,
		select_chain,
		transaction_pool,
		other: Consensus { block_import, link, mut telemetry },
	} = new_partial(&config)?;

	let registry = config.prometheus_registry().cloned();
	let mut net_config =
		FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, registry.clone());
	let metrics = N::register_notification_metrics(registry.as_ref());
	let genesis = client.block_hash(0)?.ok_or("the chain has no genesis block")?;
	let grandpa_protocol =
		sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
	let (grandpa_config, grandpa_notifications) =
		sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
			grandpa_protocol.clone(),
			metrics.clone(),
			net_config.peer_store_handle(),
		);
	net_config.add_notification_protocol(grandpa_config);
	let warp_sync = Arc::new(sc_consensus_grandpa::warp_proof::NetworkProvider::new(
		backend.clone(),
		link.shared_authority_set().clone(),
		Vec::new(),
	));
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
		sc_service::build_network(BuildNetworkParams {
			config: &config,
			net_config,
			client: client.clone(),
			transaction_pool: transaction_pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
			block_relay: None,
			metrics,
			gap_sync_body_policy: None,
		})?;

	let shared_voter_state = SharedVoterState::empty();
	let roles = Roles::of(&config, grandpa_protocol, keystore_container.keystore());
	sc_service::spawn_tasks(SpawnTasksParams {
		rpc_builder: rpc_builder(&client, &backend, &transaction_pool, &link, &shared_voter_state),
		config,
		client: client.clone(),
		backend,
		task_manager: &mut task_manager,
		keystore: keystore_container.keystore(),
		transaction_pool: transaction_pool.clone(),
		network: network.clone(),
		system_rpc_tx,
		tx_handler_controller,
		sync_service: sync_service.clone(),
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	let consensus = Running {
		client,
		select_chain,
		transaction_pool,
		network,
		sync_service,
		registry,
		telemetry: telemetry.as_ref().map(Telemetry::handle),
		roles,
	};
	if consensus.roles.authors {
		consensus.start_authoring(block_import, &task_manager)?;
	}
	if consensus.roles.finality {
		consensus.start_finality(link, grandpa_notifications, shared_voter_state, &task_manager)?;
	}
	Ok(task_manager)
}

type RpcBuilder =
	Box<dyn Fn(sc_rpc::SubscriptionTaskExecutor) -> Result<jsonrpsee::RpcModule<()>, ServiceError>>;

fn rpc_builder(
	client: &Arc<FullClient>,
	backend: &Arc<FullBackend>,
	pool: &Arc<Pool>,
	link: &GrandpaLink,
	shared_voter_state: &SharedVoterState,
) -> RpcBuilder {
	let (client, pool) = (client.clone(), pool.clone());
	let shared_voter_state = shared_voter_state.clone();
	let shared_authority_set = link.shared_authority_set().clone();
	let justification_stream = link.justification_stream();
	let finality_provider =
		FinalityProofProvider::new_for_service(backend.clone(), Some(shared_authority_set.clone()));
	Box::new(move |executor| {
		rpc::create_full(rpc::FullDeps {
			client: client.clone(),
			pool: pool.clone(),
			grandpa: rpc::GrandpaDeps {
				shared_voter_state: shared_voter_state.clone(),
				shared_authority_set: shared_authority_set.clone(),
				justification_stream: justification_stream.clone(),
				finality_provider: finality_provider.clone(),
			},
			executor,
		})
		.map_err(Into::into)
	})
}
