//! What a relay has given of a call, and what of it the chain bears out.

mod said;

use anyhow::Result;
use codec::DecodeAll;
use lx_primitives::{proof::CallProof, CallId, Leaf, Moment, Offer, RelayId, TierHistory, Usage};
use oracle_relay::{
	attest::{receipt::payment, receipt_hash},
	attestor::book::PriceSpan,
};
use serde_json::{json, Value};
use sp_core::{crypto::AccountId32, sr25519, Pair, H256};

use crate::{
	advice::advise,
	amount::Unit,
	audit::{name, wrong_price, Pricing},
	chain::compute::Taken,
};

/// What a relay has given of a call that is in a batch.
#[derive(Clone, Debug)]
pub struct Evidence {
	/// The relay.
	pub relay: RelayId,
	/// The batch's place.
	pub sequence: u64,
	/// The call, with the way to the batch's root.
	pub proof: CallProof<AccountId32>,
	/// The relay's signature, on a receipt.
	pub signature: Option<sr25519::Signature>,
	/// All that it says.
	pub given: Value,
}

/// What the chain knows that concerns a call.
#[derive(Clone, Debug)]
pub struct OnChain {
	/// The chain.
	pub genesis: H256,
	/// The batch.
	pub batch: Option<Taken>,
	/// The price that the call names.
	pub price: Option<PriceSpan>,
	/// What the launch offers that it names.
	pub offer: Option<Offer>,
	/// The payer's tiers.
	pub tiers: TierHistory,
	/// When this was so.
	pub now: Moment,
	/// The relay's key.
	pub relay_key: Option<sr25519::Public>,
	/// The place of the relay's next batch.
	pub next_sequence: Option<u64>,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
	/// Whether it is so.
	pub holds: bool,
	/// What.
	pub what: String,
}

impl Evidence {
	/// Reads a receipt or a proof, as relays write them.
	pub fn read(given: &Value) -> Result<Self> {
		Self::parse(given).ok_or_else(|| no_evidence(given))
	}

	fn parse(given: &Value) -> Option<Self> {
		let batch = &given["batch"];
		let (proof, relay) = match is_receipt(given) {
			true => (&batch["proof"]["proof"], &given["relay"]),
			false => (&given["proof"], &batch["relay"]),
		};
		let signature = match &given["metered"]["relay_signature"] {
			Value::Null => None,
			text => Some(sr25519::Signature::from_raw(bytes(text)?.try_into().ok()?)),
		};
		let proof = CallProof::decode_all(&mut &bytes(proof)?[..]).ok()?;
		Some(Self {
			relay: RelayId::try_from(relay.as_u64()?).ok()?,
			sequence: batch["sequence"].as_u64()?,
			proof,
			signature,
			given: given.clone(),
		})
	}

	/// Fails if it is of another call than the one that was asked for: that proves nothing.
	pub fn ensure_is_of(&self, call: &CallId) -> Result<()> {
		if self.leaf().call_id == *call {
			return Ok(());
		}
		Err(advise(
			format!("the relay shows another call than {}", name(call)),
			"keep that answer; `lx audit` checks all that the relay has charged",
		))
	}

	/// The call.
	pub fn leaf(&self) -> &Leaf<AccountId32> {
		&self.proof.leaf
	}

	/// Checks the evidence against the chain.
	pub fn check(&self, chain: &OnChain) -> Vec<Check> {
		let mut checks = self.check_batch(chain);
		checks.push(self.check_words(chain));
		checks.push(self.check_price(chain));
		checks.extend(self.signature.map(|signature| self.check_signature(chain, &signature)));
		checks
	}

	fn check_batch(&self, chain: &OnChain) -> Vec<Check> {
		let place = format!("batch {} of relay {}", self.sequence, self.relay);
		let Some(batch) = chain.batch else {
			return vec![Check::new(
				false,
				format!(
					"the chain has {place}: it took none, reversed it, or has forgotten it, as it \
					 does a day after it was final"
				),
			)];
		};
		let hash = batch.hash;
		let is_it = match batch.root.calls {
			1 => "the only call".into(),
			calls => format!("one of the {calls} calls"),
		};
		let is_in = self.proof.is_in(&batch.root, batch.lines);
		let standing = match batch.final_at {
			Some(_) => {
				"the chain has charged that batch; until it is final, anybody may still prove it wrong"
			},
			None if self.leaf().payment.is_sponsored() => {
				"that batch is final: the Ecosystem Fund has paid the call, which mines nothing"
			},
			None => "that batch is final: the call is paid, and has mined",
		};
		vec![
			Check::new(is_in, format!("it is {is_it} in {place}, {hash:?}")),
			Check::new(true, standing),
		]
	}

	/// Whether the call waits for its batch to be taken.
	pub fn is_early(&self, chain: &OnChain) -> bool {
		chain.batch.is_none() && chain.next_sequence.is_some_and(|next| self.sequence >= next)
	}

