//! A crash at each state of a call or a batch.

use axum::http::StatusCode;
use lx_primitives::{CallId, Payment};
use oracle_relay::{
	attest::poster::PostingError,
	ledger::{Ledger, LedgerError, NewCall, Reservation, VOID_KEPT},
	tasks::now,
};
use serde_json::{json, Value};
use sp_core::H256;

use crate::{support::Relay, upstream::until};

const CALL: CallId = [7; 16];

async fn reserve(relay: &Relay) {
	let call = NewCall {
		call_id: CALL,
		key_hash: relay.user.grant().key_hash,
		account: relay.user.account(),
		payment: Payment::Purse,
		model: "lx-demo-1".into(),
		reserve: 1_000,
		chargeable: 1_000_000_000,
		next_sequence: 0,
		units: 0,
		usable: 0,
		salt: [0; 32],
		time: 1,
		idempotency_key: Some("a".into()),
		body_hash: H256::zero(),
	};
	assert_eq!(relay.app.ledger.reserve(call).await.unwrap(), Reservation::Reserved);
}

async fn state_of(relay: &Relay, id: &str) -> Value {
	relay.get(&format!("/v1/receipts/{id}")).await.json()["state"].clone()
}

#[tokio::test]
async fn calls_under_way_are_void_after_a_crash() {
	for is_sent in [false, true] {
		let relay = Relay::demo().await;
		reserve(&relay).await;
		if is_sent {
			relay.app.ledger.mark_sent(CALL).await.unwrap();
		}
		assert_eq!(relay.available().await, 1_000_000_000 - 1_000);
		let relay = relay.restarted().await;
		assert_eq!(relay.available().await, 1_000_000_000);
		assert_eq!(state_of(&relay, &hex::encode(CALL)).await, "VOID");
		let balance = relay.get("/v1/balance").await.json();
		assert_eq!(balance["key"]["spent_ucred"], 0);
		let key = relay.user.grant().key_hash;
		assert_eq!(relay.app.ledger.repeated(&key, "a").await.unwrap(), None);
	}
}

#[tokio::test]
async fn a_void_call_is_forgotten_in_time_and_one_that_was_charged_never() {
	let relay = Relay::demo().await;
	let charged = relay.chat(json!({"model": "lx-demo-1"})).await;
	reserve(&relay).await;
	let relay = relay.restarted().await;
	let rest = relay.available().await;
	let later = now() + 100 * VOID_KEPT;
	relay.app.ledger.forget_outcomes(later).await.unwrap();
	assert!(!relay.app.ledger.forget_void(later).await.unwrap());
	let void = relay.get(&format!("/v1/receipts/{}", hex::encode(CALL))).await;
	assert_eq!((void.status, void.code()), (StatusCode::NOT_FOUND, json!("not_found")));
	assert_eq!(relay.receipt(&charged).await["state"], "USAGE_FINAL");
	assert_eq!(relay.available().await, rest);
	relay.send_batch(&mut relay.poster()).await;
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn settled_calls_are_posted_after_a_crash() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	let rest = relay.available().await;
	let relay = relay.restarted().await;
	assert_eq!(relay.available().await, rest);
	assert_eq!(relay.receipt(&reply).await["state"], "USAGE_FINAL");
	relay.send_batch(&mut relay.poster()).await;
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn an_open_batch_is_submitted_after_a_crash() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	relay.send_batch(&mut relay.poster()).await;
	let hash = relay.receipt(&reply).await["batch"]["hash"].clone();
	relay.chain.state().pool.clear();
	let relay = relay.restarted().await;
	let mut poster = relay.poster();
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(relay.chain.state().taken.len(), 1);
	assert_eq!(relay.receipt(&reply).await["batch"]["hash"], hash, "it is the same batch");
}

#[tokio::test]
async fn a_batch_that_landed_during_a_crash_is_not_charged_again() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	relay.send_batch(&mut relay.poster()).await;
	relay.chain.advance();
	let rest = relay.available().await;
	let relay = relay.restarted().await;
	let mut poster = relay.poster();
	for _ in 0..3 {
		poster.step().await.unwrap();
		relay.chain.advance();
	}
	assert_eq!(relay.chain.state().taken.len(), 1);
	assert_eq!(relay.available().await, rest);
	assert_eq!(relay.receipt(&reply).await["state"], "BATCHED");
}

#[tokio::test]
async fn a_batch_that_became_final_during_a_crash_is_final() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	let mut poster = relay.poster();
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	relay.chain.finalise();
	let relay = relay.restarted().await;
	relay.poster().step().await.unwrap();
	assert_eq!(relay.receipt(&reply).await["state"], "FINAL");
}

#[tokio::test]
async fn a_ledger_of_another_chain_stops_posting() {
	let relay = Relay::demo().await;
	relay.app.ledger.bind_to_chain(H256::repeat_byte(0x99)).await.unwrap();
	let running = tokio::time::timeout(std::time::Duration::from_secs(5), relay.poster().run());
	let PostingError::Ledger(LedgerError::OtherChain(genesis)) = running.await.unwrap() else {
		panic!("another error")
	};
	assert_eq!(genesis, H256::repeat_byte(0x99));
}

#[tokio::test]
async fn the_poster_runs_by_itself() {
	let relay = Relay::demo().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	let poster = tokio::spawn(relay.poster().run());
	until("the call is final", async || {
		if relay.get("/v1/batches/open").await.status == StatusCode::OK {
			relay.attest(&[0, 1]).await;
		}
		relay.chain.finalise();
		relay.receipt(&reply).await["state"] == "FINAL"
	})
	.await;
	poster.abort();
}

#[tokio::test]
async fn a_ledger_is_opened_once_more_without_loss() {
	let folder = tempfile::tempdir().unwrap();
	for _ in 0..2 {
		let ledger = Ledger::open(folder.path()).await.unwrap();
		ledger.bind_to_chain(H256::repeat_byte(1)).await.unwrap();
		ledger.close().await;
	}
}
