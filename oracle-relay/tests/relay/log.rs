//! The call log as anybody may read it, and what that costs the relay.

use axum::{
	body::Body,
	http::{Request, StatusCode},
};
use futures::{future::join_all, StreamExt};
use oracle_relay::{
	attest::question::{self, Asked},
	tasks::now,
};
use serde_json::{json, Value};

use crate::{
	chain::{funded, pair, GENESIS},
	support::{chat, Relay, Reply, User},
};

/// More calls than are sent in one piece, and no more at once than an account may make.
const ROUNDS: usize = 5;
const CALLS: usize = 30;

/// A relay that has posted a batch with a line of 150 calls by one account and a line of one.
async fn with_batch() -> Relay {
	let relay = Relay::demo().await;
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1_000_000));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	let call = json!({"model": "lx-demo-1"});
	for _ in 0..ROUNDS {
		let replies = join_all((0..CALLS).map(|_| relay.chat(call.clone()))).await;
		assert!(replies.iter().all(|reply| reply.status == StatusCode::OK));
	}
	assert_eq!(relay.send(chat(&bob.key, call)).await.status, StatusCode::OK);
	relay.send_batch(&mut relay.poster()).await;
	relay
}

async fn leaves(relay: &Relay, query: &str) -> Value {
	let reply = relay.get(&format!("/v1/batches/0/leaves?{query}")).await;
	assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
	assert_eq!(reply.header("content-type"), Some("application/json"));
	reply.json()
}

fn is_busy(reply: &Reply) -> bool {
	reply.status == StatusCode::SERVICE_UNAVAILABLE
		&& reply.code() == "overloaded"
		&& reply.header("retry-after") == Some("1")
}

#[tokio::test]
async fn a_page_of_many_pieces_is_one_list() {
	let relay = with_batch().await;
	let batch = relay.get("/v1/batches/0").await.json();
	let all = leaves(&relay, "limit=5000").await;
	assert_eq!((&all["object"], &all["has_more"]), (&json!("list"), &json!(false)));
	let all = all["data"].as_array().unwrap();
	assert_eq!(all.len(), ROUNDS * CALLS + 1);
	let mut expected = Vec::new();
	for (line, of) in batch["lines"].as_array().unwrap().iter().enumerate() {
		expected.extend((0..of["calls"].as_u64().unwrap()).map(|position| json!([line, position])));
	}
	let places: Vec<Value> =
		all.iter().map(|leaf| json!([leaf["line"], leaf["position"]])).collect();
	assert_eq!(places, expected);
	for (offset, limit) in [(0, 1), (0, 150), (1, 100), (1, 150), (99, 2), (149, 5), (151, 1)] {
		let page = leaves(&relay, &format!("offset={offset}&limit={limit}")).await;
		let end = (offset + limit).min(all.len());
		assert_eq!(page["data"].as_array().unwrap(), &all[offset..end], "{offset} {limit}");
		assert_eq!(page["has_more"], json!(end < all.len()), "{offset} {limit}");
	}
	assert_eq!(leaves(&relay, "offset=4000000000").await["data"], json!([]));
}

#[tokio::test]
async fn the_grants_of_a_batch_are_listed_by_their_keys() {
	let relay = with_batch().await;
	let whole = relay.get("/v1/batches/0/grants").await.json();
	let all = whole["data"].as_array().unwrap();
	assert_eq!((all.len(), &whole["has_more"]), (2, &json!(false)));
	assert!(all[0]["key_hash"].as_str().unwrap() < all[1]["key_hash"].as_str().unwrap());
	for grant in all {
		assert_eq!(grant["key_hash"], grant["grant"]["key_hash"]);
	}
	for (offset, has_more) in [(0, true), (1, false)] {
		let path = format!("/v1/batches/0/grants?limit=1&offset={offset}");
		let page = relay.get(&path).await.json();
		assert_eq!(page["data"], json!([all[offset]]));
		assert_eq!(page["has_more"], has_more);
	}
	assert_eq!(relay.get("/v1/batches/0/grants?offset=2").await.json()["data"], json!([]));
}

#[tokio::test]
async fn only_so_many_read_the_log_at_once_and_calls_go_on() {
	let relay = Relay::demo().await;
	let made = relay.chat(json!({"model": "lx-demo-1"})).await;
	relay.send_batch(&mut relay.poster()).await;
	let proof = format!("/v1/proofs/{}", made.header("x-lx-call-id").unwrap());
	let paths = ["/v1/batches", "/v1/batches/0/leaves", "/v1/batches/0/grants", proof.as_str()];
	let turns = &relay.app.turns.strangers;
	let all = u32::try_from(turns.available_permits()).unwrap();
	let taken = turns.clone().acquire_many_owned(all).await.unwrap();
	let call = relay.chat(json!({"model": "lx-demo-1"}));
	let (refused, call) = tokio::join!(join_all(paths.map(|path| relay.get(path))), call);
	assert!(refused.iter().all(is_busy), "{refused:?}");
	assert_eq!(call.status, StatusCode::OK, "{}", call.text);
	// Nobody keeps attestors from reading.
	let asked = Asked { genesis: GENESIS, relay: 0 };
	let signed = |asked: Asked| question::sign(1, &pair("//Attestor//1"), &asked, now());
	let ask = async |by: &str| {
		let ask = Request::get("/v1/batches/0/leaves").header(question::ATTESTOR, by);
		relay.send(ask.body(Body::empty()).unwrap()).await
	};
	assert_eq!(ask(&signed(asked)).await.status, StatusCode::OK);
	let forged = signed(asked).replacen("1.", "0.", 1);
	let heard_elsewhere = signed(Asked { relay: 1, ..asked });
	let (forged, heard) = tokio::join!(ask(&forged), ask(&heard_elsewhere));
	assert!(is_busy(&forged) && is_busy(&heard), "{forged:?} {heard:?}");
	drop(taken);
	for path in paths {
		assert_eq!(relay.get(path).await.status, StatusCode::OK, "{path}");
	}
}

#[tokio::test]
async fn who_takes_a_page_slowly_holds_no_turn() {
	let relay = with_batch().await;
	let all = relay.app.turns.strangers.available_permits();
	let page = || Request::get("/v1/batches/0/leaves?limit=5000").body(Body::empty()).unwrap();
	let mut slow = Vec::new();
	for _ in 0..2 * all {
		let mut pieces = relay.respond(page()).await.into_body().into_data_stream();
		let first = pieces.next().await.unwrap().unwrap();
		assert!(
			first.starts_with(br#"{"data":[{"#) && !first.ends_with(br#""list"}"#),
			"{first:?}"
		);
		slow.push(pieces);
	}
	assert_eq!(relay.app.turns.strangers.available_permits(), all);
	assert_eq!(leaves(&relay, "limit=1").await["has_more"], true);
}
