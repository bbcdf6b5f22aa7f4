//! Measures what the calls and the steps of settlement weigh.

mod setup;

use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::{Authorize, TransactionSource},
	traits::Get,
};
use frame_system::RawOrigin;
use lx_primitives::{merkle_sum::Node, traits::Sponsorship, units::CRED, Header, Moment};
use sp_core::{sr25519, H256};

use self::setup::*;
use crate::{tick::Next, *};

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn top_up() {
		let who = user::<T>();
		add_relay::<T>(account("operator", 0, 0), Default::default());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), RELAY, CRED);

		assert_eq!(purse::<T>(&who).free, CRED);
	}

	#[benchmark]
	fn thaw() {
		let who = user::<T>();
		open::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), RELAY, CRED);

		assert_eq!(purse::<T>(&who).thawing, 2 * CRED);
	}

	#[benchmark]
	fn cancel_thaw() {
		let who = user::<T>();
		open::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), RELAY);

		assert_eq!(purse::<T>(&who).free, 2 * CRED);
	}

	#[benchmark]
	fn withdraw() {
		let who = user::<T>();
		open::<T>(&who);
		Accounts::<T>::mutate_extant(&who, |account| {
			account.purses.retain(|purse| purse.relay == RELAY);
			account.purses.iter_mut().for_each(|purse| purse.free = 0);
		});

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), RELAY);

		assert!(!Accounts::<T>::contains_key(who));
	}

	#[benchmark]
	fn set_daily_limit() {
		let who = user::<T>();
		open::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), RELAY, CRED / 2);

		assert_eq!(purse::<T>(&who).daily_limit, CRED / 2);
	}

	#[benchmark]
	fn revoke_keys() {
		let who = user::<T>();
		open::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		let account = Accounts::<T>::get(who).expect("it was opened");
		assert_eq!((account.key_epoch, account.purses.len()), (1, MAX_PURSES as usize));
		assert!(account.purses.iter().all(|purse| (purse.free, purse.thawing) == (0, 2 * CRED)));
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
		add_relay::<T>(account("operator", 0, 0), Default::default());

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, RELAY, RelayStatus::Suspended);

		let status = Relays::<T>::get(RELAY).map(|relay| relay.status);
		assert_eq!(status, Some(RelayStatus::Suspended));
		Ok(())
	}

	#[benchmark]
	fn set_payee() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		add_relay::<T>(account("operator", 0, 0), Default::default());
		let payee = user::<T>();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, RELAY, payee.clone());

		assert_eq!(Relays::<T>::get(RELAY).map(|relay| relay.payee), Some(payee));
		Ok(())
	}

	#[benchmark]
	fn retire_relay() {
		let operator = user::<T>();
		add_relay::<T>(operator.clone(), Default::default());
		Relays::<T>::mutate_extant(RELAY, |relay| relay.status = RelayStatus::Retiring);
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

		assert_eq!(Batches::<T>::get(RELAY, SEQUENCE).map(|batch| batch.lines), Some(l));
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
		add_attestors::<T>(&operator, 1_000);
		owe::<T>(&operator);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator.clone()), 1_000);

		assert!(!Attestors::<T>::contains_key(1_000));
		assert!(!Owed::<T>::contains_key(operator));
	}

	#[benchmark]
	fn claim() {
		let who = user::<T>();
		owe::<T>(&who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), who.clone());

		assert!(!Owed::<T>::contains_key(who));
	}

	/// Worst: two calls are proven, with proofs as long as may be, one of them in a final batch.
	#[benchmark]
	fn challenge(l: Linear<1, 1_000>) {
		let challenger = user::<T>();
		fund::<T>(&challenger, T::ChallengeBond::get());
		add_relay::<T>(account("operator", 0, 0), Default::default());
		let mut lines = lines::<T>(l);
		let fraud = settled_before::<T>(&prove_call(&mut lines));
		pending_batch::<T>(&lines, Moment::MAX);
		let payees = owe_payees::<T>(&challenger);

		#[extrinsic_call]
		_(RawOrigin::Signed(challenger), RELAY, SEQUENCE, fraud);

		assert_reversed::<T>(&lines, &payees);
	}

	#[benchmark]
	fn report_equivocation(l: Linear<1, 1_000>) {
		let reporter = user::<T>();
		let key = new_key();
		add_relay::<T>(account("operator", 0, 0), key);
		let lines = lines::<T>(l);
		pending_batch::<T>(&lines, Moment::MAX);
		let payees = owe_payees::<T>(&reporter);
		let signed = |previous| {
			let header =
				Header { relay: RELAY, sequence: SEQUENCE, previous, ..Default::default() };
			let signature = sign(&key, &header.hash(&Pallet::<T>::genesis_hash()));
			SignedHeader { header, signature }
		};
		let (first, second) = (signed(H256::repeat_byte(1)), signed(H256::repeat_byte(2)));

		#[extrinsic_call]
		_(RawOrigin::Signed(reporter), Equivocation { by: Signer::Relay, first, second });

		assert_reversed::<T>(&lines, &payees);
	}

	#[benchmark]
	fn bond_relay() {
		let operator = user::<T>();
		fund::<T>(&operator, T::RelayBond::get());
		add_relay::<T>(operator.clone(), Default::default());
		Relays::<T>::mutate_extant(RELAY, |relay| relay.bond = 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator), RELAY);

		assert_eq!(Relays::<T>::get(RELAY).map(|relay| relay.bond), Some(T::RelayBond::get()));
	}

	#[benchmark]
	fn bond_attestor() {
		let operator = user::<T>();
		fund::<T>(&operator, T::AttestorBond::get());
		add_attestors::<T>(&operator, 1_000);
		Attestors::<T>::mutate_extant(1_000, |attestor| attestor.bond = 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(operator), 1_000);

		let bond = Attestors::<T>::get(1_000).map(|attestor| attestor.bond);
		assert_eq!(bond, Some(T::AttestorBond::get()));
	}

	/// Worst: the account is as large as one can be.
	#[benchmark]
	fn end_sponsorship() {
		let who = account("champion", 0, 0);
		open_sponsored::<T>(&who);

		#[block]
		{
			Pallet::<T>::end_sponsorship(&who, RELAY);
		}

		assert_eq!(sponsored_purse::<T>(&who).thawing, 2 * CRED);
	}

	/// Worst: the account is forgotten with the purse, and more is owed to whoever has filled it.
	#[benchmark]
	fn return_to_sponsor() {
		let (giver, who) = (user::<T>(), account("champion", 0, 0));
		open_sponsored::<T>(&who);
		Accounts::<T>::mutate_extant(&who, |account| {
			account.purses.retain(|purse| purse.is_sponsored);
		});
		owe::<T>(&giver);
		let is_done;

		#[block]
		{
			is_done = Pallet::<T>::return_to_sponsor(&giver, &who, RELAY);
		}

		assert!(is_done && !Accounts::<T>::contains_key(who) && !Owed::<T>::contains_key(giver));
	}

	#[benchmark]
	fn next_due() {
		enqueue::<T>();
		let next;

		#[block]
		{
			next = Pallet::<T>::next_due();
		}

		assert!(matches!(next, Next::Reversed));
		assert_eq!(QueueHead::<T>::get(), QueueTail::<T>::get());
	}

	/// Worst: these are the last lines of their page, which goes with them.
	#[benchmark]
	fn settle_lines(l: Linear<0, 100>) {
		let mut due = due_batch::<T>();
		due.batch.settled_lines = LINES_PER_PAGE - l;
		let count;

		#[block]
		{
			count = Pallet::<T>::release_lines(due, l).count();
		}

		assert_eq!(count, l as usize);
		let settled = Batches::<T>::get(RELAY, SEQUENCE).map(|batch| batch.settled_lines);
		assert_eq!(settled, Some(LINES_PER_PAGE));
	}

	#[benchmark]
	fn finish_batch() {
		let due = due_batch::<T>();
		let payees = [account("operator", 0, 0), T::RevenueAccount::get()];
		payees.iter().for_each(owe::<T>);

		#[block]
		{
			Pallet::<T>::book(due);
		}

		assert!(!Batches::<T>::contains_key(RELAY, SEQUENCE));
		assert!(Settled::<T>::contains_key(RELAY, SEQUENCE));
		assert!(payees.iter().all(|who| !Owed::<T>::contains_key(who)));
	}

	#[benchmark]
	fn forget_batch() {
		enqueue::<T>();
		let front = QueueHead::<T>::get();
		QueueFront::<T>::put(front);
		QueueHead::<T>::put(front + 1);
		remember::<T>(SEQUENCE, Node::default(), 1, 0);
		start_clock();
		let is_forgotten;

		#[block]
		{
			is_forgotten = Pallet::<T>::forget_batch();
		}

		assert!(is_forgotten && !Settled::<T>::contains_key(RELAY, SEQUENCE));
		assert_eq!((Queue::<T>::get(front), QueueFront::<T>::get()), (None, front + 1));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
