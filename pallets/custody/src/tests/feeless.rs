use frame_support::{
	assert_ok,
	dispatch::{CheckIfFeeless, DispatchResult},
	traits::UnfilteredDispatchable,
};
use lx_primitives::{units::USDT, Balance};

use crate::{mock::*, Call};

fn attestation(reference: &str, amount: Balance) -> Call<Test> {
	let (network, reference) = (tron(), bytes(reference));
	Call::attest_deposit { network, reference, account: USER, amount }
}

fn payout_attestation(withdrawal_id: u64, reference: &str) -> Call<Test> {
	Call::attest_payout { withdrawal_id, reference: bytes(reference) }
}

fn is_free(who: AccountId, call: &Call<Test>) -> bool {
	call.is_feeless(&RuntimeOrigin::signed(who))
}

fn dispatch(who: AccountId, call: Call<Test>) -> DispatchResult {
	let result = call.dispatch_bypass_filter(RuntimeOrigin::signed(who));
	result.map(|_| ()).map_err(|error| error.error)
}

#[test]
fn a_deposit_is_attested_for_free() {
	with_reserves(|| {
		let call = attestation("aa", USDT);
		assert!(is_free(ANN, &call));
		assert!(!is_free(DAN, &call));
		assert!(!call.is_feeless(&RuntimeOrigin::none()));
		assert!(!call.is_feeless(&RuntimeOrigin::root()));
		assert_ok!(dispatch(ANN, call.clone()));
		// Saying it again would fail; saying something else can be repeated at will.
		assert!(!is_free(ANN, &call));
		assert!(!is_free(ANN, &attestation("aa", 2 * USDT)));
		// Completing is free.
		assert!(is_free(BEN, &call));
		assert_ok!(dispatch(BEN, call.clone()));
		assert!(!is_free(CAT, &call));
	});
}

#[test]
fn what_would_fail_is_not_free() {
	with_reserves(|| {
		assert!(!is_free(ANN, &attestation("a a", USDT)));
		assert!(!is_free(ANN, &attestation("aa", MIN_BALANCE - 1)));
		assert_ok!(dispatch(ANN, attestation("aa", DAILY_CAP + 1)));
		assert!(!is_free(BEN, &attestation("aa", DAILY_CAP + 1)));
		assert_ok!(dispatch(ANN, attestation("ab", USDT)));
		pass(LIFETIME + 1);
		assert!(!is_free(BEN, &attestation("ab", USDT)));
	});
}

#[test]
fn free_claims_are_as_many_as_the_places() {
	with_reserves(|| {
		for index in 0..MAX_CLAIMS {
			let call = attestation(&format!("fake-{index}"), USDT);
			assert!(is_free(CAT, &call));
			assert_ok!(dispatch(CAT, call));
		}
		let one_more = attestation("fake-more", USDT);
		assert!(!is_free(CAT, &one_more));
		assert_ok!(dispatch(CAT, one_more));
	});
}

#[test]
fn one_report_in_a_block_is_free() {
	build_and_execute(|| {
		let call = Call::<Test>::report_reserves { amount: USDT, paid_out: 0 };
		assert!(is_free(ANN, &call));
		assert!(!is_free(DAN, &call));
		assert!(!call.is_feeless(&RuntimeOrigin::none()));
		assert_ok!(dispatch(ANN, call.clone()));
		assert!(!is_free(ANN, &call));
		assert!(is_free(BEN, &call));
		// The pool asks for the next block, whose time is not known yet.
		System::set_block_number(2);
		assert!(is_free(ANN, &call));
	});
}

#[test]
fn a_report_ahead_of_the_chain_is_not_free() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 40 * USDT));
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(payout(BEN, 0, "out"));
		next_block();
		let report = |paid_out| Call::<Test>::report_reserves { amount: 60 * USDT, paid_out };
		assert!(is_free(ANN, &report(0)));
		assert!(is_free(ANN, &report(40 * USDT)));
		assert!(!is_free(ANN, &report(40 * USDT + 1)));
	});
}

#[test]
fn a_payout_is_attested_for_free() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 50 * USDT));
		let call = payout_attestation(0, "out");
		assert!(is_free(ANN, &call));
		assert!(!is_free(DAN, &call));
		assert!(!is_free(ANN, &payout_attestation(1, "out")));
		assert_ok!(dispatch(ANN, call.clone()));
		assert!(!is_free(ANN, &call));
		assert!(!is_free(ANN, &payout_attestation(0, "other")));
		assert!(is_free(BEN, &call));
		assert_ok!(dispatch(BEN, call.clone()));
		assert!(!is_free(CAT, &call));
	});
}

#[test]
fn everything_else_costs_a_fee() {
	with_reserves(|| {
		deposit("aa", ANN, 100 * USDT);
		let (network, address) = (tron(), bytes("T1"));
		let withdrawal = Call::<Test>::request_withdrawal { amount: 10 * USDT, network, address };
		assert!(!is_free(ANN, &withdrawal));
		assert!(!is_free(ANN, &Call::<Test>::set_daily_cap { cap: 0 }));
	});
}
