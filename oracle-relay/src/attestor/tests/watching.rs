//! An attestor beside a relay.

use std::{sync::Arc, time::Duration};

use lx_primitives::{call_log::BATCH_LIFETIME, grant::Grant};
use sp_core::{sr25519, Pair};

use super::{server::Server, store};
use crate::{
	attest::question::{self, Asked},
	attestor::{
		book::Chain,
		case::Case,
		client::{in_time, ClientError, RelayClient},
		fixtures::*,
		refusal::Trouble,
		store::Store,
		watch::{Progress, Signer, Watched, Watcher},
	},
	tasks::now,
};

const ID: u32 = 2;

pub(super) fn watcher(server: &Server, chain: &Arc<FakeChain>, store: &Store) -> Watcher {
	let client = RelayClient::new(&server.url).unwrap();
	let chain = chain.clone();
	Watcher {
		relay: Arc::new(Watched { client, chain: Default::default() }),
		signer: Signer { id: ID, pair: pair("//Attestor") },
		store: store.clone(),
		metrics: Arc::default(),
		connect: Arc::new(move |relay| {
			assert_eq!(relay, RELAY);
			let chain: Arc<dyn Chain> = chain.clone();
			chain
		}),
	}
}

async fn step(watcher: &Watcher) -> Result<(), Trouble> {
	watcher.step(&mut Progress::default()).await
}

/// How often the attestor has signed `case` for the relay, and nothing else.
fn signed(server: &Server, case: &Case) -> usize {
	let hash = case.offer.header.hash(&GENESIS);
	let key = pair("//Attestor").public();
	let shown = server.shown();
	for (attestor, signature) in &shown.signatures {
		assert_eq!(*attestor, ID);
		assert!(sr25519::Pair::verify(signature, hash.as_bytes(), &key));
	}
	shown.signatures.len()
}

/// An honest batch for the place after `before`.
fn after(before: &Case, mut case: Case) -> Case {
	case.offer.header.sequence = before.offer.header.sequence + 1;
	case.offer.header.previous = before.offer.header.hash(&GENESIS);
	resign(&mut case);
	case
}

fn two() -> Case {
	case(vec![leaf(ALICE, 1, 5), leaf(ALICE, 2, 4), leaf(BOB, 3, 5)])
}

#[tokio::test]
async fn it_signs_an_open_batch_and_hands_the_signature_in() {
	let (_folder, store) = store().await;
	let (case, chain) = (two(), FakeChain::new(FakeBook::new()));
	let server = Server::showing(&case).await;
	let watcher = watcher(&server, &chain, &store);
	let mut progress = Progress::default();
	watcher.step(&mut progress).await.unwrap();
	assert_eq!(signed(&server, &case), 1);
	assert_eq!(server.shown().asked_for_calls, 3, "a page for each call");
	assert_eq!(watcher.metrics.calls_signed.get(), 3);
	// It asks for another one, and there is none.
	watcher.step(&mut progress).await.unwrap();
	assert_eq!(signed(&server, &case), 1);
	assert_eq!(watcher.metrics.batches_signed.get(), 1);
}

#[tokio::test]
async fn its_questions_are_for_this_relay_of_this_chain() {
	let (_folder, store) = store().await;
	let server = Server::showing(&two()).await;
	step(&watcher(&server, &FakeChain::new(FakeBook::new()), &store)).await.unwrap();
	let value = server.shown().asked_by.clone().unwrap();
	let key_of = |id: u32| (id == ID).then(|| pair("//Attestor").public());
	let asker_of = |asked: Asked| question::asker(&value, key_of, &asked, now());
	assert_eq!(asker_of(Asked { genesis: GENESIS, relay: RELAY }), Some(ID));
	assert_eq!(asker_of(Asked { genesis: GENESIS, relay: RELAY + 1 }), None);
}

