//! Starting and stopping the attestor.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use sp_core::Pair;
use tokio::{net::TcpListener, task::JoinSet};

use super::{
	book::Chain,
	client::RelayClient,
	config::Config,
	metrics::Metrics,
	node::ViewedChain,
	serve::{router, Status},
	store::Store,
	watch::{Connect, Signer, Watched, Watcher},
};
use crate::chain::node::NodeChain;

/// How old the last finalised block may be before nothing is signed.
const MAX_HEAD_AGE: Duration = Duration::from_secs(60);

/// Runs the attestor until `stop`. It may be stopped at any moment: what it was about to sign is
/// either written down, and signed when it runs again, or was never signed.
pub async fn run(config: Config, stop: impl Future<Output = ()> + Send) -> Result<()> {
	let signer = Signer { id: config.id, pair: config.pair()? };
	let store = Store::open(&config.data_dir)
		.await
		.with_context(|| format!("record of signatures in {}", config.data_dir.display()))?;
	let metrics = Arc::<Metrics>::default();
	let mut relays = Vec::new();
	for url in &config.relay_urls {
		let client = RelayClient::new(url).context("URL of a relay")?;
		relays.push(Arc::new(Watched { client, chain: Default::default() }));
	}
	tracing::info!(
		id = signer.id,
		key = ?signer.pair.public(),
		node = %config.node,
		relays = relays.len(),
		"attestor started"
	);
	let mut tasks = JoinSet::new();
	for relay in &relays {
		let watcher = Watcher {
			relay: relay.clone(),
			signer: signer.clone(),
			store: store.clone(),
			metrics: metrics.clone(),
			connect: connect(config.node.clone()),
		};
		tasks.spawn(async move { anyhow::Error::from(watcher.run().await) });
	}
	if let Some(address) = config.listen {
		let listener =
			TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))?;
		let router = router(Arc::new(Status { attestor: signer.id, relays, metrics }));
		tasks.spawn(async move {
			match axum::serve(listener, router).await {
				Ok(()) => anyhow::anyhow!("the HTTP server ended"),
				Err(error) => anyhow::Error::from(error).context("serving HTTP"),
			}
		});
	}
	let ended = tokio::select! {
		() = stop => Ok(()),
		Some(problem) = tasks.join_next() => Err(problem?),
	};
	tracing::info!("stopping");
	tasks.shutdown().await;
	store.close().await;
	ended
}

/// Follows the chain for as long as the program runs.
fn connect(node: String) -> Connect {
	Arc::new(move |relay| {
		let view = NodeChain::new(node.clone(), relay, MAX_HEAD_AGE);
		// It follows the chain for ever, and ends with the program.
		drop(tokio::spawn(view.clone().follow()));
		let chain: Arc<dyn Chain> = Arc::new(ViewedChain { view, relay });
		chain
	})
}
