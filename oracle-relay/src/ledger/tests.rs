use futures::future::join_all;
use lx_primitives::{call_log::BATCH_LIFETIME, Batch, CallId, Header, Leaf, Payment, Tier, Usage};
use sp_core::{crypto::AccountId32, sr25519};
use tempfile::TempDir;

use codec::Encode;

use super::{
	batches::{FIRST_REST, LONGEST_REST},
	calls::FORGOTTEN,
	keys::{ApiKey, Evidence},
	*,
};

mod quotas;
mod writing;

const KEY: H256 = H256::repeat_byte(1);
const NOW: Moment = 1_000;
/// Later than the time of any id.
const LATEST: Moment = (1 << 48) - 2;

fn account() -> AccountId32 {
	AccountId32::new([5; 32])
}

fn id(byte: u8) -> CallId {
	[byte; 16]
}

async fn ledger(spending_cap: Option<Credits>) -> (TempDir, Ledger) {
	let folder = tempfile::tempdir().unwrap();
	let ledger = Ledger::open(folder.path()).await.unwrap();
	let key = ApiKey {
		key_hash: KEY,
		account: account(),
		models: vec!["a".into()],
		spending_cap,
		expires_at: None,
		key_epoch: 3,
		revoked_at: None,
		held: 0,
	};
	let evidence = Evidence { grant: "{}".into(), signature: vec![1] };
	assert!(ledger.add_key(&key, &evidence, NOW).await.unwrap());
	assert!(!ledger.add_key(&key, &evidence, NOW).await.unwrap());
	assert_eq!(ledger.key(&KEY).await.unwrap(), Some(key));
	(folder, ledger)
}

fn call(byte: u8, reserve: Credits, chargeable: Credits) -> NewCall {
	NewCall {
		call_id: id(byte),
		key_hash: KEY,
		account: account(),
		payment: Payment::Purse,
		model: "a".into(),
		reserve,
		chargeable,
		next_sequence: 0,
		units: 0,
		usable: 0,
		salt: [0; 32],
		time: NOW,
		idempotency_key: None,
		body_hash: H256::zero(),
	}
}

fn settlement(byte: u8, charge: Credits) -> Settlement {
	let leaf = Leaf {
		call_id: id(byte),
		account: account(),
		payment: Payment::Purse,
		key: KEY,
		model: Default::default(),
		usage: Usage::Units(1),
		price_version: 1,
		tier: Tier::Lv1,
		charge,
		cost: 0,
		estimated: false,
		request_hash: H256::zero(),
		response_hash: H256::zero(),
	};
	Settlement {
		call_id: id(byte),
		charge,
		units: 0,
		estimated: false,
		leaf: leaf.encode(),
		provider_id: None,
		time: NOW,
		outcome: None,
	}
}

fn short(free: Credits, reserved: Credits) -> Reservation {
	Reservation::Insufficient(Left { free, reserved })
}

#[tokio::test]
async fn a_balance_is_reserved_to_the_last_unit_and_not_beyond() {
	let (_folder, ledger) = ledger(None).await;
	assert_eq!(ledger.reserve(call(1, 60, 100)).await.unwrap(), Reservation::Reserved);
	assert_eq!(ledger.reserve(call(2, 41, 100)).await.unwrap(), short(40, 60));
	assert_eq!(ledger.reserve(call(3, 40, 100)).await.unwrap(), Reservation::Reserved);
	assert_eq!(ledger.reserve(call(4, 1, 100)).await.unwrap(), short(0, 100));
	assert_eq!(ledger.reserve(call(5, 0, 100)).await.unwrap(), Reservation::Reserved);
}

#[tokio::test]
async fn a_balance_that_shrank_below_what_is_held_has_nothing_left() {
	let (_folder, ledger) = ledger(None).await;
	ledger.reserve(call(1, 60, 100)).await.unwrap();
	assert_eq!(ledger.reserve(call(2, 1, 50)).await.unwrap(), short(0, 50));
}

#[tokio::test]
async fn reservations_in_parallel_never_take_more_than_there_is() {
	let (_folder, ledger) = ledger(None).await;
	let calls = (1..=50).map(|byte| ledger.reserve(call(byte, 30, 100)));
	let results = join_all(calls).await;
	let reserved =
		results.iter().filter(|result| matches!(result, Ok(Reservation::Reserved))).count();
	assert_eq!(reserved, 3);
	let held = ledger.held(&account(), Payment::Purse, 0).await.unwrap();
	assert_eq!((held.reserved, held.settled), (90, 0));
}

