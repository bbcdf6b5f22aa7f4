use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok};
use lx_primitives::{
	call_log::{BATCH_LIFETIME, MAX_CALLS, MAX_CALL_AGE, MAX_LINES},
	units::CRED,
	Batch, Header, Moment,
};
use sp_core::{Pair, H256};
use sp_runtime::{AccountId32, DispatchError};

use crate::{
	mock::*, Batches, Error, Event, LinePages, Queue, QueueTail, Relays, MAX_PENDING_BATCHES,
};

/// Alice and Bob have 10 CRED each to spend.
fn with_accounts(test: impl FnOnce()) {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		open(BOB, 10 * CRED);
		test();
	});
}

fn two_lines() -> Batch<AccountId> {
	batch(vec![line(ALICE, CRED), line(BOB, 2 * CRED)])
}

/// Signs `change`d two lines; the root is that of the changed lines.
fn changed(change: impl FnOnce(&mut Batch<AccountId>)) -> Signed {
	let mut batch = two_lines();
	change(&mut batch);
	sign(seal(batch))
}

#[test]
fn a_batch_charges_every_account_at_once() {
	with_accounts(|| {
		let signed = sign(two_lines());
		let hash = hash(&signed.batch.header);
		let root = signed.batch.header.root;
		assert_ok!(signed.clone().post());
		assert_event(Event::BatchPosted {
			relay: 0,
			sequence: 0,
			hash,
			charge: 3 * CRED,
			cost: 3 * CRED * 6 / 10,
			calls: 2,
		});
		assert_eq!((purse(ALICE).free, purse(ALICE).pending), (9 * CRED, CRED));
		assert_eq!((purse(BOB).free, purse(BOB).pending), (8 * CRED, 2 * CRED));
		let posted = Batches::<Test>::get(0, 0).unwrap();
		assert_eq!((posted.hash, posted.root), (hash, root));
		assert_eq!(posted.final_at, START + WINDOW);
		assert_eq!((posted.lines, posted.settled_lines), (2, 0));
		assert_eq!(LinePages::<Test>::get((0, 0, 0)).unwrap(), signed.batch.lines.to_vec());
		assert_eq!(Queue::<Test>::get(0), Some((0, 0)));
		assert_eq!(Compute::next_batch(0), Some((1, hash)));
	});
}

#[test]
fn every_call_of_a_posted_batch_can_be_proven() {
	with_accounts(|| {
		let log = Log::new(vec![call(BOB, 2_000), call(ALICE, 1_000), call(ALICE, 500)]);
		log.post();
		assert_eq!((purse(ALICE).pending, purse(BOB).pending), (15_000, 20_000));
		let posted = Batches::<Test>::get(0, 0).unwrap();
		assert_eq!((posted.root.calls, posted.lines), (3, 2));
		for (line, index) in [(0, 0), (0, 1), (1, 0)] {
			assert!(log.call(line, index).is_in(&posted.root, posted.lines));
			assert!(!log.call(line, index).is_in(&posted.root, posted.lines + 1));
		}
	});
}

#[test]
fn a_balance_can_be_charged_to_the_last() {
	with_accounts(|| {
		assert_ok!(post(vec![line(ALICE, 10 * CRED)]));
		assert_eq!((purse(ALICE).free, purse(ALICE).pending), (0, 10 * CRED));
	});
}

#[test]
fn a_charge_above_the_balance_rejects_the_batch_whole() {
	with_accounts(|| {
		let over = sign(batch(vec![line(ALICE, CRED), line(BOB, 10 * CRED + 1)]));
		assert_noop!(over.post(), Error::<Test>::Overcharge);
	});
}

#[test]
fn an_account_is_charged_only_if_it_has_a_purse_at_the_relay() {
	with_accounts(|| {
		assert_noop!(post(vec![line(ALICE, 1), line(CAROL, 1)]), Error::<Test>::NoAccount);
		let other = admit_relay();
		assert_ok!(Compute::top_up(signed(CAROL), other, CRED));
		let elsewhere = || post(vec![line(ALICE, 1), line(CAROL, 1)]);
		assert_noop!(elsewhere(), Error::<Test>::NoPurse);
	});
}

#[test]
fn what_was_served_before_a_revocation_is_taken_until_the_time_to_collect_is_over() {
	with_accounts(|| {
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		assert_ok!(Compute::thaw(signed(BOB), 0, 10 * CRED));
		wait(THAW);
		assert_ok!(sign(two_lines()).post());
		let second = sign(two_lines());
		wait(1);
		assert_noop!(second.post(), Error::<Test>::Overcharge);
	});
}

#[test]
fn batches_are_contiguous() {
	with_accounts(|| {
		let first = sign(two_lines());
		assert_noop!(
			changed(|batch| batch.header.sequence = 1).post(),
			Error::<Test>::WrongSequence
		);
		assert_ok!(first.clone().post());
		// A replay.
		assert_noop!(first.post(), Error::<Test>::WrongSequence);
		assert_noop!(
			changed(|batch| batch.header.previous = H256::zero()).post(),
			Error::<Test>::WrongPrevious
		);
		assert_noop!(
			changed(|batch| batch.header.sequence = u64::MAX).post(),
			Error::<Test>::WrongSequence
		);
		assert_ok!(sign(two_lines()).post());
	});
}

