//! What a call is charged.

use std::time::Duration;

use axum::http::StatusCode;
use futures::future::join_all;
use lx_primitives::{Tier, TierHistory, Usage};
use serde_json::{json, Value};

use crate::{
	chain::funded,
	support::{chat, limits, providers, Relay, User},
	upstream::{completion, completion_body, until, Script, Upstream},
};
use oracle_relay::{
	chain::{ApiAccount, ChainView},
	providers::Providers,
};

fn usage(prompt: u32, cached: u32, output: u32) -> Value {
	json!({
		"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output,
		"prompt_tokens_details": {"cached_tokens": cached},
	})
}

/// What the chain's own formula charges on the model `model`.
fn price(relay: &Relay, usage: Usage, tier: Tier) -> u64 {
	let snapshot = relay.chain.snapshot().unwrap();
	let price = snapshot.head().registry.get("model").unwrap().price;
	price.charge(&usage, tier).unwrap().try_into().unwrap()
}

#[tokio::test]
async fn reported_usage_is_charged_by_the_chains_formula() {
	let upstream = Upstream::start(completion("hello", usage(21, 5, 7))).await;
	let relay = Relay::before(&upstream).await;
	for tier in [Tier::Lv1, Tier::Lv2, Tier::Whale] {
		let tiers = TierHistory { current: tier, former: Vec::new() };
		let account = ApiAccount { tiers, ..funded(1_000_000_000) };
		relay.chain.set_account(&relay.user.account(), account);
		let before = relay.available().await;
		let reply = relay.chat(json!({})).await;
		assert_eq!(reply.status, StatusCode::OK);
		let used = Usage::Tokens { input: 16, cached_input: 5, output: 7 };
		let charge = price(&relay, used, tier);
		assert_eq!(reply.header("x-lx-charge-ucred"), Some(charge.to_string().as_str()));
		assert_eq!(reply.header("x-should-retry"), Some("false"));
		assert_eq!(reply.json()["choices"][0]["message"]["content"], "hello");
		assert_eq!(relay.available().await, before - charge);
		let receipt = relay.receipt(&reply).await;
		assert_eq!(receipt["state"], "USAGE_FINAL");
		assert_eq!(receipt["charge_ucred"], charge);
		assert_eq!(
			receipt["metered"]["usage"],
			json!({"input": 16, "cached_input": 5, "output": 7})
		);
	}
}

#[tokio::test]
async fn without_a_report_the_text_is_counted() {
	let upstream = Upstream::start(completion("123456789", Value::Null)).await;
	let relay = Relay::before(&upstream).await;
	let reply = relay.chat(json!({})).await;
	let receipt = relay.receipt(&reply).await;
	assert_eq!(receipt["state"], "USAGE_ESTIMATED");
	assert_eq!(receipt["metered"]["estimated"], true);
	// "user" and "What is a merkle tree?" are 26 bytes.
	assert_eq!(receipt["metered"]["usage"], json!({"input": 7, "cached_input": 0, "output": 3}));
}

#[tokio::test]
async fn without_a_report_a_picture_counts_the_same_linked_or_embedded() {
	let upstream = Upstream::start(completion("123456789", Value::Null)).await;
	let relay = Relay::before(&upstream).await;
	let embedded = format!("data:image/png;base64,{}", "A".repeat(130_000));
	for url in ["https://example.com/a.png", &embedded] {
		let image = json!({"type": "image_url", "image_url": {"url": url}});
		let messages = json!([{"role": "user", "content": [image]}]);
		let reply = relay.chat(json!({"messages": messages})).await;
		let receipt = relay.receipt(&reply).await;
		// What is allowed for it, and the 13 bytes of "user" and "image_url".
		let allowed = limits().media_tokens;
		assert_eq!(receipt["metered"]["usage"]["input"], allowed + 4);
	}
}