#[tokio::test]
async fn sponsored_calls_hold_nothing_of_the_accounts_own_and_count_for_its_key() {
	let (_folder, ledger) = ledger(Some(150)).await;
	let sponsored = |byte, reserve| NewCall { payment: Payment::Perk, ..call(byte, reserve, 100) };
	let reserve = async |call| ledger.reserve(call).await.unwrap();
	assert_eq!(reserve(sponsored(1, 60)).await, Reservation::Reserved);
	assert_eq!(reserve(sponsored(2, 41)).await, short(40, 60));
	assert_eq!(reserve(call(2, 90, 100)).await, Reservation::Reserved);
	let spent = Left { free: 0, reserved: 150 };
	assert_eq!(reserve(call(3, 1, 100)).await, Reservation::KeyCapReached(spent));
	for (payment, reserved) in [(Payment::Perk, 60), (Payment::Purse, 90)] {
		let held = ledger.held(&account(), payment, 0).await.unwrap();
		assert_eq!((held.reserved, held.all()), (reserved, reserved));
	}
}

#[tokio::test]
async fn the_smaller_of_balance_and_cap_is_named() {
	let (_folder, ledger) = ledger(Some(50)).await;
	let cap = ledger.reserve(call(1, 60, 100)).await.unwrap();
	assert_eq!(cap, Reservation::KeyCapReached(Left { free: 50, reserved: 0 }));
	let balance = ledger.reserve(call(2, 60, 20)).await.unwrap();
	assert_eq!(balance, short(20, 0));
	ledger.reserve(call(3, 30, 100)).await.unwrap();
	let cap = ledger.reserve(call(4, 60, 100)).await.unwrap();
	let left = Left { free: 20, reserved: 30 };
	assert_eq!(cap, Reservation::KeyCapReached(left), "the call under way holds the rest");
}

#[tokio::test]
async fn what_a_key_holds_follows_its_calls() {
	let (_folder, ledger) = ledger(Some(100)).await;
	let held = async || ledger.key(&KEY).await.unwrap().unwrap().held;
	for byte in [1, 2] {
		ledger.reserve(call(byte, 50, 1_000)).await.unwrap();
		ledger.mark_sent(id(byte)).await.unwrap();
	}
	assert_eq!(held().await, 100);
	ledger.settle(settlement(1, 20)).await.unwrap();
	assert_eq!(held().await, 70);
	ledger.void(id(2), NOW, "test").await.unwrap();
	assert_eq!(held().await, 20);
}

#[tokio::test]
async fn each_transition_happens_once_and_in_order() {
	let (_folder, ledger) = ledger(None).await;
	let is_refused = |result: Result<(), LedgerError>| {
		assert!(matches!(result, Err(LedgerError::WrongState(_))), "{result:?}");
	};
	is_refused(ledger.mark_sent(id(1)).await);
	ledger.reserve(call(1, 50, 100)).await.unwrap();
	is_refused(ledger.settle(settlement(1, 20)).await);
	ledger.mark_sent(id(1)).await.unwrap();
	is_refused(ledger.mark_sent(id(1)).await);
	is_refused(ledger.settle(settlement(1, 51)).await);
	ledger.settle(settlement(1, 50)).await.unwrap();
	is_refused(ledger.settle(settlement(1, 50)).await);
	is_refused(ledger.void(id(1), NOW, "test").await);
	ledger.reserve(call(2, 50, 100)).await.unwrap();
	ledger.void(id(2), NOW, "test").await.unwrap();
	is_refused(ledger.mark_sent(id(2)).await);
	is_refused(ledger.void(id(2), NOW, "test").await);
}

#[tokio::test]
async fn an_idempotency_key_is_taken_until_its_call_is_void() {
	let (_folder, ledger) = ledger(None).await;
	let with_key = |byte| NewCall { idempotency_key: Some("a".into()), ..call(byte, 1, 100) };
	assert_eq!(ledger.reserve(with_key(1)).await.unwrap(), Reservation::Reserved);
	assert_eq!(ledger.reserve(with_key(2)).await.unwrap(), Reservation::Repeated);
	assert_eq!(ledger.repeated(&KEY, "a").await.unwrap().unwrap().call_id, id(1));
	ledger.void(id(1), NOW, "test").await.unwrap();
	assert_eq!(ledger.reserve(with_key(3)).await.unwrap(), Reservation::Reserved);
}

#[tokio::test]
async fn a_number_that_does_not_fit_is_refused() {
	let (_folder, ledger) = ledger(None).await;
	let huge = call(1, u128::from(u64::MAX), u128::MAX);
	assert!(matches!(ledger.reserve(huge).await, Err(LedgerError::TooLarge)));
	assert_eq!(ledger.reserve(call(2, 1, u128::MAX)).await.unwrap(), Reservation::Reserved);
}

#[tokio::test]
async fn a_call_of_an_unknown_key_is_refused() {
	let (_folder, ledger) = ledger(None).await;
	let stranger = NewCall { key_hash: H256::repeat_byte(9), ..call(1, 1, 100) };
	assert!(matches!(ledger.reserve(stranger).await, Err(LedgerError::Database(_))));
	assert_eq!(ledger.reserve(call(2, 1, 100)).await.unwrap(), Reservation::Reserved);
}

