//! Models that are served against quotas only.

use axum::http::StatusCode;
use futures::future::join_all;
use lx_primitives::{call_log::call_time, CallId, Claim, Offer, Payment, Units};
use oracle_relay::metering::request::ChatRequest;
use serde_json::{json, Value};

use crate::{
	chain::{funded, BLOCK, RELAY},
	support::{chat, chat_body, limits, Relay, Reply, User},
	upstream::{completion, Upstream},
};

const LAUNCH: u32 = 7;
const SCARCE: &str = "scarce";

/// What a call of [`ask`] uses, as the provider reports.
const USED: Units = 50;

/// What it reserves.
fn reserved() -> Units {
	let body = chat_body(json!({"model": SCARCE})).to_string();
	ChatRequest::parse(body.as_bytes(), &limits()).unwrap().bounds.units()
}

/// A relay at which its user has claimed so many units of a scarce model.
async fn relay_with(units: Units) -> (Upstream, Relay) {
	let usage = json!({"prompt_tokens": 20, "completion_tokens": 30, "total_tokens": 50});
	let upstream = Upstream::start(completion("x", usage)).await;
	let relay = Relay::before(&upstream).await;
	relay.chain.launch(LAUNCH, SCARCE, &relay.user.account(), units);
	(upstream, relay)
}

async fn ask(relay: &Relay) -> Reply {
	relay.chat(json!({"model": SCARCE})).await
}

fn refused(reply: &Reply, left: Units) {
	assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS, "{}", reply.text);
	assert_eq!(reply.code(), "insufficient_quota");
	assert!(reply.text.contains(&format!("leaves {left}.")), "{}", reply.text);
}

async fn bob(relay: &Relay) -> User {
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1_000_000_000));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	bob
}

#[tokio::test]
async fn a_scarce_model_is_served_against_quota_and_posted_with_it() {
	let (_upstream, relay) = relay_with(1_000).await;
	let mut poster = relay.poster();
	let plain = relay.chat(json!({})).await;
	let scarce = ask(&relay).await;
	assert_eq!(scarce.status, StatusCode::OK, "{}", scarce.text);
	let receipt = relay.receipt(&scarce).await;
	assert_eq!(receipt["metered"]["quota"], LAUNCH);
	assert_eq!(receipt["metered"]["price_version"], 0);
	assert_eq!(relay.receipt(&plain).await["metered"]["quota"], Value::Null);
	relay.send_batch(&mut poster).await;
	let open = relay.get("/v1/batches/0").await.json();
	let sums = |line: &Value| (line["quota"].clone(), line["units"].clone());
	let lines: Vec<_> = open["lines"].as_array().unwrap().iter().map(sums).collect();
	assert_eq!(lines, [(Value::Null, json!(0)), (json!(LAUNCH), json!(USED))]);
	relay.chain.advance();
	let claim = relay.chain.claimed(&relay.user.account(), LAUNCH);
	assert_eq!(claim, Claim { relay: RELAY, units: 1_000, used: USED });
	assert_eq!(relay.chain.state().taken.len(), 1);
}

