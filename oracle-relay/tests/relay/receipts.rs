//! What a payer can check: receipts, proofs, the balance, and the public pages.

use axum::http::StatusCode;
use codec::Decode;
use lx_primitives::{
	merkle_sum::{verify, Node},
	Leaf, Line,
};
use oracle_relay::{attest::receipt_hash, hash::Hasher};
use serde_json::{json, Value};
use sp_core::{crypto::AccountId32, sr25519, Pair};

use crate::{
	chain::{funded, pair, GENESIS},
	support::{chat, chat_body, Relay, Reply, User},
	upstream::{Script, Upstream},
};

fn bytes(value: &Value) -> Vec<u8> {
	hex::decode(value.as_str().unwrap().trim_start_matches("0x")).unwrap()
}

fn node(value: &Value) -> Node {
	Node::decode(&mut &bytes(value)[..]).unwrap()
}

fn nodes(value: &Value) -> Vec<Node> {
	value.as_array().unwrap().iter().map(node).collect()
}

fn number(value: &Value) -> u32 {
	u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn leaf(receipt: &Value) -> Leaf<AccountId32> {
	Leaf::decode(&mut &bytes(&receipt["metered"]["leaf"])[..]).unwrap()
}

#[tokio::test]
async fn a_receipt_is_signed_and_commits_to_what_was_said() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	let receipt = relay.receipt(&reply).await;
	let leaf = leaf(&receipt);
	let signature = bytes(&receipt["metered"]["relay_signature"]);
	let signature = sr25519::Signature::try_from(&signature[..]).unwrap();
	let signed = receipt_hash(&GENESIS, 0, &leaf);
	let key = pair("//Relay").public();
	assert!(sr25519::Pair::verify(&signature, signed.as_bytes(), &key));
	let salt = bytes(&receipt["metered"]["salt"]);
	let hash = |text: &str| Hasher::default().update(&salt).update(text.as_bytes()).finish();
	assert_eq!(leaf.request_hash, hash(&chat_body(json!({"model": "lx-demo-1"})).to_string()));
	assert_eq!(leaf.response_hash, hash(&reply.text));
	assert_eq!(receipt["batch"], json!(null));
}

#[tokio::test]
async fn a_streams_receipt_commits_to_every_byte() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1", "stream": true})).await;
	let receipt = relay.receipt(&reply).await;
	let salt = bytes(&receipt["metered"]["salt"]);
	let expected = Hasher::default().update(&salt).update(reply.text.as_bytes()).finish();
	assert_eq!(leaf(&receipt).response_hash, expected);
}

#[tokio::test]
async fn every_call_of_a_batch_can_be_proven() {
	let relay = Relay::demo().await;
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1_000_000));
	relay.register(&bob, &bob.grant()).await;
	let mut replies = Vec::new();
	for _ in 0..5 {
		replies.push(relay.chat(json!({"model": "lx-demo-1"})).await);
		relay.send(chat(&bob.key, json!({"model": "lx-demo-1"}))).await;
	}
	let mut poster = relay.poster();
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	let posted = relay.chain.state().taken[0].batch.clone();
	for reply in &replies {
		let receipt = relay.receipt(reply).await;
		assert_eq!(receipt["state"], "BATCHED");
		let proof = &receipt["batch"]["proof"];
		let line_index = number(&proof["line_index"]);
		let line: &Line<AccountId32> = &posted.lines[line_index as usize];
		assert_eq!(line.account, relay.user.account());
		let index = number(&proof["leaf_index"]);
		let siblings = nodes(&proof["leaf_siblings"]);
		let leaves = number(&proof["leaves"]);
		assert!(verify(&leaf(&receipt).node(), index, leaves, &siblings, &line.total));
		let siblings = nodes(&proof["line_siblings"]);
		let lines = number(&proof["lines"]);
		assert!(verify(&line.node(), line_index, lines, &siblings, &posted.header.root));
		assert_eq!(node(&proof["root"]), posted.header.root);
	}
}

