//! Calls that are served against quotas: posted, refused, settled.

use codec::Encode;
use frame_support::{assert_noop, assert_ok, dispatch::GetDispatchInfo, traits::Authorize};
use lx_primitives::{
	traits::{Quotas, Sponsorship},
	units::CRED,
	Batch, Credits, Leaf, Line, Payment, Units,
};
use sp_runtime::transaction_validity::{
	InvalidTransaction,
	TransactionSource::{External, InBlock, Local},
};

use crate::{mock::*, ApiAccount, Error, Fraud};

/// Alice and Bob have 10 CRED each to spend at relay 0, and Alice has claimed 200,000 units there.
fn with_quota(test: impl FnOnce()) {
	build_and_execute(|| {
		open(ALICE, 10 * CRED);
		open(BOB, 10 * CRED);
		Launched::claim(&ALICE, 0, 200_000);
		test();
	});
}

fn used(who: AccountId) -> Units {
	Launched::claimed(&who, 0).unwrap().used
}

/// The pool, the block's author and the dispatch all refuse the batch for this reason.
fn assert_refused(batch: Batch<AccountId>, error: Error<Test>) {
	let signed = sign(batch);
	let code = InvalidTransaction::Custom(error.encode()[0]);
	for source in [External, Local, InBlock] {
		assert_eq!(signed.authorize(source), Err(code.into()));
	}
	assert_noop!(signed.post(), error);
}

fn assert_calls_refused(calls: Vec<Leaf<AccountId>>, error: Error<Test>) {
	assert_refused(batch(Log::new(calls).lines()), error);
}

#[test]
fn a_batch_uses_quotas_and_charges_their_calls() {
	with_quota(|| {
		let (scarce, plain) = (|units| scarce_call(ALICE, units), |units| call(ALICE, units));
		let log = Log::new(vec![scarce(300), plain(100), scarce(200), call(BOB, 100)]);
		let lines = log.lines();
		let sums: Vec<_> = lines.iter().map(|line| (line.payment, line.total.units)).collect();
		let (own, quota) = (Payment::Purse, Payment::Quota(LAUNCH));
		assert_eq!(sums, [(own, 0), (quota, 500), (own, 0)]);
		assert_ok!(sign(batch(lines.clone())).authorize(InBlock));
		assert_ok!(post(lines));
		assert_eq!(used(ALICE), 500);
		// 500 at 50, and 100 at 10.
		assert_eq!((purse(ALICE).pending, purse(BOB).pending), (26_000, 1_000));
		finalise();
		assert_eq!((used(ALICE), purse(ALICE).pending), (500, 0));
		assert_eq!((Ledger::settled(&ALICE), Ledger::settled(&BOB)), (26_000, 1_000));
		assert_eq!(Ledger::revenue(), (27_000, 500 * 30 + 200 * 6));
	});
}

#[test]
fn no_more_of_a_quota_is_used_than_is_left() {
	with_quota(|| {
		// Her purse has more than the whole quota costs, or that would be what is exceeded.
		open(ALICE, CRED);
		assert_calls_refused(vec![scarce_call(ALICE, 200_001)], Error::QuotaExceeded);
		let halves = vec![scarce_call(ALICE, 100_000), scarce_call(ALICE, 100_001)];
		assert_calls_refused(halves, Error::QuotaExceeded);
		Log::new(vec![scarce_call(ALICE, 150_000)]).post();
		assert_calls_refused(vec![scarce_call(ALICE, 50_001)], Error::QuotaExceeded);
		Log::new(vec![scarce_call(ALICE, 50_000)]).post();
		assert_calls_refused(vec![scarce_call(ALICE, 1)], Error::QuotaExceeded);
		assert_eq!(used(ALICE), 200_000);
	});
}

#[test]
fn nobody_uses_the_quota_of_another() {
	with_quota(|| {
		assert_calls_refused(vec![scarce_call(BOB, 1)], Error::NoQuota);
		// One line that is wrong keeps the others from being charged.
		let both = vec![scarce_call(ALICE, 1), scarce_call(BOB, 1)];
		assert_calls_refused(both, Error::NoQuota);
		let other = Leaf { payment: Payment::Quota(LAUNCH + 1), ..scarce_call(ALICE, 1) };
		assert_calls_refused(vec![other], Error::NoQuota);
		assert_eq!((used(ALICE), purse(ALICE).pending), (0, 0));
	});
}

