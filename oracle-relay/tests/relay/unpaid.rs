//! Calls that the provider may bill and that nobody pays: what is not asked for, because it could only
//! become one, and how many of them an account may make.

use std::time::Duration;

use axum::http::StatusCode;
use lx_primitives::Usage;
use oracle_relay::{chain::ChainView, config::Limits, tasks::now};
use serde_json::json;

use crate::{
	chain::funded,
	support::{chat, limits, providers, Relay, Reply, User},
	upstream::{completion, done, report, stop, text, until, Script, Step, Upstream},
};

/// What the provider may bill for a call of the tests that comes to nothing: a prompt of 26 bytes,
/// and all the output that it may have.
const BILL: u64 = 611;

/// What an account may cost: two such calls, and not three.
const MOST: u64 = 2 * BILL + 100;

async fn relay_before(upstream: &Upstream) -> Relay {
	Relay::start(providers(upstream, &[]), Limits { max_unpaid: MOST, ..limits() }).await
}

fn assert_rests(refused: &Reply) {
	let code = "rate_limit_exceeded".into();
	assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, code));
	// What three calls cost beyond it, at the pace at which all of it is forgotten in an hour.
	let rest = (3 * BILL - MOST) * 3_600 / MOST;
	let told: u64 = refused.header("retry-after").expect("when to come back").parse().unwrap();
	assert!((rest - 60..=rest + 1).contains(&told), "{told} s and not {rest}");
	assert_eq!(refused.header("x-should-retry"), None);
}

/// Makes a stream that is left before its first byte.
async fn leave(relay: &Relay, upstream: &Upstream) {
	let asked = upstream.requests().len();
	tokio::select! {
		reply = relay.chat(json!({"stream": true})) => panic!("answered: {}", reply.text),
		() = until("the provider is asked", async || upstream.requests().len() > asked) => {},
	}
	until("the call has ended", async || {
		relay.get("/v1/balance").await.json()["reserved_ucred"] == 0
	})
	.await;
}

#[tokio::test]
async fn an_account_whose_answers_never_come_rests() {
	let upstream = Upstream::start(Script::Silence).await;
	let relay = relay_before(&upstream).await;
	let usage = Usage::Tokens { input: 7, cached_input: 0, output: 100 };
	let price = relay.chain.snapshot().unwrap().head().registry.get("model").unwrap().price;
	assert_eq!(price.cost(&usage), Some(BILL.into()));
	for _ in 0..3 {
		assert_eq!(relay.chat(json!({})).await.status, StatusCode::GATEWAY_TIMEOUT);
	}
	assert_rests(&relay.chat(json!({})).await);
	assert_rests(&relay.chat(json!({"stream": true})).await);
	assert_eq!(upstream.requests().len(), 3, "the provider was asked for one that rests");
	assert_eq!(relay.available().await, 1_000_000_000);
	assert_eq!(relay.app.metrics.written_off.get(), 3 * BILL);

	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1_000_000));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	assert_eq!(relay.send(chat(&bob.key, json!({}))).await.status, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn an_account_whose_clients_leave_before_the_answer_rests() {
	let upstream = Upstream::start(Script::Stream(vec![Step::Stall])).await;
	let upstream_timeout = Duration::from_secs(60);
	let limits = Limits { upstream_timeout, max_unpaid: MOST, ..limits() };
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	for _ in 0..3 {
		leave(&relay, &upstream).await;
	}
	assert_rests(&relay.chat(json!({"stream": true})).await);
	assert_eq!(upstream.requests().len(), 3);
}

#[tokio::test]
async fn an_account_rests_for_answers_that_broke_off_before_anything_was_delivered() {
	for script in [
		Script::HangUp,
		Script::Reply(200, "no JSON".into()),
		Script::Stream(vec![text(""), Step::Reset]),
	] {
		let is_streamed = matches!(script, Script::Stream(_));
		let upstream = Upstream::start(script).await;
		let relay = relay_before(&upstream).await;
		for _ in 0..3 {
			relay.chat(json!({"stream": is_streamed})).await;
		}
		assert_rests(&relay.chat(json!({})).await);
	}
}

#[tokio::test]
async fn what_the_provider_refuses_is_billed_to_nobody() {
	let error = json!({"error": {"message": "too hot"}}).to_string();
	let upstream = Upstream::start(Script::Reply(400, error)).await;
	let relay = relay_before(&upstream).await;
	for _ in 0..5 {
		assert_eq!(relay.chat(json!({})).await.status, StatusCode::BAD_REQUEST);
	}
	assert_eq!(relay.app.metrics.written_off.get(), 0);
}

#[tokio::test]
async fn a_call_that_is_paid_makes_up_for_what_others_cost() {
	let used = json!({"prompt_tokens": 60, "completion_tokens": 100});
	let upstream = Upstream::start(completion("x", used)).await;
	let relay = relay_before(&upstream).await;
	let account = relay.user.account();
	for _ in 0..2 {
		relay.app.losses.add(&account, u128::from(2 * BILL), now());
		// It is charged 1,150 µCRED, which leaves room for as much again.
		assert_eq!(relay.chat(json!({})).await.status, StatusCode::OK);
	}
}

#[tokio::test]
async fn an_answer_that_cannot_come_in_one_piece_is_refused_and_may_be_streamed() {
	let steps = vec![text("hi"), stop(), report(9, 1), done()];
	let upstream = Upstream::start(Script::Stream(steps)).await;
	let relay = Relay::before(&upstream).await;
	let before = relay.available().await;
	let too_long = [
		(json!({"n": 128, "max_completion_tokens": 16_384}), "max_completion_tokens"),
		(json!({"max_completion_tokens": 16_385}), "max_completion_tokens"),
		// The relay's own limit, five times.
		(json!({"n": 5, "max_completion_tokens": null}), "n"),
		(
			json!({"n": 2, "max_completion_tokens": 4_096, "logprobs": true, "top_logprobs": 20}),
			"top_logprobs",
		),
	];
	for (request, param) in &too_long {
		let refused = relay.chat(request.clone()).await;
		assert_eq!(
			(refused.status, refused.code()),
			(StatusCode::BAD_REQUEST, "stream_required".into())
		);
		let error = &refused.json()["error"];
		assert_eq!(error["param"], *param);
		assert!(error["message"].as_str().unwrap().contains("set `stream: true`"), "{error}");
	}
	assert!(upstream.requests().is_empty(), "the provider was asked");
	assert_eq!(relay.available().await, before);
	for (mut request, _) in too_long {
		request["stream"] = true.into();
		assert_eq!(relay.chat(request).await.status, StatusCode::OK);
	}
	assert_eq!(upstream.requests().len(), 4);
}
