//! Starting and stopping the relay.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::{bail, Context, Result};
use sp_core::{sr25519, Pair};
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

use crate::{
	api,
	app::App,
	attest::{
		poster::{Poster, Timing},
		RelaySigner,
	},
	chain::node::NodeChain,
	config::Config,
	ledger::{Ledger, LedgerError},
	providers::{demo::Demo, openai::OpenAi, ModelMap, Provider, Providers},
	tasks::now,
};

/// How long a batch may take to the finalised chain before it is submitted again: a few blocks and
/// their finality.
const RESUBMIT: Duration = Duration::from_secs(15);

/// How often what was kept long enough is forgotten.
const HOUSEKEEPING: Duration = Duration::from_secs(600);

/// Runs the relay until `stop`, then finishes the calls that are under way.
pub async fn run(config: Config, stop: impl Future<Output = ()> + Send) -> Result<()> {
	let signer = RelaySigner::new(config.relay_id, pair(&config.relay_secret()?)?);
	let providers = providers(&config)?;
	let ledger = Ledger::open(&config.data_dir)
		.await
		.with_context(|| format!("ledger in {}", config.data_dir.display()))?;
	let max_head_age = Duration::from_secs(config.max_head_age);
	let chain = NodeChain::new(config.node.clone(), config.relay_id, max_head_age);
	let follower = tokio::spawn(chain.clone().follow());
	let app = App::new(chain.clone(), ledger.clone(), providers, signer.clone(), config.limits());
	let timing =
		Timing { interval: Duration::from_secs(config.batch_interval), resubmit: RESUBMIT };
	let (board, metrics) = (app.board.clone(), app.metrics.clone());
	let poster = Poster::new(chain, ledger.clone(), signer, board, metrics, timing);
	let mut poster = tokio::spawn(poster.run());
	let housekeeping = tokio::spawn(keep_house(ledger.clone()));

	let listener = TcpListener::bind(config.listen)
		.await
		.with_context(|| format!("listening on {}", config.listen))?;
	tracing::info!(address = %listener.local_addr()?, node = %config.node, "relay started");
	let (close, closed) = oneshot::channel::<()>();
	let server = axum::serve(listener, api::router(app.clone()));
	let server = server.with_graceful_shutdown(async {
		// A dropped sender closes as well.
		let _ = closed.await;
	});
	let mut server = tokio::spawn(async move { server.await });

	let ended = tokio::select! {
		() = stop => Ok(()),
		problem = &mut poster => Err(anyhow::anyhow!(problem?)),
		result = &mut server => result?.context("serving HTTP"),
	};
	tracing::info!("stopping; finishing the calls under way");
	drop(close);
	finish(&app, server, Duration::from_secs(config.stop_timeout)).await;
	for task in [follower, housekeeping] {
		task.abort();
	}
	poster.abort();
	ledger.close().await;
	ended
}

/// Waits for the open calls, but not for ever.
async fn finish(
	app: &Arc<App>,
	server: tokio::task::JoinHandle<std::io::Result<()>>,
	patience: Duration,
) {
	let calls = async {
		// A server that has failed has no more calls.
		if !server.is_finished() {
			let _ = server.await;
		}
		app.tasks.finish().await;
	};
	if timeout(patience, calls).await.is_err() {
		tracing::warn!("some calls did not end in time; they will be void");
	}
}

async fn keep_house(ledger: Ledger) {
	loop {
		if let Err(error) = forget(&ledger).await {
			tracing::warn!(%error, "housekeeping failed");
		}
		tokio::time::sleep(HOUSEKEEPING).await;
	}
}

async fn forget(ledger: &Ledger) -> Result<(), LedgerError> {
	ledger.forget_outcomes(now()).await?;
	while ledger.forget_void(now()).await? {}
	Ok(())
}

fn pair(secret: &str) -> Result<sr25519::Pair> {
	// The error must not repeat the secret.
	sr25519::Pair::from_string(secret, None).map_err(|_| anyhow::anyhow!("a secret key is invalid"))
}

/// The provider that was given, and in development the demo provider, whose answers are worth no
/// money.
fn providers(config: &Config) -> Result<Providers> {
	let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
	if config.dev {
		providers.push(Arc::new(Demo));
	}
	if let Some(url) = &config.upstream_url {
		let models = ModelMap::parse(&config.models);
		let timeout = Duration::from_secs(config.upstream_timeout);
		providers.push(Arc::new(OpenAi::new(url, config.upstream_key.clone(), models, timeout)?));
	}
	if providers.is_empty() {
		bail!("no provider: pass --upstream-url, or --dev to answer with the demo provider");
	}
	Ok(Providers::new(providers))
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	fn found(arguments: &[&str]) -> Result<Providers> {
		let config = Config::parse_from(std::iter::once(&"oracle-relay").chain(arguments));
		providers(&config)
	}

	#[test]
	fn without_a_provider_the_relay_says_what_to_pass() {
		let error = found(&[]).err().unwrap().to_string();
		assert!(error.contains("--upstream-url") && error.contains("--dev"), "{error}");
	}

	#[test]
	fn the_demo_answers_in_development_only() {
		let upstream = ["--upstream-url", "http://127.0.0.1:1/v1", "--model", "gpt-4o"];
		let production = found(&upstream).unwrap();
		assert!(production.find("gpt-4o").is_some());
		assert!(production.find("lx-demo-1").is_none());
		assert!(found(&["--dev"]).unwrap().find("lx-demo-1").is_some());
	}
}
