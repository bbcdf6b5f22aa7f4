//! From settled calls to final batches.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
	chain::{funded, BLOCK, THAW},
	support::{chat, Relay, User},
};
use lx_primitives::call_log::{BATCH_LIFETIME, MAX_CALL_AGE};
use oracle_relay::{
	attest::poster::PostingError,
	chain::{ApiAccount, ChainError},
};

async fn call(relay: &Relay, user: &User) -> u64 {
	let reply = relay.send(chat(&user.key, json!({"model": "lx-demo-1"}))).await;
	assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
	reply.header("x-lx-charge-ucred").unwrap().parse().unwrap()
}

async fn with_bob(relay: &Relay) -> User {
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1_000_000));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	bob
}

#[tokio::test]
async fn a_call_is_posted_charged_and_becomes_final() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	let rest = relay.available().await;
	let charge = u128::from(1_000_000_000 - rest);
	relay.send_batch(&mut poster).await;
	assert_eq!(relay.receipt(&reply).await["state"], "BATCHED");
	assert_eq!(relay.available().await, rest);
	relay.chain.advance();
	// Charged on chain now, and no longer held here: the same rest.
	assert_eq!(relay.available().await, rest);
	assert_eq!(relay.chain.account(&relay.user.account()).pending, charge);
	poster.step().await.unwrap();
	assert_eq!(relay.app.metrics.batches_posted.get(), 1);
	assert_eq!(relay.receipt(&reply).await["state"], "BATCHED");
	relay.chain.finalise();
	poster.step().await.unwrap();
	assert_eq!(relay.receipt(&reply).await["state"], "FINAL");
	assert_eq!(relay.available().await, rest);
}

#[tokio::test]
async fn nothing_to_post_makes_no_batch() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	for _ in 0..3 {
		poster.step().await.unwrap();
		relay.chain.advance();
	}
	assert!(relay.chain.state().taken.is_empty());
}

#[tokio::test]
async fn batches_follow_one_another_and_sum_each_accounts_calls() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	for _ in 0..3 {
		let alices = call(&relay, &relay.user).await + call(&relay, &relay.user).await;
		let bobs = call(&relay, &bob).await;
		relay.send_batch(&mut poster).await;
		relay.chain.advance();
		poster.step().await.unwrap();
		let batch = relay.chain.state().taken.last().unwrap().batch.clone();
		assert_eq!((batch.lines.len(), batch.header.root.calls), (2, 3));
		assert_eq!(batch.header.root.charge, u128::from(alices + bobs));
	}
	let taken = relay.chain.state().taken.clone();
	let sequences: Vec<_> = taken.iter().map(|posting| posting.batch.header.sequence).collect();
	assert_eq!(sequences, [0, 1, 2]);
}

#[tokio::test]
async fn calls_made_while_a_batch_is_on_its_way_wait_for_the_next() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	relay.send_batch(&mut poster).await;
	call(&relay, &relay.user).await;
	relay.chain.advance();
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	let calls: Vec<_> =
		relay.chain.state().taken.iter().map(|posting| posting.batch.header.root.calls).collect();
	assert_eq!(calls, [1, 1]);
}

#[tokio::test]
async fn a_batch_lost_from_the_pool_is_submitted_again() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	relay.send_batch(&mut poster).await;
	relay.chain.state().pool.clear();
	relay.chain.advance();
	assert!(relay.chain.state().taken.is_empty());
	poster.step().await.unwrap();
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken.len(), 1);
}

/// Lets so much time pass on the chain.
fn pass(relay: &Relay, time: u64) {
	relay.chain.state().time += time;
}

#[tokio::test]
async fn what_was_served_before_the_keys_were_revoked_is_collected() {
	let relay = Relay::demo().await;
	let account = relay.user.account();
	let mut poster = relay.poster();
	let charge = call(&relay, &relay.user).await;
	pass(&relay, BLOCK);
	relay.chain.revoke_keys(&account);
	let refused = relay.chat(json!({"model": "lx-demo-1"})).await;
	assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "nothing more is served");
	pass(&relay, THAW - BLOCK);
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	assert_eq!(relay.chain.account(&account).pending, u128::from(charge));
}

