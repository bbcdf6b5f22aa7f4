//! Keys: who may register one, and how it ends.

use axum::{
	body::Body,
	http::{Request, StatusCode},
};
use lx_primitives::grant::Grant;
use serde_json::json;
use sp_core::{Pair, H256};

use crate::{
	chain::funded,
	support::{bearer, chat, post, Relay, Reply, User, KEY},
};
use oracle_relay::{
	chain::ApiAccount,
	ledger::keys::{ApiKey, Evidence, MAX_KEYS, MAX_LIVE_KEYS},
	tasks::now,
};

async fn revoke(relay: &Relay, key: &str, hash: &str) -> Reply {
	let request = bearer(Request::delete(format!("/v1/keys/{hash}")), key);
	relay.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_grant_that_does_not_fit_is_refused_with_its_field() {
	let relay = Relay::demo().await;
	let user = User::new("//Alice", "lx-new");
	let good = user.grant();
	for (grant, param) in [
		(Grant { genesis: H256::repeat_byte(9), ..good.clone() }, "grant.genesis"),
		(Grant { relay: 1, ..good.clone() }, "grant.relay"),
		(Grant { account: "nobody".into(), ..good.clone() }, "grant.account"),
		(Grant { models: vec!["a, b".into()], ..good.clone() }, "grant.models"),
		(Grant { models: vec!["all".into()], ..good.clone() }, "grant.models"),
		(Grant { models: vec!["m".into(); 65], ..good.clone() }, "grant.models"),
		(Grant { expires_at: Some(now() - 1), ..good.clone() }, "grant.expires_at"),
		(Grant { key_epoch: 1, ..good.clone() }, "grant.key_epoch"),
	] {
		let reply = relay.register(&user, &grant).await;
		assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
		assert_eq!(reply.json()["error"]["param"], param);
	}
	assert_eq!(relay.register(&user, &good).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn only_the_accounts_own_signature_counts() {
	let relay = Relay::demo().await;
	let (alice, mallory) = (User::new("//Alice", "lx-new"), User::new("//Mallory", "lx-new"));
	let grant = alice.grant();
	let by_another = relay.send(post("/v1/keys", &mallory.registration(&grant))).await;
	let mut altered = alice.registration(&grant);
	altered["grant"]["nonce"] = json!(5);
	let altered = relay.send(post("/v1/keys", &altered)).await;
	let no_hex = relay.send(post("/v1/keys", &json!({"grant": grant, "signature": "0xzz"}))).await;
	for reply in [by_another, altered, no_hex] {
		assert_eq!(reply.status, StatusCode::BAD_REQUEST);
		assert_eq!(reply.json()["error"]["param"], "signature");
	}
}

#[tokio::test]
async fn a_signature_as_browser_wallets_make_it_counts() {
	let relay = Relay::demo().await;
	let user = User::new("//Alice", "lx-wrapped");
	let grant = user.grant();
	let wrapped = format!("<Bytes>{}</Bytes>", grant.message());
	let signature = hex::encode(user.pair.sign(wrapped.as_bytes()).0);
	let body = json!({"grant": grant, "signature": format!("0x01{signature}")});
	assert_eq!(relay.send(post("/v1/keys", &body)).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn an_account_must_have_a_purse_at_the_relay() {
	let relay = Relay::demo().await;
	let user = User::new("//Bob", "lx-bob");
	let nobody = relay.register(&user, &user.grant()).await;
	relay.chain.set_account(&user.account(), ApiAccount { has_purse: false, ..funded(1) });
	let elsewhere = relay.register(&user, &user.grant()).await;
	for reply in [nobody, elsewhere] {
		assert_eq!(reply.status, StatusCode::FORBIDDEN);
		assert_eq!(reply.code(), "no_purse");
	}
}

#[tokio::test]
async fn registering_again_changes_nothing() {
	let relay = Relay::demo().await;
	let capped = Grant { spending_cap: Some(1), ..relay.user.grant() };
	let reply = relay.register(&relay.user, &capped).await;
	assert_eq!(reply.status, StatusCode::OK);
	assert_eq!(reply.json()["spending_cap_ucred"], json!(null));
}

#[tokio::test]
async fn a_key_belongs_to_whoever_registered_it_first() {
	let relay = Relay::demo().await;
	let thief = User::new("//Bob", KEY);
	relay.chain.set_account(&thief.account(), funded(1));
	let reply = relay.register(&thief, &thief.grant()).await;
	assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "key_exists".into()));
}

#[tokio::test]
async fn a_revoked_key_never_works_again() {
	let relay = Relay::demo().await;
	let hash = format!("{:?}", relay.user.grant().key_hash);
	let by_another = revoke(&relay, "lx-another", &hash).await;
	assert_eq!(by_another.status, StatusCode::UNAUTHORIZED);
	let reply = revoke(&relay, KEY, &hash).await;
	assert_eq!((reply.status, &reply.json()["deleted"]), (StatusCode::OK, &json!(true)));
	assert_eq!(revoke(&relay, KEY, &hash).await.status, StatusCode::UNAUTHORIZED);
	let reply = relay.send(chat(KEY, json!({"model": "lx-demo-1"}))).await;
	assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "invalid_api_key".into()));
	let again = relay.register(&relay.user, &relay.user.grant()).await;
	assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "key_revoked".into()));
}