/// The next batch of relay 1, with such a call of Alice's.
fn elsewhere(units: u32) -> Signed {
	let lines = Log::new(vec![scarce_call(ALICE, units)]).lines();
	sign_by(batch_of(1, lines), &pair(101), &[0, 1])
}

#[test]
fn no_relay_uses_what_was_claimed_at_another() {
	with_quota(|| {
		assert_eq!(admit_relay(), 1);
		assert_ok!(Compute::top_up(signed(ALICE), 1, CRED));
		let refused = InvalidTransaction::Custom(Error::<Test>::NoQuota.encode()[0]);
		assert_eq!(elsewhere(1).authorize(InBlock), Err(refused.into()));
		assert_noop!(elsewhere(1).post(), Error::<Test>::NoQuota);
		Launched::claim(&ALICE, 1, 500);
		assert_noop!(elsewhere(501).post(), Error::<Test>::QuotaExceeded);
		// Each uses its own up, before the other's batch is final.
		assert_ok!(elsewhere(500).post());
		Log::new(vec![scarce_call(ALICE, 200_000)]).post();
		assert_eq!((used(ALICE), Launched::claimed(&ALICE, 1).unwrap().left()), (200_000, 0));
	});
}

#[test]
fn a_reversal_gives_a_quota_back_at_its_relay() {
	with_quota(|| {
		assert_eq!(admit_relay(), 1);
		assert_ok!(Compute::top_up(signed(ALICE), 1, CRED));
		Launched::claim(&ALICE, 1, 500);
		Log::new(vec![scarce_call(ALICE, 300)]).post();
		let wrong = Log::new(vec![Leaf { cost: 0, ..scarce_call(ALICE, 400) }]);
		let posted = sign_by(batch_of(1, wrong.lines()), &pair(101), &[0, 1]);
		assert_ok!(posted.post());
		assert_eq!(Launched::claimed(&ALICE, 1).unwrap().used, 400);
		let fraud = Fraud::WrongPrice(wrong.call(0, 0));
		assert_ok!(Compute::challenge(signed(BOB), 1, 0, fraud));
		assert_eq!((used(ALICE), Launched::claimed(&ALICE, 1).unwrap().used), (300, 0));
	});
}

#[test]
fn a_quota_is_used_until_it_expires() {
	with_quota(|| {
		QuotaExpiry::set(START);
		Log::new(vec![scarce_call(ALICE, 1)]).post();
		wait(1);
		assert_calls_refused(vec![scarce_call(ALICE, 1)], Error::QuotaExpired);
		Log::new(vec![call(ALICE, 1)]).post();
		assert_eq!(used(ALICE), 1);
	});
}

#[test]
fn all_lines_of_an_account_count_against_its_purse() {
	with_quota(|| {
		// 6 and 5 CRED, of 10.
		let calls = || vec![call(ALICE, 600_000), scarce_call(ALICE, 100_000)];
		assert_calls_refused(calls(), Error::Overcharge);
		open(ALICE, CRED);
		Compute::set_daily_limit(signed(ALICE), 0, 11 * CRED - 1).unwrap();
		wait(THAW + 1);
		assert_calls_refused(calls(), Error::DailyLimitExceeded);
		Compute::set_daily_limit(signed(ALICE), 0, 11 * CRED).unwrap();
		Log::new(calls()).post();
		assert_eq!((purse(ALICE).free, purse(ALICE).pending), (0, 11 * CRED));
		assert_eq!(purse(ALICE).spent_today, 11 * CRED);
	});
}

/// µCRED that wait in Alice's own purse, and in the one that Bob has filled.
fn alices_pending() -> [Credits; 2] {
	[Payment::Purse, Payment::Perk]
		.map(|payment| account(ALICE).purse_for(0, payment).unwrap().pending)
}

