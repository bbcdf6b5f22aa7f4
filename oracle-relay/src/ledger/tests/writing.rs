//! A ledger that cannot be written for a while, or that many want to write.

use super::*;

#[tokio::test]
async fn what_was_delivered_is_charged_as_soon_as_it_can_be_written() {
	for (fail, mend) in [
		// No transaction begins, no call can be changed, and none can be committed.
		("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
		(
			"CREATE TRIGGER failing BEFORE UPDATE ON calls BEGIN SELECT RAISE(ABORT, 'full'); END",
			"DROP TRIGGER failing",
		),
		(
			"CREATE TABLE failures (fact TEXT REFERENCES facts (name) DEFERRABLE INITIALLY DEFERRED);
			CREATE TRIGGER failing AFTER UPDATE ON calls
				BEGIN INSERT INTO failures VALUES ('none'); END",
			"DROP TRIGGER failing",
		),
	] {
		let (_folder, ledger) = ledger(None).await;
		ledger.reserve(call(1, 50, 100)).await.unwrap();
		ledger.mark_sent(id(1)).await.unwrap();
		sqlx::raw_sql(fail).execute(&ledger.writes).await.unwrap();
		let writer = ledger.clone();
		let settling = tokio::spawn(async move { writer.settle(settlement(1, 20)).await });
		tokio::time::sleep(Duration::from_millis(200)).await;
		assert!(!settling.is_finished(), "{fail}");
		sqlx::raw_sql(mend).execute(&ledger.writes).await.unwrap();
		settling.await.unwrap().unwrap();
		let settled = ledger.call(&id(1)).await.unwrap().unwrap();
		assert_eq!((settled.state.as_str(), settled.held), ("USAGE_FINAL", 20), "{fail}");
	}
}

#[tokio::test]
async fn a_call_at_which_the_database_ends_the_transaction_stops_no_other() {
	let (_folder, ledger) = ledger(None).await;
	for byte in 1..=4 {
		ledger.reserve(call(byte, 10, 100)).await.unwrap();
		ledger.mark_sent(id(byte)).await.unwrap();
	}
	// As SQLite does by itself when the disk is full.
	let fail = "CREATE TRIGGER failing BEFORE UPDATE ON calls
		WHEN NEW.call_id = x'03030303030303030303030303030303'
		BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
	sqlx::raw_sql(fail).execute(&ledger.writes).await.unwrap();
	let settle = |byte| ledger.settle(settlement(byte, 7));
	let state = async |byte| ledger.call(&id(byte)).await.unwrap().unwrap().state;
	let mend = async {
		while state(4).await != "USAGE_FINAL" {
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
		assert_eq!([state(1).await, state(2).await], ["USAGE_FINAL", "USAGE_FINAL"]);
		assert_eq!(state(3).await, "SENT");
		sqlx::raw_sql("DROP TRIGGER failing").execute(&ledger.writes).await.unwrap();
	};
	// They share a commit, since all of them wait before the writer runs.
	let (first, second, third, fourth, ()) =
		tokio::join!(settle(1), settle(2), settle(3), settle(4), mend);
	for settled in [first, second, third, fourth] {
		settled.unwrap();
	}
	assert_eq!(state(3).await, "USAGE_FINAL");
	assert_eq!(ledger.key(&KEY).await.unwrap().unwrap().held, 28);
}

#[tokio::test]
async fn a_call_that_cannot_be_written_does_not_begin() {
	let (_folder, ledger) = ledger(None).await;
	sqlx::query("PRAGMA query_only = 1").execute(&ledger.writes).await.unwrap();
	let refused = ledger.reserve(call(1, 50, 100)).await;
	assert!(matches!(refused, Err(LedgerError::Closed)), "{refused:?}");
	sqlx::query("PRAGMA query_only = 0").execute(&ledger.writes).await.unwrap();
	assert_eq!(ledger.reserve(call(1, 50, 100)).await.unwrap(), Reservation::Reserved);
}

#[tokio::test]
async fn a_transaction_that_the_database_has_ended_stops_nobody() {
	let (_folder, ledger) = ledger(None).await;
	let mut transaction = ledger.writes.begin_with("BEGIN IMMEDIATE").await.unwrap();
	// As SQLite does by itself when the disk is full.
	sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();
	drop(transaction);
	assert_eq!(ledger.reserve(call(1, 50, 100)).await.unwrap(), Reservation::Reserved);
}

#[tokio::test]
async fn calls_wait_for_no_more_than_one_of_what_anybody_asks_for() {
	let (_folder, ledger) = ledger(None).await;
	let held = ledger.writes.acquire().await.unwrap();
	let order = std::sync::Mutex::new(Vec::new());
	let ended = |what| order.lock().unwrap().push(what);
	let revocations = join_all((0..50).map(|_| async {
		ledger.revoke_key(&H256::zero(), NOW).await.unwrap();
		ended("a request");
	}));
	let reservation = async {
		ledger.reserve(call(1, 50, 100)).await.unwrap();
		ended("the call");
	};
	let release = async {
		tokio::time::sleep(Duration::from_millis(100)).await;
		drop(held);
	};
	tokio::join!(revocations, reservation, release);
	let place = order.lock().unwrap().iter().position(|what| *what == "the call").unwrap();
	assert!(place < 5, "{place}");
}