#[tokio::test]
async fn a_key_shows_the_keys_of_its_account_and_of_nobody_else() {
	let relay = Relay::demo().await;
	let two = User::new("//Alice", "lx-two");
	let expires_at = now() + 60_000;
	let grant = Grant {
		models: vec!["lx-demo-1".into()],
		spending_cap: Some(5),
		expires_at: Some(expires_at),
		..two.grant()
	};
	assert_eq!(relay.register(&two, &grant).await.status, StatusCode::CREATED);
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	assert!(store(&relay, &relay.user, 7, |key| key.key_epoch = 1).await, "of another epoch");
	let hash = format!("{:?}", grant.key_hash);
	assert_eq!(revoke(&relay, &two.key, &hash).await.status, StatusCode::OK);

	let reply = relay.get("/v1/keys").await;
	assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
	let listed = reply.json()["data"].as_array().unwrap().clone();
	assert_eq!(listed.len(), 2);
	let shown = |hash: &str| listed.iter().find(|key| key["key_hash"] == hash).unwrap();
	let own = shown(&format!("{:?}", relay.user.grant().key_hash));
	assert_eq!((&own["revoked_at_ms"], &own["spending_cap_ucred"]), (&json!(null), &json!(null)));
	let revoked = shown(&hash);
	assert!(revoked["revoked_at_ms"].as_u64().is_some_and(|at| at <= now()));
	assert_eq!(revoked["expires_at_ms"], json!(expires_at));
	assert_eq!(revoked["models"], json!(["lx-demo-1"]));
	assert_eq!((&revoked["spending_cap_ucred"], &revoked["spent_ucred"]), (&json!(5), &json!(0)));
}