#[tokio::test]
async fn a_reported_zero_is_charged_as_zero_and_not_posted() {
	let upstream = Upstream::start(completion("free of charge", usage(0, 0, 0))).await;
	let relay = Relay::before(&upstream).await;
	let reply = relay.chat(json!({})).await;
	assert_eq!(reply.header("x-lx-charge-ucred"), Some("0"));
	assert_eq!(relay.receipt(&reply).await["state"], "VOID");
	relay.poster().step().await.unwrap();
	assert_eq!(relay.get("/v1/batches/open").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_charge_never_exceeds_the_reservation() {
	let upstream = Upstream::start(completion("x", usage(4_000_000, 0, 4_000_000))).await;
	let relay = Relay::before(&upstream).await;
	let reply = relay.chat(json!({"max_completion_tokens": 10})).await;
	assert_eq!(reply.status, StatusCode::OK);
	let receipt = relay.receipt(&reply).await;
	assert_eq!(receipt["metered"]["usage"]["output"], 10);
	assert!(receipt["charge_ucred"].as_u64() <= receipt["reserved_ucred"].as_u64());
}

#[tokio::test]
async fn the_provider_gets_its_own_key_model_and_a_limit() {
	let upstream = Upstream::start(completion("x", usage(1, 0, 1))).await;
	let relay = Relay::start(providers(&upstream, &["model=real-model"]), limits()).await;
	let request = json!({"max_completion_tokens": null, "temperature": 0.5, "seed": 7});
	let reply = relay.chat(request).await;
	assert_eq!(reply.json()["model"], "model");
	let sent = &upstream.requests()[0];
	assert_eq!(sent["model"], "real-model");
	assert_eq!(sent["max_completion_tokens"], 4_096);
	assert_eq!((&sent["seed"], &sent["temperature"]), (&json!(7), &json!(0.5)));
}

#[tokio::test]
async fn fifty_calls_at_once_on_a_balance_for_one_serve_one() {
	let upstream = Upstream::start(completion("x", usage(100, 0, 100))).await;
	let relay = Relay::before(&upstream).await;
	let reserved = {
		let reply = relay.chat(json!({})).await;
		relay.receipt(&reply).await["reserved_ucred"].as_u64().unwrap()
	};
	let user = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&user.account(), funded(u128::from(reserved)));
	assert_eq!(relay.register(&user, &user.grant()).await.status, StatusCode::CREATED);
	let replies = join_all((0..50).map(|_| relay.send(chat(&user.key, json!({}))))).await;
	let served = replies.iter().filter(|reply| reply.status == StatusCode::OK).count();
	let refused = replies.iter().filter(|reply| reply.status == StatusCode::TOO_MANY_REQUESTS);
	assert_eq!((served, refused.count()), (1, 49));
	assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn a_spending_cap_holds_over_the_keys_whole_life() {
	let upstream = Upstream::start(completion("x", usage(10, 0, 10))).await;
	let relay = Relay::before(&upstream).await;
	let reply = relay.chat(json!({})).await;
	let receipt = relay.receipt(&reply).await;
	let (reserved, charge) =
		(receipt["reserved_ucred"].as_u64().unwrap(), receipt["charge_ucred"].as_u64().unwrap());
	// Room for the reservation of a third call, and not of a fourth.
	let cap = u128::from(reserved + 2 * charge);
	let user = User::new("//Alice", "lx-capped");
	let grant = lx_primitives::grant::Grant { spending_cap: Some(cap), ..user.grant() };
	assert_eq!(relay.register(&user, &grant).await.status, StatusCode::CREATED);
	for _ in 0..3 {
		assert_eq!(relay.send(chat(&user.key, json!({}))).await.status, StatusCode::OK);
	}
	let refused = relay.send(chat(&user.key, json!({}))).await;
	assert_eq!(refused.code(), "insufficient_quota");
	assert!(refused.text.contains("spending cap"), "{}", refused.text);
	assert_eq!(relay.chat(json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_leaves_before_a_whole_answer_is_charged_for_it() {
	let hold = std::sync::Arc::new(tokio::sync::Notify::new());
	let body = completion_body("a long answer", usage(3, 0, 4));
	let upstream = Upstream::start(Script::Held(hold.clone(), body)).await;
	let relay = Relay::start(providers(&upstream, &[]), limits()).await;
	let before = relay.available().await;
	let left = tokio::time::timeout(Duration::from_millis(100), relay.chat(json!({}))).await;
	assert!(left.is_err());
	hold.notify_one();
	let used = Usage::Tokens { input: 3, cached_input: 0, output: 4 };
	let expected = before - price(&relay, used, Tier::Lv1);
	until("the call is charged", async || relay.available().await == expected).await;
}

#[tokio::test]
async fn a_price_that_changes_during_a_call_does_not_change_its_charge() {
	let hold = std::sync::Arc::new(tokio::sync::Notify::new());
	let body = completion_body("x", usage(3, 0, 4));
	let upstream = Upstream::start(Script::Held(hold.clone(), body)).await;
	let relay = Relay::before(&upstream).await;
	let used = Usage::Tokens { input: 3, cached_input: 0, output: 4 };
	let expected = price(&relay, used, Tier::Lv1);
	let change = async {
		until("the provider is asked", async || !upstream.requests().is_empty()).await;
		let mut dearer =
			relay.chain.snapshot().unwrap().head().registry.get("model").unwrap().price;
		dearer.list = dearer.cost;
		relay.chain.set_price("model", 2, dearer);
		hold.notify_one();
	};
	let (reply, ()) = tokio::join!(relay.chat(json!({})), change);
	let receipt = relay.receipt(&reply).await;
	assert_eq!(receipt["charge_ucred"], expected);
	assert_eq!(receipt["metered"]["price_version"], 1);
}

#[tokio::test]
async fn a_relay_without_providers_serves_no_model() {
	let relay = Relay::start(Providers::default(), limits()).await;
	assert_eq!(relay.chat(json!({})).await.status, StatusCode::NOT_FOUND);
	assert_eq!(relay.get("/v1/models").await.json()["data"], json!([]));
}
