//! What the transaction pool and the block's author are told.

use codec::Encode;
use frame_support::{assert_ok, dispatch::GetDispatchInfo};
use lx_primitives::{call_log::BATCH_LIFETIME, units::CRED};
use sp_runtime::{
	traits::{Applyable, Checkable},
	transaction_validity::{
		InvalidTransaction,
		TransactionSource::{self, External, InBlock, Local},
		TransactionValidityError,
	},
};

use crate::{mock::*, Error, RelayStatus, LOOK_AHEAD};

fn with_account(test: impl FnOnce()) {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		test();
	});
}

fn signed_batch() -> Signed {
	sign(batch(vec![line(ALICE, CRED)]))
}

/// Batch 0 with another sequence, signed.
fn at(sequence: u64) -> Signed {
	let mut batch = batch(vec![line(ALICE, CRED)]);
	batch.header.sequence = sequence;
	sign(batch)
}

fn invalid(reason: InvalidTransaction) -> TransactionValidityError {
	reason.into()
}

/// The batch is refused, from wherever it comes, with the code of `error`, which is also the
/// error of the dispatch.
fn assert_refused(signed: Signed, error: Error<Test>) {
	for source in [External, Local, InBlock] {
		assert_eq!(signed.authorize(source), Err(code(&error)));
	}
	frame_support::assert_noop!(signed.post(), error);
}

/// What the pool answers where the dispatch would fail with `error`.
fn code(error: &Error<Test>) -> TransactionValidityError {
	invalid(InvalidTransaction::Custom(error.encode()[0]))
}

#[test]
fn the_next_batch_is_valid() {
	with_account(|| {
		let valid = signed_batch().authorize(External).unwrap();
		assert_eq!(valid.provides, vec![("lx-batch", (0u32, 0u64)).encode()]);
		assert!(valid.requires.is_empty());
		assert!(valid.propagate);
		assert_ok!(signed_batch().authorize(InBlock));
	});
}

#[test]
fn a_batch_ahead_waits_for_the_one_before_it() {
	with_account(|| {
		let valid = at(3).authorize(External).unwrap();
		assert_eq!(valid.provides, vec![("lx-batch", (0u32, 3u64)).encode()]);
		assert_eq!(valid.requires, vec![("lx-batch", (0u32, 2u64)).encode()]);
		// No block takes it out of turn.
		assert_eq!(at(3).authorize(InBlock), Err(invalid(InvalidTransaction::Future)));
	});
}

#[test]
fn the_pool_does_not_look_ahead_for_ever() {
	with_account(|| {
		assert_ok!(at(LOOK_AHEAD).authorize(External));
		let beyond = at(LOOK_AHEAD + 1).authorize(External);
		assert_eq!(beyond, Err(code(&Error::WrongSequence)));
		assert_eq!(at(u64::MAX).authorize(External), Err(code(&Error::WrongSequence)));
	});
}

#[test]
fn a_replay_is_stale() {
	with_account(|| {
		let signed = signed_batch();
		assert_ok!(signed.clone().post());
		for source in [External, Local, InBlock] {
			assert_eq!(signed.authorize(source), Err(invalid(InvalidTransaction::Stale)));
		}
	});
}

#[test]
fn what_would_fail_is_refused_with_the_code_of_its_error() {
	with_account(|| {
		let by = |ids: &[u32]| sign_by(batch(vec![line(ALICE, CRED)]), &relay_pair(), ids);
		assert_refused(by(&[0]), Error::TooFewSignatures);
		assert_refused(by(&[0, 0]), Error::DuplicateSigner);
		assert_refused(by(&[0, 5]), Error::UnknownAttestor);
		let stranger = sign_by(batch(vec![line(ALICE, CRED)]), &pair(9), &[0, 1]);
		assert_refused(stranger, Error::BadRelaySignature);
		let mut forged = signed_batch();
		forged.signatures[0].1 = Default::default();
		assert_refused(forged, Error::BadSignature);
		assert_refused(sign(batch(vec![])), Error::EmptyBatch);
		assert_refused(sign(batch_of(7, vec![line(ALICE, CRED)])), Error::UnknownRelay);
		let mut previous = batch(vec![line(ALICE, CRED)]);
		previous.header.previous = sp_core::H256::repeat_byte(1);
		assert_refused(sign(previous), Error::WrongPrevious);
		assert_refused(sign(batch(vec![line(ALICE, 11 * CRED)])), Error::Overcharge);
		assert_refused(sign(batch(vec![line(BOB, CRED)])), Error::NoAccount);
		let mut early = batch(vec![line(ALICE, CRED)]);
		early.header.time += 1;
		assert_refused(sign(early), Error::WrongTimes);
		let late = signed_batch();
		wait(BATCH_LIFETIME + 1);
		assert_refused(late, Error::BatchExpired);
		let suspended = RelayStatus::Suspended;
		assert_ok!(Compute::set_relay_status(RuntimeOrigin::root(), 0, suspended));
		assert_refused(signed_batch(), Error::RelayNotActive);
	});
}

