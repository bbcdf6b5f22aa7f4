//! What the relay and the attestor have in common as programs: their log, and how they are stopped.

use std::{future::Future, io::IsTerminal};

use anyhow::Result;
use tokio::signal::unix::{signal, SignalKind};
use tracing_subscriber::EnvFilter;

/// Writes the log to standard error, as JSON if that is wanted.
pub fn start_log(json: bool) {
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

/// Ends when the program is told to.
pub fn stopped() -> Result<impl Future<Output = ()>> {
	let mut terminate = signal(SignalKind::terminate())?;
	Ok(async move {
		tokio::select! {
			_ = terminate.recv() => {},
			// If the interrupt cannot be listened for, the other signal still stops the program.
			Ok(()) = tokio::signal::ctrl_c() => {},
		}
	})
}
