//! What a wallet has granted to a key, and what the key has spent.

use lx_primitives::{grant::Grant, Leaf};
use sp_core::{crypto::AccountId32, Pair, H256};

use super::{first_verdict, store, verdict};
use crate::attestor::{
	case::{Case, SignedGrant},
	fixtures::*,
	refusal::Refusal,
};

/// A batch of Alice's call, with her key granted as a test likes.
fn granted(grant: impl FnOnce(&mut Grant)) -> Case {
	with_grant(vec![leaf(ALICE, 1, 5)], grant)
}

fn with_grant(leaves: Vec<Leaf<AccountId32>>, change: impl FnOnce(&mut Grant)) -> Case {
	let mut case = case(leaves);
	let mut changed = grant(ALICE);
	change(&mut changed);
	case.grants.insert(key(ALICE), signed_grant(ALICE, changed));
	case
}

#[tokio::test]
async fn a_key_needs_a_grant() {
	let mut case = case(vec![leaf(ALICE, 1, 5)]);
	let alices = case.grants.remove(&key(ALICE)).unwrap();
	let refusal = Some(Refusal::NoGrant(key(ALICE)));
	assert_eq!(first_verdict(&case, &FakeBook::new()).await, refusal);
	// The grant of another key does not do.
	let mut other = Grant { key_hash: H256::repeat_byte(5), ..alices.grant };
	case.grants.insert(key(ALICE), signed_grant(ALICE, other.clone()));
	assert_eq!(first_verdict(&case, &FakeBook::new()).await, refusal);
	other.key_hash = key(ALICE);
	case.grants.insert(key(ALICE), signed_grant(ALICE, other));
	assert_eq!(first_verdict(&case, &FakeBook::new()).await, None);
}

#[tokio::test]
async fn a_grant_is_for_this_chain_this_relay_and_this_account() {
	let book = FakeBook::new();
	let case = granted(|grant| grant.genesis = H256::repeat_byte(9));
	let refusal = Some(Refusal::GrantOfOtherChain(key(ALICE)));
	assert_eq!(first_verdict(&case, &book).await, refusal);
	let case = granted(|grant| grant.relay = RELAY + 1);
	let refusal = Some(Refusal::GrantOfOtherRelay(key(ALICE)));
	assert_eq!(first_verdict(&case, &book).await, refusal);
	// Bob has signed for Alice's key, and Alice is charged.
	let mut case = case_of_alice();
	let bobs = Grant { key_hash: key(ALICE), ..grant(BOB) };
	case.grants.insert(key(ALICE), signed_grant(BOB, bobs));
	let refusal = Some(Refusal::GrantOfOtherAccount(key(ALICE)));
	assert_eq!(first_verdict(&case, &book).await, refusal);
}

fn case_of_alice() -> Case {
	granted(|_| {})
}

#[tokio::test]
async fn the_wallet_has_signed_the_grant_as_it_is() {
	let book = FakeBook::new();
	let refusal = Some(Refusal::GrantSignature(key(ALICE)));
	let mut forged = case_of_alice();
	forged.grants.insert(key(ALICE), signed_grant("//Mallory", grant(ALICE)));
	assert_eq!(first_verdict(&forged, &book).await, refusal);
	let mut raised = granted(|grant| grant.spending_cap = Some(1));
	raised.grants.get_mut(&key(ALICE)).unwrap().grant.spending_cap = Some(u128::MAX);
	assert_eq!(first_verdict(&raised, &book).await, refusal);
	// As a wallet in a browser signs it.
	let mut wrapped = case_of_alice();
	let text = format!("<Bytes>{}</Bytes>", grant(ALICE).message());
	let signature = pair(ALICE).sign(text.as_bytes()).0.to_vec();
	let shown = SignedGrant::new(grant(ALICE), signature).unwrap();
	wrapped.grants.insert(key(ALICE), shown);
	assert_eq!(first_verdict(&wrapped, &book).await, None);
}

