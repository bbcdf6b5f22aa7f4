//! Measures what the calls and the steps of settlement weigh.

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::{Authorize, TransactionSource},
	traits::{
		fungibles::{Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use lx_primitives::{
	merkle_sum::Node, traits::Calendar, units::CRED, Batch, Credits, Line, Moment, RelayId,
};
use sp_core::{crypto::KeyTypeId, sr25519, H256};
use sp_runtime::traits::Zero;

use crate::*;

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"lxcp");
const RELAY: RelayId = 1_000_000;

fn fund<T: Config>(who: &T::AccountId, amount: Credits) {
	let asset = T::CredAsset::get();
	let amount = amount.saturating_add(T::Assets::minimum_balance(asset));
	T::Assets::mint_into(asset, who, amount).expect("CRED can be minted");
}

fn new_key() -> sr25519::Public {
	sp_io::crypto::sr25519_generate(KEY_TYPE, None)
}

fn sign(key: &sr25519::Public, hash: &H256) -> sr25519::Signature {
	sp_io::crypto::sr25519_sign(KEY_TYPE, key, hash.as_bytes()).expect("the key is ours")
}

fn user<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	fund::<T>(&who, 1_000 * CRED);
	who
}

/// An account with CRED free and CRED thawing, ready to be withdrawn. It remembers as much as it
/// can: relays that are leaving, [`RELAY`] the last, and former limits.
fn open<T: Config>(who: &T::AccountId) {
	frame_system::Pallet::<T>::inc_sufficients(who);
	fund::<T>(&Pallet::<T>::account_id(), 2 * CRED);
	let until = Moment::MAX;
	let relays = (RELAY..RELAY + MAX_AUTHORISED)
		.rev()
		.map(|relay| Authorisation { relay, until: Some(until) })
		.collect();
	let former = FormerLimit { limit: Credits::MAX, until };
	let account = ApiAccount {
		free: CRED,
		thawing: CRED,
		relays: BoundedVec::truncate_from(relays),
		daily_limit: CRED,
		former_limits: BoundedVec::truncate_from(alloc::vec![former; MAX_FORMER_LIMITS as usize]),
		..Default::default()
	};
	Accounts::<T>::insert(who, account);
}

fn add_relay<T: Config>(id: RelayId, operator: T::AccountId, key: sr25519::Public) {
	let bond = T::RelayBond::get();
	fund::<T>(&Pallet::<T>::account_id(), bond);
	let relay = Relay {
		operator,
		key,
		bond,
		status: RelayStatus::Active,
		next_sequence: 0,
		last_batch: H256::zero(),
		pending_batches: 0,
	};
	Relays::<T>::insert(id, relay);
	NextRelayId::<T>::put(id + 1);
}

fn add_attestors<T: Config>(operator: &T::AccountId, first: AttestorId) -> Members {
	let bond = T::AttestorBond::get();
	let ids = first..first + MAX_QUORUM;
	for id in ids.clone() {
		fund::<T>(&Pallet::<T>::account_id(), bond);
		let operator = operator.clone();
		Attestors::<T>::insert(id, Attestor { operator, key: new_key(), bond, signed_until: 0 });
	}
	NextAttestorId::<T>::put(first + MAX_QUORUM);
	BoundedVec::truncate_from(ids.collect())
}

/// Something is owed to `who`, and the pallet can pay it.
fn owe<T: Config>(who: &T::AccountId) {
	fund::<T>(&Pallet::<T>::account_id(), CRED);
	Owed::<T>::insert(who, CRED);
}

fn lines<T: Config>(count: u32) -> Vec<Line<T::AccountId>> {
	let total = Node { hash: H256::repeat_byte(1), charge: CRED, cost: CRED / 2, calls: 1 };
	let mut lines = (0..count)
		.map(|index| Line { account: account::<T::AccountId>("user", index, 0), total })
		.collect::<Vec<_>>();
	lines.sort_by(|low, high| low.account.cmp(&high.account));
	for line in &lines {
		open::<T>(&line.account);
	}
	lines
}