#[tokio::test]
async fn a_ledger_belongs_to_one_chain() {
	let (_folder, ledger) = ledger(None).await;
	ledger.bind_to_chain(H256::repeat_byte(1)).await.unwrap();
	ledger.bind_to_chain(H256::repeat_byte(1)).await.unwrap();
	let other = ledger.bind_to_chain(H256::repeat_byte(2)).await;
	assert!(matches!(other, Err(LedgerError::OtherChain(_))));
}

#[tokio::test]
async fn a_ledger_of_another_version_is_not_touched() {
	let (folder, ledger) = ledger(None).await;
	sqlx::query("PRAGMA user_version = 99").execute(&ledger.writes).await.unwrap();
	ledger.close().await;
	let opened = Ledger::open(folder.path()).await;
	assert!(matches!(opened, Err(LedgerError::WrongSchema(99))));
}

#[tokio::test]
async fn commits_wait_for_the_disk() {
	let (_folder, ledger) = ledger(None).await;
	let pragma = async |name: &'static str| {
		let row = sqlx::query(name).fetch_one(&ledger.writes).await.unwrap();
		row.try_get::<String, _>(0).ok().or(row.try_get::<i64, _>(0).ok().map(|n| n.to_string()))
	};
	assert_eq!(pragma("PRAGMA journal_mode").await.as_deref(), Some("wal"));
	assert_eq!(pragma("PRAGMA synchronous").await.as_deref(), Some("2"));
}

#[tokio::test]
async fn a_call_whose_answer_cannot_be_kept_is_not_settled() {
	let (_folder, ledger) = ledger(None).await;
	for byte in [1, 2] {
		ledger.reserve(call(byte, 50, 100)).await.unwrap();
		ledger.mark_sent(id(byte)).await.unwrap();
	}
	let answer = Some(("text/plain".to_string(), vec![1]));
	let kept =
		"INSERT INTO outcomes (call_id, content_type, body, created_at) VALUES (?, '', x'', 0)";
	sqlx::query(kept).bind(&id(1)[..]).execute(&ledger.writes).await.unwrap();
	let (failed, other) = tokio::join!(
		ledger.settle(Settlement { outcome: answer.clone(), ..settlement(1, 20) }),
		ledger.settle(Settlement { outcome: answer, ..settlement(2, 20) }),
	);
	assert!(matches!(failed, Err(LedgerError::Database(_))), "{failed:?}");
	other.unwrap();
	let unsettled = ledger.call(&id(1)).await.unwrap().unwrap();
	let settled = ledger.call(&id(2)).await.unwrap().unwrap();
	assert_eq!((unsettled.state.as_str(), unsettled.held), ("SENT", 50));
	assert_eq!((settled.state.as_str(), settled.held), ("USAGE_FINAL", 20));
	assert_eq!(ledger.key(&KEY).await.unwrap().unwrap().held, 70);
	ledger.settle(settlement(1, 20)).await.unwrap();
}

#[tokio::test]
async fn a_void_call_that_was_never_charged_is_forgotten_when_it_is_old() {
	let (_folder, ledger) = ledger(None).await;
	for byte in 1..=4 {
		ledger.reserve(call(byte, 10, 100)).await.unwrap();
		ledger.mark_sent(id(byte)).await.unwrap();
	}
	ledger.void(id(1), NOW, "test").await.unwrap();
	// The second is charged, the third was charged and given up, the fourth is under way.
	for byte in [2, 3] {
		ledger.settle(settlement(byte, 5)).await.unwrap();
	}
	ledger.give_up(&id(3), "test").await.unwrap();
	let states = async || {
		let mut states = Vec::new();
		for byte in 1..=4 {
			states.push(ledger.call(&id(byte)).await.unwrap().map(|call| call.state));
		}
		states
	};
	let [void, charged, sent] =
		["VOID", "USAGE_FINAL", "SENT"].map(|state| Some(String::from(state)));
	assert!(!ledger.forget_void(NOW + VOID_KEPT).await.unwrap());
	assert_eq!(states().await, [void.clone(), charged.clone(), void.clone(), sent.clone()]);
	assert!(!ledger.forget_void(NOW + VOID_KEPT + 1).await.unwrap());
	assert_eq!(states().await, [None, charged, void, sent]);
	assert_eq!(ledger.key(&KEY).await.unwrap().unwrap().held, 15);
}

