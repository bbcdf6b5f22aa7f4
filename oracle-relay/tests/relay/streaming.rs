//! Streams: what the client gets, and what it is charged when they end well or badly.

use std::{sync::Arc, time::Duration};

use axum::{
	body::{Body, BodyDataStream},
	http::StatusCode,
};
use futures::StreamExt;
use serde_json::{json, Value};
use tokio::sync::Notify;

use crate::{
	support::{chat, limits, providers, read, Relay, Reply},
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
async fn a_complete_answer_does_not_break_off_for_want_of_a_report() {
	for last in [Step::Reset, Step::Stall, Step::Event("no JSON".into())] {
		let (relay, _upstream) =
			relay_before(vec![text("12345678"), text("9"), stop(), last]).await;
		let reply = stream(&relay, json!({})).await;
		assert_eq!(reply.events().last(), Some(&"[DONE]"));
		let receipt = relay.receipt(&reply).await;
		assert_eq!(receipt["state"], "USAGE_ESTIMATED");
		assert_eq!(receipt["metered"]["usage"]["output"], 3);
	}
}

#[tokio::test]
async fn an_answer_of_which_one_choice_breaks_off_is_not_complete() {
	let second = json!({"choices": [{"index": 1, "delta": {"content": "12345"}}]}).to_string();
	let steps = vec![text("1234"), stop(), Step::Event(second), Step::Reset];
	let (relay, _upstream) = relay_before(steps).await;
	let reply = stream(&relay, json!({"n": 2})).await;
	assert_eq!(last_error(&reply), "upstream_error");
	assert_eq!(relay.receipt(&reply).await["metered"]["usage"]["output"], 3);
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
async fn a_report_as_it_goes_counts_no_more_output_than_was_delivered() {
	for (reported, expected) in [(50, 2), (1, 1)] {
		let steps = vec![report(9, reported), text("12345678"), Step::Reset];
		let (relay, _upstream) = relay_before(steps).await;
		let reply = stream(&relay, json!({})).await;
		assert_eq!(last_error(&reply), "upstream_error");
		let receipt = relay.receipt(&reply).await;
		assert_eq!(receipt["state"], "USAGE_ESTIMATED");
		let usage = json!({"input": 9, "cached_input": 0, "output": expected});
		assert_eq!(receipt["metered"]["usage"], usage);
	}
}

#[tokio::test]
async fn what_a_provider_says_of_its_own_failure_stays_here() {
	let error = Step::Event(r#"{"error": {"message": "your key sk-1 is wrong"}}"#.into());
	for steps in [vec![error.clone()], vec![text("hi"), error]] {
		let (relay, _upstream) = relay_before(steps).await;
		let reply = stream(&relay, json!({})).await;
		let receipt = relay.receipt(&reply).await.to_string();
		assert!(!reply.text.contains("sk-1") && !receipt.contains("sk-1"), "{receipt}");
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

/// Starts a stream and takes its first `count` events. Returns the call's id, and the rest.
async fn take(relay: &Relay, count: usize) -> (String, BodyDataStream) {
	let request = chat(&relay.user.key, json!({"stream": true}));
	let response = relay.respond(request).await;
	let id = response.headers()["x-lx-call-id"].to_str().unwrap().to_string();
	let mut events = Body::into_data_stream(response.into_body());
	for _ in 0..count {
		assert!(events.next().await.unwrap().is_ok());
	}
	(id, events)
}

/// Starts a stream, takes its first `count` events and leaves. Returns the call's id.
pub async fn leave_after(relay: &Relay, count: usize) -> String {
	let (id, rest) = take(relay, count).await;
	drop(rest);
	id
}

pub async fn settled(relay: &Relay, id: &str) -> Value {
	let path = format!("/v1/receipts/{id}");
	until("the call is settled", async || relay.get(&path).await.json()["state"] != "SENT").await;
	relay.get(&path).await.json()
}

#[tokio::test]
async fn a_client_that_leaves_before_the_first_byte_is_charged_nothing() {
	let limits = Limits { upstream_timeout: Duration::from_secs(60), ..limits() };
	let upstream = Upstream::start(Script::Stream(vec![Step::Stall])).await;
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	let asked = async {
		until("the provider is asked", async || !upstream.requests().is_empty()).await;
	};
	tokio::select! {
		reply = stream(&relay, json!({})) => panic!("answered: {}", reply.text),
		() = asked => {},
	}
	upstream.hung_up().await;
	until("nothing is reserved", async || relay.available().await == 1_000_000_000).await;
	assert_eq!(relay.app.metrics.calls_void.get(), 1);
	assert_eq!(relay.app.metrics.clients_gone.get(), 1);
}

#[tokio::test]
async fn a_client_that_takes_no_event_is_charged_nothing() {
	let (relay, upstream) = relay_before(vec![text("1234"), text("56789"), Step::Stall]).await;
	let id = leave_after(&relay, 0).await;
	let receipt = settled(&relay, &id).await;
	assert_eq!((&receipt["state"], &receipt["charge_ucred"]), (&json!("VOID"), &json!(0)));
	assert_eq!(receipt["void_reason"], "the client left");
	upstream.hung_up().await;
	assert_eq!(relay.available().await, 1_000_000_000);
}

#[tokio::test]
async fn a_client_that_leaves_is_charged_exactly_what_it_took() {
	let steps = vec![text("12345678"), text("9"), text("never"), text("taken"), Step::Stall];
	for (count, output) in [(1, 2), (2, 3), (3, 4)] {
		let (relay, upstream) = relay_before(steps.clone()).await;
		let id = leave_after(&relay, count).await;
		let receipt = settled(&relay, &id).await;
		assert_eq!(receipt["state"], "USAGE_ESTIMATED");
		assert_eq!(receipt["metered"]["estimated"], true);
		let usage = json!({"input": 7, "cached_input": 0, "output": output});
		assert_eq!(receipt["metered"]["usage"], usage, "after {count} events");
		let rest = 1_000_000_000 - receipt["charge_ucred"].as_u64().unwrap();
		assert_eq!(relay.available().await, rest);
		upstream.hung_up().await;
		assert_eq!(relay.app.metrics.clients_gone.get(), 1);
	}
}

#[tokio::test]
async fn a_client_that_leaves_is_charged_whatever_it_could_read() {
	for delta in [
		json!({"function_call": {"name": "f", "arguments": "1234567"}}),
		json!({"tool_calls": [{"index": 0, "type": "custom", "custom": {"input": "12345678"}}]}),
		json!({"audio": {"id": "a", "transcript": "12345678"}}),
		json!({"unheard_of": "12345678"}),
	] {
		let chunk = json!({"choices": [{"index": 0, "delta": delta}]});
		let (relay, _upstream) =
			relay_before(vec![Step::Event(chunk.to_string()), Step::Stall]).await;
		let id = leave_after(&relay, 1).await;
		assert_eq!(settled(&relay, &id).await["metered"]["usage"]["output"], 2, "{chunk}");
	}
}

#[tokio::test]
async fn a_provider_that_thinks_is_let_go_when_the_client_leaves() {
	let limits = Limits { idle_timeout: Duration::from_secs(60), ..limits() };
	let upstream = Upstream::start(Script::Stream(vec![text("1234"), Step::Stall])).await;
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	let id = leave_after(&relay, 1).await;
	upstream.hung_up().await;
	assert_eq!(settled(&relay, &id).await["metered"]["usage"]["output"], 1);
}

#[tokio::test]
async fn a_stream_ends_when_it_has_lasted_as_long_as_one_may() {
	let max_stream_time = Duration::from_millis(300);
	let limits = Limits { idle_timeout: Duration::from_secs(60), max_stream_time, ..limits() };
	let upstream = Upstream::start(Script::Stream(vec![text("1234"), Step::Stall])).await;
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	let reply = stream(&relay, json!({})).await;
	upstream.hung_up().await;
	assert!(reply.text.contains("1234") && !reply.text.contains("[DONE]"), "{}", reply.text);
	let receipt = settled(&relay, reply.header("x-lx-call-id").unwrap()).await;
	assert_eq!(receipt["state"], "USAGE_ESTIMATED");
	assert_eq!(receipt["metered"]["usage"]["output"], 1, "what was delivered is charged");
}

#[tokio::test]
async fn a_client_that_leaves_is_charged_no_report_beyond_what_it_took() {
	for (reported, expected) in [(50, 2), (1, 1)] {
		let steps = vec![report(9, reported), text("12345678"), Step::Stall];
		let (relay, upstream) = relay_before(steps).await;
		let id = leave_after(&relay, 1).await;
		let receipt = settled(&relay, &id).await;
		assert_eq!(receipt["state"], "USAGE_ESTIMATED");
		let usage = json!({"input": 9, "cached_input": 0, "output": expected});
		assert_eq!(receipt["metered"]["usage"], usage);
		upstream.hung_up().await;
	}
}

#[tokio::test]
async fn a_client_that_leaves_with_the_whole_answer_is_charged_by_the_report() {
	let wait = Arc::new(Notify::new());
	let steps =
		vec![text("one"), text("two"), stop(), Step::Wait(wait.clone()), report(9, 4), done()];
	let (relay, _upstream) = relay_before(steps).await;
	let id = leave_after(&relay, 3).await;
	wait.notify_one();
	let receipt = settled(&relay, &id).await;
	assert_eq!(receipt["state"], "USAGE_FINAL");
	let usage = json!({"input": 9, "cached_input": 0, "output": 4});
	assert_eq!(receipt["metered"]["usage"], usage);
	assert_eq!(relay.app.metrics.clients_gone.get(), 1);
}

#[tokio::test]
async fn the_report_of_a_whole_answer_is_not_waited_for_for_ever() {
	let (relay, upstream) = relay_before(vec![text("12345"), stop(), Step::Stall]).await;
	let id = leave_after(&relay, 2).await;
	let receipt = settled(&relay, &id).await;
	assert_eq!(receipt["state"], "USAGE_ESTIMATED");
	assert_eq!(receipt["metered"]["usage"]["output"], 2);
	upstream.hung_up().await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_for_too_long_has_left() {
	let (relay, upstream) = relay_before(vec![text("1234"), text("56789"), Step::Stall]).await;
	let (id, mut rest) = take(&relay, 1).await;
	let receipt = settled(&relay, &id).await;
	assert_eq!(receipt["metered"]["usage"]["output"], 1);
	assert!(rest.next().await.is_none(), "what is not charged is not delivered");
	upstream.hung_up().await;
}

#[tokio::test]
async fn stopping_waits_for_the_streams_under_way() {
	let wait = Arc::new(Notify::new());
	let steps = vec![text("1234"), Step::Wait(wait.clone()), stop(), report(9, 3), done()];
	let (relay, _upstream) = relay_before(steps).await;
	let response = relay.respond(chat(&relay.user.key, json!({"stream": true}))).await;
	let id = response.headers()["x-lx-call-id"].to_str().unwrap().to_string();
	let stopping = async {
		wait.notify_one();
		relay.app.tasks.finish().await;
		relay.get(&format!("/v1/receipts/{id}")).await.json()["state"].clone()
	};
	let (reply, state) = tokio::join!(read(response), stopping);
	assert_eq!(reply.events().last(), Some(&"[DONE]"));
	assert_eq!(state, "USAGE_FINAL");
}