#[tokio::test]
async fn a_signature_that_was_lost_is_handed_in_again_without_another_look() {
	let (folder, store) = store().await;
	let (case, chain) = (two(), FakeChain::new(FakeBook::new()));
	let server = Server::showing(&case).await;
	server.shown().loses = 2;
	let lost = step(&watcher(&server, &chain, &store)).await;
	assert!(matches!(lost, Err(Trouble::Relay(ClientError::Status { status: 502, .. }))));
	assert_eq!(signed(&server, &case), 0);
	assert!(step(&watcher(&server, &chain, &store)).await.is_err());
	// The attestor is killed, and starts again.
	store.close().await;
	let store = Store::open(folder.path()).await.unwrap();
	let looks = server.shown().asked_for_calls;
	step(&watcher(&server, &chain, &store)).await.unwrap();
	assert_eq!(signed(&server, &case), 1);
	assert_eq!(server.shown().asked_for_calls, looks);
}

#[tokio::test]
async fn a_signature_that_comes_too_late_is_no_trouble() {
	let (_folder, store) = store().await;
	let (case, chain) = (two(), FakeChain::new(FakeBook::new()));
	let server = Server::showing(&case).await;
	let watcher = watcher(&server, &chain, &store);
	let hash = case.offer.header.hash(&GENESIS);
	server.shown().open = None;
	let signature = pair("//Attestor").sign(hash.as_bytes());
	assert!(!watcher.relay.client.submit(&hash, ID, &signature).await.unwrap());
}

#[tokio::test]
async fn what_is_withheld_is_not_signed_and_asked_for_again() {
	let (_folder, store) = store().await;
	let (case, chain) = (two(), FakeChain::new(FakeBook::new()));
	let server = Server::showing(&case).await;
	server.shown().is_withholding = true;
	let watcher = watcher(&server, &chain, &store);
	let withheld = step(&watcher).await;
	assert!(matches!(withheld, Err(Trouble::Relay(ClientError::Status { status: 404, .. }))));
	assert_eq!(signed(&server, &case), 0);
	server.shown().is_withholding = false;
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &case), 1);
}

#[tokio::test]
async fn more_calls_than_the_batch_has_are_not_read() {
	let (_folder, store) = store().await;
	let (mut case, chain) = (two(), FakeChain::new(FakeBook::new()));
	case.calls[1].extend((10..20).map(|random| leaf(BOB, random, 5)));
	let server = Server::showing(&case).await;
	let refused = step(&watcher(&server, &chain, &store)).await;
	assert!(matches!(refused, Err(Trouble::Relay(ClientError::TooLarge(_)))), "{refused:?}");
	assert_eq!(server.shown().asked_for_calls, 4);
}

#[tokio::test]
async fn each_page_is_read_before_the_next_is_asked_for() {
	let (_folder, store) = store().await;
	let (case, chain) = (two(), FakeChain::new(FakeBook::new()));
	let server = Server::showing(&case).await;
	server.shown().zeros = 2;
	let refused = step(&watcher(&server, &chain, &store)).await;
	assert!(matches!(refused, Err(Trouble::Relay(ClientError::Unreadable("call")))), "{refused:?}");
	assert_eq!(server.shown().asked_for_calls, 1);
}

#[tokio::test]
async fn no_more_bytes_are_read_than_the_calls_of_a_batch_may_need() {
	let (_folder, store) = store().await;
	let (case, chain) = (two(), FakeChain::new(FakeBook::new()));
	let server = Server::showing(&case).await;
	let watcher = watcher(&server, &chain, &store);
	// Three calls may need what two of these take, and not three.
	server.shown().padding = 6 * 1024;
	let refused = step(&watcher).await;
	assert!(matches!(refused, Err(Trouble::Relay(ClientError::TooLarge(_)))), "{refused:?}");
	assert_eq!(server.shown().asked_for_calls, 3);
	server.shown().padding = 2 * 1024;
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &case), 1);
}

