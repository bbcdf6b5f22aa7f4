//! Requests that are repeated with an idempotency key.

use std::sync::Arc;

use axum::{
	body::Body,
	http::{Request, StatusCode},
};
use futures::StreamExt;
use serde_json::{json, Value};
use tokio::sync::Notify;

use crate::{
	support::{bearer, chat_body, Relay, Reply, User},
	upstream::{
		completion, completion_body, done, report, stop, text, until, Script, Step, Upstream,
	},
};

fn request(key: &str, idempotency_key: &str, extra: Value) -> Request<Body> {
	bearer(Request::post("/v1/chat/completions"), key)
		.header("idempotency-key", idempotency_key)
		.body(Body::from(chat_body(extra).to_string()))
		.unwrap()
}

async fn send(relay: &Relay, idempotency_key: &str, extra: Value) -> Reply {
	relay.send(request(&relay.user.key, idempotency_key, extra)).await
}

fn usage() -> Value {
	json!({"prompt_tokens": 3, "completion_tokens": 4})
}

#[tokio::test]
async fn a_repeated_call_is_answered_and_charged_once() {
	let upstream = Upstream::start(completion("once", usage())).await;
	let relay = Relay::before(&upstream).await;
	let first = send(&relay, "a", json!({})).await;
	let rest = relay.available().await;
	let second = send(&relay, "a", json!({})).await;
	assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
	assert_eq!(first.text, second.text);
	assert_eq!(first.header("x-lx-call-id"), second.header("x-lx-call-id"));
	assert_eq!(first.header("x-lx-charge-ucred"), second.header("x-lx-charge-ucred"));
	assert!(second.header("x-lx-charge-ucred").is_some());
	assert_eq!(second.header("idempotent-replayed"), Some("true"));
	assert_eq!(second.header("content-type"), Some("application/json"));
	assert_eq!(relay.available().await, rest);
	assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_repeated_stream_is_answered_in_full() {
	let steps = vec![text("one "), text("two"), stop(), report(3, 4), done()];
	let upstream = Upstream::start(Script::Stream(steps)).await;
	let relay = Relay::before(&upstream).await;
	let first = send(&relay, "a", json!({"stream": true})).await;
	let second = send(&relay, "a", json!({"stream": true})).await;
	assert_eq!(first.text, second.text);
	// What the stream itself could not say before its end.
	let charge = relay.receipt(&second).await["charge_ucred"].to_string();
	assert_eq!(second.header("x-lx-charge-ucred"), Some(charge.as_str()));
	assert_eq!(second.header("content-type"), Some("text/event-stream"));
	assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_repetition_is_answered_even_if_the_balance_is_gone() {
	let upstream = Upstream::start(completion("once", usage())).await;
	let relay = Relay::before(&upstream).await;
	send(&relay, "a", json!({})).await;
	relay.chain.set_account(&relay.user.account(), crate::chain::funded(0));
	assert_eq!(send(&relay, "a", json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_call_under_way_is_not_begun_again() {
	let hold = Arc::new(Notify::new());
	let upstream = Upstream::start(Script::Held(hold.clone(), completion_body("x", usage()))).await;
	let relay = Relay::before(&upstream).await;
	let again = async {
		until("the provider is asked", async || !upstream.requests().is_empty()).await;
		let reply = send(&relay, "a", json!({})).await;
		hold.notify_one();
		reply
	};
	let (first, second) = tokio::join!(send(&relay, "a", json!({})), again);
	assert_eq!(first.status, StatusCode::OK);
	assert_eq!((second.status, second.code()), (StatusCode::CONFLICT, "call_in_progress".into()));
	assert_eq!(second.header("x-should-retry"), Some("false"));
}

#[tokio::test]
async fn the_key_of_another_request_is_refused() {
	let upstream = Upstream::start(completion("x", usage())).await;
	let relay = Relay::before(&upstream).await;
	send(&relay, "a", json!({})).await;
	let reply = send(&relay, "a", json!({"seed": 1})).await;
	assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
	assert_eq!(reply.code(), "idempotency_key_reused");
	assert_eq!(send(&relay, "b", json!({"seed": 1})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_api_key_has_idempotency_keys_of_its_own() {
	let upstream = Upstream::start(completion("x", usage())).await;
	let relay = Relay::before(&upstream).await;
	let other = User::new("//Alice", "lx-other");
	assert_eq!(relay.register(&other, &other.grant()).await.status, StatusCode::CREATED);
	let first = send(&relay, "a", json!({})).await;
	let second = relay.send(request(&other.key, "a", json!({}))).await;
	assert_ne!(first.header("x-lx-call-id"), second.header("x-lx-call-id"));
}

#[tokio::test]
async fn a_call_that_failed_can_be_made_again() {
	let upstream = Upstream::start(Script::HangUp).await;
	let relay = Relay::before(&upstream).await;
	for _ in 0..2 {
		assert_eq!(send(&relay, "a", json!({})).await.status, StatusCode::BAD_GATEWAY);
	}
	assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_that_broke_off_is_not_repeated() {
	let upstream = Upstream::start(Script::Stream(vec![text("one")])).await;
	let relay = Relay::before(&upstream).await;
	send(&relay, "a", json!({"stream": true})).await;
	let reply = send(&relay, "a", json!({"stream": true})).await;
	assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "answer_not_kept".into()));
}

/// Starts a stream, takes its first `count` events, leaves, and waits until the call has ended.
async fn leave_after(relay: &Relay, count: usize) {
	let request = request(&relay.user.key, "a", json!({"stream": true}));
	let mut events = relay.respond(request).await.into_body().into_data_stream();
	for _ in 0..count {
		assert!(events.next().await.unwrap().is_ok());
	}
	drop(events);
	let ended = async || relay.get("/v1/balance").await.json()["reserved_ucred"] == 0;
	until("the call has ended", ended).await;
}

#[tokio::test]
async fn an_answer_that_its_client_left_is_not_repeated_as_if_it_were_whole() {
	let upstream = Upstream::start(Script::Stream(vec![text("one"), Step::Stall])).await;
	let relay = Relay::before(&upstream).await;
	leave_after(&relay, 1).await;
	let reply = send(&relay, "a", json!({"stream": true})).await;
	assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "answer_not_kept".into()));
	assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_call_whose_client_took_nothing_can_be_made_again() {
	let steps = vec![text("one"), stop(), report(3, 4), done()];
	let upstream = Upstream::start(Script::Stream(steps)).await;
	let relay = Relay::before(&upstream).await;
	leave_after(&relay, 0).await;
	let reply = send(&relay, "a", json!({"stream": true})).await;
	assert_eq!((reply.status, reply.header("idempotent-replayed")), (StatusCode::OK, None));
	assert_eq!(upstream.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_that_its_client_left_whole_is_repeated_whole() {
	let steps = vec![text("one "), text("two"), stop(), report(3, 4), done()];
	let upstream = Upstream::start(Script::Stream(steps)).await;
	let relay = Relay::before(&upstream).await;
	leave_after(&relay, 3).await;
	let reply = send(&relay, "a", json!({"stream": true})).await;
	assert_eq!(reply.header("idempotent-replayed"), Some("true"));
	assert_eq!((reply.events().len(), reply.events().last()), (4, Some(&"[DONE]")));
	assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn after_a_day_the_key_is_free_again() {
	let upstream = Upstream::start(completion("x", usage())).await;
	let relay = Relay::before(&upstream).await;
	send(&relay, "a", json!({})).await;
	let day = 24 * 60 * 60 * 1_000;
	relay.app.ledger.forget_outcomes(oracle_relay::tasks::now() + day - 60_000).await.unwrap();
	assert_eq!(send(&relay, "a", json!({})).await.header("idempotent-replayed"), Some("true"));
	relay.app.ledger.forget_outcomes(oracle_relay::tasks::now() + day + 60_000).await.unwrap();
	assert_eq!(send(&relay, "a", json!({})).await.header("idempotent-replayed"), None);
	assert_eq!(upstream.requests().len(), 2);
}