#[tokio::test]
async fn void_calls_are_forgotten_some_at_a_time_and_found_by_their_age() {
	let (_folder, ledger) = ledger(None).await;
	let insert = sqlx::query(
		"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
		INSERT INTO calls (call_id, key_hash, account, sponsored, model, state, reserved, held, salt,
			created_at, body_hash)
		SELECT CAST(printf('%016d', n) AS BLOB), ?2, zeroblob(32), 0, 'a', 'VOID', 1, 0,
			zeroblob(32), 0, zeroblob(32) FROM numbers",
	);
	insert.bind(FORGOTTEN + 1).bind(KEY.as_bytes()).execute(&ledger.writes).await.unwrap();
	assert!(ledger.forget_void(NOW + VOID_KEPT).await.unwrap());
	assert!(!ledger.forget_void(NOW + VOID_KEPT).await.unwrap());
	let count = sqlx::query("SELECT COUNT(*) FROM calls").fetch_one(&ledger.writes).await.unwrap();
	assert_eq!(count.try_get::<i64, _>(0).unwrap(), 0);
	let plan = "EXPLAIN QUERY PLAN SELECT call_id FROM calls
		WHERE state = 'VOID' AND leaf IS NULL AND created_at < ? LIMIT ?";
	let plan = sqlx::query(plan).bind(0).bind(1).fetch_one(&ledger.writes).await.unwrap();
	let plan: String = plan.try_get("detail").unwrap();
	assert!(plan.contains("calls_never_charged"), "{plan}");
}

/// A settled call of the account `[byte; 32]`.
async fn settled(ledger: &Ledger, byte: u8) -> AccountId32 {
	let account = AccountId32::new([byte; 32]);
	let call = NewCall { account: account.clone(), ..call(byte, 50, 100) };
	ledger.reserve(call).await.unwrap();
	ledger.mark_sent(id(byte)).await.unwrap();
	let time = NOW + Moment::from(byte);
	ledger.settle(Settlement { time, ..settlement(byte, 20) }).await.unwrap();
	account
}

fn after(rest: i64) -> Moment {
	NOW + u64::try_from(rest).unwrap()
}

#[tokio::test]
async fn a_refused_account_rests_longer_each_time() {
	let (_folder, ledger) = ledger(None).await;
	let account = settled(&ledger, 1).await;
	let waiting = async |now| {
		let calls = ledger.calls_to_batch(now, LATEST, 10).await.unwrap().len();
		assert_eq!(ledger.accounts_to_batch(now).await.unwrap(), calls as u64);
		calls
	};
	assert_eq!(waiting(NOW).await, 1);
	for rest in [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST] {
		ledger.postpone(&account, Payment::Purse, NOW).await.unwrap();
		assert_eq!(waiting(after(rest) - 1).await, 0);
		assert_eq!(waiting(after(rest)).await, 1);
	}
	for _ in 0..100 {
		ledger.postpone(&account, Payment::Purse, NOW).await.unwrap();
	}
	assert_eq!(waiting(after(LONGEST_REST) - 1).await, 0);
	assert_eq!(waiting(after(LONGEST_REST)).await, 1);
}

#[tokio::test]
async fn refused_accounts_keep_no_fresh_call_out() {
	let (_folder, ledger) = ledger(None).await;
	for byte in 1..=20 {
		let refused = settled(&ledger, byte).await;
		ledger.postpone(&refused, Payment::Purse, NOW).await.unwrap();
	}
	settled(&ledger, 21).await;
	let first = ledger.calls_to_batch(after(FIRST_REST), LATEST, 1).await.unwrap();
	assert_eq!(first[0].leaf.call_id, id(21));
	let all = ledger.calls_to_batch(after(FIRST_REST), LATEST, 30).await.unwrap();
	assert_eq!(all.len(), 21, "the refused ones are tried all the same");
}

#[tokio::test]
async fn no_second_batch_is_signed_for_a_place_while_the_chain_could_take_the_first() {
	let (_folder, ledger) = ledger(None).await;
	let signature = sr25519::Signature::from_raw([0; 64]);
	let batch = |sequence, time| {
		let header = Header { sequence, time, ..Default::default() };
		Batch { header, lines: Default::default() }
	};
	let open = |batch: Batch<AccountId32>| {
		let (ledger, hash) = (ledger.clone(), batch.header.hash(&H256::zero()));
		async move { ledger.open_batch(&batch, hash, &signature, &Vec::new(), NOW).await }
	};
	open(batch(5, NOW)).await.unwrap();
	let first = ledger.batch_on_its_way().await.unwrap().unwrap();
	ledger.drop_open_batch(&first).await.unwrap();
	// A node that lags behind says that it is earlier than it was.
	for time in [NOW - 1, NOW + BATCH_LIFETIME] {
		assert!(matches!(open(batch(5, time)).await, Err(LedgerError::Conflict(5))));
	}
	assert!(ledger.batch_on_its_way().await.unwrap().is_none());
	open(batch(5, NOW + BATCH_LIFETIME + 1)).await.unwrap();
}