#[tokio::test]
async fn nobody_else_is_served() {
	let (upstream, relay) = relay_with(1_000).await;
	let bob = bob(&relay).await;
	refused(&relay.send(chat(&bob.key, json!({"model": SCARCE}))).await, 0);
	let unknown = relay.chat(json!({"model": "never-launched"})).await;
	assert_eq!(unknown.code(), "model_not_found");
	assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn what_was_claimed_at_another_relay_is_not_served_here() {
	let (upstream, relay) = relay_with(0).await;
	let user = relay.user.account();
	relay.chain.claim(LAUNCH, &user, RELAY + 1, 1_000_000);
	let reply = ask(&relay).await;
	refused(&reply, 0);
	let remedy = format!("`lx launch claim {LAUNCH} --relay-id {RELAY}`");
	assert!(reply.text.contains(&remedy), "{}", reply.text);
	assert_eq!(reply.header("x-should-retry"), Some("false"));
	assert!(upstream.requests().is_empty());
	// Once enough is claimed here, it is.
	relay.chain.claim(LAUNCH, &user, RELAY, reserved());
	assert_eq!(ask(&relay).await.status, StatusCode::OK);
	refused(&ask(&relay).await, reserved() - USED);
}

#[tokio::test]
async fn no_more_is_served_than_is_left() {
	let (_upstream, relay) = relay_with(reserved() + USED).await;
	assert_eq!(ask(&relay).await.status, StatusCode::OK);
	// What was not used of the reservation is free again.
	assert_eq!(ask(&relay).await.status, StatusCode::OK);
	refused(&ask(&relay).await, reserved() - USED);
	// Once it is posted, the chain says the same.
	let mut poster = relay.poster();
	relay.send_batch(&mut poster).await;
	refused(&ask(&relay).await, reserved() - USED);
	relay.chain.advance();
	refused(&ask(&relay).await, reserved() - USED);
	poster.step().await.unwrap();
	refused(&ask(&relay).await, reserved() - USED);
}

#[tokio::test]
async fn fifty_calls_at_once_on_a_quota_for_one_serve_one() {
	let (upstream, relay) = relay_with(reserved()).await;
	let replies = join_all((0..50).map(|_| ask(&relay))).await;
	let served = replies.iter().filter(|reply| reply.status == StatusCode::OK).count();
	// One that comes when another is over finds some of the quota, and not enough.
	assert_eq!(served, 1);
	assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_quota_that_has_expired_is_not_served() {
	let (_upstream, relay) = relay_with(1_000).await;
	let offer = relay.chain.state().launches[&LAUNCH].clone();
	relay.chain.state().time = offer.expires_at - 1;
	let last = ask(&relay).await;
	assert_eq!(last.status, StatusCode::OK, "{}", last.text);
	// Attestors judge it by its own time, which is the chain's.
	let id = last.header("x-lx-call-id").unwrap().strip_prefix("0x").unwrap();
	let id: CallId = hex::decode(id).unwrap().try_into().unwrap();
	assert_eq!(call_time(&id), offer.expires_at - 1);
	let price = offer.price_at(&offer.model, Offer::PRICE_VERSION, call_time(&id));
	assert_eq!(price, Some(offer.price));
	relay.chain.state().time = offer.expires_at;
	assert_eq!(ask(&relay).await.code(), "model_not_found");
}

#[tokio::test]
async fn the_quota_that_expires_first_is_used_if_it_is_enough() {
	let (_upstream, relay) = relay_with(reserved()).await;
	let user = relay.user.account();
	relay.chain.launch(3, SCARCE, &user, 1_000);
	relay.chain.state().launches.get_mut(&3).unwrap().expires_at += BLOCK;
	let used = async || relay.receipt(&ask(&relay).await).await["metered"]["quota"].clone();
	assert_eq!(used().await, LAUNCH);
	// What is left of it is not enough for what a call may use, before it is posted and after.
	assert_eq!(used().await, 3);
	relay.send_batch(&mut relay.poster()).await;
	relay.chain.advance();
	assert_eq!(used().await, 3);
}

#[tokio::test]
async fn calls_beyond_a_quota_hold_up_no_others() {
	let (_upstream, relay) = relay_with(1_000).await;
	let mut poster = relay.poster();
	assert_eq!(ask(&relay).await.status, StatusCode::OK);
	assert_eq!(ask(&relay).await.status, StatusCode::OK);
	assert_eq!(relay.chat(json!({})).await.status, StatusCode::OK);
	// The chain says otherwise than the ledger, as for a relay that runs twice: one call is left.
	relay.chain.use_up(&relay.user.account(), LAUNCH, 1_000 - USED);
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	let batch = relay.chain.state().taken[0].batch.clone();
	assert_eq!((batch.lines.len(), batch.header.root.calls), (2, 2));
	assert_eq!(relay.chain.claimed(&relay.user.account(), LAUNCH).left(), 0);
	assert_eq!(relay.app.ledger.backlog().await.unwrap(), (0, 1));
}

#[tokio::test]
async fn a_call_beyond_a_quota_lets_no_other_call_of_its_account_rest() {
	let (_upstream, relay) = relay_with(1_000).await;
	let mut poster = relay.poster();
	assert_eq!(ask(&relay).await.status, StatusCode::OK);
	// The chain says that nothing is left, so the call rests, for longer each time.
	relay.chain.use_up(&relay.user.account(), LAUNCH, 1_000);
	for _ in 0..3 {
		poster.step().await.unwrap();
		relay.end_rests().await;
	}
	poster.step().await.unwrap();
	// What is served from the purse is posted at once: the purse could thaw meanwhile.
	assert_eq!(relay.chat(json!({})).await.status, StatusCode::OK);
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	let batch = relay.chain.state().taken[0].batch.clone();
	let lines: Vec<_> = batch.lines.iter().map(|line| (line.payment, line.total.calls)).collect();
	assert_eq!(lines, [(Payment::Purse, 1)]);
	assert_eq!(relay.app.ledger.backlog().await.unwrap(), (0, 1));
}

#[tokio::test]
async fn what_a_reversed_batch_used_can_be_used_again() {
	let (_upstream, relay) = relay_with(reserved()).await;
	let mut poster = relay.poster();
	assert_eq!(ask(&relay).await.status, StatusCode::OK);
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	poster.step().await.unwrap();
	refused(&ask(&relay).await, reserved() - USED);
	relay.chain.reverse(0);
	relay.chain.advance();
	poster.step().await.unwrap();
	assert_eq!(ask(&relay).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_launched_model_is_in_the_list() {
	let (_upstream, relay) = relay_with(1_000).await;
	let expires_at = relay.chain.state().launches[&LAUNCH].expires_at;
	let model = relay.get(&format!("/v1/models/{SCARCE}")).await.json();
	assert_eq!(model["id"], SCARCE);
	assert_eq!(model["pricing"]["version"], 0);
	let launch = &model["launches"][0];
	assert_eq!((&launch["launch"], &launch["expires_at_ms"]), (&json!(LAUNCH), &json!(expires_at)));
	let list = relay.get("/v1/models").await.json();
	assert!(list["data"].as_array().unwrap().contains(&model));
	// Once it is listed it is open to everybody.
	let price = relay.chain.state().launches[&LAUNCH].price;
	relay.chain.set_price(SCARCE, 1, price);
	let open = relay.get(&format!("/v1/models/{SCARCE}")).await.json();
	assert_eq!((&open["pricing"]["version"], &open["launches"]), (&json!(1), &Value::Null));
	assert_eq!(relay.receipt(&ask(&relay).await).await["metered"]["quota"], Value::Null);
}