#[tokio::test]
async fn a_grant_longer_than_any_is_not_kept() {
	let (_folder, store) = store().await;
	let (mut case, chain) = (two(), FakeChain::new(FakeBook::new()));
	let long = Grant { models: vec![String::new(); 17], ..grant(ALICE) };
	case.grants.insert(key(ALICE), signed_grant(ALICE, long));
	let server = Server::showing(&case).await;
	let refused = step(&watcher(&server, &chain, &store)).await;
	let is_long =
		matches!(&refused, Err(Trouble::Relay(ClientError::LongGrant(of))) if *of == key(ALICE));
	assert!(is_long, "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_relay_shows_for_ever_is_given_up() {
	let shown = in_time(std::future::pending::<Result<(), ClientError>>()).await;
	assert!(matches!(shown, Err(ClientError::TooSlow)), "{shown:?}");
}

#[tokio::test]
async fn a_wrong_batch_is_refused_once_and_the_next_one_signed() {
	let (_folder, store) = store().await;
	let chain = FakeChain::new(FakeBook::new());
	let mut forged = leaf(ALICE, 1, 5);
	forged.charge += 1;
	let (wrong, right) = (case(vec![forged]), two());
	let server = Server::showing(&wrong).await;
	let watcher = watcher(&server, &chain, &store);
	let mut progress = Progress::default();
	watcher.step(&mut progress).await.unwrap();
	assert_eq!(watcher.metrics.batches_refused.get(), 1);
	// Nothing else is open, so it is looked at once more, in silence.
	watcher.step(&mut progress).await.unwrap();
	watcher.step(&mut progress).await.unwrap();
	assert_eq!(server.shown().asked_for_calls, 2);
	assert_eq!(watcher.metrics.batches_refused.get(), 1);
	assert_eq!(signed(&server, &wrong), 0);
	server.open(&right);
	watcher.step(&mut progress).await.unwrap();
	assert_eq!(signed(&server, &right), 1);
}

#[tokio::test]
async fn it_waits_for_the_block_that_the_relay_has_seen() {
	let (_folder, store) = store().await;
	let chain = FakeChain::new(FakeBook { time: NOW - SECOND, ..FakeBook::new() });
	let case = two();
	let server = Server::showing(&case).await;
	let watcher = watcher(&server, &chain, &store);
	let mut progress = Progress::default();
	let reached = async {
		tokio::time::sleep(Duration::from_millis(200)).await;
		assert_eq!(signed(&server, &case), 0);
		chain.change(|book| book.time = NOW);
	};
	let (stepped, ()) = tokio::join!(watcher.step(&mut progress), reached);
	stepped.unwrap();
	assert_eq!(signed(&server, &case), 1);
}

#[tokio::test]
async fn calls_that_the_chain_took_without_it_are_not_signed_again() {
	let (_folder, store) = store().await;
	let chain = FakeChain::new(FakeBook::new());
	// The quorum signed it while this attestor was down.
	let missed = two();
	let server = Server::showing(&missed).await;
	chain.change(|book| book.take(&missed.offer.header, SECOND));
	let again = after(&missed, case(vec![leaf(ALICE, 4, 3), leaf(BOB, 3, 5)]));
	server.open(&again);
	let watcher = watcher(&server, &chain, &store);
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &again), 0);
	assert_eq!(watcher.metrics.batches_refused.get(), 1);
	assert_eq!(watcher.metrics.batches_learned.get(), 1);
	assert_eq!(store.taken_from(RELAY, 0).await.unwrap(), [NEXT]);
	assert_eq!(store.known_to(RELAY).await.unwrap(), Some(NEXT + 1));
	let new = after(&missed, case(vec![leaf(ALICE, 4, 3), leaf(BOB, 5, 5)]));
	server.open(&new);
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &new), 1);
	assert_eq!(watcher.metrics.batches_learned.get(), 1, "it is learned once");
}

