//! Settings: command-line flags, each with an environment variable.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{bail, Result};
use clap::{builder::FalseyValueParser, Parser};
use sp_core::{sr25519, Pair};

/// An attestor of L-Exchange: checks the batches of relays against the chain, and signs those that
/// are right.
#[derive(Clone, Debug, Parser)]
#[command(name = "attestor", version)]
pub struct Config {
	/// WebSocket address of a node's RPC. It should be the attestor's own node: what it says is
	/// believed.
	#[arg(long, env = "LX_ATTESTOR_NODE", default_value = "ws://127.0.0.1:9944")]
	pub node: String,

	/// Base URL of a relay whose batches are to be signed. Repeat it for each.
	#[arg(
		long = "relay-url",
		env = "LX_ATTESTOR_RELAY_URLS",
		default_value = "http://127.0.0.1:8080",
		value_delimiter = ','
	)]
	pub relay_urls: Vec<String>,

	/// Id of this attestor on the chain.
	#[arg(long, env = "LX_ATTESTOR_ID")]
	pub id: u32,

	/// Secret of the attestor's sr25519 key: a phrase, a seed, or a derivation such as
	/// `//Attestor//0`. Required without `--dev`.
	#[arg(long, env = "LX_ATTESTOR_KEY", hide_env_values = true)]
	pub key: Option<String>,

	/// Folder of the record of what was signed. An attestor that loses it may sign two batches for
	/// one place, and lose its bond.
	#[arg(long, env = "LX_ATTESTOR_DATA_DIR", default_value = ".lx/attestor")]
	pub data_dir: PathBuf,

	/// Address to serve `/health` and `/metrics` on; without it nothing is served.
	#[arg(long, env = "LX_ATTESTOR_LISTEN")]
	pub listen: Option<SocketAddr>,

	/// Development: use the development chain's key if no other is given.
	#[arg(long, env = "LX_ATTESTOR_DEV", value_parser = FalseyValueParser::new())]
	pub dev: bool,

	/// Write the log as JSON, one object a line.
	#[arg(long, env = "LX_ATTESTOR_LOG_JSON", value_parser = FalseyValueParser::new())]
	pub log_json: bool,
}

impl Config {
	/// The attestor's key.
	pub fn pair(&self) -> Result<sr25519::Pair> {
		let secret = match &self.key {
			Some(secret) => secret.clone(),
			None if self.dev => format!("//Attestor//{}", self.id),
			None => bail!("no attestor key: pass --key, or --dev on a development chain"),
		};
		// The error must not repeat the secret.
		sr25519::Pair::from_string(&secret, None)
			.map_err(|_| anyhow::anyhow!("the attestor's secret key is invalid"))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	fn parse(arguments: &[&str]) -> Config {
		Config::parse_from(["attestor", "--id", "1"].iter().chain(arguments))
	}

	#[test]
	fn the_flags_are_consistent() {
		Config::command().debug_assert();
	}

	#[test]
	fn the_key_is_given_or_that_of_the_development_chain() {
		let public = |uri| sr25519::Pair::from_string(uri, None).unwrap().public();
		let found = |arguments: &[&str]| parse(arguments).pair().map(|pair| pair.public());
		assert_eq!(found(&["--dev"]).unwrap(), public("//Attestor//1"));
		assert_eq!(found(&["--dev", "--key", "//A"]).unwrap(), public("//A"));
		assert!(found(&[]).is_err());
		let error = found(&["--key", "no secret"]).unwrap_err().to_string();
		assert!(!error.contains("no secret"), "{error}");
	}

	#[test]
	fn relays_are_named_one_by_one_or_in_a_list() {
		let config = parse(&["--relay-url", "http://a", "--relay-url", "http://b,http://c"]);
		assert_eq!(config.relay_urls, ["http://a", "http://b", "http://c"]);
		assert_eq!(parse(&[]).relay_urls, ["http://127.0.0.1:8080"]);
	}

	#[test]
	fn an_attestor_needs_an_id() {
		assert!(Config::try_parse_from(["attestor"]).is_err());
	}
}
