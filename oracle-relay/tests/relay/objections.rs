//! Calls that attestors do not sign for.

use axum::http::StatusCode;
use lx_primitives::{call_log::BATCH_LIFETIME, CallId};
use oracle_relay::attest::objections::{objection_hash, MAX_OBJECTIONS};
use serde_json::{json, Value};
use sp_core::{Pair, H256};

use crate::{
	chain::{funded, pair},
	support::{chat, post, Relay, Reply, User},
};

const DEMO: &str = "lx-demo-1";

/// A call of `user`; its receipt's id.
async fn call(relay: &Relay, user: &User) -> CallId {
	let reply = relay.send(chat(&user.key, json!({"model": DEMO}))).await;
	assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
	let id = reply.header("x-lx-call-id").unwrap().strip_prefix("0x").unwrap();
	hex::decode(id).unwrap().try_into().unwrap()
}

async fn with_bob(relay: &Relay) -> User {
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1_000_000));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	bob
}

async fn open_batch(relay: &Relay) -> H256 {
	let open = relay.get("/v1/batches/open").await.json();
	open["hash"].as_str().expect("an open batch").parse().unwrap()
}

fn text(call: &CallId) -> String {
	format!("0x{}", hex::encode(call))
}

/// `attestor` objects to calls of the batch.
async fn object(relay: &Relay, batch: H256, attestor: u32, calls: &[CallId]) -> Reply {
	let hash = objection_hash(&batch, calls);
	let signature = pair(&format!("//Attestor//{attestor}")).sign(hash.as_bytes());
	let calls: Vec<String> = calls.iter().map(text).collect();
	let signature = format!("0x{}", hex::encode(signature.0));
	send(relay, batch, &json!({"attestor": attestor, "calls": calls, "signature": signature})).await
}

async fn send(relay: &Relay, batch: H256, body: &Value) -> Reply {
	relay.send(post(&format!("/v1/batches/{batch:?}/objections"), body)).await
}

/// These attestors object to a call of the open batch, and its time passes.
async fn objected(relay: &Relay, by: &[u32], call: CallId) {
	let batch = open_batch(relay).await;
	for attestor in by {
		let told = object(relay, batch, *attestor, &[call]).await;
		assert_eq!(told.status, StatusCode::NO_CONTENT, "{}", told.text);
	}
	relay.chain.state().time += BATCH_LIFETIME + 1;
}

async fn state(relay: &Relay, call: &CallId) -> String {
	relay.app.ledger.call(call).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_call_that_attestors_do_not_sign_for_holds_up_nobody_else() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	let (right, wrong) = (call(&relay, &relay.user).await, call(&relay, &bob).await);
	poster.step().await.unwrap();
	objected(&relay, &[0, 1], wrong).await;
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	let batch = relay.chain.state().taken[0].batch.clone();
	assert_eq!(batch.lines.len(), 1);
	assert_eq!(batch.lines[0].account, relay.user.account());
	assert_eq!(state(&relay, &right).await, "BATCHED");
	assert_eq!(state(&relay, &wrong).await, "USAGE_FINAL", "it is not given up at once");
}

#[tokio::test]
async fn a_call_that_no_quorum_signs_for_is_given_up_after_some_patience() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	let wrong = call(&relay, &bob).await;
	for _ in 0..3 {
		relay.end_rests().await;
		poster.step().await.unwrap();
		assert_eq!(state(&relay, &wrong).await, "BATCHED");
		objected(&relay, &[0, 1], wrong).await;
		poster.step().await.unwrap();
	}
	assert_eq!(state(&relay, &wrong).await, "VOID");
	assert_eq!(relay.app.metrics.calls_lost.get(), 1);
	// What was held back for it is free, and the account's next calls are posted.
	relay.end_rests().await;
	let next = call(&relay, &bob).await;
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(state(&relay, &next).await, "BATCHED");
}

#[tokio::test]
async fn one_attestor_alone_makes_no_call_void() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let right = call(&relay, &relay.user).await;
	for _ in 0..4 {
		relay.end_rests().await;
		poster.step().await.unwrap();
		relay.attest(&[0]).await;
		objected(&relay, &[1], right).await;
		poster.step().await.unwrap();
		assert_eq!(state(&relay, &right).await, "USAGE_FINAL");
	}
	relay.end_rests().await;
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(state(&relay, &right).await, "BATCHED");
}

#[tokio::test]
async fn an_objection_that_too_few_share_holds_up_no_batch() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let right = call(&relay, &relay.user).await;
	poster.step().await.unwrap();
	let batch = open_batch(&relay).await;
	object(&relay, batch, 2, &[right]).await;
	relay.attest(&[0, 1]).await;
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(state(&relay, &right).await, "BATCHED");
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn a_call_of_another_batch_is_not_left_out() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	poster.step().await.unwrap();
	// It was made after the batch was composed.
	let later = call(&relay, &relay.user).await;
	objected(&relay, &[0, 1], later).await;
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken[0].batch.header.root.calls, 2);
}

#[tokio::test]
async fn only_members_object_and_only_to_the_open_batch() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let made = call(&relay, &relay.user).await;
	poster.step().await.unwrap();
	let batch = open_batch(&relay).await;
	let code = |reply: Reply| (reply.status, reply.code());
	let refused = code(object(&relay, batch, 9, &[made]).await);
	assert_eq!(refused, (StatusCode::FORBIDDEN, json!("not_in_quorum")));
	let unsigned = json!({"attestor": 0, "calls": [text(&made)], "signature": "00".repeat(64)});
	let refused = code(send(&relay, batch, &unsigned).await);
	assert_eq!(refused, (StatusCode::BAD_REQUEST, json!("invalid_signature")));
	let too_many = vec![made; MAX_OBJECTIONS + 1];
	for calls in [&[][..], &too_many] {
		let refused = object(&relay, batch, 0, calls).await;
		assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
	}
	let unnamed = json!({"attestor": 0, "calls": ["0x12"], "signature": "00".repeat(64)});
	assert_eq!(send(&relay, batch, &unnamed).await.json()["error"]["param"], "calls");
	relay.attest(&[0, 1]).await;
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	let refused = code(object(&relay, batch, 0, &[made]).await);
	assert_eq!(refused, (StatusCode::CONFLICT, json!("batch_not_open")));
}
