//! Settings: command-line flags, each with an environment variable.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::{bail, Result};
use clap::{builder::FalseyValueParser, value_parser, Parser};
use lx_primitives::{Perk, RelayId, Tier};

/// The relay's key on a development chain.
const DEV_RELAY_KEY: &str = "//Relay";

/// An OpenAI-compatible relay that meters LLM calls and posts them to the L-Exchange chain, where
/// they mine LCO.
#[derive(Clone, Debug, Parser)]
#[command(name = "oracle-relay", version)]
pub struct Config {
	/// Address to serve HTTP on.
	#[arg(long, env = "LX_RELAY_LISTEN", default_value = "127.0.0.1:8080")]
	pub listen: SocketAddr,

	/// Folder of the ledger.
	#[arg(long, visible_alias = "data", env = "LX_RELAY_DATA_DIR", default_value = ".lx/relay")]
	pub data_dir: PathBuf,

	/// WebSocket address of a node's RPC.
	#[arg(long, env = "LX_RELAY_NODE", default_value = "ws://127.0.0.1:9944")]
	pub node: String,

	/// Id of this relay on the chain.
	#[arg(long, env = "LX_RELAY_ID", default_value_t = 0)]
	pub relay_id: RelayId,

	/// Secret of the relay's sr25519 key: a phrase, a seed, or a derivation such as `//Relay`.
	#[arg(long, env = "LX_RELAY_KEY", hide_env_values = true)]
	pub relay_key: Option<String>,

	/// Base URL of an OpenAI-compatible provider, for example `https://api.openai.com/v1`. Required
	/// without `--dev`.
	#[arg(long, env = "LX_RELAY_UPSTREAM_URL")]
	pub upstream_url: Option<String>,

	/// API key for the provider.
	#[arg(long, env = "LX_RELAY_UPSTREAM_KEY", hide_env_values = true)]
	pub upstream_key: Option<String>,

	/// A model that the provider serves, as `NAME` or `NAME=PROVIDERS_NAME`. Repeat it for each;
	/// without any, the provider serves every model of the on-chain registry.
	#[arg(long = "model", env = "LX_RELAY_MODELS", value_delimiter = ',')]
	pub models: Vec<String>,

