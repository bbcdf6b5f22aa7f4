use lx_primitives::{merkle_sum::Node, CallId, Header};
use tempfile::TempDir;

use super::*;
use crate::attestor::case::Spent;

const RELAY: RelayId = 7;
const T: Moment = 1_767_571_200_000;
const LIFETIME: Moment = lx_primitives::call_log::BATCH_LIFETIME;
const KEY: H256 = H256::repeat_byte(1);

fn id(random: u8, time: Moment) -> CallId {
	call_id(time, [random; 10])
}

/// A batch at `time` for `sequence`, with a call of that time for each of `calls`, each charging
/// `KEY` 10 µCRED.
fn entry(sequence: u64, time: Moment, calls: &[u8]) -> Entry {
	let root = Node { hash: H256::repeat_byte(calls.len() as u8), ..Node::default() };
	let header = Header { relay: RELAY, sequence, time, oldest: time, root, ..Header::default() };
	let calls = calls.iter().map(|random| spent(id(*random, time))).collect();
	Entry { header, hash: header.hash(&H256::zero()), calls }
}

fn spent(call: CallId) -> Spent {
	Spent { call, key: KEY, charge: 10 }
}

async fn open() -> (TempDir, Store) {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path()).await.unwrap();
	(folder, store)
}

async fn reopen(folder: &TempDir, store: Store) -> Store {
	store.close().await;
	Store::open(folder.path()).await.unwrap()
}

/// Why a batch must not be signed, by a key that may spend `cap`.
async fn capped(store: &Store, entry: &Entry, now: Moment, cap: Credits) -> Option<Refusal> {
	match store.sign(entry, &[(KEY, cap)].into(), now).await {
		Ok(()) => None,
		Err(Trouble::Refused(refusal)) => Some(refusal),
		Err(Trouble::Objected(objections)) => objections.reasons().next().cloned(),
		Err(trouble) => panic!("{trouble}"),
	}
}

async fn sign(store: &Store, entry: &Entry, now: Moment) -> Option<Refusal> {
	capped(store, entry, now, Credits::MAX).await
}

#[tokio::test]
async fn a_conflicting_batch_is_never_signed_also_after_a_restart() {
	let (folder, store) = open().await;
	let first = entry(3, T, &[1]);
	assert_eq!(sign(&store, &first, T).await, None);
	let conflict = Some(Refusal::Conflict(3));
	let same_time = entry(3, T, &[2, 3]);
	assert_eq!(sign(&store, &same_time, T).await, conflict);
	let store = reopen(&folder, store).await;
	assert_eq!(sign(&store, &same_time, T).await, conflict);
	// Not even when the chain can take neither any more, since their times are too close.
	let close = entry(3, T + LIFETIME, &[2]);
	assert_eq!(sign(&store, &close, T + 2 * LIFETIME).await, conflict);
	// And not when they are far enough apart while the chain could still take the first.
	let later = entry(3, T + LIFETIME + 1, &[2]);
	assert_eq!(sign(&store, &later, T + LIFETIME).await, conflict);
	assert!(store.is_signed(&first.hash).await.unwrap());
	assert!(!store.is_signed(&later.hash).await.unwrap());
}

#[tokio::test]
async fn other_places_and_other_relays_do_not_conflict() {
	let (_folder, store) = open().await;
	assert_eq!(sign(&store, &entry(3, T, &[1]), T).await, None);
	assert_eq!(sign(&store, &entry(4, T, &[2]), T).await, None);
	let mut other = entry(3, T, &[1]);
	other.header.relay = 8;
	other.hash = other.header.hash(&H256::zero());
	assert_eq!(sign(&store, &other, T).await, None);
}

#[tokio::test]
async fn after_its_lifetime_a_batch_gives_way_with_its_calls_and_its_spending() {
	let (folder, store) = open().await;
	let first = entry(3, T, &[1, 2]);
	assert_eq!(capped(&store, &first, T, 20).await, None);
	let store = reopen(&folder, store).await;
	let now = T + LIFETIME + 1;
	let mut second = entry(3, now, &[3]);
	second.calls.push(spent(id(1, T)));
	second.header.oldest = T;
	second.hash = second.header.hash(&H256::zero());
	assert_eq!(capped(&store, &second, now, 20).await, None);
	assert!(!store.is_signed(&first.hash).await.unwrap());
	assert!(store.is_signed(&second.hash).await.unwrap());
	// The call that went over is taken, the one that did not is free.
	let took = |random| Entry { calls: vec![spent(id(random, T))], ..entry(4, T, &[9]) };
	let settled = Some(Refusal::Settled(id(1, T)));
	assert_eq!(sign(&store, &took(1), now).await, settled);
	let spent = Some(Refusal::CapExceeded { key: KEY, cap: 29, spent: 30 });
	assert_eq!(capped(&store, &took(2), now, 29).await, spent);
	assert_eq!(capped(&store, &took(2), now, 30).await, None);
	// What gave way is not signed again.
	assert_eq!(sign(&store, &first, now).await, Some(Refusal::Conflict(3)));
}