#[tokio::test]
async fn what_keys_spent_without_it_counts() {
	let (_folder, store) = store().await;
	let chain = FakeChain::new(FakeBook::new());
	let missed = two();
	let server = Server::showing(&missed).await;
	chain.change(|book| book.take(&missed.offer.header, SECOND));
	let mut next = after(&missed, case(vec![leaf(ALICE, 4, 3)]));
	let capped = Grant { spending_cap: Some(3 * CHARGE - 1), ..grant(ALICE) };
	next.grants.insert(key(ALICE), signed_grant(ALICE, capped));
	server.open(&next);
	let watcher = watcher(&server, &chain, &store);
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &next), 0);
	assert_eq!(watcher.metrics.batches_refused.get(), 1);
	let enough = Grant { spending_cap: Some(3 * CHARGE), ..grant(ALICE) };
	next.grants.insert(key(ALICE), signed_grant(ALICE, enough));
	server.open(&next);
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &next), 1);
}

#[tokio::test]
async fn a_relay_that_hides_what_the_chain_took_gets_no_signature() {
	let (_folder, store) = store().await;
	let chain = FakeChain::new(FakeBook::new());
	let missed = two();
	chain.change(|book| book.take(&missed.offer.header, SECOND));
	let next = after(&missed, case(vec![leaf(ALICE, 4, 3)]));
	let server = Server::showing(&next).await;
	let hidden = step(&watcher(&server, &chain, &store)).await;
	assert!(matches!(hidden, Err(Trouble::Relay(ClientError::Status { status: 404, .. }))));
	// It shows fewer calls under the right hash.
	let mut shortened = missed.clone();
	shortened.calls.pop();
	server.open(&shortened);
	server.open(&next);
	let hidden = step(&watcher(&server, &chain, &store)).await;
	assert!(matches!(hidden, Err(Trouble::Relay(ClientError::Hidden(NEXT)))), "{hidden:?}");
	// It shows another batch in its place.
	let mut other = missed.clone();
	other.offer.header.time -= 1;
	server.shown().batches.insert(missed.offer.header.hash(&GENESIS), other);
	let hidden = step(&watcher(&server, &chain, &store)).await;
	assert!(matches!(hidden, Err(Trouble::Relay(ClientError::Hidden(NEXT)))), "{hidden:?}");
	assert_eq!(signed(&server, &next), 0);
	server.open(&missed);
	server.open(&next);
	step(&watcher(&server, &chain, &store)).await.unwrap();
	assert_eq!(signed(&server, &next), 1);
}

#[tokio::test]
async fn another_batch_for_a_place_is_signed_only_when_the_first_is_over() {
	let (_folder, store) = store().await;
	let chain = FakeChain::new(FakeBook::new());
	let first = two();
	let server = Server::showing(&first).await;
	let watcher = watcher(&server, &chain, &store);
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &first), 1);
	server.shown().signatures.clear();
	let mut second = two();
	second.offer.header.oldest -= 1;
	resign(&mut second);
	server.open(&second);
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &second), 0);
	// Composed when the chain can take the first no more.
	let time = NOW + BATCH_LIFETIME + 1;
	chain.change(|book| book.time = time);
	second.offer.header.time = time;
	resign(&mut second);
	server.open(&second);
	step(&watcher).await.unwrap();
	assert_eq!(signed(&server, &second), 1);
}

#[tokio::test]
async fn a_record_of_another_chain_is_not_used() {
	let (_folder, store) = store().await;
	let case = two();
	let server = Server::showing(&case).await;
	store.bind(&sp_core::H256::zero(), &pair("//Attestor").public()).await.unwrap();
	let chain = FakeChain::new(FakeBook::new());
	let ended = watcher(&server, &chain, &store).run();
	let ended = tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap();
	assert!(ended.to_string().contains("another chain"), "{ended}");
	assert_eq!(signed(&server, &case), 0);
}

#[test]
fn only_a_url_is_a_relay() {
	assert!(RelayClient::new("no url").is_err());
}
