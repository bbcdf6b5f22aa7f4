//! Every error: its status, its code, its parameter, and that it costs nothing.

use axum::{
	body::Body,
	http::{Request, StatusCode},
};
use lx_primitives::{units::CRED, Payment};
use serde_json::json;

use crate::{
	chain::funded,
	support::{bearer, chat, chat_body, limits, providers, Relay, User, KEY},
	upstream::{completion, completion_body, until, Script, Upstream},
};
use oracle_relay::{
	chain::ApiAccount,
	config::{Channel, Limits},
	providers::{demo::Demo, Providers},
	tasks::now,
};
use std::sync::Arc;

#[tokio::test]
async fn a_missing_or_wrong_key_is_refused() {
	let relay = Relay::demo().await;
	let body = || Body::from(chat_body(json!({})).to_string());
	let missing = relay.send(Request::post("/v1/chat/completions").body(body()).unwrap()).await;
	let wrong = relay.send(chat("lx-another", json!({}))).await;
	for reply in [missing, wrong] {
		assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
		assert_eq!(reply.code(), "invalid_api_key");
		assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
		assert!(reply.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
	}
}

#[tokio::test]
async fn an_expired_key_is_refused() {
	let relay = Relay::demo().await;
	let user = User::new("//Alice", "lx-short-lived");
	let grant = lx_primitives::grant::Grant { expires_at: Some(now() + 1_500), ..user.grant() };
	assert_eq!(relay.register(&user, &grant).await.status, StatusCode::CREATED);
	let request = json!({"model": "lx-demo-1"});
	assert_eq!(relay.send(chat(&user.key, request.clone())).await.status, StatusCode::OK);
	tokio::time::sleep(std::time::Duration::from_millis(1_600)).await;
	let reply = relay.send(chat(&user.key, request)).await;
	assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "invalid_api_key".into()));
}

#[tokio::test]
async fn a_key_revoked_on_chain_is_refused_at_once() {
	let relay = Relay::demo().await;
	let account = relay.user.account();
	relay.chain.set_account(&account, ApiAccount { key_epoch: 1, ..funded(CRED) });
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
	assert_eq!(reply.code(), "invalid_api_key");
}

#[tokio::test]
async fn a_model_that_cannot_be_used_is_not_found() {
	let relay = Relay::demo().await;
	let user = User::new("//Alice", "lx-one-model");
	let grant = lx_primitives::grant::Grant { models: vec!["lx-demo-9".into()], ..user.grant() };
	assert_eq!(relay.register(&user, &grant).await.status, StatusCode::CREATED);
	let long = "m".repeat(200);
	for (key, model) in [
		(KEY, "no-such-model"),
		(KEY, long.as_str()),
		// It is listed, and nobody here serves it.
		(KEY, "model"),
		// The key does not allow it.
		(&user.key, "lx-demo-1"),
	] {
		let reply = relay.send(chat(key, json!({"model": model}))).await;
		assert_eq!(reply.status, StatusCode::NOT_FOUND, "{model}");
		assert_eq!(reply.code(), "model_not_found");
		assert_eq!(reply.json()["error"]["param"], "model");
	}
}

#[tokio::test]
async fn a_model_metered_in_units_cannot_chat() {
	let upstream = Upstream::start(Script::HangUp).await;
	let relay = Relay::before(&upstream).await;
	let reply = relay.chat(json!({"model": "pictures"})).await;
	assert_eq!(reply.status, StatusCode::BAD_REQUEST);
	assert_eq!(reply.json()["error"]["param"], "model");
}

#[tokio::test]
async fn a_malformed_request_is_refused_with_its_parameter() {
	let relay = Relay::demo().await;
	for (body, param) in [
		("{".to_string(), json!(null)),
		("[]".to_string(), json!(null)),
		(chat_body(json!({"messages": "hi"})).to_string(), json!("messages")),
		(chat_body(json!({"stream": 1})).to_string(), json!("stream")),
		(chat_body(json!({"n": 0})).to_string(), json!("n")),
	] {
		let request = bearer(Request::post("/v1/chat/completions"), KEY);
		let reply = relay.send(request.body(Body::from(body.clone())).unwrap()).await;
		assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
		assert_eq!(reply.json()["error"]["param"], param);
		assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
	}
}

