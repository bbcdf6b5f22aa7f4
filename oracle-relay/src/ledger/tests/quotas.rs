//! Calls that use quotas.

use lx_primitives::{LaunchId, Units};

use super::*;

/// A call that reserves so many of the units of a quota that the account may use.
fn quota_call(byte: u8, launch: LaunchId, units: Units, usable: Units) -> NewCall {
	NewCall { payment: Payment::Quota(launch), units, usable, ..call(byte, 10, 1_000) }
}

fn exceeded(free: Credits, reserved: Credits) -> Reservation {
	Reservation::QuotaExceeded(Left { free, reserved })
}

#[tokio::test]
async fn a_quota_is_reserved_to_the_last_unit_and_not_beyond() {
	let (_folder, ledger) = ledger(None).await;
	let reserve = async |call| ledger.reserve(call).await.unwrap();
	assert_eq!(reserve(quota_call(1, 7, 60, 100)).await, Reservation::Reserved);
	assert_eq!(reserve(quota_call(2, 7, 41, 100)).await, exceeded(40, 60));
	// Another quota, and no quota.
	assert_eq!(reserve(quota_call(3, 8, 100, 100)).await, Reservation::Reserved);
	assert_eq!(reserve(call(4, 10, 1_000)).await, Reservation::Reserved);
	assert_eq!(reserve(quota_call(5, 7, 40, 100)).await, Reservation::Reserved);
	assert_eq!(reserve(quota_call(6, 7, 1, 100)).await, exceeded(0, 100));
	assert_eq!(reserve(quota_call(6, 7, 1, 90)).await, exceeded(0, 90));
	// What is not used is free again, and so is what a void call had reserved.
	for byte in [1, 5] {
		ledger.mark_sent(id(byte)).await.unwrap();
	}
	ledger.settle(Settlement { units: 20, ..settlement(1, 5) }).await.unwrap();
	ledger.void(id(5), NOW, "test").await.unwrap();
	assert_eq!(reserve(quota_call(6, 7, 81, 100)).await, exceeded(80, 0));
	let held = async |launch| ledger.held_units(&account(), launch, 0).await.unwrap();
	assert_eq!((held(7).await, held(8).await, held(9).await), (20, 100, 0));
	assert_eq!(reserve(quota_call(7, 7, 80, 100)).await, Reservation::Reserved);
	let of_another = NewCall { account: AccountId32::new([6; 32]), ..quota_call(8, 7, 100, 100) };
	assert_eq!(reserve(of_another).await, Reservation::Reserved);
}

#[tokio::test]
async fn what_the_chain_has_taken_of_a_quota_is_not_held_any_more() {
	let (_folder, ledger) = ledger(None).await;
	ledger.reserve(quota_call(1, 7, 60, 100)).await.unwrap();
	sqlx::query("UPDATE calls SET sequence = 3, state = 'BATCHED'")
		.execute(&ledger.writes)
		.await
		.unwrap();
	let left = async |byte, next_sequence, usable| {
		let call = NewCall { next_sequence, ..quota_call(byte, 7, 101, usable) };
		ledger.reserve(call).await.unwrap()
	};
	assert_eq!(left(2, 3, 100).await, exceeded(40, 0));
	assert_eq!(left(2, 4, 40).await, exceeded(40, 0));
	// One that was reversed is void, and its units can be used again.
	sqlx::query("UPDATE calls SET state = 'VOID'").execute(&ledger.writes).await.unwrap();
	assert_eq!(left(2, 3, 100).await, exceeded(100, 0));
}

#[tokio::test]
async fn no_more_of_a_quota_is_used_than_was_reserved() {
	let (_folder, ledger) = ledger(None).await;
	ledger.reserve(quota_call(1, 7, 60, 100)).await.unwrap();
	ledger.mark_sent(id(1)).await.unwrap();
	let settle = async |units| ledger.settle(Settlement { units, ..settlement(1, 5) }).await;
	assert!(matches!(settle(61).await, Err(LedgerError::WrongState(_))));
	settle(60).await.unwrap();
}

#[tokio::test]
async fn only_calls_that_are_paid_as_the_refused_ones_rest() {
	let (_folder, ledger) = ledger(None).await;
	let payments = [Payment::Purse, Payment::Perk, Payment::Quota(7), Payment::Quota(8)];
	for (byte, payment) in (1..).zip(payments) {
		let units = Units::from(payment.quota().is_some());
		let call = NewCall { payment, units, usable: units, ..call(byte, 10, 1_000) };
		assert_eq!(ledger.reserve(call).await.unwrap(), Reservation::Reserved);
		ledger.mark_sent(id(byte)).await.unwrap();
		ledger.settle(Settlement { units, ..settlement(byte, 5) }).await.unwrap();
	}
	let waiting = async |now| ledger.calls_to_batch(now, LATEST, 10).await.unwrap().len();
	assert_eq!(waiting(NOW).await, 4);
	for (refused, payment) in (1..).zip(payments) {
		ledger.postpone(&account(), payment, NOW).await.unwrap();
		assert_eq!(waiting(NOW).await, 4 - refused);
		let accounts = ledger.accounts_to_batch(NOW).await.unwrap();
		assert_eq!(accounts, u64::from(refused < 4));
	}
	assert_eq!(waiting(after(FIRST_REST)).await, 4);
}
