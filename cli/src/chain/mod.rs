//! The chain, through a node.

pub mod buyback;
pub mod compute;
pub mod custody;
pub mod errors;
pub mod launches;
pub mod staking;
pub mod state;
pub mod submit;
pub mod wars;

use std::sync::Arc;

use anyhow::Result;
use serde_json::Value;
use subxt::{
	backend::LegacyBackend,
	client::Blocks,
	config::HashFor,
	rpcs::{rpc_params, RpcClient},
	utils::AccountId32,
	OnlineClient, OnlineClientAtBlock, SubstrateConfig,
};

use crate::{advice::advise, args::Global};

/// How the chain encodes things: the Substrate defaults, whose asset id is the `u32` that
/// `ChargeAssetTxPayment` takes here.
pub type LxConfig = SubstrateConfig;

/// A block of the chain, to read from.
pub type Block = OnlineClientAtBlock<LxConfig>;

/// A block's hash.
pub type Hash = HashFor<LxConfig>;

/// A connection to a node.
pub struct Chain {
	/// The chain's typed interface.
	pub client: OnlineClient<LxConfig>,
	rpc: RpcClient,
	url: String,
	is_insecure: bool,
}

impl Chain {
	/// Connects to the node that the options name.
	pub async fn connect(options: &Global) -> Result<Self> {
		Self::open(options.node.clone(), options.insecure).await
	}

	/// Connects to the same node again, which may follow another chain by now.
	pub async fn again(&self) -> Result<Self> {
		Self::open(self.url.clone(), self.is_insecure).await
	}

	async fn open(url: String, is_insecure: bool) -> Result<Self> {
		let rpc = match is_insecure {
			true => RpcClient::from_insecure_url(&url).await,
			false => RpcClient::from_url(&url).await,
		};
		let rpc = rpc.map_err(|error| unreachable_node(&url, &error))?;
		// Requests that are each answered by themselves, also when the runtime fails.
		let backend = LegacyBackend::<LxConfig>::builder().build(rpc.clone());
		let client = OnlineClient::from_backend(Arc::new(backend)).await?;
		Ok(Self { client, rpc, url, is_insecure })
	}

	/// The newest finalised block.
	pub async fn finalised(&self) -> Result<Block> {
		Ok(self.client.at_current_block().await?)
	}

	/// The newest block, which may never be final.
	pub async fn newest(&self) -> Result<Block> {
		let hash: Hash = self.rpc.request("chain_getBlockHash", rpc_params![]).await?;
		Ok(self.client.at_block(hash).await?)
	}

	/// A block by its number, which must be a finalised one's.
	pub async fn at(&self, number: u64) -> Result<Block> {
		Ok(self.client.at_block(number).await?)
	}

	/// Finalised blocks from the newest on, as they come.
	pub async fn new_blocks(&self) -> Result<NewBlocks> {
		Ok(NewBlocks(self.client.stream_blocks().await?))
	}

	/// Whether the chain is one for development, whose keys everybody knows.
	pub async fn is_for_development(&self) -> Result<bool> {
		let chain_type = self.rpc.request("system_chainType", rpc_params![]).await?;
		Ok(is_for_development(&chain_type))
	}

	/// The next nonce of `account`, counting what waits in the node's pool.
	pub async fn next_nonce(&self, account: &AccountId32) -> Result<u64> {
		let params = rpc_params![account.to_string()];
		Ok(self.rpc.request("system_accountNextIndex", params).await?)
	}
}

/// A stream of finalised blocks.
pub struct NewBlocks(Blocks<LxConfig>);

impl NewBlocks {
	/// The next block.
	pub async fn next(&mut self) -> Result<Block> {
		let block = self.0.next().await.ok_or_else(|| {
			advise("the node stopped sending blocks", "check that it runs, and try again")
		})?;
		Ok(block?.at().await?)
	}
}

/// A live chain, or one of a type that its makers invented, is not for development.
fn is_for_development(chain_type: &Value) -> bool {
	matches!(chain_type.as_str(), Some("Development" | "Local"))
}

fn unreachable_node(url: &str, error: &subxt::rpcs::Error) -> anyhow::Error {
	if matches!(error, subxt::rpcs::Error::InsecureUrl(_)) {
		return advise(
			format!("{url} is on another machine and not encrypted"),
			"use a wss:// address, or --insecure if you trust the network between you and the node",
		);
	}
	// The layers of the client each put the same words before the cause.
	let text = error.to_string();
	let cause = text.rsplit("client error: ").next().unwrap_or(&text);
	advise(
		format!("cannot reach a node at {url}: {cause}"),
		"start one with `make dev`, or name yours with --node or LX_NODE",
	)
}

#[cfg(test)]
mod tests {
	use serde_json::json;

	use super::*;

	#[test]
	fn only_development_chains_are_for_development() {
		assert!(is_for_development(&json!("Development")));
		assert!(is_for_development(&json!("Local")));
		assert!(!is_for_development(&json!("Live")));
		assert!(!is_for_development(&json!({ "Custom": "Development" })));
	}
}