#[tokio::test]
async fn two_limits_of_the_output_are_refused_with_the_one_to_leave_out() {
	let relay = Relay::demo().await;
	let before = relay.available().await;
	let both = json!({"model": "lx-demo-1", "max_tokens": 5, "max_completion_tokens": 5});
	let reply = relay.chat(both).await;
	assert_eq!(reply.status, StatusCode::BAD_REQUEST);
	assert_eq!(reply.code(), "invalid_parameter_combination");
	assert_eq!(reply.json()["error"]["param"], "max_tokens");
	assert_eq!(relay.available().await, before);
}

#[tokio::test]
async fn a_path_that_is_no_text_is_refused_in_the_same_shape() {
	let relay = Relay::demo().await;
	for (method, path) in
		[("GET", "/v1/models/%ff"), ("GET", "/v1/receipts/%ff"), ("DELETE", "/v1/keys/%ff")]
	{
		let request = bearer(Request::builder().method(method).uri(path), KEY);
		let reply = relay.send(request.body(Body::empty()).unwrap()).await;
		assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{method} {path}");
		assert_eq!(reply.json()["error"]["type"], "invalid_request_error");
	}
}

#[tokio::test]
async fn a_client_in_a_browser_may_read_whether_to_retry() {
	let relay = Relay::demo().await;
	let request = Request::get("/health").header("origin", "https://example.com");
	let reply = relay.send(request.body(Body::empty()).unwrap()).await;
	let exposed = reply.header("access-control-expose-headers").unwrap();
	for name in ["x-should-retry", "x-request-id", "x-lx-call-id", "idempotent-replayed"] {
		assert!(exposed.split(',').any(|exposed| exposed.trim() == name), "{name} in {exposed}");
	}
}

#[tokio::test]
async fn unknown_routes_and_methods_answer_in_the_same_shape() {
	let relay = Relay::demo().await;
	let unknown = relay.get("/v1/nothing").await;
	assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "unknown_url".into()));
	let wrong = relay.get("/v1/chat/completions").await;
	let code = "method_not_allowed".into();
	assert_eq!((wrong.status, wrong.code()), (StatusCode::METHOD_NOT_ALLOWED, code));
}

#[tokio::test]
async fn an_account_that_cannot_pay_is_refused_and_told_not_to_retry() {
	let relay = Relay::demo().await;
	let account = relay.user.account();
	for poor in [
		funded(0),
		funded(10),
		ApiAccount { daily_limit: 10, ..funded(CRED) },
		ApiAccount { daily_limit: CRED, spent_today: CRED, ..funded(CRED) },
	] {
		relay.chain.set_account(&account, poor.clone());
		let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
		assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
		assert_eq!(reply.code(), "insufficient_quota");
		assert_eq!(reply.json()["error"]["type"], "insufficient_quota");
		assert_eq!(reply.header("x-should-retry"), Some("false"));
		assert_eq!(u128::from(relay.available().await), poor.servable(Payment::Purse));
	}
}

