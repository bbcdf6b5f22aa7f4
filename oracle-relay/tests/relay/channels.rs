//! How much an account may call, by its tier and its perk.

use std::sync::Arc;

use axum::http::StatusCode;
use lx_primitives::{Perk, Tier, TierHistory};
use serde_json::json;

use crate::{
	chain::funded,
	support::{chat, limits, providers, Relay, Reply},
	upstream::{completion, completion_body, until, Script, Upstream},
};
use oracle_relay::{
	chain::ApiAccount,
	config::{Channel, Limits},
	providers::{demo::Demo, Providers},
};

/// A relay whose ordinary channel is this one.
async fn relay(upstream: &Upstream, at_once: u32, per_minute: u32) -> Relay {
	let ordinary = Channel { at_once, per_minute: Some(per_minute) };
	Relay::start(providers(upstream, &[]), Limits { ordinary, ..limits() }).await
}

async fn answering() -> Upstream {
	let usage = json!({"prompt_tokens": 1, "completion_tokens": 1});
	Upstream::start(completion("hello", usage)).await
}

fn set_tier(relay: &Relay, tier: Tier) {
	let tiers = TierHistory { current: tier, former: Vec::new() };
	let account = ApiAccount { tiers, ..funded(1_000_000_000) };
	relay.chain.set_account(&relay.user.account(), account);
}

/// What a response says of the caller's pace: the limit, and what is left of it.
fn told(reply: &Reply) -> (Option<&str>, Option<&str>) {
	let header = |name: &str| reply.header(&format!("x-ratelimit-{name}-requests"));
	(header("limit"), header("remaining"))
}

#[tokio::test]
async fn each_answer_says_how_often_its_caller_may_call() {
	let relay = Relay::start(Providers::new(vec![Arc::new(Demo)]), limits()).await;
	let call = async || relay.chat(json!({"model": "lx-demo-1"})).await;
	let first = call().await;
	assert_eq!(told(&first), (Some("3000"), Some("2999")));
	assert_eq!(first.header("x-ratelimit-reset-requests"), Some("20ms"));
	// Whatever becomes of it.
	let wrong = relay.chat(json!({"model": "nothing"})).await;
	assert_eq!((wrong.status, told(&wrong).0), (StatusCode::NOT_FOUND, Some("3000")));
	set_tier(&relay, Tier::Lv2);
	assert_eq!(told(&call().await).0, Some("30000"));
	let stranger = relay.send(chat("another key", json!({}))).await;
	assert_eq!((stranger.status, told(&stranger)), (StatusCode::UNAUTHORIZED, (None, None)));
}

#[tokio::test]
async fn who_calls_too_often_is_told_when_to_come_back() {
	let upstream = answering().await;
	let relay = relay(&upstream, 32, 2).await;
	for remaining in ["1", "0"] {
		let reply = relay.chat(json!({})).await;
		assert_eq!((reply.status, told(&reply)), (StatusCode::OK, (Some("2"), Some(remaining))));
	}
	let before = relay.available().await;
	let refused = relay.chat(json!({})).await;
	assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
	assert_eq!(refused.code(), "rate_limit_exceeded");
	assert_eq!(refused.json()["error"]["type"], "requests");
	assert_eq!(told(&refused), (Some("2"), Some("0")));
	let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
	assert!((1..=30).contains(&seconds), "{seconds}");
	assert_eq!(refused.header("x-should-retry"), None, "it helps to try again");
	assert_eq!((upstream.requests().len(), relay.available().await), (2, before));
	assert_eq!(relay.app.metrics.calls_limited.get(), 1);
	// Another tier is another channel.
	set_tier(&relay, Tier::Lv4);
	assert_eq!(relay.chat(json!({})).await.status, StatusCode::OK);
}

/// How a second call fares while the first is under way, where one at a time is the ordinary limit.
async fn second_at_once(prepare: impl FnOnce(&Relay)) -> Reply {
	let hold = Arc::new(tokio::sync::Notify::new());
	let body = completion_body("x", json!({"prompt_tokens": 1, "completion_tokens": 1}));
	let upstream = Upstream::start(Script::Held(hold.clone(), body)).await;
	let relay = relay(&upstream, 1, 3_000).await;
	prepare(&relay);
	let second = async {
		until("the provider is asked", async || upstream.requests().len() == 1).await;
		let release = async {
			until("both are asked", async || upstream.requests().len() == 2).await;
			hold.notify_waiters();
			std::future::pending::<Reply>().await
		};
		// Where the second is refused, it never asks.
		let reply = tokio::select! {
			reply = relay.chat(json!({})) => reply,
			never = release => never,
		};
		hold.notify_waiters();
		reply
	};
	let (first, second) = tokio::join!(relay.chat(json!({})), second);
	assert_eq!(first.status, StatusCode::OK);
	second
}

#[tokio::test]
async fn an_account_of_the_lowest_tier_has_no_more_than_its_channel() {
	let refused = second_at_once(|_| ()).await;
	assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
	assert_eq!(refused.code(), "rate_limit_exceeded");
	let free = Perk::FreeCalls { relay: 0 };
	let refused = second_at_once(|relay| relay.chain.crown(&relay.user.account(), free)).await;
	assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_higher_tier_opens_the_high_concurrency_channel() {
	let second = second_at_once(|relay| set_tier(relay, Tier::Lv2)).await;
	assert_eq!((second.status, told(&second).0), (StatusCode::OK, Some("30000")));
}

#[tokio::test]
async fn a_champion_may_choose_to_have_no_limit() {
	let perk = Perk::NoConcurrencyLimit;
	let second = second_at_once(|relay| relay.chain.crown(&relay.user.account(), perk)).await;
	assert_eq!((second.status, told(&second)), (StatusCode::OK, (None, None)));
}
