//! Streams: what the client gets, and what it is charged when they end well or badly.

use std::sync::Arc;

use axum::{body::Body, http::StatusCode};
use futures::StreamExt;
use serde_json::{json, Value};
use tokio::sync::Notify;

use crate::{
	support::{chat, limits, providers, Relay, Reply},
	upstream::{done, report, stop, text, until, Script, Step, Upstream},
};
use oracle_relay::config::Limits;

fn full_stream() -> Vec<Step> {
	vec![text("Hello "), text("world"), stop(), report(9, 4), done()]
}

async fn relay_before(steps: Vec<Step>) -> (Relay, Upstream) {
	let upstream = Upstream::start(Script::Stream(steps)).await;
	(Relay::before(&upstream).await, upstream)
}

async fn stream(relay: &Relay, extra: Value) -> Reply {
	let mut request = json!({"stream": true});
	request.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
	relay.chat(request).await
}

fn content(reply: &Reply) -> String {
	let chunks = reply.events().into_iter().filter_map(|data| serde_json::from_str(data).ok());
	chunks
		.filter_map(|chunk: Value| {
			chunk["choices"][0]["delta"]["content"].as_str().map(String::from)
		})
		.collect()
}

/// The error in the last event.
fn last_error(reply: &Reply) -> Value {
	let last: Value = serde_json::from_str(reply.events().last().unwrap()).unwrap();
	last["error"]["code"].clone()
}

#[tokio::test]
async fn a_stream_is_charged_by_its_report_which_only_shows_when_asked_for() {
	let (relay, upstream) = relay_before(full_stream()).await;
	for asked in [false, true] {
		let options = json!({"stream_options": {"include_usage": asked}});
		let reply = stream(&relay, options).await;
		assert_eq!(reply.status, StatusCode::OK);
		assert_eq!(reply.header("content-type"), Some("text/event-stream"));
		assert_eq!(reply.header("x-should-retry"), Some("false"));
		assert_eq!(content(&reply), "Hello world");
		assert_eq!(reply.events().last(), Some(&"[DONE]"));
		assert_eq!(reply.text.contains("\"usage\":{"), asked, "{}", reply.text);
		let receipt = relay.receipt(&reply).await;
		assert_eq!(receipt["state"], "USAGE_FINAL");
		assert_eq!(receipt["metered"]["usage"]["output"], 4);
		assert_eq!(receipt["metered"]["usage"]["input"], 9);
	}
	for sent in upstream.requests() {
		assert_eq!(sent["stream_options"]["include_usage"], true);
	}
}

#[tokio::test]
async fn the_demo_provider_streams() {
	let relay = Relay::demo().await;
	let reply = stream(&relay, json!({"model": "lx-demo-1"})).await;
	assert!(content(&reply).starts_with("This is "));
	assert_eq!(relay.receipt(&reply).await["state"], "USAGE_FINAL");
}

#[tokio::test]
async fn the_last_of_several_reports_is_charged() {
	let steps = vec![text("a"), report(9, 1), text("b"), report(9, 2), stop(), done()];
	let (relay, _upstream) = relay_before(steps).await;
	let reply = stream(&relay, json!({})).await;
	assert_eq!(relay.receipt(&reply).await["metered"]["usage"]["output"], 2);
}

#[tokio::test]
async fn a_stream_without_a_report_is_charged_for_what_was_delivered() {
	let (relay, _upstream) = relay_before(vec![text("12345678"), text("9"), stop(), done()]).await;
	let reply = stream(&relay, json!({})).await;
	let receipt = relay.receipt(&reply).await;
	assert_eq!(receipt["state"], "USAGE_ESTIMATED");
	assert_eq!(receipt["metered"]["usage"], json!({"input": 7, "cached_input": 0, "output": 3}));
}