#[test]
fn the_relay_is_known_and_its_signature_its_own() {
	with_accounts(|| {
		assert_noop!(changed(|batch| batch.header.relay = 1).post(), Error::<Test>::UnknownRelay);
		let not_the_relay = sign_by(two_lines(), &pair(101), &[0, 1]);
		assert_noop!(not_the_relay.post(), Error::<Test>::BadRelaySignature);
	});
}

#[test]
fn a_batch_needs_a_quorum() {
	with_accounts(|| {
		let by = |ids: &[u32]| sign_by(two_lines(), &relay_pair(), ids);
		assert_noop!(by(&[]).post(), Error::<Test>::TooFewSignatures);
		assert_noop!(by(&[0]).post(), Error::<Test>::TooFewSignatures);
		assert_noop!(by(&[0, 3]).post(), Error::<Test>::UnknownAttestor);
		assert_noop!(by(&[1, 1]).post(), Error::<Test>::DuplicateSigner);
		assert_noop!(by(&[0, 1, 0]).post(), Error::<Test>::DuplicateSigner);
		assert_ok!(by(&[2, 0]).post());
		assert_ok!(by(&[0, 1, 2]).post());
	});
}

#[test]
fn every_signature_must_be_good() {
	with_accounts(|| {
		let mut forged = sign(two_lines());
		let hash = hash(&forged.batch.header);
		forged.signatures[1].1 = attestor_pair(2).sign(hash.as_bytes());
		assert_noop!(forged.post(), Error::<Test>::BadSignature);
		// Good ones beside it do not make up for it.
		let mut extra = sign_by(two_lines(), &relay_pair(), &[0, 1, 2]);
		extra.signatures[2].1 = attestor_pair(0).sign(hash.as_bytes());
		assert_noop!(extra.post(), Error::<Test>::BadSignature);
		let mut of_another = sign(two_lines());
		of_another.signatures = sign(batch(vec![line(ALICE, 1)])).signatures;
		assert_noop!(of_another.post(), Error::<Test>::BadSignature);
	});
}

#[test]
fn a_batch_of_another_chain_is_refused() {
	with_accounts(|| {
		let batch = two_lines();
		let elsewhere = batch.header.hash(&H256::repeat_byte(1));
		let mut signed = sign(batch);
		signed.relay_signature = relay_pair().sign(elsewhere.as_bytes());
		assert_noop!(signed.post(), Error::<Test>::BadRelaySignature);
	});
}

#[test]
fn the_genesis_hash_outlives_the_pruning_of_block_hashes() {
	with_accounts(|| {
		let genesis = System::block_hash(0);
		for number in 2..40 {
			System::initialize(&number, &H256::repeat_byte(9), &Default::default());
			System::finalize();
		}
		assert_eq!(System::block_hash(1), H256::zero());
		assert_eq!(System::block_hash(0), genesis);
		assert_ok!(post(vec![line(ALICE, CRED)]));
	});
}

#[test]
fn the_root_is_that_of_the_lines() {
	with_accounts(|| {
		let with = |change: fn(&mut Batch<AccountId>)| {
			let mut batch = two_lines();
			change(&mut batch);
			sign(batch).post()
		};
		let mismatch = || Error::<Test>::RootMismatch;
		assert_noop!(with(|batch| batch.header.root.charge -= 1), mismatch());
		assert_noop!(with(|batch| batch.header.root.cost += 1), mismatch());
		assert_noop!(with(|batch| batch.header.root.calls += 1), mismatch());
		assert_noop!(with(|batch| batch.header.root.hash = H256::zero()), mismatch());
		// Lines that were changed after they were signed.
		let mut signed = sign(two_lines());
		signed.batch.lines[0].total.charge += 1;
		assert_noop!(signed.post(), mismatch());
	});
}

#[test]
fn sums_that_overflow_have_no_root() {
	with_accounts(|| {
		let mut batch = batch(vec![line(ALICE, CRED), line(BOB, CRED)]);
		batch.lines[0].total.charge = u128::MAX;
		assert_noop!(sign(batch).post(), Error::<Test>::RootMismatch);
	});
}

#[test]
fn each_account_has_one_line_in_order() {
	with_accounts(|| {
		assert_noop!(
			changed(|batch| batch.lines.as_mut().swap(0, 1)).post(),
			Error::<Test>::LinesNotSorted
		);
		let twice = sign(batch(vec![line(ALICE, CRED), line(ALICE, CRED)]));
		assert_noop!(twice.post(), Error::<Test>::LinesNotSorted);
	});
}