#[test]
fn an_account_pays_in_all_ways_at_once() {
	with_quota(|| {
		assert_ok!(Compute::sponsor(&BOB, &ALICE, 0, CRED));
		let free = Leaf { payment: Payment::Perk, ..call(ALICE, 100) };
		let log = Log::new(vec![scarce_call(ALICE, 300), free, call(ALICE, 200)]);
		let payments = [Payment::Purse, Payment::Perk, Payment::Quota(LAUNCH)];
		assert_eq!(log.lines().iter().map(|line| line.payment).collect::<Vec<_>>(), payments);
		log.post();
		// 200 at 10 and 300 at 50 are her own, and 100 at 10 Bob's.
		assert_eq!((alices_pending(), used(ALICE)), ([17_000, 1_000], 300));
		check_invariants();
		finalise();
		assert_eq!((alices_pending(), used(ALICE)), ([0, 0], 300));
		assert_eq!(Ledger::settled(&ALICE), 17_000, "what Bob pays rewards nobody");
		assert_eq!(Ledger::revenue().0, 18_000);
	});
}

#[test]
fn a_reversal_gives_back_what_was_paid_in_each_way() {
	with_quota(|| {
		assert_ok!(Compute::sponsor(&BOB, &ALICE, 0, CRED));
		let before = account(ALICE);
		let free = Leaf { payment: Payment::Perk, ..call(ALICE, 100) };
		let dear = Leaf { charge: CRED, ..call(ALICE, 200) };
		let log = Log::new(vec![scarce_call(ALICE, 300), free, dear]);
		log.post();
		assert_eq!((alices_pending(), used(ALICE)), ([CRED + 15_000, 1_000], 300));
		assert_ok!(Compute::challenge(signed(CAROL), 0, 0, Fraud::WrongPrice(log.call(0, 0))));
		assert_eq!((alices_pending(), used(ALICE)), ([0, 0], 0));
		let free = |account: ApiAccount| account.purses.into_iter().map(|purse| purse.free);
		assert!(free(before).eq(free(account(ALICE))), "each purse has back what it paid");
	});
}

#[test]
fn a_line_names_a_quota_if_it_uses_one() {
	with_quota(|| {
		let changed = |units: u32, change: fn(&mut Line<AccountId>)| {
			let call = if units > 0 { scarce_call(ALICE, units) } else { call(ALICE, 1) };
			let mut lines = Log::new(vec![call]).lines();
			change(&mut lines[0]);
			batch(lines)
		};
		assert_refused(changed(5, |line| line.payment = Payment::Purse), Error::WrongUnits);
		assert_refused(changed(5, |line| line.total.units = 0), Error::WrongUnits);
		assert_refused(changed(5, |line| line.payment = Payment::Perk), Error::WrongUnits);
		assert_refused(changed(0, |line| line.payment = Payment::Quota(LAUNCH)), Error::WrongUnits);
		assert_refused(changed(0, |line| line.total.units = 1), Error::WrongUnits);
	});
}

#[test]
fn each_quota_has_one_line_in_order() {
	with_quota(|| {
		let line = |calls| Log::new(calls).lines().remove(0);
		let (plain, scarce) = (line(vec![call(ALICE, 1)]), line(vec![scarce_call(ALICE, 1)]));
		let of = |lines: [&Line<AccountId>; 2]| {
			let mut batch = batch(lines.map(Clone::clone).to_vec());
			batch.lines = lines.map(Clone::clone).to_vec().try_into().unwrap();
			seal(batch)
		};
		assert_refused(of([&scarce, &plain]), Error::LinesNotSorted);
		assert_refused(of([&scarce, &scarce]), Error::LinesNotSorted);
		assert_refused(of([&plain, &plain]), Error::LinesNotSorted);
		assert_ok!(sign(of([&plain, &scarce])).post());
	});
}

#[test]
fn a_quota_weighs_what_its_service_says() {
	with_quota(|| {
		let weights = |calls| {
			let call = sign(batch(Log::new(calls).lines())).call();
			[call.get_dispatch_info().call_weight, call.weight_of_authorize()]
		};
		let plain = weights(vec![call(ALICE, 1), call(BOB, 1)]);
		let scarce = weights(vec![scarce_call(ALICE, 1), call(BOB, 1)]);
		let more = <Launched as Quotas<AccountId>>::redeem_weight();
		assert_eq!(scarce, plain.map(|weight| weight + more));
	});
}