#[tokio::test]
async fn a_call_whose_key_was_revoked_twice_is_given_up_and_holds_up_nobody() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	call(&relay, &bob).await;
	for _ in 0..2 {
		relay.chain.revoke_keys(&bob.account());
	}
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken[0].batch.lines.len(), 1);
	assert_eq!(relay.app.metrics.calls_lost.get(), 1);
	assert_eq!(relay.chain.account(&bob.account()).pending, 0);
}

#[tokio::test]
async fn what_was_served_under_a_higher_daily_limit_is_collected() {
	let relay = Relay::demo().await;
	let account = relay.user.account();
	let mut poster = relay.poster();
	let charges = call(&relay, &relay.user).await + call(&relay, &relay.user).await;
	relay.chain.lower_daily_limit(&account, u128::from(charges / 2));
	let refused = relay.chat(json!({"model": "lx-demo-1"})).await;
	assert_eq!(refused.code(), "insufficient_quota", "nothing more is served");
	pass(&relay, THAW - BLOCK);
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	assert_eq!(relay.chain.account(&account).pending, u128::from(charges));
}

#[tokio::test]
async fn an_account_whose_time_to_collect_is_over_holds_up_nobody_else() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	call(&relay, &bob).await;
	pass(&relay, BLOCK);
	relay.chain.revoke_keys(&bob.account());
	pass(&relay, THAW + 1);
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	let batch = relay.chain.state().taken[0].batch.clone();
	assert_eq!(batch.lines.len(), 1);
	assert_eq!(batch.lines[0].account, relay.user.account());
}

#[tokio::test]
async fn a_batch_that_the_chain_cannot_take_any_more_is_composed_anew_and_no_sooner() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	relay.send_batch(&mut poster).await;
	let hash = relay.receipt(&reply).await["batch"]["hash"].clone();
	relay.chain.state().pool.clear();
	pass(&relay, BATCH_LIFETIME);
	poster.step().await.unwrap();
	assert_eq!(relay.receipt(&reply).await["batch"]["hash"], hash, "a block may still take it");
	relay.chain.state().pool.clear();
	pass(&relay, 1);
	poster.step().await.unwrap();
	assert_ne!(relay.receipt(&reply).await["batch"]["hash"], hash);
	assert_eq!(relay.app.metrics.batches_expired.get(), 1);
	let old = relay.get(&format!("/v1/batches/{}", hash.as_str().unwrap())).await.json();
	assert_eq!((&old["state"], &old["sequence"]), (&json!("REPLACED"), &json!(0)));
	relay.attest(&[0, 1]).await;
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(relay.chain.state().taken.len(), 1);
	assert_eq!(relay.receipt(&reply).await["state"], "BATCHED");
}

#[tokio::test]
async fn a_block_that_is_given_up_loses_no_batch() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let charge = call(&relay, &relay.user).await;
	relay.send_batch(&mut poster).await;
	relay.chain.stop_finality();
	let before = relay.chain.state().clone();
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(relay.app.metrics.batches_posted.get(), 0, "it is not final");
	// Another block takes the place of that one, without the batch.
	*relay.chain.state() = oracle_chain(before);
	relay.chain.resume_finality();
	relay.chain.advance();
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(relay.chain.state().taken.len(), 1);
	assert_eq!(relay.chain.account(&relay.user.account()).pending, u128::from(charge));
}

/// The same chain with an empty pool.
fn oracle_chain(mut state: crate::chain::State) -> crate::chain::State {
	state.pool.clear();
	state
}