	/// The request field by which the provider takes the output limit, whichever the client sets.
	#[arg(
		long,
		env = "LX_RELAY_LIMIT_FIELD",
		default_value = "max_completion_tokens",
		value_parser = ["max_completion_tokens", "max_tokens"]
	)]
	pub limit_field: String,

	/// Development: use the development chain's key if no other is given, and serve the
	/// models of the built-in demo provider.
	#[arg(long, env = "LX_RELAY_DEV", value_parser = FalseyValueParser::new())]
	pub dev: bool,

	/// Output tokens to allow when the client sets no limit.
	#[arg(long, env = "LX_RELAY_DEFAULT_MAX_TOKENS", default_value_t = 4_096)]
	pub default_max_tokens: u32,

	/// The most output tokens, of all its choices together, that an answer may have which is not
	/// streamed: what the provider makes within `--upstream-timeout`, at 137 a second if neither is
	/// set. A longer one would be void, and the relay would pay for it. At the same pace an answer that
	/// breaks off is taken to have been made, choice by choice.
	#[arg(long, env = "LX_RELAY_MAX_WHOLE_TOKENS", default_value_t = 16_384)]
	pub max_whole_tokens: u32,

	/// Input tokens to allow for an image or a sound. A call is charged no more for one, and a client
	/// that leaves before the provider reports is charged as much: set what your dearest model makes of
	/// the largest.
	#[arg(long, env = "LX_RELAY_MEDIA_TOKENS", default_value_t = 8_192)]
	pub media_tokens: u32,

	/// Seconds between two batches.
	#[arg(long, env = "LX_RELAY_BATCH_INTERVAL", default_value_t = 4)]
	pub batch_interval: u64,

	/// Largest request body in bytes.
	#[arg(long, env = "LX_RELAY_MAX_BODY_BYTES", default_value_t = 8 * 1024 * 1024)]
	pub max_body_bytes: u32,

	/// Bytes of calls' bodies that may be on their way in at the same time. An account has a
	/// thirty-second of them.
	#[arg(long, env = "LX_RELAY_MAX_ARRIVING_BYTES", default_value_t = 1024 * 1024 * 1024)]
	pub max_arriving_bytes: u64,

	/// Seconds that a request body may take to arrive.
	#[arg(long, env = "LX_RELAY_BODY_TIMEOUT", default_value_t = 30)]
	pub body_timeout: u64,

	/// Calls served at the same time.
	#[arg(long, env = "LX_RELAY_MAX_OPEN_CALLS", default_value_t = 1_024)]
	pub max_open_calls: u32,

	/// Calls of one account served at the same time.
	#[arg(long, env = "LX_RELAY_MAX_CALLS_PER_ACCOUNT", default_value_t = 32)]
	pub max_calls_per_account: u32,

	/// Calls that one account may make a minute.
	#[arg(
		long,
		env = "LX_RELAY_CALLS_PER_MINUTE",
		default_value_t = 3_000,
		value_parser = value_parser!(u32).range(1..)
	)]
	pub calls_per_minute: u32,

	/// Calls of one account of tier Lv2 or a higher one served at the same time: the high-concurrency
	/// channel.
	#[arg(long, env = "LX_RELAY_HIGH_MAX_CALLS_PER_ACCOUNT", default_value_t = 256)]
	pub high_max_calls_per_account: u32,

	/// Calls that one account of tier Lv2 or a higher one may make a minute.
	#[arg(
		long,
		env = "LX_RELAY_HIGH_CALLS_PER_MINUTE",
		default_value_t = 30_000,
		value_parser = value_parser!(u32).range(1..)
	)]
	pub high_calls_per_minute: u32,

	/// µCRED that an account's calls may cost the relay while nobody pays, before the account rests. As
	/// much is forgotten in an hour, and whole answers that are paid make up for it.
	#[arg(
		long,
		env = "LX_RELAY_MAX_UNPAID",
		default_value_t = 2_000_000,
		value_parser = value_parser!(u64).range(1..)
	)]
	pub max_unpaid: u64,

	/// A request parameter, or a kind of part of a message such as `file`, that goes to the provider
	/// although it may have a price beside the tokens, which the relay then pays. Repeat it for each.
	#[arg(
		long = "allow-parameter",
		env = "LX_RELAY_ALLOW_PARAMETERS",
		value_name = "NAME",
		value_delimiter = ','
	)]
	pub allowed_parameters: Vec<String>,

	/// Seconds to wait for the provider's answer, or for the first event of a stream.
	#[arg(long, env = "LX_RELAY_UPSTREAM_TIMEOUT", default_value_t = 120)]
	pub upstream_timeout: u64,

	/// Seconds to wait for the next event of a stream, for a client to take it, and for the usage
	/// report after a client has left with the whole answer.
	#[arg(long, env = "LX_RELAY_IDLE_TIMEOUT", default_value_t = 60)]
	pub idle_timeout: u64,

	/// Seconds that a stream may last in all. Far less than balances thaw on the chain, since what is
	/// served later than that cannot be charged.
	#[arg(long, env = "LX_RELAY_MAX_STREAM_TIME", default_value_t = 900)]
	pub max_stream_time: u64,

	/// Seconds to let the calls under way finish when the relay stops.
	#[arg(long, env = "LX_RELAY_STOP_TIMEOUT", default_value_t = 120)]
	pub stop_timeout: u64,

	/// Seconds that the last finalised block may be old, by its own time and this machine's clock,
	/// before calls are refused. Finality takes some seconds of them even when all is well.
	#[arg(long, env = "LX_RELAY_MAX_HEAD_AGE", default_value_t = 60)]
	pub max_head_age: u64,

	/// Write the log as JSON, one object a line.
	#[arg(long, env = "LX_RELAY_LOG_JSON", value_parser = FalseyValueParser::new())]
	pub log_json: bool,
}

impl Config {
	/// The relay's secret.
	pub fn relay_secret(&self) -> Result<String> {
		match &self.relay_key {
			Some(secret) => Ok(secret.clone()),
			None if self.dev => Ok(DEV_RELAY_KEY.into()),
			None => bail!("no relay key: pass --relay-key, or --dev on a development chain"),
		}
	}

	/// The limits that calls are served under.
	pub fn limits(&self) -> Limits {
		Limits {
			default_max_tokens: self.default_max_tokens,
			max_whole_tokens: self.max_whole_tokens,
			media_tokens: self.media_tokens,
			max_body_bytes: self.max_body_bytes,
			max_arriving_bytes: self.max_arriving_bytes,
			body_timeout: Duration::from_secs(self.body_timeout),
			max_open_calls: self.max_open_calls,
			ordinary: Channel {
				at_once: self.max_calls_per_account,
				per_minute: Some(self.calls_per_minute),
			},
			high: Channel {
				at_once: self.high_max_calls_per_account,
				per_minute: Some(self.high_calls_per_minute),
			},
			max_unpaid: self.max_unpaid,
			allowed_parameters: self.allowed_parameters.clone(),
			upstream_timeout: Duration::from_secs(self.upstream_timeout),
			idle_timeout: Duration::from_secs(self.idle_timeout),
			max_stream_time: Duration::from_secs(self.max_stream_time),
			limit_field: self.limit_field.clone(),
		}
	}
}

