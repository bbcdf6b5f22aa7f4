//! Random sequences of operations keep every invariant.

use frame_support::weights::Weight;
use lx_primitives::{units::CRED, Credits, Moment};
use proptest::prelude::*;
use sp_core::Pair;
use sp_runtime::DispatchResult;

use crate::{mock::*, Accounts, ApiAccount, Queue, RelayStatus};

const USERS: [AccountId; 3] = [ALICE, BOB, CAROL];

#[derive(Clone, Debug)]
enum Operation {
	TopUp(usize, Credits),
	Thaw(usize, Credits),
	CancelThaw(usize),
	Withdraw(usize),
	Authorise(usize, Vec<u32>, Credits),
	RevokeKeys(usize),
	/// By relay 0 or 1; a charge for each user, or none.
	Post(u32, Vec<Option<Credits>>),
	/// A batch that no quorum has signed, or that was changed.
	PostForged(u32, Credits),
	RegisterRelay(usize),
	SetStatus(u32, bool),
	Retire(usize, u32),
	RegisterAttestor(usize, u8),
	SetQuorum(Vec<u32>, u32),
	RetireAttestor(usize, u32),
	Claim(usize),
	Wait(Moment),
	Block(u64),
	FailFor(Option<usize>),
}

fn amount() -> impl Strategy<Value = Credits> {
	prop_oneof![0..30_000u128, 0..WEALTH]
}

fn operation() -> impl Strategy<Value = Operation> {
	use Operation::*;
	let user = 0..USERS.len();
	let charges = proptest::collection::vec(proptest::option::of(amount()), 3);
	let ids = || proptest::collection::vec(0..5u32, 0..5);
	prop_oneof![
		4 => (user.clone(), amount()).prop_map(|(who, amount)| TopUp(who, amount)),
		2 => (user.clone(), amount()).prop_map(|(who, amount)| Thaw(who, amount)),
		1 => user.clone().prop_map(CancelThaw),
		2 => user.clone().prop_map(Withdraw),
		3 => (user.clone(), ids(), amount()).prop_map(|(who, ids, limit)| {
			Authorise(who, ids.into_iter().filter(|id| *id < 2).collect(), limit)
		}),
		1 => user.clone().prop_map(RevokeKeys),
		8 => (0..2u32, charges).prop_map(|(relay, charges)| Post(relay, charges)),
		1 => (0..2u32, amount()).prop_map(|(relay, charge)| PostForged(relay, charge)),
		1 => user.clone().prop_map(RegisterRelay),
		1 => (0..3u32, any::<bool>()).prop_map(|(relay, active)| SetStatus(relay, active)),
		1 => (user.clone(), 0..3u32).prop_map(|(who, relay)| Retire(who, relay)),
		1 => (user.clone(), 3..6u8).prop_map(|(who, key)| RegisterAttestor(who, key)),
		1 => (ids(), 0..4u32).prop_map(|(ids, threshold)| SetQuorum(ids, threshold)),
		1 => (user.clone(), 0..5u32).prop_map(|(who, id)| RetireAttestor(who, id)),
		1 => user.clone().prop_map(Claim),
		3 => (0..2 * WINDOW).prop_map(Wait),
		4 => (0..2_000_000_000u64).prop_map(Block),
		1 => proptest::option::of(user).prop_map(FailFor),
	]
}

