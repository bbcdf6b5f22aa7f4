//! Calls that the provider may bill and that nobody pays: what is not asked for, because it could only
//! become one, and how many of them an account may make.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use lx_primitives::{grant::Grant, Usage};
use oracle_relay::{
	api::losses::Debtor,
	chain::ChainView,
	config::Limits,
	providers::{openai::OpenAi, ModelMap, Providers},
	tasks::now,
};
use serde_json::json;
use tokio::net::TcpSocket;

use crate::{
	chain::funded,
	streaming::{leave_after, settled},
	support::{self, chat, providers, Relay, Reply, User},
	upstream::{completion, done, report, stop, text, until, Script, Step, Upstream},
};

/// What the provider may bill for a call of the tests that comes to nothing: a prompt of 26 bytes,
/// and all the output that it may have.
const BILL: u64 = 611;

/// What an account may cost: two such calls, and not three.
const MOST: u64 = 2 * BILL + 100;

/// The limits of a relay whose provider makes all that it may in no time.
fn limits() -> Limits {
	Limits { max_unpaid: MOST, max_whole_tokens: u32::MAX, ..support::limits() }
}

async fn relay_before(upstream: &Upstream) -> Relay {
	Relay::start(providers(upstream, &[]), limits()).await
}

/// What the provider bills for so much output to the prompt of the tests.
fn bill(relay: &Relay, output: u32) -> u64 {
	let price = relay.chain.snapshot().unwrap().head().registry.get("model").unwrap().price;
	let usage = Usage::Tokens { input: 7, cached_input: 0, output };
	u64::try_from(price.cost(&usage).unwrap()).unwrap()
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

/// Makes a stream that may have so much output, and is left before its first byte.
async fn leave(relay: &Relay, upstream: &Upstream, output: u32) {
	let asked = upstream.requests().len();
	let request = json!({"stream": true, "max_completion_tokens": output});
	tokio::select! {
		reply = relay.chat(request) => panic!("answered: {}", reply.text),
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
	assert_eq!(bill(&relay, 100), BILL);
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
	let limits = Limits { upstream_timeout, ..limits() };
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	for _ in 0..3 {
		leave(&relay, &upstream, 100).await;
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
async fn an_account_rests_for_what_its_answers_cost_beyond_what_was_delivered() {
	for last in [Step::Stall, Step::Reset] {
		let upstream = Upstream::start(Script::Stream(vec![text("1234"), last])).await;
		let relay = relay_before(&upstream).await;
		for _ in 0..3 {
			let id = leave_after(&relay, 1).await;
			let receipt = settled(&relay, &id).await;
			assert_eq!(receipt["metered"]["usage"]["output"], 1, "{receipt}");
		}
		let lost = 3 * (BILL - bill(&relay, 1));
		assert!(lost > MOST);
		assert_eq!(relay.app.metrics.written_off.get(), lost);
		let refused = relay.chat(json!({"stream": true})).await;
		assert_eq!(refused.code(), "rate_limit_exceeded");
		assert_eq!(upstream.requests().len(), 3);
	}
}

#[tokio::test]
async fn a_call_costs_no_more_than_what_the_provider_makes_before_it_is_left() {
	let upstream = Upstream::start(Script::Stream(vec![Step::Stall])).await;
	let upstream_timeout = Duration::from_secs(600);
	let limits = Limits { upstream_timeout, max_whole_tokens: 16_384, ..limits() };
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	leave(&relay, &upstream, 16_384).await;
	let lost = relay.app.metrics.written_off.get();
	// A minute is more than the test takes.
	assert!((bill(&relay, 1)..bill(&relay, 1_640)).contains(&lost), "{lost}");
}

#[tokio::test]
async fn a_call_that_is_left_before_the_provider_is_asked_costs_nothing() {
	let upstream = Upstream::start(Script::Silence).await;
	let relay = relay_before(&upstream).await;
	let mut ledger = relay.ledger().await;
	// The call cannot begin meanwhile.
	sqlx::query("BEGIN IMMEDIATE").execute(&mut ledger).await.unwrap();
	let call = relay.chat(json!({"stream": true}));
	let answered = tokio::time::timeout(Duration::from_millis(500), call).await;
	assert!(answered.is_err(), "{answered:?}");
	sqlx::query("ROLLBACK").execute(&mut ledger).await.unwrap();
	until("the call is void", async || relay.app.metrics.calls_void.get() == 1).await;
	assert_eq!(relay.app.metrics.written_off.get(), 0);
	assert!(upstream.requests().is_empty(), "the provider was asked");
}

#[tokio::test]
async fn each_choice_may_cost_what_the_provider_makes_of_one() {
	let upstream = Upstream::start(Script::Silence).await;
	let limits = Limits { max_whole_tokens: 10, ..limits() };
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	let reply = relay.chat(json!({"stream": true, "n": 128})).await;
	assert_eq!(reply.status, StatusCode::GATEWAY_TIMEOUT);
	let lost = relay.app.metrics.written_off.get();
	assert!((bill(&relay, 1_280)..bill(&relay, 12_800)).contains(&lost), "{lost}");
}

#[tokio::test]
async fn a_key_that_has_cost_more_than_its_cap_rests_alone() {
	let upstream = Upstream::start(Script::Silence).await;
	let limits = Limits { max_unpaid: 1_000_000, ..limits() };
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	let capped = User::new("//Alice", "lx-capped");
	let grant = Grant { spending_cap: Some((5 * BILL / 2).into()), ..capped.grant() };
	assert_eq!(relay.register(&capped, &grant).await.status, StatusCode::CREATED);
	for _ in 0..3 {
		let reply = relay.send(chat(&capped.key, json!({}))).await;
		assert_eq!(reply.status, StatusCode::GATEWAY_TIMEOUT, "{}", reply.text);
	}
	let refused = relay.send(chat(&capped.key, json!({}))).await;
	assert_eq!(refused.code(), "rate_limit_exceeded");
	assert!(refused.text.contains("spending cap"), "{}", refused.text);
	assert_eq!(upstream.requests().len(), 3);
	assert_eq!(relay.chat(json!({})).await.status, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn it_shows_when_all_accounts_together_cost_very_much() {
	let upstream = Upstream::start(Script::Silence).await;
	let relay = relay_before(&upstream).await;
	let others = 10 * MOST - BILL;
	assert!(!relay.app.losses.add(&Debtor::All, others.into(), now()));
	let alarm = async || {
		let metrics = relay.get("/metrics").await.text;
		metrics
			.lines()
			.find_map(|line| line.strip_prefix("lx_relay_written_off_alarm ")?.parse::<u64>().ok())
	};
	assert_eq!(alarm().await, Some(0));
	// Together they cost more than what is forgotten meanwhile.
	for _ in 0..2 {
		assert_eq!(relay.chat(json!({})).await.status, StatusCode::GATEWAY_TIMEOUT);
	}
	assert_eq!(alarm().await, Some(1));
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
async fn what_no_provider_has_heard_of_is_billed_to_nobody() {
	// It holds a port and does not listen.
	let socket = TcpSocket::new_v4().unwrap();
	socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
	let url = format!("http://{}/v1", socket.local_addr().unwrap());
	let provider = OpenAi::new(&url, None, ModelMap::default(), Duration::from_secs(30)).unwrap();
	let relay = Relay::start(Providers::new(vec![Arc::new(provider)]), limits()).await;
	for is_streamed in [false, true] {
		let reply = relay.chat(json!({"stream": is_streamed})).await;
		let code = "upstream_error".into();
		assert_eq!((reply.status, reply.code()), (StatusCode::BAD_GATEWAY, code));
		assert_eq!(relay.receipt(&reply).await["void_reason"], "the provider cannot be reached");
	}
	assert_eq!(relay.app.metrics.written_off.get(), 0);
}

#[tokio::test]
async fn a_call_that_is_paid_makes_up_for_what_others_cost() {
	let used = json!({"prompt_tokens": 60, "completion_tokens": 100});
	let upstream = Upstream::start(completion("x", used)).await;
	let relay = relay_before(&upstream).await;
	let account = Debtor::Account(relay.user.account());
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
