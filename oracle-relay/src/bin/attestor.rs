//! An L-Exchange attestor as a program.

use std::io::IsTerminal;

use anyhow::Result;
use clap::Parser;
use oracle_relay::attestor::{config::Config, run::run};
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> Result<()> {
	let config = Config::parse();
	start_log(config.log_json);
	let mut terminate = signal(SignalKind::terminate())?;
	let stop = async move {
		tokio::select! {
			_ = terminate.recv() => {},
			// If the interrupt cannot be listened for, the other signal still stops the attestor.
			Ok(()) = tokio::signal::ctrl_c() => {},
		}
	};
	run(config, stop).await
}

fn start_log(json: bool) {
	let filter = EnvFilter::try_from_default_env()
		.unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,subxt=warn,jsonrpsee=warn"));
	let log = tracing_subscriber::fmt()
		.with_env_filter(filter)
		.with_writer(std::io::stderr)
		.with_ansi(std::io::stderr().is_terminal());
	if json {
		log.json().init();
	} else {
		log.init();
	}
}