#[tokio::test]
async fn a_complete_answer_needs_no_last_event() {
	let (relay, _upstream) = relay_before(vec![text("hi"), stop(), report(9, 1)]).await;
	let reply = stream(&relay, json!({})).await;
	assert_eq!(reply.events().last(), Some(&"[DONE]"));
	assert_eq!(relay.receipt(&reply).await["state"], "USAGE_FINAL");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_charged_for_what_was_delivered() {
	for (last, code) in [
		(Step::Reset, "upstream_error"),
		(Step::Stall, "upstream_timeout"),
		(Step::Event("no JSON".into()), "upstream_error"),
		(Step::Event(r#"{"error": {"message": "oh"}}"#.into()), "upstream_error"),
		(done(), "upstream_error"),
	] {
		let (relay, _upstream) = relay_before(vec![text("12345678"), text("9"), last]).await;
		let reply = stream(&relay, json!({})).await;
		assert_eq!(reply.status, StatusCode::OK);
		assert_eq!(content(&reply), "123456789");
		assert_eq!(last_error(&reply), code, "{}", reply.text);
		let receipt = relay.receipt(&reply).await;
		assert_eq!(receipt["state"], "USAGE_ESTIMATED");
		assert_eq!(receipt["metered"]["usage"]["output"], 3);
		let rest = relay.available().await;
		assert_eq!(rest, 1_000_000_000 - receipt["charge_ucred"].as_u64().unwrap());
	}
}

#[tokio::test]
async fn a_stream_that_fails_before_its_first_chunk_costs_nothing() {
	for (first, status) in [
		(Step::Reset, StatusCode::BAD_GATEWAY),
		(Step::Stall, StatusCode::GATEWAY_TIMEOUT),
		(done(), StatusCode::BAD_GATEWAY),
		(Step::Event("no JSON".into()), StatusCode::BAD_GATEWAY),
		(Step::Event(r#"{"error": {"message": "oh"}}"#.into()), StatusCode::BAD_GATEWAY),
	] {
		let (relay, _upstream) = relay_before(vec![first]).await;
		let reply = stream(&relay, json!({})).await;
		assert_eq!(reply.status, status, "{}", reply.text);
		assert_eq!(relay.receipt(&reply).await["state"], "VOID");
		assert_eq!(relay.available().await, 1_000_000_000);
	}
}

#[tokio::test]
async fn a_stream_without_any_output_costs_nothing() {
	let role = json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]});
	let (relay, _upstream) = relay_before(vec![Step::Event(role.to_string()), Step::Reset]).await;
	let reply = stream(&relay, json!({})).await;
	assert_eq!(last_error(&reply), "upstream_error");
	assert_eq!(relay.receipt(&reply).await["state"], "VOID");
}

#[tokio::test]
async fn the_clients_name_for_the_model_comes_back() {
	let upstream = Upstream::start(Script::Stream(full_stream())).await;
	let relay = Relay::start(providers(&upstream, &["model=real"]), limits()).await;
	let reply = stream(&relay, json!({})).await;
	assert_eq!(upstream.requests()[0]["model"], "real");
	assert!(reply.text.contains(r#""model":"model""#));
	assert!(!reply.text.contains("real"));
}

/// Starts a stream, takes its first chunk and leaves. Returns the call's id.
async fn leave_after_first_chunk(relay: &Relay) -> String {
	let request = chat(&relay.user.key, json!({"stream": true}));
	let response = relay.respond(request).await;
	let id = response.headers()["x-lx-call-id"].to_str().unwrap().to_string();
	let mut body = Body::into_data_stream(response.into_body());
	assert!(body.next().await.unwrap().is_ok());
	id
}

async fn settled(relay: &Relay, id: &str) -> Value {
	let path = format!("/v1/receipts/{id}");
	until("the call is settled", async || relay.get(&path).await.json()["state"] != "SENT").await;
	relay.get(&path).await.json()
}

#[tokio::test]
async fn a_client_that_leaves_is_charged_exactly_by_the_report() {
	let wait = Arc::new(Notify::new());
	let steps = vec![
		text("one"),
		Step::Wait(wait.clone()),
		text("two"),
		text("three"),
		stop(),
		report(9, 4),
		done(),
	];
	let (relay, _upstream) = relay_before(steps).await;
	let id = leave_after_first_chunk(&relay).await;
	wait.notify_one();
	let receipt = settled(&relay, &id).await;
	assert_eq!(receipt["state"], "USAGE_FINAL");
	assert_eq!(receipt["metered"]["usage"]["output"], 4);
	assert_eq!(relay.app.metrics.clients_gone.get(), 1);
}

#[tokio::test]
async fn reading_on_after_the_client_is_bounded() {
	let wait = Arc::new(Notify::new());
	let steps = vec![text("1234"), Step::Wait(wait.clone()), text("56789"), Step::Stall];
	let (relay, _upstream) = relay_before(steps).await;
	let id = leave_after_first_chunk(&relay).await;
	wait.notify_one();
	let receipt = settled(&relay, &id).await;
	assert_eq!(receipt["state"], "USAGE_ESTIMATED");
	assert_eq!(receipt["metered"]["usage"]["output"], 1);
}

#[tokio::test]
async fn without_a_place_to_read_on_the_delivered_part_is_charged() {
	let wait = Arc::new(Notify::new());
	let steps = vec![text("1234"), Step::Wait(wait.clone()), text("56789"), stop(), report(9, 3)];
	let upstream = Upstream::start(Script::Stream(steps)).await;
	let limits = Limits { max_drains: 0, ..limits() };
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	let id = leave_after_first_chunk(&relay).await;
	wait.notify_one();
	let receipt = settled(&relay, &id).await;
	assert_eq!(receipt["state"], "USAGE_ESTIMATED");
	assert_eq!(receipt["metered"]["usage"]["output"], 1);
}

#[tokio::test]
async fn stopping_waits_for_the_streams_under_way() {
	let wait = Arc::new(Notify::new());
	let steps = vec![text("1234"), Step::Wait(wait.clone()), stop(), report(9, 3), done()];
	let (relay, _upstream) = relay_before(steps).await;
	let id = leave_after_first_chunk(&relay).await;
	wait.notify_one();
	relay.app.tasks.finish().await;
	assert_eq!(relay.get(&format!("/v1/receipts/{id}")).await.json()["state"], "USAGE_FINAL");
}