/// A call of `post_batch` with `l` lines and `s` signatures.
fn batch_call<T: Config>(l: u32, s: u32) -> Call<T> {
	let operator = account("operator", 0, 0);
	let relay_key = new_key();
	add_relay::<T>(RELAY, operator, relay_key);
	let members = add_attestors::<T>(&account("attestor", 0, 0), 0);
	Quorum::<T>::put(AttestorQuorum { members: members.clone(), threshold: s });
	let mut batch = Batch {
		relay: RELAY,
		sequence: 0,
		previous: H256::zero(),
		root: Node::default(),
		lines: BoundedVec::truncate_from(lines::<T>(l)),
	};
	batch.root = batch.computed_root().expect("the sums are small");
	let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
	let hash = batch.hash(&genesis);
	let relay_signature = sign(&relay_key, &hash);
	let signatures = members.into_iter().take(s as usize).map(|id| {
		let attestor = Attestors::<T>::get(id).expect("it was added");
		(id, sign(&attestor.key, &hash))
	});
	let signatures = BoundedVec::truncate_from(signatures.collect());
	Call::post_batch { batch, relay_signature, signatures }
}

/// A queue with one batch that is due, with `l` lines. Their charges are pending.
fn due_batch<T: Config>(l: u32) {
	add_relay::<T>(RELAY, account("operator", 0, 0), Default::default());
	Relays::<T>::mutate_extant(RELAY, |relay| relay.pending_batches = 1);
	let lines = lines::<T>(l);
	for line in &lines {
		Accounts::<T>::mutate_extant(&line.account, |account| {
			account.free = 0;
			account.pending = CRED;
		});
	}
	let charge = CRED * Credits::from(l);
	let posted = PostedBatch {
		hash: H256::zero(),
		root: Node { hash: H256::zero(), charge, cost: charge / 2, calls: l },
		final_at: 0,
		lines: l,
		settled_lines: 0,
	};
	Batches::<T>::insert(RELAY, 0, posted);
	LinePages::<T>::insert((RELAY, 0, 0), BoundedVec::truncate_from(lines));
	let place = QueueTail::<T>::get();
	QueueHead::<T>::put(place);
	Queue::<T>::insert(place, (RELAY, 0));
	QueueTail::<T>::put(place + 1);
}

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn top_up() {
		let who = user::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), CRED);

		assert_eq!(Accounts::<T>::get(who).map(|account| account.free), Some(CRED));
	}

	#[benchmark]
	fn thaw() {
		let who = user::<T>();
		open::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), CRED);

		assert_eq!(Accounts::<T>::get(who).map(|account| account.thawing), Some(2 * CRED));
	}

	#[benchmark]
	fn cancel_thaw() {
		let who = user::<T>();
		open::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert_eq!(Accounts::<T>::get(who).map(|account| account.free), Some(2 * CRED));
	}

	#[benchmark]
	fn withdraw() {
		let who = user::<T>();
		open::<T>(&who);
		Accounts::<T>::mutate_extant(&who, |account| account.free = 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!Accounts::<T>::contains_key(who));
	}

	#[benchmark]
	fn authorise() {
		let who = user::<T>();
		open::<T>(&who);
		let ids = (RELAY..RELAY + MAX_AUTHORISED).collect::<Vec<_>>();
		for id in &ids {
			add_relay::<T>(*id, who.clone(), Default::default());
		}
		let relays: AuthorisedRelays = BoundedVec::truncate_from(ids);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), relays, CRED / 2);

		let account = Accounts::<T>::get(who).expect("it was opened");
		assert_eq!(account.relays.len(), MAX_AUTHORISED as usize);
		assert!(account.relays.iter().all(|held| held.until.is_none()));
	}

	#[benchmark]
	fn revoke_keys() {
		let who = user::<T>();
		open::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert_eq!(Accounts::<T>::get(who).map(|account| account.key_epoch), Some(1));
	}

	#[benchmark]
	fn register_relay() {
		let operator = user::<T>();
		fund::<T>(&operator, T::RelayBond::get());
		let id = NextRelayId::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(operator), sr25519::Public::default());

		assert!(Relays::<T>::contains_key(id));
	}

	#[benchmark]
	fn set_relay_status() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		add_relay::<T>(RELAY, account("operator", 0, 0), Default::default());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, RELAY, RelayStatus::Suspended);

		let status = Relays::<T>::get(RELAY).map(|relay| relay.status);
		assert_eq!(status, Some(RelayStatus::Suspended));
		Ok(())
	}

	#[benchmark]
	fn retire_relay() {
		let operator = user::<T>();
		add_relay::<T>(RELAY, operator.clone(), Default::default());
		owe::<T>(&operator);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator.clone()), RELAY);

		assert!(!Relays::<T>::contains_key(RELAY));
		assert!(!Owed::<T>::contains_key(operator));
	}

	#[benchmark]
	fn register_attestor() {
		let operator = user::<T>();
		fund::<T>(&operator, T::AttestorBond::get());
		let id = NextAttestorId::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(operator), sr25519::Public::default());

		assert!(Attestors::<T>::contains_key(id));
	}

	#[benchmark]
	fn set_quorum() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let operator = account("attestor", 0, 0);
		let leaving = add_attestors::<T>(&operator, 1_000);
		Quorum::<T>::put(AttestorQuorum { members: leaving, threshold: 1 });
		let members = add_attestors::<T>(&operator, 2_000);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, members.clone(), MAX_QUORUM);

		assert_eq!(Quorum::<T>::get(), AttestorQuorum { members, threshold: MAX_QUORUM });
		Ok(())
	}

	#[benchmark]
	fn post_batch(l: Linear<1, 1_000>, s: Linear<1, 16>) {
		let call = batch_call::<T>(l, s);
		let Call::post_batch { batch, relay_signature, signatures } = call else {
			unreachable!("it was just made")
		};

		#[extrinsic_call]
		_(RawOrigin::Authorized, batch, relay_signature, signatures);

		assert_eq!(Batches::<T>::get(RELAY, 0).map(|batch| batch.lines), Some(l));
	}

	#[benchmark]
	fn authorize_post_batch(l: Linear<1, 1_000>, s: Linear<1, 16>) -> Result<(), BenchmarkError> {
		let call = batch_call::<T>(l, s);

		#[block]
		{
			call.authorize(TransactionSource::External).ok_or("the call is authorized")??;
		}

		Ok(())
	}

	#[benchmark]
	fn retire_attestor() {
		let operator = user::<T>();
		let attestors = add_attestors::<T>(&operator, 1_000);
		owe::<T>(&operator);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator), 1_000);

		assert!(!Attestors::<T>::contains_key(attestors[0]));
	}

	#[benchmark]
	fn claim() {
		let who = user::<T>();
		owe::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());

		assert!(!Owed::<T>::contains_key(who));
	}

	#[benchmark]
	fn next_due() {
		due_batch::<T>(1);
		let due;

		#[block]
		{
			due = Pallet::<T>::next_due();
		}

		assert!(due.is_some_and(|due| due.batch.final_at <= T::Calendar::now()));
	}

	#[benchmark]
	fn settle_lines(l: Linear<0, 100>) {
		due_batch::<T>(LINES_PER_PAGE);
		let due = Pallet::<T>::next_due().expect("it was just queued");
		let count;

		#[block]
		{
			count = Pallet::<T>::release_lines(due, l).count();
		}

		assert_eq!(count, l as usize);
	}

	#[benchmark]
	fn finish_batch() {
		due_batch::<T>(LINES_PER_PAGE);
		let due = Pallet::<T>::next_due().expect("it was just queued");
		let payees = [account("operator", 0, 0), T::RevenueAccount::get()];
		payees.iter().for_each(owe::<T>);

		#[block]
		{
			Pallet::<T>::book(due);
		}

		assert!(!Batches::<T>::contains_key(RELAY, 0));
		assert!(payees.iter().all(|who| !Owed::<T>::contains_key(who)));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
