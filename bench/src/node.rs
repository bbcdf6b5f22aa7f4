//! A node in a process of its own: the only validator of a development chain, in a folder that goes with
//! it.

use std::{
	fs::File,
	net::TcpListener,
	path::{Path, PathBuf},
	process::{Child, Command},
	time::{Duration, Instant},
};

use codec::Decode;
use sc_cli::Result;
use serde::de::DeserializeOwned;
use serde_json::{json, Map, Value};
use sp_core::{bytes::to_hex, storage::Storage, Bytes, H256};
use subxt::rpcs::{client::RpcParams, rpc_params, RpcClient};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::chain::{events_key, Events};

/// How long a node may take until it makes blocks.
const PATIENCE: Duration = Duration::from_secs(120);

/// So many lines of a node's log tell what is wrong.
const LOG_LINES: usize = 20;

/// How long to wait between two looks at a node.
pub const PAUSE: Duration = Duration::from_millis(50);

/// How it is run beside where and with what. It keeps what it is sent ahead of the blocks, and listens on
/// this machine alone.
const SETTINGS: [&str; 12] = [
	"--alice",
	"--force-authoring",
	"--unsafe-force-node-key-generation",
	"--no-mdns",
	"--no-prometheus",
	"--no-telemetry",
	"--listen-addr",
	"/ip4/127.0.0.1/tcp/0",
	"--pool-limit",
	"100000",
	"--pool-kbytes",
	"1000000",
];

/// A running node. It ends when this is dropped.
pub struct Node {
	process: Child,
	url: String,
	folder: TempDir,
}

/// A connection to a node.
pub struct Connection(RpcClient);

impl Node {
	/// Starts `program` on a chain that begins with `genesis`.
	pub fn start(program: &Path, genesis: Storage) -> Result<Self> {
		let folder = tempfile::tempdir()?;
		let chain = folder.path().join("chain.json");
		std::fs::write(&chain, specification(genesis).to_string())?;
		// The system chooses a port, which nobody else takes in the moment until the node does.
		let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
		let log = File::create(log_of(&folder))?;
		let process = Command::new(program)
			.args(SETTINGS)
			.arg("--chain")
			.arg(&chain)
			.arg("--base-path")
			.arg(folder.path())
			.arg("--rpc-port")
			.arg(port.to_string())
			.stdout(log.try_clone()?)
			.stderr(log)
			.spawn()
			.map_err(|error| {
				let program = program.display();
				format!("cannot run {program}: {error}; build it with scripts/build.sh")
			})?;
		Ok(Self { process, url: format!("ws://127.0.0.1:{port}"), folder })
	}

	/// Waits until it makes blocks.
	pub async fn ready(&mut self) -> Result<Connection> {
		let began = Instant::now();
		while self.process.try_wait()?.is_none() && began.elapsed() < PATIENCE {
			if let Ok(connection) = self.connect().await {
				if connection.height().await? > 0 {
					return Ok(connection);
				}
			}
			sleep(PAUSE).await;
		}
		Err("the node makes no blocks".into())
	}

	/// The last that it has said.
	pub fn log(&self) -> String {
		let log = std::fs::read_to_string(log_of(&self.folder)).unwrap_or_default();
		let lines: Vec<_> = log.lines().collect();
		lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
	}

	/// One more connection to it.
	pub async fn connect(&self) -> Result<Connection> {
		let client = RpcClient::from_url(&self.url).await;
		Ok(Connection(client.map_err(|error| format!("{}: {error}", self.url))?))
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		// If it has ended by itself there is nothing to end.
		let _ = self.process.kill();
		let _ = self.process.wait();
	}
}

impl Connection {
	/// The number of the best block.
	pub async fn height(&self) -> Result<u32> {
		number_of(&self.ask("chain_getHeader", rpc_params![]).await?)
	}

	/// The number of the last final block.
	async fn final_height(&self) -> Result<u32> {
		let hash = self.ask("chain_getFinalizedHead", rpc_params![]).await?;
		number_of(&self.ask("chain_getHeader", rpc_params![hash]).await?)
	}

	/// Waits until there is a block after this one, or a final one: the number of the last.
	pub async fn after(&self, number: u32, is_final: bool) -> Result<u32> {
		let began = Instant::now();
		while began.elapsed() < PATIENCE {
			let height = match is_final {
				true => self.final_height().await?,
				false => self.height().await?,
			};
			if height > number {
				return Ok(height);
			}
			sleep(PAUSE).await;
		}
		Err(format!("no block came after block {number}").into())
	}

	/// The hash of the first block.
	pub async fn genesis(&self) -> Result<H256> {
		parsed(self.hash(0).await?)
	}

	/// How many transactions a block has.
	pub async fn transactions(&self, number: u32) -> Result<usize> {
		let hash = self.hash(number).await?;
		let block = self.ask("chain_getBlock", rpc_params![hash]).await?;
		let body = block["block"]["extrinsics"].as_array().ok_or("a block has no body")?;
		// The time comes first, and nobody has sent it.
		Ok(body.len().saturating_sub(1))
	}

	/// What happened in a block.
	pub async fn events(&self, number: u32) -> Result<Events> {
		let (key, hash) = (Bytes(events_key().to_vec()), self.hash(number).await?);
		let events = self.ask("state_getStorage", rpc_params![key, hash]).await?;
		let Bytes(events) = parsed(events)?;
		Ok(Events::decode(&mut &events[..])?)
	}

	/// Whether nothing waits for a block.
	pub async fn is_idle(&self) -> Result<bool> {
		let waiting = self.ask("author_pendingExtrinsics", rpc_params![]).await?;
		Ok(waiting.as_array().is_some_and(Vec::is_empty))
	}

	/// Sends a transaction, encoded as hexadecimal digits.
	pub async fn send(&self, transaction: &str) -> Result<()> {
		self.ask("author_submitExtrinsic", rpc_params![transaction]).await?;
		Ok(())
	}

	/// The hash of a block of the best chain, as it is asked for.
	async fn hash(&self, number: u32) -> Result<Value> {
		self.ask("chain_getBlockHash", rpc_params![number]).await
	}

	async fn ask(&self, method: &str, params: RpcParams) -> Result<Value> {
		let answer = self.0.request(method, params).await;
		Ok(answer.map_err(|error| format!("{method}: {error}"))?)
	}
}

fn parsed<T: DeserializeOwned>(answer: Value) -> Result<T> {
	Ok(serde_json::from_value(answer).map_err(|error| error.to_string())?)
}

/// The number of the block that this is the header of.
fn number_of(header: &Value) -> Result<u32> {
	let digits = header["number"].as_str().and_then(|number| number.strip_prefix("0x"));
	let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
	Ok(number.ok_or("a block's header has no number")?)
}

fn log_of(folder: &TempDir) -> PathBuf {
	folder.path().join("node.log")
}

/// The specification of the chain that begins with `genesis`.
fn specification(genesis: Storage) -> Value {
	let top: Map<String, Value> = genesis
		.top
		.into_iter()
		.map(|(key, value)| (to_hex(&key, false), Value::String(to_hex(&value, false))))
		.collect();
	json!({
		"name": "Flood",
		"id": "lx_flood",
		"chainType": "Development",
		"bootNodes": [],
		"telemetryEndpoints": null,
		"protocolId": "lx",
		"properties": null,
		"genesis": { "raw": { "top": top, "childrenDefault": {} } },
	})
}