#[tokio::test]
async fn what_is_refused_leaves_no_trace() {
	let (_folder, store) = open().await;
	assert_eq!(sign(&store, &entry(3, T, &[1]), T).await, None);
	let now = T + LIFETIME + 1;
	let refused = entry(3, now, &[2, 3]);
	let cap = Refusal::CapExceeded { key: KEY, cap: 19, spent: 20 };
	assert_eq!(capped(&store, &refused, now, 19).await, Some(cap));
	assert!(store.is_signed(&entry(3, T, &[1]).hash).await.unwrap());
	let again = Entry { calls: vec![spent(id(1, T))], ..entry(4, now, &[9]) };
	assert_eq!(sign(&store, &again, now).await, Some(Refusal::Settled(id(1, T))));
	let free = Entry { calls: vec![spent(id(2, now))], ..entry(4, now, &[9]) };
	assert_eq!(capped(&store, &free, now, 20).await, None);
}

#[tokio::test]
async fn what_the_chain_took_instead_is_learned() {
	let (_folder, store) = open().await;
	let mine = entry(3, T, &[1, 2]);
	let theirs = entry(3, T, &[2, 3, 4]);
	assert_eq!(sign(&store, &mine, T).await, None);
	assert!(!store.confirm(&theirs.hash).await.unwrap());
	assert!(store.learn(&theirs).await.unwrap());
	assert!(!store.is_signed(&mine.hash).await.unwrap());
	let settled = Some(Refusal::Settled(id(2, T)));
	assert_eq!(sign(&store, &entry(4, T, &[1, 2]), T).await, settled);
	let spent = Some(Refusal::CapExceeded { key: KEY, cap: 39, spent: 40 });
	assert_eq!(capped(&store, &entry(4, T, &[1]), T, 39).await, spent);
	assert_eq!(capped(&store, &entry(4, T, &[1]), T, 40).await, None);
	// Learned twice, because the attestor crashed in between, it counts once.
	assert!(store.learn(&theirs).await.unwrap());
	assert_eq!(capped(&store, &entry(5, T, &[5]), T, 50).await, None);
	assert!(!store.learn(&entry(6, T, &[5])).await.unwrap(), "a call was settled twice");
}

#[tokio::test]
async fn it_knows_how_far_it_knows_a_log() {
	let (folder, store) = open().await;
	assert_eq!(store.known_to(RELAY).await.unwrap(), None);
	assert_eq!(sign(&store, &entry(3, T, &[1]), T).await, None);
	assert!(store.taken_from(RELAY, 0).await.unwrap().is_empty());
	assert!(store.confirm(&entry(3, T, &[1]).hash).await.unwrap());
	assert!(store.learn(&entry(5, T, &[2])).await.unwrap());
	store.set_known_to(RELAY, 6).await.unwrap();
	store.set_known_to(RELAY, 7).await.unwrap();
	let store = reopen(&folder, store).await;
	assert_eq!(store.known_to(RELAY).await.unwrap(), Some(7));
	assert_eq!(store.taken_from(RELAY, 0).await.unwrap(), [3, 5]);
	assert_eq!(store.taken_from(RELAY, 4).await.unwrap(), [5]);
	assert_eq!(store.known_to(8).await.unwrap(), None);
}

#[tokio::test]
async fn what_matters_to_no_batch_is_forgotten() {
	let (_folder, store) = open().await;
	let old = entry(3, T, &[1]);
	assert_eq!(capped(&store, &old, T, 10).await, None);
	assert!(!store.forget(T + MEMORY).await.unwrap());
	let again = Entry { calls: old.calls.clone(), ..entry(4, T + LIFETIME, &[9]) };
	let settled = Some(Refusal::Settled(old.calls[0].call));
	assert_eq!(sign(&store, &again, T + LIFETIME).await, settled, "it is just not old enough");
	assert!(store.confirm(&old.hash).await.unwrap());
	assert!(!store.forget(T + MEMORY + 1).await.unwrap());
	assert!(!store.is_signed(&old.hash).await.unwrap());
	// A node that has fallen behind does not make it sign what it has forgotten.
	let before = T + 1;
	let forgotten = Some(Refusal::Forgotten { before });
	assert_eq!(sign(&store, &entry(3, T, &[2]), T).await, forgotten);
	assert!(!store.forget(T).await.unwrap());
	let close = entry(3, before + LIFETIME - 1, &[2]);
	assert_eq!(sign(&store, &close, T + LIFETIME).await, forgotten);
	// The place is free for what cannot conflict, and the key's spending is remembered.
	let new = entry(3, before + LIFETIME, &[2]);
	let spent = Some(Refusal::CapExceeded { key: KEY, cap: 19, spent: 20 });
	assert_eq!(capped(&store, &new, before + LIFETIME, 19).await, spent);
	assert_eq!(capped(&store, &new, before + LIFETIME, 20).await, None);
}