#[tokio::test]
async fn calls_that_are_too_old_for_the_chain_are_void() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let old = relay.chat(json!({"model": "lx-demo-1"})).await;
	pass(&relay, MAX_CALL_AGE);
	let fresh = relay.chat(json!({"model": "lx-demo-1"})).await;
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(relay.receipt(&old).await["state"], "VOID");
	assert_eq!(relay.receipt(&fresh).await["state"], "BATCHED");
	assert_eq!(relay.app.metrics.calls_lost.get(), 1);
}

#[tokio::test]
async fn the_calls_of_a_reversed_batch_are_void() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let rest = relay.available().await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	relay.chain.reverse(0);
	poster.step().await.unwrap();
	let receipt = relay.receipt(&reply).await;
	assert_eq!((&receipt["state"], &receipt["charge_ucred"].is_u64()), (&json!("VOID"), &true));
	assert_eq!(relay.get("/v1/batches/0").await.json()["state"], "REVERSED");
	assert_eq!(relay.available().await, rest, "the account has it back");
	assert_eq!(relay.app.metrics.batches_reversed.get(), 1);
}

#[tokio::test]
async fn a_refusal_by_the_chain_is_said_and_makes_no_new_batch() {
	let relay = Relay::demo().await;
	let mut poster = relay.patient_poster();
	call(&relay, &relay.user).await;
	relay.send_batch(&mut poster).await;
	relay.chain.state().pool.clear();
	relay.chain.stop_finality();
	relay.chain.state().relay.as_mut().unwrap().is_active = false;
	relay.chain.advance();
	let refused = poster.step().await;
	assert!(matches!(refused, Err(PostingError::Chain(ChainError::Refused(_)))));
	poster.step().await.unwrap();
	assert_eq!(relay.app.metrics.batches_refused.get(), 1, "each block is asked once");
}

#[tokio::test]
async fn only_what_an_account_can_pay_is_posted() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	let charge = call(&relay, &relay.user).await;
	call(&relay, &relay.user).await;
	// What the chain lets the relay charge shrinks to one call and a half.
	let limit = u128::from(charge + charge / 2);
	let account = relay.chain.account(&relay.user.account());
	relay.chain.set_account(&relay.user.account(), ApiAccount { daily_limit: limit, ..account });
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken[0].batch.header.root.calls, 1);
}

#[tokio::test]
async fn too_few_attestors_hold_up_posting_until_there_are_enough() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	poster.step().await.unwrap();
	relay.attest(&[0]).await;
	let PostingError::Unsigned { sequence: 0, signed: 1, threshold: 2 } =
		poster.step().await.unwrap_err()
	else {
		panic!("another error")
	};
	assert!(relay.chain.state().pool.is_empty());
	let health = relay.get("/health").await;
	// Users are served all the same.
	assert_eq!((health.status, &health.json()["status"]), (StatusCode::OK, &json!("no_quorum")));
	let reason = "batch 0 waits for attestors: 1 of 2 have signed";
	assert_eq!(health.json()["reason"], reason);
	call(&relay, &relay.user).await;
	relay.attest(&[2]).await;
	poster.step().await.unwrap();
	assert_eq!(relay.get("/health").await.json()["status"], "ok");
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn while_the_chain_is_away_calls_wait() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	relay.chain.state().is_up = false;
	assert!(poster.step().await.is_err());
	relay.chain.state().is_up = true;
	pass(&relay, 3_600_000);
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn a_place_taken_by_a_stranger_loses_no_call() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	relay.send_batch(&mut poster).await;
	{
		let mut state = relay.chain.state();
		state.pool.clear();
		let record = state.relay.as_mut().unwrap();
		record.next_sequence = 1;
		record.last_batch = sp_core::H256::repeat_byte(0xee);
	}
	relay.send_batch(&mut poster).await;
	assert_eq!(relay.app.metrics.batches_foreign.get(), 1);
	relay.chain.advance();
	let taken = relay.chain.state().taken.clone();
	assert_eq!((taken.len(), taken[0].batch.header.sequence), (1, 1));
}
