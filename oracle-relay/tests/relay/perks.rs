//! Calls that the Ecosystem Fund pays for the week's champion.

use axum::http::StatusCode;
use lx_primitives::{Payment, Perk};
use serde_json::json;

use crate::{
	chain::funded,
	support::{chat, Relay, Reply, User},
	upstream::{completion, Upstream},
};

const FREE_CALLS: Perk = Perk::FreeCalls { relay: 0 };

const LAUNCH: u32 = 7;

/// What the fund has prepaid: more than the worst case of a call here.
const PREPAID: u64 = 50_000;

/// A relay whose user is the champion, with so much prepaid.
async fn champion(prepaid: u64) -> Relay {
	let usage = json!({"prompt_tokens": 20, "completion_tokens": 10});
	let upstream = Upstream::start(completion("hello", usage)).await;
	let relay = Relay::before(&upstream).await;
	let who = relay.user.account();
	relay.chain.crown(&who, FREE_CALLS);
	relay.chain.sponsor(&who, prepaid.into());
	relay
}

async fn free_calls(relay: &Relay) -> u64 {
	relay.get("/v1/balance").await.json()["free_calls_ucred"].as_u64().unwrap()
}

async fn call(relay: &Relay) -> Reply {
	let reply = relay.chat(json!({})).await;
	assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
	reply
}

fn charge(reply: &Reply) -> u64 {
	reply.header("x-lx-charge-ucred").unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_champions_calls_leave_its_own_purse_alone() {
	let relay = champion(PREPAID).await;
	let (own, prepaid) = (relay.available().await, free_calls(&relay).await);
	assert_eq!(prepaid, PREPAID);
	let reply = call(&relay).await;
	assert_eq!(reply.header("x-lx-payment"), Some("perk"));
	assert_eq!(
		(relay.available().await, free_calls(&relay).await),
		(own, PREPAID - charge(&reply))
	);
	assert_eq!(relay.receipt(&reply).await["metered"]["payment"], "perk");

	let mut poster = relay.poster();
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	let taken = relay.chain.state().taken.last().unwrap().clone();
	assert_eq!(taken.batch.lines[0].payment, Payment::Perk);
	let account = relay.chain.account(&relay.user.account());
	assert_eq!(u64::try_from(account.sponsored.free), Ok(PREPAID - charge(&reply)));
	assert_eq!((account.pending, relay.available().await), (0, own));
	assert_eq!(free_calls(&relay).await, PREPAID - charge(&reply));
}

#[tokio::test]
async fn a_call_that_the_fund_does_not_cover_is_paid_by_the_caller() {
	let relay = champion(1).await;
	let own = relay.available().await;
	let reply = call(&relay).await;
	assert_eq!(reply.header("x-lx-payment"), Some("purse"));
	assert_eq!((relay.available().await, free_calls(&relay).await), (own - charge(&reply), 1));
}

#[tokio::test]
async fn one_batch_charges_both_purses_of_an_account() {
	let relay = champion(PREPAID).await;
	let mut poster = relay.poster();
	call(&relay).await;
	relay.chain.state().reign = None;
	let own = call(&relay).await;
	assert_eq!(own.header("x-lx-payment"), Some("purse"));
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	let batch = relay.chain.state().taken.last().unwrap().batch.clone();
	let payments: Vec<_> = batch.lines.iter().map(|line| line.payment).collect();
	assert_eq!(payments, [Payment::Purse, Payment::Perk]);
	let account = relay.chain.account(&relay.user.account());
	assert_eq!(account.pending, u128::from(charge(&own)));
}

#[tokio::test]
async fn a_scarce_model_is_paid_by_the_champion_itself() {
	let relay = champion(PREPAID).await;
	let mut poster = relay.poster();
	let who = relay.user.account();
	relay.chain.launch(LAUNCH, "scarce", &who, 10_000);
	let own = relay.available().await;
	let scarce = relay.chat(json!({"model": "scarce"})).await;
	assert_eq!((scarce.status, scarce.header("x-lx-payment")), (StatusCode::OK, Some("quota")));
	assert_eq!(
		(relay.available().await, free_calls(&relay).await),
		(own - charge(&scarce), PREPAID)
	);
	let receipt = relay.receipt(&scarce).await;
	assert_eq!(
		(&receipt["metered"]["payment"], &receipt["metered"]["quota"]),
		(&json!("quota"), &json!(LAUNCH))
	);

	// One batch charges all three.
	call(&relay).await;
	relay.chain.state().reign = None;
	let plain = call(&relay).await;
	relay.send_batch(&mut poster).await;
	relay.chain.advance();
	let batch = relay.chain.state().taken.last().unwrap().batch.clone();
	let payments: Vec<_> = batch.lines.iter().map(|line| line.payment).collect();
	assert_eq!(payments, [Payment::Purse, Payment::Perk, Payment::Quota(LAUNCH)]);
	let pending = relay.chain.account(&who).pending;
	assert_eq!(pending, u128::from(charge(&plain) + charge(&scarce)));
	// 20 tokens of input and 10 of output.
	assert_eq!(relay.chain.claimed(&who, LAUNCH).used, 30);
}

#[tokio::test]
async fn nobody_else_calls_for_free_and_no_other_relay_serves_it() {
	let relay = champion(PREPAID).await;
	let who = relay.user.account();
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), funded(1_000_000));
	relay.chain.sponsor(&bob.account(), PREPAID.into());
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	let bobs = relay.send(chat(&bob.key, json!({}))).await;
	assert_eq!(bobs.header("x-lx-payment"), Some("purse"));
	for perk in [Perk::FreeCalls { relay: 1 }, Perk::NoConcurrencyLimit] {
		relay.chain.crown(&who, perk);
		assert_eq!(call(&relay).await.header("x-lx-payment"), Some("purse"));
		assert_eq!(free_calls(&relay).await, 0);
	}
}

#[tokio::test]
async fn who_has_only_free_calls_may_register_a_key() {
	let relay = champion(PREPAID).await;
	let bob = User::new("//Bob", "lx-bob");
	relay.chain.set_account(&bob.account(), Default::default());
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::FORBIDDEN);
	relay.chain.crown(&bob.account(), FREE_CALLS);
	relay.chain.sponsor(&bob.account(), PREPAID.into());
	assert_eq!(relay.register(&bob, &bob.grant()).await.status, StatusCode::CREATED);
	let free = relay.send(chat(&bob.key, json!({}))).await;
	assert_eq!((free.status, free.header("x-lx-payment")), (StatusCode::OK, Some("perk")));
}
