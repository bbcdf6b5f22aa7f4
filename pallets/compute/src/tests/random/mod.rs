//! Random sequences of operations keep every invariant.

mod history;

use frame_support::weights::Weight;
use lx_primitives::{
	call_log::MAX_CALL_AGE, traits::Sponsorship, units::CRED, Credits, Leaf, Moment, Payment,
	RelayId,
};
use proptest::{
	collection::vec,
	option::{of, weighted},
	prelude::*,
	sample::Index,
};
use sp_core::Pair;
use sp_runtime::DispatchResult;

use self::history::{relay_key, signers, History, Wrong};
use crate::{mock::*, Accounts, ApiAccount, Batches, Purse, Queue, RelayStatus, Relays, Settled};

const USERS: [AccountId; 3] = [ALICE, BOB, CAROL];

/// What an account does with a purse.
#[derive(Clone, Debug)]
enum Act {
	TopUp(Credits),
	Thaw(Credits),
	CancelThaw,
	Withdraw,
	SetDailyLimit(Credits),
	RevokeKeys,
}

#[derive(Clone, Debug)]
enum Operation {
	/// By a user, with the purse at relay 0 or 1.
	Own(usize, RelayId, Act),
	/// By relay 0 or 1; a call of so many units by each user, or none, and how it is paid.
	Post(RelayId, Vec<Option<(u32, Payment)>>, Option<Wrong>),
	/// The next user lets this one call a relay for so much.
	Sponsor(usize, RelayId, Credits),
	EndSponsorship(usize, RelayId),
	ReturnToSponsor(usize, RelayId),
	/// A batch that no quorum has signed, or that was changed.
	PostForged(RelayId),
	Challenge(usize, Index, Wrong),
	/// A relay, or an attestor, that has signed two batches, or the same one twice.
	Report(usize, RelayId, Option<u32>, bool),
	/// Makes the bond complete and the relay active.
	Readmit(RelayId),
	/// The quorum of genesis, with complete bonds.
	RestoreQuorum,
	RegisterRelay(usize),
	SetStatus(RelayId, bool),
	Retire(usize, RelayId),
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

fn act() -> impl Strategy<Value = Act> {
	prop_oneof![
		4 => amount().prop_map(Act::TopUp),
		2 => amount().prop_map(Act::Thaw),
		1 => Just(Act::CancelThaw),
		2 => Just(Act::Withdraw),
		2 => amount().prop_map(Act::SetDailyLimit),
		1 => Just(Act::RevokeKeys),
	]
}

fn payment() -> impl Strategy<Value = Payment> {
	prop_oneof![
		3 => Just(Payment::Purse),
		1 => Just(Payment::Perk),
		1 => Just(Payment::Quota(LAUNCH)),
	]
}

fn wrong() -> impl Strategy<Value = Wrong> {
	prop_oneof![
		Just(Wrong::RepeatedCall),
		Just(Wrong::SettledCall),
		Just(Wrong::Price),
		Just(Wrong::Time),
		Just(Wrong::Sum),
	]
}

fn operation() -> impl Strategy<Value = Operation> {
	use Operation::*;
	let user = || 0..USERS.len();
	let relay = || 0..2u32;
	let ids = || vec(0..5u32, 0..5);
	let units = || prop_oneof![0..3_000u32, 0..10_000_000u32];
	let calls = || vec(of((units(), payment())), 3);
	let wait = prop_oneof![4 => 0..2 * WINDOW, 1 => 0..2 * DAY];
	prop_oneof![
		12 => (user(), relay(), act()).prop_map(|(who, relay, act)| Own(who, relay, act)),
		12 => (relay(), calls(), weighted(0.4, wrong()))
			.prop_map(|(relay, calls, wrong)| Post(relay, calls, wrong)),
		2 => (user(), relay(), amount())
			.prop_map(|(who, relay, most)| Sponsor(who, relay, most)),
		1 => (user(), relay()).prop_map(|(who, relay)| EndSponsorship(who, relay)),
		1 => (user(), relay()).prop_map(|(who, relay)| ReturnToSponsor(who, relay)),
		1 => relay().prop_map(PostForged),
		6 => (user(), any::<Index>(), wrong())
			.prop_map(|(who, which, wrong)| Challenge(who, which, wrong)),
		2 => (user(), relay(), of(0..3u32), any::<bool>())
			.prop_map(|(who, relay, attestor, is_true)| Report(who, relay, attestor, is_true)),
		3 => relay().prop_map(Readmit),
		2 => Just(RestoreQuorum),
		1 => user().prop_map(RegisterRelay),
		1 => (0..3u32, any::<bool>()).prop_map(|(relay, active)| SetStatus(relay, active)),
		1 => (user(), 0..3u32).prop_map(|(who, relay)| Retire(who, relay)),
		1 => (user(), 3..6u8).prop_map(|(who, key)| RegisterAttestor(who, key)),
		1 => (ids(), 0..4u32).prop_map(|(ids, threshold)| SetQuorum(ids, threshold)),
		1 => (user(), 0..5u32).prop_map(|(who, id)| RetireAttestor(who, id)),
		1 => user().prop_map(Claim),
		3 => wait.prop_map(Wait),
		1 => Just(Wait(UNBONDING)),
		4 => (0..2_000_000_000u64).prop_map(Block),
		1 => of(user()).prop_map(FailFor),
	]
}

fn do_act(who: AccountId, relay: RelayId, act: Act) -> DispatchResult {
	let who = signed(who);
	match act {
		Act::TopUp(amount) => Compute::top_up(who, relay, amount),
		Act::Thaw(amount) => Compute::thaw(who, relay, amount),
		Act::CancelThaw => Compute::cancel_thaw(who, relay),
		Act::Withdraw => Compute::withdraw(who, relay),
		Act::SetDailyLimit(limit) => Compute::set_daily_limit(who, relay, limit),
		Act::RevokeKeys => Compute::revoke_keys(who),
	}
}

/// A call of so many units that is paid so.
fn paid(who: AccountId, (units, payment): (u32, Payment)) -> Leaf<AccountId> {
	match payment {
		Payment::Purse | Payment::Perk => Leaf { payment, ..call(who, units) },
		Payment::Quota(_) => scarce_call(who, units),
	}
}

fn post_forged(relay: RelayId) -> DispatchResult {
	let batch = || batch_of(relay, vec![line(ALICE, CRED)]);
	assert!(sign_by(batch(), &relay_key(relay), &[0, 9]).post().is_err());
	let mut changed = sign_by(batch(), &relay_key(relay), &signers());
	changed.batch.lines[0].total.charge += 1;
	assert!(changed.clone().post().is_err());
	changed.post()
}

fn readmit(relay: RelayId) -> DispatchResult {
	if let Some(info) = Relays::<Test>::get(relay) {
		// Its bond may be complete.
		let _ = Compute::bond_relay(signed(info.operator), relay);
	}
	Compute::set_relay_status(RuntimeOrigin::root(), relay, RelayStatus::Active)
}

fn restore_quorum() -> DispatchResult {
	for id in 0..3 {
		let _ = Compute::bond_attestor(signed(OPERATOR), id);
	}
	Compute::set_quorum(RuntimeOrigin::root(), members(&[0, 1, 2]), 2)
}

fn perform(history: &mut History, operation: Operation) -> DispatchResult {
	use Operation::*;
	let root = RuntimeOrigin::root;
	let user = |index: usize| signed(USERS[index].clone());
	match operation {
		Own(who, relay, act) => do_act(USERS[who].clone(), relay, act),
		Post(relay, calls, wrong) => {
			let made = USERS.into_iter().zip(calls);
			let calls = made.filter_map(|(who, call)| Some(paid(who, call?))).collect();
			history.post(relay, calls, wrong)
		},
		Sponsor(who, relay, most) => {
			let sponsor = &USERS[(who + 1) % USERS.len()];
			Compute::sponsor(sponsor, &USERS[who], relay, most).map(drop)
		},
		EndSponsorship(who, relay) => {
			Compute::end_sponsorship(&USERS[who], relay);
			Ok(())
		},
		ReturnToSponsor(who, relay) => {
			let sponsor = &USERS[(who + 1) % USERS.len()];
			Compute::return_to_sponsor(sponsor, &USERS[who], relay);
			Ok(())
		},
		PostForged(relay) => post_forged(relay),
		Challenge(who, which, wrong) => history.challenge(USERS[who].clone(), &which, wrong),
		Report(who, relay, attestor, is_true) => {
			history.report(USERS[who].clone(), relay, attestor, is_true)
		},
		Readmit(relay) => readmit(relay),
		RestoreQuorum => restore_quorum(),
		RegisterRelay(who) => Compute::register_relay(user(who), pair(101).public()),
		SetStatus(relay, active) => {
			let status = if active { RelayStatus::Active } else { RelayStatus::Suspended };
			Compute::set_relay_status(root(), relay, status)
		},
		Retire(who, relay) => Compute::retire_relay(user(who), relay),
		RegisterAttestor(who, key) => Compute::register_attestor(user(who), pair(key).public()),
		SetQuorum(ids, threshold) => Compute::set_quorum(root(), members(&ids), threshold),
		RetireAttestor(who, id) => Compute::retire_attestor(user(who), id),
		Claim(who) => Compute::claim(user(who), [OPERATOR, REVENUE, RESERVE][who].clone()),
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

/// Two relays, three attestors, all with their bonds, full purses at both relays, and quotas.
fn set_up() -> History {
	give(&OPERATOR, 10 * BOND);
	readmit(0).unwrap();
	restore_quorum().unwrap();
	assert_eq!(admit_relay(), 1);
	for who in USERS {
		for relay in 0..2 {
			Compute::top_up(signed(who.clone()), relay, 100 * CRED).unwrap();
			Launched::claim(&who, relay, 1_000_000);
		}
	}
	Compute::sponsor(&BOB, &ALICE, 0, 100 * CRED).unwrap();
	History::default()
}

fn total() -> Credits {
	let all = [ALICE, BOB, CAROL, OPERATOR, REVENUE, RESERVE, Compute::account_id()];
	all.iter().map(wallet).sum()
}

/// A relay's batch takes nothing from another relay's purse; all else leaves each relay what it may
/// collect.
fn assert_purses_safe(operation: &Operation, before: &ApiAccount, after: &ApiAccount, now: Moment) {
	for purse in &before.purses {
		let payment = if purse.is_sponsored { Payment::Perk } else { Payment::Purse };
		let Some(kept) = after.purse_for(purse.relay, payment) else { continue };
		match operation {
			Operation::Post(relay, ..) if *relay == purse.relay => (),
			Operation::Post(..) => assert_eq!(purse, kept),
			_ => assert_collectable(purse, kept, now),
		}
	}
}

/// What a relay may charge to a purse that stays open, it may charge whatever the owner does: for a
/// whole delay, if it was free or was the limit `now`.
fn assert_collectable(before: &Purse, after: &Purse, now: Moment) {
	for time in [now + 1, now + THAW / 2, now + THAW] {
		let within = |purse: &Purse| purse.free + purse.collectable(time);
		assert!(within(before) <= within(after));
		assert!(before.limit_at(time) <= after.limit_at(time));
	}
}

/// Whatever happened, all that is queued becomes final, and is forgotten.
fn assert_all_ends() {
	FinalisationWeight::set(Weight::MAX);
	finalise();
	check_invariants();
	assert_eq!(Batches::<Test>::iter().count(), 0);
	let mut purses = Accounts::<Test>::iter_values().flat_map(|account| account.purses);
	assert!(purses.all(|purse| purse.pending == 0));
	wait(MAX_CALL_AGE + 1);
	next_block();
	check_invariants();
	assert_eq!((Queue::<Test>::iter().count(), Settled::<Test>::iter().count()), (0, 0));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn every_sequence_keeps_the_invariants(operations in vec(operation(), 1..60)) {
		new_test_ext().execute_with(|| {
			let mut history = set_up();
			let all = total();
			for operation in operations {
				let (now, before) = (Now::get(), USERS.map(Compute::account));
				// As in a block, a call that fails leaves nothing behind.
				let _ = frame_support::storage::with_storage_layer(|| {
					perform(&mut history, operation.clone())
				});
				check_invariants();
				assert_eq!(total(), all, "CRED came or went with {operation:?}");
				let claims = USERS.map(|who| [0, 1].map(|relay| Launched::claimed(&who, relay)));
				let mut claims = claims.into_iter().flatten().flatten();
				assert!(claims.all(|claim| claim.used <= claim.units));
				for (before, after) in before.iter().zip(&USERS.map(Compute::account)) {
					if let (Some(before), Some(after)) = (before, after) {
						assert_purses_safe(&operation, before, after, now);
					}
				}
			}
			assert_all_ends();
		});
	}
}
