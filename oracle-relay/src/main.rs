//! The L-Exchange relay as a program.

use anyhow::Result;
use clap::Parser;
use oracle_relay::{
	config::Config,
	process::{start_log, stopped},
	run::run,
};

#[tokio::main]
async fn main() -> Result<()> {
	let config = Config::parse();
	start_log(config.log_json);
	run(config, stopped()?).await
}