#[tokio::test]
async fn a_grant_without_an_account_is_none() {
	let nobodys = Grant { account: "nobody".into(), ..grant(ALICE) };
	assert!(SignedGrant::new(nobodys, Vec::new()).is_none());
}

#[tokio::test]
async fn a_key_serves_the_models_that_it_is_granted_for() {
	let book = FakeBook::new();
	let call = leaf(ALICE, 1, 5).call_id;
	let others = granted(|grant| grant.models = vec!["other".into(), "model-2".into()]);
	assert_eq!(first_verdict(&others, &book).await, Some(Refusal::ModelNotGranted(call)));
	let among = granted(|grant| grant.models = vec!["other".into(), "model".into()]);
	assert_eq!(first_verdict(&among, &book).await, None);
}

#[tokio::test]
async fn a_key_works_until_it_expires() {
	let book = FakeBook::new();
	let call = leaf(ALICE, 1, 5).call_id;
	let before = granted(|grant| grant.expires_at = Some(NOW - 4));
	assert_eq!(first_verdict(&before, &book).await, None);
	let after = granted(|grant| grant.expires_at = Some(NOW - 5));
	assert_eq!(first_verdict(&after, &book).await, Some(Refusal::KeyExpired(call)));
}

#[tokio::test]
async fn a_revoked_key_has_worked_until_it_was_revoked() {
	let mut book = FakeBook::new();
	let case = case_of_alice();
	let revoked = Some(Refusal::KeyRevoked(leaf(ALICE, 1, 5).call_id));
	let payer = book.payer_mut(ALICE);
	(payer.key_epoch, payer.epoch_since) = (5, NOW - 4);
	assert_eq!(first_verdict(&case, &book).await, None);
	book.payer_mut(ALICE).epoch_since = NOW - 5;
	assert_eq!(first_verdict(&case, &book).await, revoked);
	// Revoked once more, it is not known when that happened first.
	let payer = book.payer_mut(ALICE);
	(payer.key_epoch, payer.epoch_since) = (6, NOW);
	assert_eq!(first_verdict(&case, &book).await, revoked);
	// A key of an epoch that has not begun.
	book.payer_mut(ALICE).key_epoch = 3;
	assert_eq!(first_verdict(&case, &book).await, revoked);
}

#[tokio::test]
async fn a_key_spends_up_to_its_cap_and_no_more() {
	let leaves = || vec![leaf(ALICE, 1, 5), leaf(ALICE, 2, 5)];
	let capped = |cap| with_grant(leaves(), |grant| grant.spending_cap = Some(cap));
	let book = FakeBook::new();
	assert_eq!(first_verdict(&capped(2 * CHARGE), &book).await, None);
	let cap = 2 * CHARGE - 1;
	let refusal = Refusal::CapExceeded { key: key(ALICE), cap, spent: 2 * CHARGE };
	assert_eq!(first_verdict(&capped(cap), &book).await, Some(refusal));
}

#[tokio::test]
async fn what_a_key_has_spent_in_earlier_batches_counts() {
	let (_folder, store) = store().await;
	let mut book = FakeBook::new();
	let capped = |random, cap| {
		with_grant(vec![leaf(ALICE, random, 5)], |grant| grant.spending_cap = Some(cap))
	};
	let first = capped(1, 2 * CHARGE);
	assert_eq!(verdict(&first, &book, &store).await, None);
	// Signed again, it counts once.
	assert_eq!(verdict(&first, &book, &store).await, None);
	book.take(&first.offer.header, SECOND);
	let next = |random, cap| {
		let mut case = capped(random, cap);
		case.offer.header.sequence = NEXT + 1;
		case.offer.header.previous = first.offer.header.hash(&GENESIS);
		resign(&mut case);
		case
	};
	let cap = 2 * CHARGE - 1;
	let refusal = Refusal::CapExceeded { key: key(ALICE), cap, spent: 2 * CHARGE };
	assert_eq!(verdict(&next(2, cap), &book, &store).await, Some(refusal));
	assert_eq!(verdict(&next(2, 2 * CHARGE), &book, &store).await, None);
}