fn perform(operation: Operation) -> DispatchResult {
	use Operation::*;
	let root = RuntimeOrigin::root;
	let user = |index: usize| signed(USERS[index].clone());
	let key = |relay: u32| if relay == 0 { relay_pair() } else { pair(101) };
	match operation {
		TopUp(who, amount) => Compute::top_up(user(who), amount),
		Thaw(who, amount) => Compute::thaw(user(who), amount),
		CancelThaw(who) => Compute::cancel_thaw(user(who)),
		Withdraw(who) => Compute::withdraw(user(who)),
		Authorise(who, ids, limit) => Compute::authorise(user(who), relays(&ids), limit),
		RevokeKeys(who) => Compute::revoke_keys(user(who)),
		Post(relay, charges) => {
			let charged = USERS.into_iter().zip(charges);
			let lines = charged.filter_map(|(who, charge)| Some(line(who, charge?))).collect();
			sign_by(batch_of(relay, lines), &key(relay), &signers()).post()
		},
		PostForged(relay, charge) => {
			let signed = sign_by(batch_of(relay, vec![line(ALICE, charge)]), &key(relay), &[0, 9]);
			assert!(signed.clone().post().is_err());
			let mut changed =
				sign_by(batch_of(relay, vec![line(ALICE, charge)]), &key(relay), &signers());
			changed.batch.lines[0].total.charge += 1;
			assert!(changed.clone().post().is_err());
			changed.post()
		},
		RegisterRelay(who) => Compute::register_relay(user(who), pair(101).public()),
		SetStatus(relay, active) => {
			let status = if active { RelayStatus::Active } else { RelayStatus::Suspended };
			Compute::set_relay_status(root(), relay, status)
		},
		Retire(who, relay) => Compute::retire_relay(user(who), relay),
		RegisterAttestor(who, key) => Compute::register_attestor(user(who), pair(key).public()),
		SetQuorum(ids, threshold) => Compute::set_quorum(root(), members(&ids), threshold),
		RetireAttestor(who, id) => Compute::retire_attestor(user(who), id),
		Claim(who) => Compute::claim(user(who), [OPERATOR, REVENUE, CAROL][who].clone()),
		Wait(time) => {
			wait(time);
			Ok(())
		},
		Block(budget) => {
			FinalisationWeight::set(Weight::from_parts(budget, u64::MAX));
			next_block();
			Ok(())
		},
		FailFor(who) => {
			Failing::set(who.map(|index| USERS[index].clone()));
			Ok(())
		},
	}
}

/// The members whose keys follow from their ids.
fn signers() -> Vec<u32> {
	crate::Quorum::<Test>::get().members.into_iter().filter(|id| *id < 3).collect()
}

/// What a relay may charge to an account that stays open, it may charge whatever the account does:
/// for a whole delay, if it stood or was the limit `now`.
fn assert_collectable(before: &ApiAccount, after: &ApiAccount, now: Moment) {
	for time in [now, now + THAW / 2, now + THAW] {
		for relay in 0..2 {
			assert!(!before.may_charge(relay, time) || after.may_charge(relay, time));
		}
		assert!(before.limit_at(time) <= after.limit_at(time));
	}
}

fn total() -> Credits {
	[ALICE, BOB, CAROL, OPERATOR, REVENUE, Compute::account_id()].iter().map(wallet).sum()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn every_sequence_keeps_the_invariants(
		operations in proptest::collection::vec(operation(), 1..50)
	) {
		new_test_ext().execute_with(|| {
			for who in USERS {
				open(who, 100 * CRED);
			}
			for operation in operations {
				let (now, before) = (Now::get(), USERS.map(Compute::account));
				// As in a block, a call that fails leaves nothing behind.
				let _ = frame_support::storage::with_storage_layer(|| perform(operation.clone()));
				check_invariants();
				assert_eq!(total(), 3 * WEALTH, "CRED came or went with {operation:?}");
				for (before, after) in before.iter().zip(&USERS.map(Compute::account)) {
					if let (Some(before), Some(after)) = (before, after) {
						assert_collectable(before, after, now);
					}
				}
			}
			// Whatever happened, all that is queued becomes final.
			FinalisationWeight::set(Weight::MAX);
			finalise();
			check_invariants();
			assert_eq!(Queue::<Test>::iter().count(), 0);
			assert!(Accounts::<Test>::iter_values().all(|account| account.pending == 0));
		});
	}
}