/// Limits that calls are served under.
#[derive(Clone, Debug)]
pub struct Limits {
	/// Output tokens when the client sets no limit.
	pub default_max_tokens: u32,
	/// The most output tokens of an answer that is not streamed: what the provider makes within
	/// [`Limits::upstream_timeout`].
	pub max_whole_tokens: u32,
	/// Input tokens for an image or a sound.
	pub media_tokens: u32,
	/// Largest request body in bytes.
	pub max_body_bytes: u32,
	/// Bytes of calls' bodies that may be on their way in at the same time.
	pub max_arriving_bytes: u64,
	/// How long a request body may take to arrive.
	pub body_timeout: Duration,
	/// Calls served at the same time.
	pub max_open_calls: u32,
	/// What an account may call that has staked too little for another channel.
	pub ordinary: Channel,
	/// What an account may call from tier Lv2 on.
	pub high: Channel,
	/// µCRED that an account's calls may cost while nobody pays.
	pub max_unpaid: u64,
	/// Request parameters that go on to the provider beside those that are priced by tokens alone.
	pub allowed_parameters: Vec<String>,
	/// How long to wait for an answer or for a stream's first event.
	pub upstream_timeout: Duration,
	/// How long to wait for a stream's next event, for a client to take it, and for the usage
	/// report after a client has left with the whole answer.
	pub idle_timeout: Duration,
	/// How long a stream may last in all.
	pub max_stream_time: Duration,
	/// The request field for the output limit.
	pub limit_field: String,
}

/// How many calls an account may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
	/// Calls served at the same time.
	pub at_once: u32,
	/// Calls a minute; `None` for as many as it likes.
	pub per_minute: Option<u32>,
}

/// Of the places for calls, one in so many is kept from a champion without a limit of concurrency, so
/// that others can call too.
const KEPT_FOR_OTHERS: u32 = 8;

impl Limits {
	/// What an account of this tier may call, which has this perk.
	pub fn channel(&self, tier: Tier, perk: Option<Perk>) -> Channel {
		let by_tier = if tier.has_high_concurrency() { self.high } else { self.ordinary };
		match perk {
			Some(Perk::NoConcurrencyLimit) => {
				let all_but_some = self
					.max_open_calls
					.saturating_sub(self.max_open_calls.div_ceil(KEPT_FOR_OTHERS));
				Channel { at_once: by_tier.at_once.max(all_but_some), per_minute: None }
			},
			Some(Perk::FreeCalls { .. }) | None => by_tier,
		}
	}

	/// Output tokens of a choice that the provider may have made in `time`, at the pace that the
	/// limits give it; rounded up.
	pub fn made_in(&self, time: Duration) -> u32 {
		let made = time.as_nanos().saturating_mul(self.max_whole_tokens.into());
		match self.upstream_timeout.as_nanos() {
			0 => u32::MAX,
			nanos => u32::try_from(made.div_ceil(nanos)).unwrap_or(u32::MAX),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	fn parse(arguments: &[&str]) -> Config {
		Config::parse_from(std::iter::once(&"oracle-relay").chain(arguments))
	}

	#[test]
	fn the_flags_are_consistent() {
		Config::command().debug_assert();
	}

	#[test]
	fn development_fills_the_key() {
		let config = parse(&["--dev"]);
		assert_eq!(config.relay_secret().unwrap(), "//Relay");
	}

	#[test]
	fn production_needs_its_own_key() {
		let config = parse(&[]);
		assert!(config.relay_secret().is_err());
	}

	#[test]
	fn a_tier_and_a_perk_open_a_channel() {
		let limits =
			parse(&["--calls-per-minute", "7", "--high-max-calls-per-account", "99"]).limits();
		let channel = |at_once, per_minute| Channel { at_once, per_minute };
		let (ordinary, high) = (channel(32, Some(7)), channel(99, Some(30_000)));
		let tiers = Tier::ALL.map(|tier| limits.channel(tier, None));
		assert_eq!(tiers, [ordinary, high, high, high, high]);
		let free = Some(Perk::FreeCalls { relay: 0 });
		assert_eq!(limits.channel(Tier::Lv1, free), ordinary);
		let unlimited = limits.channel(Tier::Lv1, Some(Perk::NoConcurrencyLimit));
		assert_eq!(unlimited, channel(896, None));
		// It is never less than without the perk.
		let few = Limits { max_open_calls: 40, ..limits };
		assert_eq!(few.channel(Tier::Lv4, Some(Perk::NoConcurrencyLimit)), channel(99, None));
		assert!(Config::try_parse_from(["oracle-relay", "--calls-per-minute", "0"]).is_err());
	}

	#[test]
	fn a_provider_makes_what_fits_one_piece_within_the_timeout() {
		let limits = Limits { max_whole_tokens: 300, ..parse(&[]).limits() };
		let made = |millis| limits.made_in(Duration::from_millis(millis));
		assert_eq!([0, 1, 400, 401, 120_000, 240_000].map(made), [0, 1, 1, 2, 300, 600]);
		assert_eq!(limits.made_in(Duration::MAX), u32::MAX);
		let hasty = Limits { upstream_timeout: Duration::ZERO, ..limits };
		assert_eq!(hasty.made_in(Duration::ZERO), u32::MAX);
	}

	#[test]
	fn parameters_are_allowed_one_by_one_or_in_a_list() {
		let config = parse(&["--allow-parameter", "a", "--allow-parameter", "b,c"]);
		assert_eq!(config.limits().allowed_parameters, ["a", "b", "c"]);
	}
}
