//! `lx verify`: checks a call that somebody paid for against the chain.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use lx_primitives::CallId;
use oracle_relay::attestor::client::RelayClient;
use serde_json::{json, Value};
use sp_core::H256;

use crate::{
	advice::advise,
	args::Verify,
	chain::{state::State, Chain},
	evidence::{Check, Evidence, OnChain},
	output::Reply,
	relay,
};

const NOT_PROVEN: &str = "\
What this does not prove: that the provider really ran this model, that it used so many tokens, or
that its answer was any good. The relay reports those, and the attestors see neither prompt nor
answer. Who keeps both can hold the relay to their hashes in the receipt, with the salt that it names.";

/// Checks a call's receipt or proof.
pub async fn run(chain: &Chain, arguments: &Verify) -> Result<Reply> {
	let evidence = Evidence::read(&given(arguments).await?)?;
	let on_chain = on_chain(chain, &evidence).await?;
	if evidence.is_early(&on_chain) {
		return Err(advise(
			format!("{}\n  batch {} waits to be posted", evidence.describe(), evidence.sequence),
			"try again in a few seconds; a batch that attestors do not sign waits for a day at most",
		));
	}
	let checks = evidence.check(&on_chain);
	let failed: Vec<&Check> = checks.iter().filter(|check| !check.holds).collect();
	if !failed.is_empty() {
		let list: String =
			failed.iter().map(|check| format!("\n  not so: {}", check.what)).collect();
		return Err(advise(
			format!("{}{list}", evidence.describe()),
			"keep the receipt; `lx audit --relay URL` looks for what can be proven to the chain",
		));
	}
	let list: String = checks.iter().map(|check| format!("\n  proven: {}", check.what)).collect();
	let text = format!("{}{list}\n\n{NOT_PROVEN}", evidence.describe());
	let mut told = evidence.to_json();
	told["proven"] = json!(checks.iter().map(|check| &check.what).collect::<Vec<_>>());
	told["final"] = json!(on_chain.batch.is_some_and(|batch| batch.final_at.is_none()));
	Ok(Reply::new(text, told))
}

/// The receipt or the proof: from a file, or the relay.
async fn given(arguments: &Verify) -> Result<Value> {
	if Path::new(&arguments.call).is_file() {
		let text = fs::read(&arguments.call)?;
		return serde_json::from_slice(&text).context(format!("{} is no JSON", arguments.call));
	}
	let call = read_id(&arguments.call).ok_or_else(|| {
		advise(
			format!("{} is neither a call's id nor a file", arguments.call),
			"an id is 0x and 32 hexadecimal digits: `x-lx-call-id` of the relay's answer",
		)
	})?;
	let client = RelayClient::new(relay::root_url(&arguments.at.relay))?;
	let proof = client.proof(&call).await.map_err(|error| {
		advise(
			format!("no proof of call {}: {error}", arguments.call),
			"check --relay; a call is in a batch a few seconds after it was made",
		)
	})?;
	Evidence::read(&proof)?.ensure_is_of(&call)?;
	Ok(proof)
}

fn read_id(text: &str) -> Option<CallId> {
	hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok()?.try_into().ok()
}

async fn on_chain(chain: &Chain, evidence: &Evidence) -> Result<OnChain> {
	let block = chain.finalised().await?;
	let state = State(&block);
	let leaf = evidence.leaf();
	Ok(OnChain {
		genesis: H256(chain.client.genesis_hash().0),
		batch: state.batch(evidence.relay, evidence.sequence).await?,
		price: state.price(&leaf.model, leaf.price_version).await?,
		relay_key: state.relay_key(evidence.relay).await?,
		next_sequence: state.next_sequence(evidence.relay).await?,
	})
}
