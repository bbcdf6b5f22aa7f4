//! An L-Exchange attestor as a program.

use anyhow::Result;
use clap::Parser;
use oracle_relay::{
	attestor::{config::Config, run::run},
	process::{start_log, stopped},
};

#[tokio::main]
async fn main() -> Result<()> {
	let config = Config::parse();
	start_log(config.log_json);
	run(config, stopped()?).await
}
