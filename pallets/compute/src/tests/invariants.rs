//! The check notices each kind of corruption.

use frame_support::{assert_ok, storage::with_transaction};
use lx_primitives::units::CRED;
use sp_runtime::{DispatchError, TransactionOutcome};

use crate::{
	mock::*, Accounts, ApiAccount, Attestors, Batches, LinePages, NextAttestorId, NextRelayId,
	Owed, PostedBatch, Purse, Queue, QueueFront, QueueHead, QueueTail, Quorum, Relays, Settled,
};

fn assert_caught(message: &'static str, corrupt: impl FnOnce()) {
	let found = with_transaction(|| {
		corrupt();
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(Compute::do_try_state()))
	});
	assert_eq!(found, Ok(Err(DispatchError::Other(message))));
}

fn change_purse(change: impl FnOnce(&mut Purse)) {
	Accounts::<Test>::mutate_extant(ALICE, |account| change(&mut account.purses[0]));
}

fn change_batch(change: impl FnOnce(&mut PostedBatch)) {
	Batches::<Test>::mutate(0, 1, |batch| change(batch.as_mut().unwrap()));
}

#[test]
fn corruption_is_caught() {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		assert_ok!(post(vec![line(ALICE, CRED)]));
		finalise();
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(post(vec![line(ALICE, CRED)]));
		assert_ok!(Compute::do_try_state());

		assert_caught("the pallet holds less CRED than it owes", || {
			change_purse(|purse| purse.free += 1)
		});
		assert_caught("the liabilities overflow", || {
			Owed::<Test>::insert(BOB, u128::MAX);
			Owed::<Test>::insert(CAROL, 1)
		});
		assert_caught("the pallet holds less CRED than it owes", || Owed::<Test>::insert(BOB, 1));
		assert_caught("pending is not the sum of the unsettled lines", || {
			change_purse(|purse| purse.pending -= 1)
		});
		assert_caught("the pending charges overflow", || {
			for sequence in [1u64, 2] {
				LinePages::<Test>::mutate((0, sequence, 0), |page| {
					page.as_mut().unwrap()[0].total.charge = u128::MAX
				});
				Batches::<Test>::mutate(0, sequence, |batch| {
					batch.as_mut().unwrap().root.charge = u128::MAX
				});
			}
		});
		assert_caught("a line is pending for a purse that does not exist", || {
			Accounts::<Test>::remove(ALICE)
		});
		assert_caught("an API account does not hold its system account", || {
			frame_system::Account::<Test>::mutate(ALICE, |info| info.sufficients = 0)
		});
		assert_caught("an account has two purses of a kind at a relay", || {
			Accounts::<Test>::mutate_extant(ALICE, |account| {
				account.purses.try_push(Purse::new(0)).unwrap();
			})
		});
		assert_caught("a closed account is kept", || {
			Accounts::<Test>::insert(BOB, ApiAccount::default());
			System::inc_sufficients(&BOB);
		});
		assert_caught("the queue's ends are out of order", || QueueHead::<Test>::put(4));
		assert_caught("the queue's ends are out of order", || QueueFront::<Test>::put(2));
		assert_caught("the queue is not contiguous", || QueueTail::<Test>::put(4));
		assert_caught("the queue has a gap", || {
			Queue::<Test>::swap(2, 5);
		});
		assert_caught("a batch is queued twice", || Queue::<Test>::insert(2, (0, 1)));
		assert_caught("a batch is not queued", || Queue::<Test>::insert(2, (0, 7)));
		assert_caught("a settled batch will never be forgotten", || {
			let settled = Settled::<Test>::get(0, 0).unwrap();
			Settled::<Test>::insert(0, 9, settled);
		});
		assert_caught("a batch that is to become final is settled", || {
			let settled = Settled::<Test>::get(0, 0).unwrap();
			Settled::<Test>::insert(0, 1, settled);
		});
		assert_caught("a batch that is final is pending", || {
			let batch = Batches::<Test>::get(0, 1).unwrap();
			Batches::<Test>::insert(0, 0, batch);
			give(&Compute::account_id(), CRED);
		});
		assert_caught("a page belongs to no batch", || {
			let page = LinePages::<Test>::get((0, 1, 0)).unwrap();
			LinePages::<Test>::insert((5, 0, 0), page)
		});
		assert_caught("a batch's lines do not add up to its root", || {
			change_batch(|batch| batch.root.charge += 1);
			give(&Compute::account_id(), CRED);
		});
		assert_caught("a batch's pages do not hold its lines", || {
			change_batch(|batch| batch.lines = 2)
		});
		assert_caught("more lines are settled than there are", || {
			change_batch(|batch| batch.settled_lines = 2);
			change_purse(|purse| purse.pending -= CRED)
		});
		assert_caught("a relay's batches are miscounted", || {
			Relays::<Test>::mutate_extant(0, |relay| relay.pending_batches = 1)
		});
		assert_caught("a batch is beyond its relay's sequence", || {
			Relays::<Test>::mutate_extant(0, |relay| relay.next_sequence = 2)
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
