//! The check notices each kind of corruption.

use frame_support::{assert_ok, storage::with_transaction};
use lx_primitives::units::CRED;
use sp_runtime::{DispatchError, TransactionOutcome};

use crate::{
	mock::*, Accounts, Attestors, Authorisation, Batches, LinePages, NextAttestorId, NextRelayId,
	Owed, PostedBatch, Queue, QueueHead, QueueTail, Quorum, Relays,
};

fn assert_caught(message: &'static str, corrupt: impl FnOnce()) {
	let found = with_transaction(|| {
		corrupt();
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(Compute::do_try_state()))
	});
	assert_eq!(found, Ok(Err(DispatchError::Other(message))));
}

fn change_batch(change: impl FnOnce(&mut PostedBatch)) {
	Batches::<Test>::mutate(0, 0, |batch| change(batch.as_mut().unwrap()));
}

#[test]
fn corruption_is_caught() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::do_try_state());

		assert_caught("the pallet holds less CRED than it owes", || {
			Accounts::<Test>::mutate_extant(ALICE, |account| account.free += 1)
		});
		assert_caught("the pallet holds less CRED than it owes", || Owed::<Test>::insert(BOB, 1));
		assert_caught("pending is not the sum of the unsettled lines", || {
			Accounts::<Test>::mutate_extant(ALICE, |account| account.pending -= 1)
		});
		assert_caught("a line is pending for an account that does not exist", || {
			Accounts::<Test>::remove(ALICE)
		});
		assert_caught("an API account does not hold its system account", || {
			frame_system::Account::<Test>::mutate(ALICE, |info| info.sufficients = 0)
		});
		assert_caught("an account names a relay twice", || {
			let again = Authorisation { relay: 0, until: Some(START) };
			Accounts::<Test>::mutate_extant(ALICE, |account| {
				account.relays.try_push(again).unwrap();
			})
		});
		assert_caught("the queue's head is beyond its tail", || QueueHead::<Test>::put(3));
		assert_caught("the queue is not contiguous", || QueueTail::<Test>::put(3));
		assert_caught("the queue has a gap", || {
			Queue::<Test>::swap(1, 5);
		});
		assert_caught("a batch is queued twice", || Queue::<Test>::insert(1, (0, 0)));
		assert_caught("a queued batch does not exist", || Queue::<Test>::insert(1, (0, 7)));
		assert_caught("a page belongs to no batch", || {
			let page = LinePages::<Test>::get((0, 0, 0)).unwrap();
			LinePages::<Test>::insert((5, 0, 0), page)
		});
		assert_caught("a batch's lines do not add up to its root", || {
			change_batch(|batch| batch.root.charge += 1);
			give(&Compute::account_id(), CRED);
		});
		assert_caught("a batch's pages do not hold its lines", || {
			change_batch(|batch| batch.lines = 2)
		});
		assert_caught("a relay's batches are miscounted", || {
			Relays::<Test>::mutate_extant(0, |relay| relay.pending_batches = 1)
		});
		assert_caught("a batch is beyond its relay's sequence", || {
			Relays::<Test>::mutate_extant(0, |relay| relay.next_sequence = 1)
		});
		assert_caught("a batch's relay does not exist", || Relays::<Test>::remove(0));
		assert_caught("a relay's id was not given yet", NextRelayId::<Test>::kill);
		assert_caught("an attestor's id was not given yet", NextAttestorId::<Test>::kill);
		assert_caught("a member is not registered", || Attestors::<Test>::remove(1));
		assert_caught("the threshold cannot be met, or is none", || {
			Quorum::<Test>::mutate(|quorum| quorum.threshold = 0)
		});
		assert_caught("two members share a key", || {
			let first = Attestors::<Test>::get(0).unwrap();
			Attestors::<Test>::insert(1, first)
		});
	});
}

#[test]
fn a_gift_to_the_pallet_is_no_corruption() {
	new_test_ext().execute_with(|| {
		open(ALICE, CRED);
		give(&Compute::account_id(), CRED);
		assert_ok!(Compute::do_try_state());
	});
}