#[tokio::test]
async fn a_receipt_is_for_its_account_only() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	let id = reply.header("x-lx-call-id").unwrap();
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1));
	relay.register(&bob, &bob.grant()).await;
	let path = format!("/v1/receipts/{id}");
	let request = crate::support::bearer(axum::http::Request::get(path), &bob.key);
	let by_bob = relay.send(request.body(axum::body::Body::empty()).unwrap()).await;
	let unknown = relay.get("/v1/receipts/0x00").await;
	for reply in [by_bob, unknown] {
		assert_eq!((reply.status, reply.code()), (StatusCode::NOT_FOUND, "not_found".into()));
	}
}

#[tokio::test]
async fn the_balance_says_what_is_pending_and_what_it_mines() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	let charge: u64 = reply.header("x-lx-charge-ucred").unwrap().parse().unwrap();
	let balance = relay.get("/v1/balance").await.json();
	assert_eq!(
		(&balance["pending_ucred"], &balance["unposted_ucred"]),
		(&charge.into(), &charge.into())
	);
	assert_eq!(balance["available_ucred"], 1_000_000_000 - charge);
	assert_eq!(balance["reserved_ucred"], 0);
	assert_eq!(balance["key"]["spent_ucred"], charge);
	// In the first epoch a µCRED mines 10^7 planck.
	assert_eq!(balance["pending_mines_planck"], (u128::from(charge) * 10_000_000).to_string());
}

#[tokio::test]
async fn what_the_chain_has_charged_is_pending_and_posted() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	let charge: u64 = reply.header("x-lx-charge-ucred").unwrap().parse().unwrap();
	relay.send_batch(&mut relay.poster()).await;
	relay.chain.advance();
	let balance = relay.get("/v1/balance").await.json();
	assert_eq!(
		(&balance["pending_ucred"], &balance["unposted_ucred"]),
		(&charge.into(), &0.into())
	);
}

#[tokio::test]
async fn without_a_proof_it_is_said_whether_there_will_be_one() {
	let error = json!({"error": {"message": "too hot"}}).to_string();
	let upstream = Upstream::start(Script::Reply(400, error)).await;
	let refusing = Relay::before(&upstream).await;
	let void = refusing.chat(json!({})).await;
	let relay = Relay::demo().await;
	let waiting = relay.chat(json!({"model": "lx-demo-1"})).await;
	let id = |reply: &Reply| reply.header("x-lx-call-id").unwrap().to_string();
	for (relay, id, code) in [
		(&refusing, id(&void), "call_void"),
		(&relay, id(&waiting), "call_waiting"),
		(&relay, id(&void), "not_found"),
		(&relay, "0x00".into(), "not_found"),
	] {
		let reply = relay.get(&format!("/v1/proofs/{id}")).await;
		assert_eq!((reply.status, reply.code()), (StatusCode::NOT_FOUND, code.into()));
	}
}

#[tokio::test]
async fn the_models_are_those_listed_and_served() {
	let relay = Relay::demo().await;
	let models = relay.get("/v1/models").await.json();
	assert_eq!(models["object"], "list");
	assert_eq!(models["data"].as_array().unwrap().len(), 1);
	assert_eq!(models["data"][0]["id"], "lx-demo-1");
	assert_eq!(models["data"][0]["pricing"]["list"]["output_ucred_per_1m"], 10_000_000);
	assert_eq!(relay.get("/v1/models/lx-demo-1").await.json(), models["data"][0]);
	let unknown = relay.get("/v1/models/model").await;
	assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "model_not_found".into()));
}

#[tokio::test]
async fn health_metrics_and_the_description_are_public() {
	let relay = Relay::demo().await;
	relay.chat(json!({"model": "lx-demo-1"})).await;
	let health = relay.get("/health").await;
	assert_eq!((health.status, &health.json()["status"]), (StatusCode::OK, &json!("ok")));
	let metrics = relay.get("/metrics").await.text;
	for line in
		["lx_relay_calls_reported_total 1", "lx_relay_calls_waiting 1", "lx_relay_chain_up 1"]
	{
		assert!(metrics.lines().any(|found| found == line), "{line} in\n{metrics}");
	}
	assert_eq!(relay.get("/openapi.json").await.json()["openapi"], "3.1.0");
}