#[test]
fn the_pool_too_lets_relays_collect_what_they_served() {
	with_account(|| {
		assert_ok!(Compute::revoke_keys(signed(ALICE)));
		wait(THAW);
		for source in [External, Local, InBlock] {
			assert_ok!(signed_batch().authorize(source));
		}
		wait(1);
		assert_refused(signed_batch(), Error::Overcharge);
		assert_ok!(Compute::cancel_thaw(signed(ALICE), 0));
		assert_ok!(Compute::set_daily_limit(signed(ALICE), 0, 0));
		wait(THAW);
		assert_ok!(signed_batch().authorize(InBlock));
		wait(1);
		assert_refused(signed_batch(), Error::DailyLimitExceeded);
	});
}

#[test]
fn lines_changed_under_good_signatures_are_refused_in_the_pool() {
	with_account(|| {
		// Else anyone could fill blocks with such copies, for nothing.
		let mut copy = signed_batch();
		copy.batch.lines[0].total.charge += 1;
		assert_refused(copy, Error::RootMismatch);
		let mut ahead = at(2);
		ahead.batch.lines[0].total.charge += 1;
		assert_eq!(ahead.authorize(External), Err(code(&Error::RootMismatch)));
	});
}

#[test]
fn every_reason_has_a_code_of_its_own() {
	let codes = [
		Error::<Test>::UnknownRelay,
		Error::RelayNotActive,
		Error::WrongSequence,
		Error::WrongPrevious,
		Error::TooManyPending,
		Error::EmptyBatch,
		Error::TooFewSignatures,
		Error::DuplicateSigner,
		Error::UnknownAttestor,
		Error::BadRelaySignature,
		Error::BadSignature,
		Error::RootMismatch,
		Error::LinesNotSorted,
		Error::EmptyLine,
		Error::CostAboveCharge,
		Error::NoAccount,
		Error::NoPurse,
		Error::Overcharge,
		Error::DailyLimitExceeded,
	]
	.map(|error| error.encode());
	for (index, code) in codes.iter().enumerate() {
		assert_eq!(code, &vec![index as u8]);
	}
	let later = [
		Error::<Test>::WrongTimes,
		Error::BatchExpired,
		Error::CallsTooOld,
		Error::TooManyCalls,
		Error::AttestorSuspended,
	]
	.map(|error| error.encode());
	assert_eq!(later, [32, 33, 34, 35, 36].map(|code: u8| vec![code]));
	let of_quotas =
		[Error::<Test>::NoQuota, Error::QuotaExpired, Error::QuotaExceeded, Error::WrongUnits]
			.map(|error| error.encode());
	assert_eq!(of_quotas, [45, 46, 47, 48].map(|code: u8| vec![code]));
}

/// Sends the batch as a general transaction through the extension.
fn apply(signed: Signed, source: TransactionSource) -> Result<(), TransactionValidityError> {
	let extension = (frame_system::AuthorizeCall::<Test>::new(),);
	let transaction = Extrinsic::new_transaction(RuntimeCall::Compute(signed.call()), extension);
	let info = transaction.get_dispatch_info();
	let length = transaction.encoded_size();
	let checked =
		Checkable::check(transaction, &frame_system::ChainContext::<Test>::default()).unwrap();
	checked.validate::<Test>(source, &info, length)?;
	let result = checked.apply::<Test>(&info, length)?;
	result.map(drop).map_err(|error| panic!("{error:?}"))
}

#[test]
fn a_general_transaction_posts_without_an_account_or_fee() {
	with_account(|| {
		assert_ok!(apply(signed_batch(), External));
		assert_eq!(purse(ALICE).pending, CRED);
		assert_ok!(apply(signed_batch(), Local));
		assert_eq!(purse(ALICE).pending, 2 * CRED);
		let short = sign_by(batch(vec![line(ALICE, CRED)]), &relay_pair(), &[0]);
		assert_eq!(apply(short, External), Err(code(&Error::TooFewSignatures)));
	});
}

#[test]
fn the_check_weighs_with_its_lines_and_signatures() {
	use frame_support::traits::Authorize;
	with_account(|| {
		let one = signed_batch().call();
		let three = sign_by(batch(vec![line(ALICE, CRED), line(BOB, CRED)]), &pair(1), &[0, 1, 2]);
		let heavier = three.call();
		assert!(heavier.weight_of_authorize().all_gte(one.weight_of_authorize()));
		assert!(heavier.weight_of_authorize().ref_time() > one.weight_of_authorize().ref_time());
		assert!(heavier.get_dispatch_info().call_weight.ref_time() > 0);
	});
}
