//! From settled calls to final batches.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
	chain::{funded, THAW},
	support::{chat, Relay, User},
};
use oracle_relay::{
	attest::poster::{Poster, PostingError},
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
	poster.step().await.unwrap();
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
		poster.step().await.unwrap();
		relay.chain.advance();
		poster.step().await.unwrap();
		let batch = relay.chain.state().taken.last().unwrap().batch.clone();
		assert_eq!((batch.lines.len(), batch.root.calls), (2, 3));
		assert_eq!(batch.root.charge, u128::from(alices + bobs));
	}
	let taken = relay.chain.state().taken.clone();
	let sequences: Vec<_> = taken.iter().map(|posting| posting.batch.sequence).collect();
	assert_eq!(sequences, [0, 1, 2]);
}

#[tokio::test]
async fn calls_made_while_a_batch_is_on_its_way_wait_for_the_next() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	poster.step().await.unwrap();
	call(&relay, &relay.user).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	let calls: Vec<_> =
		relay.chain.state().taken.iter().map(|posting| posting.batch.root.calls).collect();
	assert_eq!(calls, [1, 1]);
}

#[tokio::test]
async fn a_batch_lost_from_the_pool_is_submitted_again() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	poster.step().await.unwrap();
	relay.chain.state().pool.clear();
	relay.chain.advance();
	assert!(relay.chain.state().taken.is_empty());
	poster.step().await.unwrap();
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn what_was_served_before_the_relay_was_taken_off_is_collected() {
	let relay = Relay::demo().await;
	let account = relay.user.account();
	let mut poster = relay.poster();
	let charge = call(&relay, &relay.user).await;
	relay.chain.take_relay_off(&account);
	let refused = relay.chat(json!({"model": "lx-demo-1"})).await;
	assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "nothing more is served");
	relay.chain.state().time = THAW;
	poster.step().await.unwrap();
	relay.chain.advance();
	assert_eq!(relay.chain.account(&account).pending, u128::from(charge));
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
	relay.chain.state().time = THAW;
	poster.step().await.unwrap();
	relay.chain.advance();
	assert_eq!(relay.chain.account(&account).pending, u128::from(charges));
}

#[tokio::test]
async fn an_account_that_toggles_is_charged_and_holds_up_nobody() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	for taken in 1..=3 {
		call(&relay, &relay.user).await;
		call(&relay, &bob).await;
		relay.chain.take_relay_off(&bob.account());
		poster.step().await.unwrap();
		relay.chain.name_relay(&bob.account());
		relay.chain.take_relay_off(&bob.account());
		relay.chain.advance();
		relay.chain.name_relay(&bob.account());
		poster.step().await.unwrap();
		let state = relay.chain.state().clone();
		assert_eq!(state.taken.len(), taken);
		assert_eq!(state.taken[taken - 1].batch.lines.len(), 2);
	}
}

#[tokio::test]
async fn an_account_whose_time_to_collect_is_over_holds_up_nobody_else() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	call(&relay, &bob).await;
	relay.chain.take_relay_off(&bob.account());
	relay.chain.state().time = THAW + 1;
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	let batch = relay.chain.state().taken[0].batch.clone();
	assert_eq!(batch.lines.len(), 1);
	assert_eq!(batch.lines[0].account, relay.user.account());
}

#[tokio::test]
async fn an_account_whose_time_ends_while_its_batch_waits_holds_up_nobody_else() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	let alices = relay.chat(json!({"model": "lx-demo-1"})).await;
	call(&relay, &bob).await;
	relay.chain.take_relay_off(&bob.account());
	poster.step().await.unwrap();
	relay.chain.state().time = THAW + 1;
	relay.chain.advance();
	assert!(relay.chain.state().taken.is_empty(), "the chain refuses the batch whole");
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(relay.chain.state().taken[0].batch.lines.len(), 1);
	assert_eq!(relay.receipt(&alices).await["state"], "BATCHED");
}

#[tokio::test]
async fn a_batch_that_was_replaced_and_lands_after_all_is_recognised() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.poster();
	let alices = relay.chat(json!({"model": "lx-demo-1"})).await;
	let bobs = call(&relay, &bob).await;
	poster.step().await.unwrap();
	// Bob cannot be charged, the batch is composed anew without him, and then he comes back.
	let account = relay.chain.account(&bob.account());
	let revoked = ApiAccount { relays: Vec::new(), ..account.clone() };
	relay.chain.set_account(&bob.account(), revoked);
	poster.step().await.unwrap();
	relay.chain.set_account(&bob.account(), account);
	assert_eq!(relay.chain.state().pool.len(), 2);
	relay.chain.advance();
	poster.step().await.unwrap();
	let taken = relay.chain.state().taken.clone();
	assert_eq!((taken.len(), taken[0].batch.lines.len()), (1, 2));
	assert_eq!(relay.chain.account(&bob.account()).pending, u128::from(bobs));
	relay.chain.finalise();
	poster.step().await.unwrap();
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(relay.receipt(&alices).await["state"], "FINAL");
	assert_eq!(relay.chain.state().taken.len(), 1, "no call is charged twice");
}

/// A batch of two accounts is on its way when one of them is spent in a block that is not final.
async fn spent_on_its_way(relay: &Relay, poster: &mut Poster, bob: &User) {
	poster.step().await.unwrap();
	relay.chain.stop_finality();
	relay.chain.spend_elsewhere(&bob.account());
	relay.chain.advance();
	assert!(relay.chain.state().taken.is_empty(), "the chain refuses the batch whole");
	poster.step().await.unwrap();
	assert_eq!(relay.app.metrics.batches_refused.get(), 1);
}

