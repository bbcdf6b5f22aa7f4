//! `lx verify`: checks a call that somebody paid for against the chain.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use lx_primitives::CallId;
use serde_json::{json, Value};
use sp_core::H256;

use crate::{
	advice::advise,
	args::Verify,
	audit::name,
	chain::{state::State, Chain},
	evidence::{Check, Evidence, OnChain},
	output::Reply,
	relay,
};

/// What no receipt proves.
const NOT_PROVEN: &str = "\
What this does not prove: that the provider really ran this model, that it used so many tokens, or
that its answer was any good. The relay reports those, and the attestors see neither prompt nor
answer. Who keeps both can hold the relay to their hashes in the receipt, with the salt that it names.";

/// What to do while attestors have yet to sign.
const WAIT: &str =
	"try again in a few seconds; a batch that attestors do not sign waits for a day at most";

/// Checks a call's receipt or proof.
pub async fn run(chain: &Chain, arguments: &Verify) -> Result<Reply> {
	let evidence = Evidence::read(&given(arguments).await?)?;
	let on_chain = on_chain(chain, &evidence).await?;
	if evidence.is_early(&on_chain) {
		return Err(advise(
			format!("{}\n  batch {} waits to be posted", evidence.describe(), evidence.sequence),
			WAIT,
		));
	}
	let checks = evidence.check(&on_chain);
	let failed: Vec<&Check> = checks.iter().filter(|check| !check.holds).collect();
	if evidence.is_replaced(&on_chain) {
		return Err(replaced(&evidence));
	}
	if !failed.is_empty() {
		let list: String =
			failed.iter().map(|check| format!("\n  not so: {}", check.what)).collect();
		return Err(advise(
			format!("{}{list}", evidence.describe()),
			"keep the receipt; `lx audit --relay URL` looks for what can be proven to the chain",
		));
	}
	let is_final = on_chain.batch.is_some_and(|batch| batch.final_at.is_none());
	// Nobody has read anything in a proof that comes from the relay.
	let unproven = if is_file(arguments) { evidence.unproven(&on_chain) } else { Vec::new() };
	Ok(reply(&evidence, &checks, &unproven, is_final))
}

/// Why evidence from before its batch was replaced proves nothing.
fn replaced(evidence: &Evidence) -> anyhow::Error {
	let (call, relay) = (name(&evidence.leaf().call_id), evidence.relay);
	advise(
		format!(
			"{}\n  the chain has another batch {} of relay {relay} than this one, which was open when \
			 this was written: a relay replaces a batch that the chain does not take in time, and the \
			 call is in the new one or in a later one",
			evidence.describe(),
			evidence.sequence,
		),
		format!("`lx verify {call}` asks the relay for the proof as it is now; keep this one until then"),
	)
}

/// What evidence that holds proves, and what not.
fn reply(evidence: &Evidence, checks: &[Check], unproven: &[String], is_final: bool) -> Reply {
	let mut list: String =
		checks.iter().map(|check| format!("\n  proven: {}", check.what)).collect();
	if !unproven.is_empty() {
		list += &format!("\n  neither proven nor signed: {}", unproven.join(", "));
	}
	let text = format!("{}{list}\n\n{NOT_PROVEN}", evidence.describe());
	let mut told = evidence.to_json();
	told["proven"] = json!(checks.iter().map(|check| &check.what).collect::<Vec<_>>());
	told["unproven_fields"] = json!(unproven);
	told["not_proven"] = json!(NOT_PROVEN.replace('\n', " "));
	told["final"] = json!(is_final);
	Reply::new(text, told)
}

/// The receipt or the proof: from a file, or the relay.
async fn given(arguments: &Verify) -> Result<Value> {
	if is_file(arguments) {
		let text = fs::read(&arguments.call)?;
		return serde_json::from_slice(&text).context(format!("{} is no JSON", arguments.call));
	}
	let call = read_id(&arguments.call).ok_or_else(|| {
		advise(
			format!("{} is neither a call's id nor a file", arguments.call),
			"an id is 0x and 32 hexadecimal digits: `x-lx-call-id` of the relay's answer",
		)
	})?;
	let proof = relay::proof(&arguments.at.relay, &call).await?.map_err(|refused| {
		let next = match refused.code.as_str() {
			"call_void" => {
				"nothing is left to verify; `lx audit` checks all that the relay charges"
			},
			"call_waiting" => WAIT,
			"not_found" => "check the id and --relay; of a void call a relay knows for a day",
			_ => "check --relay, and the relay's log",
		};
		advise(format!("no proof of call {}: {}", name(&call), refused.message), next)
	})?;
	Evidence::read(&proof)?.ensure_is_of(&call)?;
	Ok(proof)
}

fn is_file(arguments: &Verify) -> bool {
	Path::new(&arguments.call).is_file()
}

fn read_id(text: &str) -> Option<CallId> {
	hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok()?.try_into().ok()
}

async fn on_chain(chain: &Chain, evidence: &Evidence) -> Result<OnChain> {
	let block = chain.finalised().await?;
	let state = State(&block);
	let leaf = evidence.leaf();
	let relay = state.relay(evidence.relay).await?;
	let offer = match leaf.payment.quota() {
		Some(launch) => state.offer(launch).await?,
		None => None,
	};
	Ok(OnChain {
		genesis: H256(chain.client.genesis_hash().0),
		batch: state.batch(evidence.relay, evidence.sequence).await?,
		price: state.price(&leaf.model, leaf.price_version).await?,
		offer,
		tiers: state.staker(leaf.account.clone().into()).await?.tiers(),
		now: state.now().await?,
		relay_key: relay.map(|relay| relay.key),
		next_sequence: relay.map(|relay| relay.next_sequence),
	})
}