#[tokio::test]
async fn what_was_signed_and_never_taken_was_not_spent() {
	let (_folder, store) = open().await;
	assert_eq!(capped(&store, &entry(3, T, &[1]), T, 10).await, None);
	store.forget(T + MEMORY + 1).await.unwrap();
	let time = T + MEMORY;
	assert_eq!(capped(&store, &entry(3, time, &[2]), time, 10).await, None);
}

#[tokio::test]
async fn what_was_reversed_was_not_spent_and_its_calls_do_not_come_again() {
	let (folder, store) = open().await;
	let (first, second) = (entry(3, T, &[1]), entry(4, T, &[2]));
	for batch in [&first, &second] {
		assert_eq!(capped(&store, batch, T, 20).await, None);
		assert!(store.confirm(&batch.hash).await.unwrap());
	}
	let (row, header) = store.oldest_pending(RELAY).await.unwrap().unwrap();
	assert_eq!(header, first.header);
	store.set_final(row).await.unwrap();
	let (row, header) = store.oldest_pending(RELAY).await.unwrap().unwrap();
	assert_eq!(header, second.header);
	store.reverse(row).await.unwrap();
	let store = reopen(&folder, store).await;
	assert_eq!(store.oldest_pending(RELAY).await.unwrap(), None);
	assert_eq!(store.taken_from(RELAY, 0).await.unwrap(), [3, 4]);
	assert_eq!(sign(&store, &entry(5, T, &[2]), T).await, Some(Refusal::Settled(id(2, T))));
	let spent = Some(Refusal::CapExceeded { key: KEY, cap: 19, spent: 20 });
	assert_eq!(capped(&store, &entry(5, T, &[3]), T, 19).await, spent);
	assert_eq!(capped(&store, &entry(5, T, &[3]), T, 20).await, None);
	store.forget(T + MEMORY + 1).await.unwrap();
	// The one that is final counts for ever, the last one was never taken.
	let time = T + MEMORY;
	let spent = Some(Refusal::CapExceeded { key: KEY, cap: 19, spent: 20 });
	assert_eq!(capped(&store, &entry(6, time, &[4]), time, 19).await, spent);
}

#[tokio::test]
async fn much_is_forgotten_in_steps() {
	let (_folder, store) = open().await;
	for sequence in 0..u64::from(BATCHES_A_STEP) + 1 {
		let time = T + sequence;
		assert_eq!(sign(&store, &entry(sequence, time, &[1]), time).await, None);
	}
	let now = T + MEMORY + 1_000;
	assert!(store.forget(now).await.unwrap());
	assert!(!store.forget(now).await.unwrap());
	let last = entry(u64::from(BATCHES_A_STEP), T + u64::from(BATCHES_A_STEP), &[1]);
	assert!(!store.is_signed(&last.hash).await.unwrap());
}

#[tokio::test]
async fn it_belongs_to_one_chain_and_one_attestor() {
	let (folder, store) = open().await;
	let (chain, key) = (H256::repeat_byte(1), sr25519::Public::from_raw([1; 32]));
	store.bind(&chain, &key).await.unwrap();
	let store = reopen(&folder, store).await;
	store.bind(&chain, &key).await.unwrap();
	let other = store.bind(&H256::repeat_byte(2), &key).await;
	assert!(matches!(other, Err(StoreError::OfAnother("chain"))), "{other:?}");
	let other = store.bind(&chain, &sr25519::Public::from_raw([2; 32])).await;
	assert!(matches!(other, Err(StoreError::OfAnother("attestor"))), "{other:?}");
}

#[tokio::test]
async fn an_amount_that_it_cannot_hold_is_not_signed() {
	let (_folder, store) = open().await;
	let calls = vec![Spent { charge: u128::MAX, ..spent(id(1, T)) }];
	let entry = Entry { calls, ..entry(3, T, &[1]) };
	let refused = store.sign(&entry, &BTreeMap::new(), T).await;
	assert!(matches!(refused, Err(Trouble::Store(StoreError::TooLarge))), "{refused:?}");
	assert!(!store.is_signed(&entry.hash).await.unwrap());
}