#[tokio::test]
async fn an_account_spent_elsewhere_while_its_batch_waits_holds_up_nobody_else() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.patient_poster();
	let alices = relay.chat(json!({"model": "lx-demo-1"})).await;
	call(&relay, &bob).await;
	spent_on_its_way(&relay, &mut poster, &bob).await;
	relay.chain.advance();
	let taken = relay.chain.state().taken.clone();
	assert_eq!((taken.len(), taken[0].batch.lines.len()), (1, 1));
	assert_eq!(taken[0].batch.lines[0].account, relay.user.account());
	// It is in a block, so that its sequence is used up. That is no refusal.
	poster.step().await.unwrap();
	assert_eq!(relay.receipt(&alices).await["state"], "BATCHED");
	assert!(relay.chain.state().pool.is_empty());
	relay.chain.resume_finality();
	poster.step().await.unwrap();
	let metrics = &relay.app.metrics;
	assert_eq!((metrics.batches_posted.get(), metrics.batches_refused.get()), (1, 1));
}

#[tokio::test]
async fn a_batch_refused_on_its_way_that_gets_in_after_all_is_charged_once() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let bobs_account = relay.chain.account(&bob.account());
	let mut poster = relay.patient_poster();
	let alices = call(&relay, &relay.user).await;
	let bobs = call(&relay, &bob).await;
	poster.step().await.unwrap();
	let first = relay.chain.state().pool[0].clone();
	spent_on_its_way(&relay, &mut poster, &bob).await;
	// The block in which Bob was spent is given up, and another takes the first batch.
	relay.chain.set_account(&bob.account(), bobs_account);
	relay.chain.state().pool.insert(0, first.clone());
	relay.chain.resume_finality();
	relay.chain.advance();
	for _ in 0..3 {
		poster.step().await.unwrap();
		relay.chain.finalise();
	}
	assert_eq!(relay.chain.state().taken, [first]);
	for (user, charge) in [(&relay.user, alices), (&bob, bobs)] {
		assert_eq!(relay.chain.account(&user.account()).pending, u128::from(charge));
	}
	assert_eq!(relay.app.metrics.batches_final.get(), 1);
}

#[tokio::test]
async fn what_is_spent_in_a_block_that_is_not_final_is_not_charged_again() {
	let relay = Relay::demo().await;
	let bob = with_bob(&relay).await;
	let mut poster = relay.patient_poster();
	call(&relay, &relay.user).await;
	call(&relay, &bob).await;
	relay.chain.stop_finality();
	relay.chain.spend_elsewhere(&bob.account());
	relay.chain.advance();
	poster.step().await.unwrap();
	let pool = relay.chain.state().pool.clone();
	assert_eq!((pool.len(), pool[0].batch.lines.len()), (1, 1));
	assert_eq!(relay.app.metrics.batches_refused.get(), 0);
}

#[tokio::test]
async fn a_refusal_that_is_not_about_accounts_makes_no_new_batch_at_once() {
	let relay = Relay::demo().await;
	let mut poster = relay.patient_poster();
	call(&relay, &relay.user).await;
	poster.step().await.unwrap();
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
	// What the chain lets a relay charge shrinks to one call and a half.
	let limit = u128::from(charge + charge / 2);
	let account = relay.chain.account(&relay.user.account());
	relay.chain.set_account(&relay.user.account(), ApiAccount { daily_limit: limit, ..account });
	poster.step().await.unwrap();
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken[0].batch.root.calls, 1);
}

#[tokio::test]
async fn too_few_attestors_hold_up_posting_until_there_are_enough() {
	let relay = Relay::demo().await;
	call(&relay, &relay.user).await;
	let refused = relay.poster_with(&[0]).step().await;
	assert!(matches!(refused, Err(PostingError::Chain(ChainError::Refused(_)))));
	assert_eq!(relay.app.metrics.batches_refused.get(), 1);
	relay.poster_with(&[0, 2]).step().await.unwrap();
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn an_attestor_that_the_chain_does_not_know_is_not_asked() {
	let relay = Relay::demo().await;
	call(&relay, &relay.user).await;
	relay.poster_with(&[0, 9, 1]).step().await.unwrap();
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken[0].signatures.len(), 2);
}

#[tokio::test]
async fn attestors_refuse_a_charge_that_the_registry_does_not_give() {
	let relay = Relay::demo().await;
	call(&relay, &relay.user).await;
	relay.chain.state().prices.clear();
	relay.chain.state().listed.clear();
	assert!(relay.poster().step().await.is_err());
	assert!(relay.chain.state().pool.is_empty());
}

#[tokio::test]
async fn while_the_chain_is_away_calls_wait() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	relay.chain.state().is_up = false;
	assert!(poster.step().await.is_err());
	relay.chain.state().is_up = true;
	poster.step().await.unwrap();
	relay.chain.advance();
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn a_place_taken_by_a_stranger_loses_no_call() {
	let relay = Relay::demo().await;
	let mut poster = relay.poster();
	call(&relay, &relay.user).await;
	poster.step().await.unwrap();
	{
		let mut state = relay.chain.state();
		state.pool.clear();
		let record = state.relay.as_mut().unwrap();
		record.next_sequence = 1;
		record.last_batch = sp_core::H256::repeat_byte(0xee);
	}
	poster.step().await.unwrap();
	assert_eq!(relay.app.metrics.batches_foreign.get(), 1);
	relay.chain.advance();
	let taken = relay.chain.state().taken.clone();
	assert_eq!((taken.len(), taken[0].batch.sequence), (1, 1));
}