	/// Whether it was written before the chain took another batch for its place, and is good otherwise. A
	/// relay replaces a batch that the chain does not take in time.
	pub fn is_replaced(&self, chain: &OnChain) -> bool {
		let Some(taken) = chain.batch else { return false };
		let (given, batch) = (&self.given, &self.given["batch"]);
		let state = if is_receipt(given) { &given["state"] } else { &batch["state"] };
		let hash = &batch["hash"];
		let is_open = matches!(state.as_str(), Some("BATCHED" | "OPEN"));
		let is_other = hash.is_string() && *hash != json!(taken.hash);
		let elsewhere = OnChain { batch: None, ..chain.clone() };
		let is_signed =
			|signature: &sr25519::Signature| self.check_signature(chain, signature).holds;
		is_open
			&& is_other
			&& self.check_words(&elsewhere).holds
			&& self.check_price(chain).holds
			&& self.signature.iter().all(is_signed)
	}

	fn check_words(&self, chain: &OnChain) -> Check {
		let what = "what it says of the call and of the batch is what it proves";
		let wrong = said::contradictions(self, chain);
		if wrong.is_empty() {
			return Check::new(true, what);
		}
		Check::new(false, format!("{what}: it says otherwise in {}", wrong.join(", ")))
	}

	/// The fields of what it says that nothing proves.
	pub fn unproven(&self, chain: &OnChain) -> Vec<String> {
		said::unproven(self, chain)
	}

	fn check_price(&self, chain: &OnChain) -> Check {
		let leaf = self.leaf();
		let (model, version) = (leaf.model.clone(), leaf.price_version);
		let launch = leaf.payment.quota();
		let pricing = Pricing {
			now: chain.now,
			prices: [((model, version), chain.price)].into(),
			offers: launch.map(|launch| (launch, chain.offer.clone())).into_iter().collect(),
			tiers: [(leaf.account.clone(), chain.tiers.clone())].into(),
		};
		if let Some(what) = wrong_price(leaf, &pricing) {
			return Check::new(false, format!("it {what}"));
		}
		let (charge, tier) = (Unit::Cred.of(leaf.charge), leaf.tier);
		let of_the_payer = match pricing.payers_tier(leaf) {
			Some(_) => "the payer's",
			None => "too long ago to say whether the payer's",
		};
		let price = match launch {
			Some(launch) => format!("what the price of launch {launch} makes of that"),
			None => format!("what version {version} of the model's price makes of that"),
		};
		Check::new(true, format!("{charge} is {price} at tier {tier:?}, {of_the_payer}"))
	}

	fn check_signature(&self, chain: &OnChain, signature: &sr25519::Signature) -> Check {
		let hash = receipt_hash(&chain.genesis, self.relay, self.leaf());
		let is_signed = chain
			.relay_key
			.is_some_and(|key| sr25519::Pair::verify(signature, hash.as_bytes(), &key));
		Check::new(is_signed, format!("relay {} has signed this call's leaf", self.relay))
	}

	/// What the call was, in a line.
	pub fn describe(&self) -> String {
		let leaf = self.leaf();
		format!(
			"call {}: {}, {}{}, charged {} to {}{}",
			name(&leaf.call_id),
			String::from_utf8_lossy(&leaf.model),
			usage(&leaf.usage),
			if leaf.estimated { " (counted by the relay)" } else { "" },
			Unit::Cred.of(leaf.charge),
			if leaf.payment.is_sponsored() { "the Ecosystem Fund, for " } else { "" },
			leaf.account,
		)
	}

	/// The call, for scripts.
	pub fn to_json(&self) -> Value {
		let leaf = self.leaf();
		let id: &CallId = &leaf.call_id;
		json!({
			"call": name(id),
			"account": leaf.account.to_string(),
			"model": String::from_utf8_lossy(&leaf.model),
			"charge": Unit::Cred.of(leaf.charge),
			"payment": payment(leaf.payment),
			"relay": self.relay,
			"batch": self.sequence,
		})
	}
}

/// Whether the proof is in a receipt, and not what was given itself.
fn is_receipt(given: &Value) -> bool {
	!given["batch"]["proof"]["proof"].is_null()
}

/// Why what was given proves nothing.
fn no_evidence(given: &Value) -> anyhow::Error {
	let is_receipt = given["object"] == "lx.receipt" && given["batch"].is_null();
	match given["state"].as_str() {
		Some("VOID") if is_receipt => advise(
			"the receipt says that the call is void: nothing is charged for it, so it is in no batch",
			"nothing is left to verify; `lx audit` checks all that the relay has charged",
		),
		Some(_) if is_receipt => advise(
			"the receipt is of a call that was in no batch yet",
			"ask its relay for the receipt again: a call is in a batch a few seconds after it was made",
		),
		_ => advise(
			"this is neither a receipt nor a proof of a call",
			"a relay gives them at /v1/receipts/CALL and /v1/proofs/CALL",
		),
	}
}

impl Check {
	/// Something that was checked, and whether it is so.
	pub fn new(holds: bool, what: impl Into<String>) -> Self {
		Self { holds, what: what.into() }
	}
}

fn usage(usage: &Usage) -> String {
	match usage {
		Usage::Tokens { input, cached_input, output } => {
			format!("{input} input, {cached_input} cached input and {output} output tokens")
		},
		Usage::Units(units) => format!("{units} units"),
	}
}

fn bytes(text: &Value) -> Option<Vec<u8>> {
	hex::decode(text.as_str()?.strip_prefix("0x")?).ok()
}

#[cfg(test)]
mod tests;
