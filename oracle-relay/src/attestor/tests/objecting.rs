//! Which calls are objected to, so that the others can be posted.

use std::sync::Arc;

use lx_primitives::{grant::Grant, CallId, Tier};
use sp_core::Pair;

use super::{objected, server::Server, store, watching::watcher};
use crate::{
	attest::objections::objection_hash,
	attestor::{fixtures::*, watch::Progress},
	chain::Standing,
};

#[tokio::test]
async fn every_wrong_call_is_named_and_no_right_one() {
	let mut book = FakeBook::new();
	book.set_tier(BOB, Tier::Lv2);
	let mut dear = leaf(ALICE, 2, 4);
	dear.charge += 1;
	let calls = [leaf(ALICE, 1, 5), dear.clone(), leaf(BOB, 3, 3), leaf(BOB, 4, 2)];
	let wrong: Vec<CallId> = calls[1..].iter().map(|leaf| leaf.call_id).collect();
	assert_eq!(objected(&case(calls.to_vec()), &book).await, wrong);
}

#[tokio::test]
async fn all_calls_of_a_payer_who_cannot_be_charged_and_of_a_key_without_a_grant_are_named() {
	let mut book = FakeBook::new();
	book.payer_mut(BOB).chargeable = 2 * CHARGE - 1;
	let calls = vec![leaf(ALICE, 1, 5), leaf(BOB, 2, 4), leaf(BOB, 3, 3)];
	let wrong: Vec<CallId> = calls[1..].iter().map(|leaf| leaf.call_id).collect();
	assert_eq!(objected(&case(calls.clone()), &book).await, wrong);
	let mut ungranted = case(calls);
	ungranted.grants.remove(&key(BOB));
	assert_eq!(objected(&ungranted, &FakeBook::new()).await, wrong);
}

#[tokio::test]
async fn of_a_key_that_spends_too_much_only_the_last_calls_are_named() {
	let leaves = vec![leaf(ALICE, 1, 5), leaf(ALICE, 2, 4), leaf(ALICE, 3, 3), leaf(BOB, 4, 2)];
	let mut capped = case(leaves.clone());
	let cap = Grant { spending_cap: Some(2 * CHARGE + CHARGE / 2), ..grant(ALICE) };
	capped.grants.insert(key(ALICE), signed_grant(ALICE, cap));
	assert_eq!(objected(&capped, &FakeBook::new()).await, [leaves[2].call_id]);
	let cap = Grant { spending_cap: Some(CHARGE), ..grant(ALICE) };
	capped.grants.insert(key(ALICE), signed_grant(ALICE, cap));
	let beyond = [leaves[1].call_id, leaves[2].call_id];
	assert_eq!(objected(&capped, &FakeBook::new()).await, beyond);
}

#[tokio::test]
async fn the_relay_is_told_which_calls_are_wrong() {
	let (_folder, store) = store().await;
	let chain = FakeChain::new(FakeBook::new());
	let mut dear = leaf(BOB, 2, 4);
	dear.charge += 1;
	let wrong = case(vec![leaf(ALICE, 1, 5), dear.clone()]);
	let server = Server::showing(&wrong).await;
	let watcher = watcher(&server, &chain, &store);
	watcher.step(&mut Progress::default()).await.unwrap();
	assert_eq!(watcher.metrics.batches_refused.get(), 1);
	let hash = objection_hash(&wrong.offer.header.hash(&GENESIS), &[dear.call_id]);
	let shown = server.shown();
	let [(attestor, calls, signature)] = &shown.objections[..] else { panic!("not one objection") };
	assert_eq!((*attestor, &calls[..]), (2, &[dear.call_id][..]));
	let key = pair("//Attestor").public();
	assert!(sp_core::sr25519::Pair::verify(signature, hash.as_bytes(), &key));
	assert!(shown.signatures.is_empty());
}

/// Alice's key may spend two calls. She has made them, and the chain has taken them.
async fn spent() -> (tempfile::TempDir, crate::attestor::store::Store, Arc<FakeChain>, Server) {
	let (folder, store) = store().await;
	let chain = FakeChain::new(FakeBook::new());
	let mut first = case(vec![leaf(ALICE, 1, 5), leaf(ALICE, 2, 4)]);
	cap(&mut first);
	let server = Server::showing(&first).await;
	watcher(&server, &chain, &store).step(&mut Progress::default()).await.unwrap();
	assert_eq!(server.shown().signatures.len(), 1);
	chain.change(|book| book.take(&first.offer.header, SECOND));
	(folder, store, chain, server)
}

fn cap(case: &mut crate::attestor::case::Case) {
	let capped = Grant { spending_cap: Some(2 * CHARGE), ..grant(ALICE) };
	case.grants.insert(key(ALICE), signed_grant(ALICE, capped));
}

/// How many signatures there are after Alice has made another call.
async fn signed_after_another_call(
	store: &crate::attestor::store::Store,
	chain: &Arc<FakeChain>,
	server: &Server,
) -> usize {
	let mut next = case(vec![leaf(ALICE, 3, 3)]);
	cap(&mut next);
	let header = &mut next.offer.header;
	header.sequence = NEXT + 1;
	header.previous = chain.last();
	resign(&mut next);
	server.open(&next);
	watcher(server, chain, store).step(&mut Progress::default()).await.unwrap();
	server.shown().signatures.len()
}

#[tokio::test]
async fn what_was_spent_in_a_batch_counts_while_it_stands() {
	let (_folder, store, chain, server) = spent().await;
	assert_eq!(signed_after_another_call(&store, &chain, &server).await, 1);
	chain.change(|book| {
		let hash = book.standing[&NEXT].hash().unwrap();
		book.standing.insert(NEXT, Standing::Settled(hash));
	});
	assert_eq!(signed_after_another_call(&store, &chain, &server).await, 1);
}

#[tokio::test]
async fn what_was_spent_in_a_batch_that_was_reversed_can_be_spent_again() {
	let (_folder, store, chain, server) = spent().await;
	chain.change(|book| {
		book.standing.insert(NEXT, Standing::Unknown);
	});
	assert_eq!(signed_after_another_call(&store, &chain, &server).await, 2);
}
