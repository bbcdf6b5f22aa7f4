//! Bodies of requests: who may send how much of them, and how slowly.

use std::{
	future::pending,
	io,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
};

use axum::{
	body::Body,
	http::{Request, StatusCode},
};
use futures::{stream, StreamExt};
use lx_primitives::units::CRED;
use oracle_relay::{
	config::Limits,
	providers::{demo::Demo, Providers},
};
use serde_json::json;

use crate::{
	chain::funded,
	support::{bearer, chat, chat_body, limits, Relay, Reply, User, KEY},
	upstream::until,
};

async fn demo(limits: Limits) -> Relay {
	Relay::start(Providers::new(vec![Arc::new(Demo)]), limits).await
}

async fn with_bob(relay: &Relay) -> User {
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(CRED));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	bob
}

/// A call of which `size` bytes come, and the rest never does. Tells when the relay has read them.
fn dribbled(size: usize, is_read: Arc<AtomicBool>) -> Request<Body> {
	let first = stream::once(async move { Ok::<_, io::Error>(vec![b' '; size]) });
	let rest = stream::once(async move {
		is_read.store(true, Ordering::SeqCst);
		pending::<Result<Vec<u8>, io::Error>>().await
	});
	let body = Body::from_stream(first.chain(rest));
	bearer(Request::post("/v1/chat/completions"), KEY).body(body).unwrap()
}

/// What comes of `others` while a call of [`dribbled`] waits for its body.
async fn meanwhile(
	relay: &Relay,
	size: usize,
	others: impl AsyncFnOnce() -> Vec<Reply>,
) -> Vec<Reply> {
	let is_read = Arc::new(AtomicBool::new(false));
	let slow = relay.send(dribbled(size, is_read.clone()));
	let others = async {
		until("the body is being read", async || is_read.load(Ordering::SeqCst)).await;
		others().await
	};
	let (slow, replies) = tokio::join!(slow, others);
	assert_eq!((slow.status, slow.code()), (StatusCode::REQUEST_TIMEOUT, json!("request_timeout")));
	replies
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_announced_or_not() {
	let relay = demo(Limits { max_body_bytes: 2_000, ..limits() }).await;
	let text = chat_body(json!({"user": "x".repeat(3_000)})).to_string();
	for announced in [true, false] {
		let mut request = bearer(Request::post("/v1/chat/completions"), KEY);
		if announced {
			request = request.header("content-length", text.len());
		}
		let reply = relay.send(request.body(Body::from(text.clone())).unwrap()).await;
		assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
		assert_eq!(reply.code(), "request_too_large");
	}
}

#[tokio::test]
async fn without_a_good_key_or_a_place_no_body_is_read() {
	let relay = demo(Limits { max_body_bytes: 2_000, max_open_calls: 0, ..limits() }).await;
	let text = chat_body(json!({"user": "x".repeat(3_000)})).to_string();
	let request = || Request::post("/v1/chat/completions");
	for (request, status, code) in [
		(request(), StatusCode::UNAUTHORIZED, "invalid_api_key"),
		(bearer(request(), "lx-another"), StatusCode::UNAUTHORIZED, "invalid_api_key"),
		(bearer(request(), KEY), StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
	] {
		let reply = relay.send(request.body(Body::from(text.clone())).unwrap()).await;
		assert_eq!((reply.status, reply.code()), (status, json!(code)));
	}
}

#[tokio::test]
async fn a_body_that_arrives_too_slowly_is_refused() {
	let relay = Relay::demo().await;
	for path in ["/v1/chat/completions", "/v1/keys"] {
		let never = futures::stream::pending::<Result<&'static str, std::io::Error>>();
		let request = bearer(Request::post(path), KEY).body(Body::from_stream(never)).unwrap();
		let reply = relay.send(request).await;
		assert_eq!(reply.status, StatusCode::REQUEST_TIMEOUT, "{path}");
		assert_eq!(reply.code(), "request_timeout");
		assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
	}
}

#[tokio::test]
async fn a_body_that_comes_slowly_takes_no_place() {
	let limits = Limits { max_open_calls: 1, ..limits() };
	let relay = demo(limits).await;
	let bob = with_bob(&relay).await;
	let request = json!({"model": "lx-demo-1"});
	let replies = meanwhile(&relay, 100, async || {
		vec![relay.chat(request.clone()).await, relay.send(chat(&bob.key, request.clone())).await]
	});
	for reply in replies.await {
		assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
	}
}

#[tokio::test]
async fn bodies_on_their_way_in_have_a_bounded_size_together() {
	let limits = Limits { max_body_bytes: 20_000, max_arriving_bytes: 30_000, ..limits() };
	let relay = demo(limits).await;
	let bob = with_bob(&relay).await;
	let request = json!({"model": "lx-demo-1"});
	let replies =
		meanwhile(&relay, 18_000, async || vec![relay.send(chat(&bob.key, request.clone())).await]);
	let refused = replies.await.remove(0);
	assert_eq!(
		(refused.status, refused.code()),
		(StatusCode::SERVICE_UNAVAILABLE, json!("overloaded"))
	);
	let after = relay.send(chat(&bob.key, request)).await;
	assert_eq!(after.status, StatusCode::OK, "{}", after.text);
}

#[tokio::test]
async fn an_account_sends_no_more_than_its_share_at_once() {
	let limits = Limits { max_body_bytes: 20_000, max_arriving_bytes: 100_000, ..limits() };
	let relay = demo(limits).await;
	let bob = with_bob(&relay).await;
	let request = json!({"model": "lx-demo-1"});
	let replies = meanwhile(&relay, 18_000, async || {
		vec![relay.chat(request.clone()).await, relay.send(chat(&bob.key, request.clone())).await]
	});
	let replies = replies.await;
	assert_eq!(replies[0].status, StatusCode::TOO_MANY_REQUESTS, "{}", replies[0].text);
	assert_eq!(replies[0].code(), "rate_limit_exceeded");
	assert_eq!(replies[1].status, StatusCode::OK, "{}", replies[1].text);
}