#[tokio::test]
async fn only_a_key_that_works_shows_keys() {
	let relay = Relay::demo().await;
	let ask = |key: &str| bearer(Request::get("/v1/keys"), key).body(Body::empty()).unwrap();
	assert_eq!(relay.send(ask("lx-another")).await.code(), "invalid_api_key");
	let hash = format!("{:?}", relay.user.grant().key_hash);
	assert_eq!(revoke(&relay, KEY, &hash).await.status, StatusCode::OK);
	let reply = relay.send(ask(KEY)).await;
	assert_eq!((reply.status, reply.code()), (StatusCode::UNAUTHORIZED, "invalid_api_key".into()));
	let missing = relay.send(Request::get("/v1/keys").body(Body::empty()).unwrap()).await;
	assert_eq!(missing.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_registration_that_is_no_json_is_refused() {
	let relay = Relay::demo().await;
	for body in ["", "{}", r#"{"grant": {}, "signature": ""}"#] {
		let request = Request::post("/v1/keys").body(Body::from(body)).unwrap();
		assert_eq!(relay.send(request).await.status, StatusCode::BAD_REQUEST);
	}
}

#[tokio::test]
async fn a_registration_larger_than_any_grant_is_refused() {
	let relay = Relay::demo().await;
	let request = Request::post("/v1/keys").body(Body::from(vec![b' '; 70_000])).unwrap();
	let reply = relay.send(request).await;
	let code = "request_too_large".into();
	assert_eq!((reply.status, reply.code()), (StatusCode::PAYLOAD_TOO_LARGE, code));
}

#[tokio::test]
async fn a_huge_cap_and_expiry_are_no_limits() {
	let relay = Relay::demo().await;
	let user = User::new("//Alice", "lx-huge");
	let grant =
		Grant { spending_cap: Some(i64::MAX as u128), expires_at: Some(u64::MAX), ..user.grant() };
	// More than that is no number to every reader of the published grants.
	for spending_cap in [i64::MAX as u128 + 1, 1 << 64, u128::MAX] {
		let grant = Grant { spending_cap: Some(spending_cap), ..grant.clone() };
		let reply = relay.register(&user, &grant).await;
		assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
		assert_eq!(reply.json()["error"]["param"], "grant.spending_cap");
	}
	assert_eq!(relay.register(&user, &grant).await.status, StatusCode::CREATED);
	let reply = relay.send(chat(&user.key, json!({"model": "lx-demo-1"}))).await;
	assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
}

/// Stores a key of `user` in the ledger, without the work of signing it. Returns whether it fitted.
async fn store(relay: &Relay, user: &User, number: u32, changed: impl Fn(&mut ApiKey)) -> bool {
	let mut key = ApiKey {
		key_hash: H256::from_low_u64_be(number.into()),
		account: user.account(),
		models: Vec::new(),
		spending_cap: None,
		expires_at: None,
		key_epoch: 0,
		revoked_at: None,
		held: 0,
	};
	changed(&mut key);
	let evidence = Evidence { grant: "{}".into(), signature: Vec::new() };
	relay.app.ledger.add_key(&key, &evidence, now()).await.unwrap()
}

#[tokio::test]
async fn an_account_has_so_many_keys_at_a_time() {
	let relay = Relay::demo().await;
	for number in 1..MAX_LIVE_KEYS {
		// One that has expired is no key any more.
		assert!(store(&relay, &relay.user, 1_000 + number, |key| key.expires_at = Some(1)).await);
		assert!(store(&relay, &relay.user, number, |_| {}).await);
	}
	let user = User::new("//Alice", "lx-one-too-many");
	let refused = relay.register(&user, &user.grant()).await;
	assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "too_many_keys".into()));
	let known = relay.register(&relay.user, &relay.user.grant()).await;
	assert_eq!(known.status, StatusCode::OK);
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1));
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	let revoked = revoke(&relay, KEY, &format!("{:?}", relay.user.grant().key_hash)).await;
	assert_eq!(revoked.status, StatusCode::OK);
	assert_eq!(relay.register(&user, &user.grant()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn an_account_registers_so_many_keys_for_an_epoch() {
	let relay = Relay::demo().await;
	for number in 1..MAX_KEYS {
		assert!(store(&relay, &relay.user, number, |key| key.expires_at = Some(1)).await);
	}
	let user = User::new("//Alice", "lx-new");
	assert_eq!(relay.register(&user, &user.grant()).await.code(), "too_many_keys");
	let account = ApiAccount { key_epoch: 1, ..funded(1) };
	relay.chain.set_account(&user.account(), account);
	let grant = Grant { key_epoch: 1, ..user.grant() };
	assert_eq!(relay.register(&user, &grant).await.status, StatusCode::CREATED);
}