#[tokio::test]
async fn without_the_chain_nothing_is_served() {
	let relay = Relay::demo().await;
	relay.chain.state().is_up = false;
	for reply in [relay.chat(json!({})).await, relay.get("/v1/models").await] {
		assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
		assert_eq!(reply.code(), "chain_unreachable");
		assert_eq!(reply.header("retry-after"), Some("5"));
		assert!(reply.text.contains("neither balances nor prices"), "{}", reply.text);
	}
	assert_eq!(relay.get("/health").await.status, StatusCode::SERVICE_UNAVAILABLE);
	relay.chain.state().is_up = true;
	assert_eq!(relay.get("/health").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_relay_that_may_not_post_does_not_serve() {
	let relay = Relay::demo().await;
	relay.chain.state().relay.as_mut().unwrap().is_active = false;
	let suspended = relay.chat(json!({"model": "lx-demo-1"})).await;
	relay.chain.state().relay = None;
	let unknown = relay.chat(json!({"model": "lx-demo-1"})).await;
	for reply in [suspended, unknown] {
		assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
		assert_eq!(reply.code(), "relay_inactive");
	}
	assert_eq!(relay.get("/health").await.json()["status"], "relay_inactive");
}

#[tokio::test]
async fn too_many_calls_at_once_are_turned_away() {
	let providers = Providers::new(vec![Arc::new(Demo)]);
	let relay = Relay::start(providers, Limits { max_open_calls: 0, ..limits() }).await;
	let reply = relay.chat(json!({"model": "lx-demo-1"})).await;
	assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
	assert_eq!(reply.code(), "overloaded");
}

#[tokio::test]
async fn an_account_does_not_take_the_places_of_others() {
	let hold = Arc::new(tokio::sync::Notify::new());
	let body = completion_body("x", json!({"prompt_tokens": 1, "completion_tokens": 1}));
	let upstream = Upstream::start(Script::Held(hold.clone(), body)).await;
	let ordinary = Channel { at_once: 1, ..limits().ordinary };
	let limits = Limits { ordinary, ..limits() };
	let relay = Relay::start(providers(&upstream, &[]), limits).await;
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(CRED));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	let others = async {
		until("the provider is asked", async || upstream.requests().len() == 1).await;
		let refused = relay.chat(json!({})).await;
		assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
		assert_eq!(refused.code(), "rate_limit_exceeded");
		assert_eq!(refused.header("x-should-retry"), None);
		let ask_twice = async {
			until("both are asked", async || upstream.requests().len() == 2).await;
			hold.notify_waiters();
		};
		tokio::join!(relay.send(chat(&bob.key, json!({}))), ask_twice).0
	};
	let (first, second) = tokio::join!(relay.chat(json!({})), others);
	assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
	hold.notify_one();
	assert_eq!(relay.chat(json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_not_priced_by_tokens_is_refused_and_never_sent() {
	let usage = json!({"prompt_tokens": 1, "completion_tokens": 1});
	let upstream = Upstream::start(completion("x", usage)).await;
	let allowed = Limits { allowed_parameters: vec!["plugins".into()], ..limits() };
	let relay = Relay::start(providers(&upstream, &[]), allowed).await;
	for (extra, param) in [
		(json!({"service_tier": "priority"}), "service_tier"),
		(json!({"web_search_options": {}}), "web_search_options"),
		(json!({"models": ["another"]}), "models"),
		(json!({"tools": [{"type": "web_search"}]}), "tools[0].type"),
	] {
		let reply = relay.chat(extra).await;
		assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{param}");
		assert_eq!(reply.code(), "unsupported_parameter");
		assert_eq!(reply.json()["error"]["param"], param);
	}
	assert!(upstream.requests().is_empty());
	let good = json!({"service_tier": "auto", "store": false, "plugins": [{"id": "web"}]});
	assert_eq!(relay.chat(good).await.status, StatusCode::OK);
	let sent = &upstream.requests()[0];
	assert_eq!((sent.get("service_tier"), sent.get("store")), (None, None));
	assert_eq!(sent["plugins"], json!([{"id": "web"}]));
}

#[tokio::test]
async fn a_large_request_is_served_and_one_of_too_many_values_is_not() {
	let relay = Relay::demo().await;
	let long = "[{,".repeat(100_000);
	let messages = json!([{"role": "user", "content": long}]);
	let reply = relay.chat(json!({"model": "lx-demo-1", "messages": messages})).await;
	assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
	let many = vec![json!({"": 0}); 100_001];
	let reply = relay.chat(json!({"model": "lx-demo-1", "messages": many})).await;
	assert_eq!(reply.status, StatusCode::BAD_REQUEST);
	assert_eq!(reply.code(), "too_complex");
}

#[tokio::test]
async fn a_provider_that_fails_before_its_answer_costs_nothing() {
	let error =
		|message: &str| json!({"error": {"message": message, "param": "top_p"}}).to_string();
	for (script, status, code) in [
		(Script::HangUp, 502, json!("upstream_error")),
		(Script::Silence, 504, json!("upstream_timeout")),
		(Script::Reply(500, "oh".into()), 502, json!("upstream_error")),
		(Script::Reply(503, error("busy")), 502, json!("upstream_error")),
		(Script::Reply(401, error("your key is wrong")), 502, json!("upstream_error")),
		(Script::Reply(404, error("no such model")), 502, json!("upstream_error")),
		(Script::Reply(429, error("slow down")), 429, json!("rate_limit_exceeded")),
		(Script::Reply(400, error("top_p is too hot")), 400, json!(null)),
		(Script::Reply(200, "no JSON".into()), 502, json!("upstream_error")),
		(Script::Reply(200, error("in disguise")), 502, json!("upstream_error")),
		(Script::Reply(200, "{}".into()), 502, json!("upstream_error")),
	] {
		let upstream = Upstream::start(script).await;
		let relay = Relay::before(&upstream).await;
		let before = relay.available().await;
		let reply = relay.chat(json!({})).await;
		assert_eq!(reply.status.as_u16(), status, "{}", reply.text);
		assert_eq!(reply.code(), code);
		assert!(!reply.text.contains("your key is wrong"));
		assert_eq!(relay.available().await, before);
		let receipt = relay.receipt(&reply).await;
		assert_eq!((&receipt["state"], &receipt["charge_ucred"]), (&json!("VOID"), &json!(0)));
	}
}

#[tokio::test]
async fn what_the_client_did_wrong_comes_back_as_the_provider_said_it() {
	let body = json!({"error": {"message": "too hot", "param": "top_p", "code": "hot"}});
	let upstream = Upstream::start(Script::Reply(400, body.to_string())).await;
	let relay = Relay::before(&upstream).await;
	let error = &relay.chat(json!({})).await.json()["error"];
	assert_eq!(error["message"], "too hot");
	assert_eq!(error["param"], "top_p");
	assert_eq!(error["code"], "hot");
}

#[tokio::test]
async fn a_provider_that_does_not_stream_when_asked_fails() {
	let upstream = Upstream::start(completion("hi", json!(null))).await;
	let relay = Relay::start(providers(&upstream, &[]), limits()).await;
	let reply = relay.chat(json!({"stream": true})).await;
	assert_eq!(reply.status, StatusCode::BAD_GATEWAY);
	assert_eq!(relay.receipt(&reply).await["state"], "VOID");
}

#[tokio::test]
async fn who_cannot_pay_is_told_what_helps() {
	let relay = Relay::demo().await;
	let who = relay.user.account();
	let full = relay.chain.account(&who);
	for (account, part) in [
		(
			ApiAccount { daily_limit: 1, ..full.clone() },
			"your daily limit leaves 1 µCRED. Raise it",
		),
		(ApiAccount { free: 1, ..full.clone() }, "your balance leaves 1 µCRED. Top up"),
		(
			ApiAccount { free: 1, thawing: 9, ..full.clone() },
			"of which 9 µCRED are on their way out, leaves 1 µCRED. Put those back with \
			 `lx withdraw --cancel`",
		),
	] {
		relay.chain.set_account(&who, account);
		let refused = relay.chat(json!({"model": "lx-demo-1"})).await;
		assert_eq!(refused.code(), "insufficient_quota");
		let message = refused.json()["error"]["message"].as_str().unwrap().to_string();
		assert!(message.contains(part), "{part}: {message}");
	}
}

#[tokio::test]
async fn who_waits_for_calls_under_way_is_told_so_and_may_try_again() {
	let hold = Arc::new(tokio::sync::Notify::new());
	let body = completion_body("x", json!({"prompt_tokens": 1, "completion_tokens": 1}));
	let upstream = Upstream::start(Script::Held(hold.clone(), body)).await;
	let relay = Relay::before(&upstream).await;
	let who = relay.user.account();
	let others = async {
		until("the provider is asked", async || upstream.requests().len() == 1).await;
		let balance = relay.get("/v1/balance").await.json();
		let reserved = u128::from(balance["reserved_ucred"].as_u64().unwrap());
		for (free, held, should_retry, retry_after, remedy) in [
			(2 * reserved - 1, reserved, "true", Some("1"), "Try again when they have ended"),
			(reserved - 1, reserved - 1, "false", None, "Top up"),
		] {
			relay.chain.set_account(&who, funded(free));
			let refused = relay.chat(json!({})).await;
			assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
			assert_eq!(refused.code(), "insufficient_quota");
			assert_eq!(refused.header("x-should-retry"), Some(should_retry));
			assert_eq!(refused.header("retry-after"), retry_after);
			let message = refused.json()["error"]["message"].as_str().unwrap().to_string();
			let told =
				format!("leaves {} µCRED; calls under way have reserved {held}", free - held);
			assert!(message.contains(&told) && message.contains(remedy), "{message}");
		}
		hold.notify_one();
	};
	let (first, ()) = tokio::join!(relay.chat(json!({})), others);
	assert_eq!(first.status, StatusCode::OK);
}