#[test]
fn lines_stand_for_calls_and_cost_no_more_than_they_charge() {
	with_accounts(|| {
		assert_noop!(post(vec![]), Error::<Test>::EmptyBatch);
		let idle = changed(|batch| batch.lines[1].total.calls = 0);
		assert_noop!(idle.post(), Error::<Test>::EmptyLine);
		// It would be queued for a purse that may go meanwhile.
		let free = changed(|batch| {
			batch.lines[0].total.charge = 0;
			batch.lines[0].total.cost = 0;
		});
		assert_noop!(free.post(), Error::<Test>::EmptyLine);
		let at_a_loss = changed(|batch| batch.lines[0].total.cost = CRED + 1);
		assert_noop!(at_a_loss.post(), Error::<Test>::CostAboveCharge);
		// Whales pay the cost.
		assert_ok!(changed(|batch| batch.lines[0].total.cost = CRED).post());
	});
}

#[test]
fn a_full_batch_is_kept_in_pages() {
	build_and_execute(|| {
		let accounts = (0..1_000u32).map(|number| {
			let mut id = [7; 32];
			id[..4].copy_from_slice(&number.to_be_bytes());
			AccountId32::new(id)
		});
		let accounts = accounts.collect::<Vec<_>>();
		for who in &accounts {
			give(who, 2 * CRED);
			open(who.clone(), CRED);
		}
		assert_ok!(post(accounts.iter().map(|who| line(who.clone(), CRED)).collect()));
		assert_eq!(LinePages::<Test>::iter_key_prefix((0, 0)).count(), 10);
		assert_eq!(LinePages::<Test>::get((0, 0, 9)).unwrap()[99].account, accounts[999]);
	});
}

#[test]
fn a_batch_of_more_lines_does_not_decode() {
	let of = |count: u32| {
		let lines = vec![line(ALICE, 1); count as usize];
		Batch::<AccountId>::decode(&mut &(Header::default(), lines).encode()[..])
	};
	assert_eq!(of(MAX_LINES).map(|batch| batch.lines.len()), Ok(1_000));
	assert!(of(MAX_LINES + 1).is_err());
}

#[test]
fn too_many_batches_cannot_wait() {
	with_accounts(|| {
		Relays::<Test>::mutate_extant(0, |relay| relay.pending_batches = MAX_PENDING_BATCHES);
		assert_noop!(sign(two_lines()).post(), Error::<Test>::TooManyPending);
		Relays::<Test>::mutate_extant(0, |relay| relay.pending_batches = 0);
	});
}

#[test]
fn a_rejected_batch_changes_nothing_and_its_place_stays_free() {
	with_accounts(|| {
		assert_noop!(
			post(vec![line(ALICE, CRED), line(BOB, 11 * CRED)]),
			Error::<Test>::Overcharge
		);
		assert_ok!(post(vec![line(ALICE, CRED), line(BOB, CRED)]));
		assert_eq!(QueueTail::<Test>::get(), 1);
	});
}

#[test]
fn only_the_check_before_lets_a_batch_in() {
	with_accounts(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none(), signed(ALICE)] {
			let Signed { batch, relay_signature, signatures } = sign(two_lines());
			assert_noop!(
				Compute::post_batch(origin, batch, relay_signature, signatures),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn relays_have_logs_and_purses_of_their_own() {
	with_accounts(|| {
		let other = admit_relay();
		assert_ok!(Compute::top_up(signed(ALICE), other, CRED));
		assert_ok!(post(vec![line(ALICE, 10 * CRED)]));
		let second = |charge| sign_by(batch_of(1, vec![line(ALICE, charge)]), &pair(101), &[1, 2]);
		assert_noop!(second(CRED + 1).post(), Error::<Test>::Overcharge);
		assert_ok!(second(CRED).post());
		assert_eq!(Compute::next_batch(1).unwrap().0, 1);
		assert_eq!((purse(ALICE).pending, purse_at(1, ALICE).pending), (10 * CRED, CRED));
	});
}

#[test]
fn a_batch_is_taken_for_its_lifetime_and_not_before_its_time() {
	with_accounts(|| {
		assert_noop!(changed(|batch| batch.header.time += 1).post(), Error::<Test>::WrongTimes);
		let turned = changed(|batch| batch.header.oldest = batch.header.time + 1);
		assert_noop!(turned.post(), Error::<Test>::WrongTimes);
		let (first, second) = (sign(two_lines()), sign(two_lines()));
		wait(BATCH_LIFETIME);
		assert_ok!(first.post());
		let late = sign(two_lines());
		wait(BATCH_LIFETIME + 1);
		assert_noop!(late.post(), Error::<Test>::BatchExpired);
		assert_noop!(second.post(), Error::<Test>::WrongSequence);
	});
}

#[test]
fn calls_are_posted_within_a_day() {
	with_accounts(|| {
		let aged = |age: Moment| changed(|batch| batch.header.oldest = Now::get() - age);
		assert_noop!(aged(MAX_CALL_AGE + 1).post(), Error::<Test>::CallsTooOld);
		assert_ok!(aged(MAX_CALL_AGE).post());
	});
}

#[test]
fn a_batch_settles_no_more_calls_than_can_be_proven() {
	with_accounts(|| {
		let of = |calls: u32| changed(|batch| batch.lines[0].total.calls = calls - 1);
		assert_noop!(of(MAX_CALLS + 1).post(), Error::<Test>::TooManyCalls);
		assert_ok!(of(MAX_CALLS).post());
	});
}
