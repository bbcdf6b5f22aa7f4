//! `lx models`: what is on offer, at what price.

use anyhow::Result;
use lx_primitives::Rates;
use serde_json::{json, Value};

use crate::{
	amount::Unit,
	chain::{
		state::{Model, State},
		Chain,
	},
	output::Reply,
};

/// Lists the models and their prices.
pub async fn run(chain: &Chain) -> Result<Reply> {
	let block = chain.finalised().await?;
	let models = State(&block).models().await?;
	let text: Vec<String> = models.iter().map(line).collect();
	let json: Vec<Value> = models.iter().map(entry).collect();
	if text.is_empty() {
		return Ok(Reply::new("no models are on offer", json!([])));
	}
	let title = format!("{:<24}{}", "model", "price (per 1,000,000 tokens unless said otherwise)");
	Ok(Reply::new(format!("{title}\n{}", text.join("\n")), json!(json)))
}

fn line(model: &Model) -> String {
	format!("{:<24}{}", model.name, price_text(model.list))
}

fn entry(model: &Model) -> Value {
	let price = price_json(model.list);
	json!({ "model": model.name, "price_version": model.version, "price": price })
}

/// What users pay, by 1,000,000 tokens or by the unit.
pub(super) fn price_text(list: Rates) -> String {
	match list {
		Rates::Tokens { input, cached_input, output } => format!(
			"input {}, cached input {}, output {}",
			Unit::Cred.of(input),
			Unit::Cred.of(cached_input),
			Unit::Cred.of(output)
		),
		Rates::Unit(rate) => format!("{} per unit", Unit::Cred.of(rate)),
	}
}

/// The same for scripts.
pub(super) fn price_json(list: Rates) -> Value {
	match list {
		Rates::Tokens { input, cached_input, output } => json!({
			"input": Unit::Cred.of(input),
			"cached_input": Unit::Cred.of(cached_input),
			"output": Unit::Cred.of(output),
			"per_tokens": 1_000_000,
		}),
		Rates::Unit(rate) => json!({ "unit": Unit::Cred.of(rate) }),
	}
}
