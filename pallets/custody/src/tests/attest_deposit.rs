use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::USDT;
use sp_runtime::TokenError;

use crate::{mock::*, types::Claim, Claims, Credited, Error, Event, Ledger};

fn claims_of(seat: u32) -> usize {
	Claims::<Test>::get(seat).len()
}

#[test]
fn a_quorum_mints_once() {
	with_reserves(|| {
		assert_ok!(attest(ANN, "aa", USER, 250 * USDT));
		assert_eq!((usdt(USER), claims_of(0)), (0, 1));
		assert_ok!(attest(BEN, "aa", USER, 250 * USDT));
		assert_eq!(usdt(USER), 250 * USDT);
		assert_eq!(issuance(), 250 * USDT);
		assert_eq!((claims_of(0), claims_of(1)), (0, 0));
		assert!(Credited::<Test>::contains_key((tron(), bytes("aa"))));
		assert_eq!(Ledger::<Test>::get().deposited, 250 * USDT);

		let claim =
			Claim { network: tron(), reference: bytes("aa"), account: USER, amount: 250 * USDT };
		assert_eq!(
			take_events(),
			vec![
				Event::DepositAttested { custodian: ANN, claim: claim.clone() },
				Event::DepositAttested { custodian: BEN, claim },
				Event::DepositCredited {
					who: USER,
					amount: 250 * USDT,
					network: tron(),
					reference: bytes("aa"),
				},
			]
		);

		for custodian in [ANN, BEN, CAT] {
			for amount in [250 * USDT, USDT] {
				assert_noop!(
					attest(custodian.clone(), "aa", USER, amount),
					Error::<Test>::AlreadyCredited
				);
			}
		}
	});
}

#[test]
fn one_custodian_is_no_quorum_however_often_it_attests() {
	with_reserves(|| {
		assert_ok!(attest(CAT, "aa", CAT, USDT));
		assert_noop!(attest(CAT, "aa", CAT, USDT), Error::<Test>::AlreadyAttested);
		assert_ok!(attest(CAT, "aa", CAT, 2 * USDT));
		assert_ok!(attest(CAT, "aa", CAT, USDT));
		assert_eq!(issuance(), 0);
	});
}

#[test]
fn only_custodians_attest() {
	with_reserves(|| {
		assert_noop!(attest(DAN, "aa", USER, USDT), Error::<Test>::NotCustodian);
	});
}

#[test]
fn claims_that_differ_do_not_add_up() {
	with_reserves(|| {
		assert_ok!(attest(ANN, "aa", USER, 5 * USDT));
		assert_ok!(attest(BEN, "aa", USER, 6 * USDT));
		assert_ok!(attest(CAT, "aa", OTHER, 5 * USDT));
		assert_eq!(issuance(), 0);
		// Ben corrects himself; what Cat says is forgotten with the rest.
		assert_ok!(attest(BEN, "aa", USER, 5 * USDT));
		assert_eq!((usdt(USER), usdt(OTHER)), (5 * USDT, 0));
		assert_eq!([0, 1, 2].map(claims_of), [0, 0, 0]);
	});
}

#[test]
fn a_corrupt_custodian_cannot_take_a_reference_first() {
	with_reserves(|| {
		assert_ok!(attest(CAT, "aa", CAT, 5 * USDT));
		assert_ok!(attest(CAT, "ab", CAT, 5 * USDT));
		deposit("aa", USER, 5 * USDT);
		assert_eq!((usdt(USER), usdt(CAT)), (5 * USDT, 0));
		assert_eq!(claims_of(2), 1);
	});
}

#[test]
fn a_reference_belongs_to_its_network() {
	with_reserves(|| {
		deposit("aa", USER, USDT);
		for custodian in [ANN, BEN] {
			assert_ok!(Custody::attest_deposit(
				RuntimeOrigin::signed(custodian),
				bytes("ethereum"),
				bytes("aa"),
				USER,
				USDT
			));
		}
		assert_eq!(usdt(USER), 2 * USDT);
	});
}

#[test]
fn names_that_do_not_show_what_they_are_are_refused() {
	with_reserves(|| {
		let attest = |network: &str, reference: &str| {
			Custody::attest_deposit(
				RuntimeOrigin::signed(ANN),
				bytes(network),
				bytes(reference),
				USER,
				USDT,
			)
		};
		for network in ["", "Tron", "tron ", "tron\0", "tr_on", "trön"] {
			assert_noop!(attest(network, "aa"), Error::<Test>::InvalidNetwork);
		}
		for reference in ["", "aa ", " aa", "aa\0", "a\na", "\u{e4}"] {
			assert_noop!(attest("tron", reference), Error::<Test>::InvalidReference);
		}
		assert_ok!(attest("0123456789abcdef", &"~".repeat(96)));
		assert_ok!(attest("a-1", "!"));
	});
}

#[test]
fn a_deposit_that_no_account_could_hold_is_refused_at_once() {
	with_reserves(|| {
		for amount in [0, MIN_BALANCE - 1] {
			assert_noop!(attest(ANN, "aa", USER, amount), Error::<Test>::DepositTooSmall);
		}
		deposit("aa", USER, MIN_BALANCE);
		assert_eq!(usdt(USER), MIN_BALANCE);
	});
}

#[test]
fn the_daily_cap_bounds_a_day_and_the_next_day_starts_from_nothing() {
	with_reserves(|| {
		deposit("aa", USER, DAILY_CAP - USDT);
		assert_ok!(attest(ANN, "ab", USER, USDT + 1));
		assert_noop!(attest(BEN, "ab", USER, USDT + 1), Error::<Test>::DailyCapExceeded);
		assert_eq!(claims_of(1), 0);
		deposit("ac", USER, USDT);
		assert_eq!(usdt(USER), DAILY_CAP);
		assert_ok!(attest(ANN, "ad", USER, MIN_BALANCE));
		assert_noop!(attest(BEN, "ad", USER, MIN_BALANCE), Error::<Test>::DailyCapExceeded);

		// The last moment of the day, then midnight.
		pass(DAY / 2 - 1);
		assert_noop!(attest(BEN, "ab", USER, USDT + 1), Error::<Test>::DailyCapExceeded);
		pass(1);
		assert_ok!(attest(BEN, "ab", USER, USDT + 1));
		assert_ok!(attest(BEN, "ad", USER, MIN_BALANCE));
		assert_eq!(Custody::left_today(), DAILY_CAP - USDT - 1 - MIN_BALANCE);
		// More than a day's cap never fits.
		assert_ok!(attest(ANN, "ae", USER, DAILY_CAP + 1));
		pass(DAY);
		assert_ok!(report(ANN, 1_000_000 * USDT));
		assert_ok!(report(BEN, 1_000_000 * USDT));
		assert_noop!(attest(BEN, "ae", USER, DAILY_CAP + 1), Error::<Test>::DailyCapExceeded);
	});
}

#[test]
fn reserves_must_cover_what_exists_and_what_is_pending() {
	build_and_execute(|| {
		assert_ok!(attest(ANN, "aa", USER, 100 * USDT));
		assert_noop!(attest(BEN, "aa", USER, 100 * USDT), Error::<Test>::ReservesStale);
		report_all(100 * USDT - 1);
		assert_noop!(attest(BEN, "aa", USER, 100 * USDT), Error::<Test>::ReservesShort);
		report_all(100 * USDT);
		assert_ok!(attest(BEN, "aa", USER, 100 * USDT));

		// What is pending still belongs to the user.
		assert_ok!(withdraw(USER, 60 * USDT));
		assert_ok!(attest(ANN, "ab", USER, USDT));
		assert_noop!(attest(BEN, "ab", USER, USDT), Error::<Test>::ReservesShort);
		report_all(101 * USDT);
		assert_ok!(attest(BEN, "ab", USER, USDT));
		assert_eq!((issuance(), pending()), (41 * USDT, 60 * USDT));
	});
}

#[test]
fn a_report_counts_for_its_lifetime_and_not_longer() {
	with_reserves(|| {
		assert_ok!(attest(ANN, "aa", USER, USDT));
		pass(LIFETIME + 1);
		assert_noop!(attest(BEN, "aa", USER, USDT), Error::<Test>::ReservesStale);
		Now::mutate(|now| *now -= 1);
		assert_ok!(attest(BEN, "aa", USER, USDT));
	});
}

#[test]
fn a_custodian_fills_only_its_own_places() {
	with_reserves(|| {
		assert_ok!(attest(ANN, "real", USER, USDT));
		for index in 0..MAX_CLAIMS {
			assert_ok!(attest(CAT, &format!("fake-{index}"), CAT, USDT));
		}
		take_events();
		assert_ok!(attest(CAT, "fake-9", CAT, USDT));
		let displaced = take_events().into_iter().find_map(|event| match event {
			Event::ClaimDisplaced { custodian, claim } => Some((custodian, claim.reference)),
			_ => None,
		});
		assert_eq!(displaced, Some((CAT, bytes("fake-0"))));
		assert_eq!([0, 1, 2].map(claims_of), [1, 0, MAX_CLAIMS as usize]);

		// A correction takes no place.
		assert_ok!(attest(CAT, "fake-1", CAT, 2 * USDT));
		assert_eq!(claims_of(2), MAX_CLAIMS as usize);
		// Full places do not keep the corrupt custodian from completing, nor others from anything.
		assert_ok!(attest(CAT, "real", USER, USDT));
		assert_eq!(usdt(USER), USDT);
	});
}

#[test]
fn an_account_that_cannot_receive_waits() {
	with_reserves(|| {
		deposit("aa", USER, USDT);
		block(&USER);
		assert_ok!(attest(ANN, "ab", USER, USDT));
		assert_noop!(attest(BEN, "ab", USER, USDT), TokenError::Blocked);
		unblock(&USER);
		assert_ok!(attest(BEN, "ab", USER, USDT));
		assert_eq!(usdt(USER), 2 * USDT);
	});
}

#[test]
fn a_raised_threshold_needs_more_claims() {
	with_reserves(|| {
		assert_ok!(attest(ANN, "aa", USER, USDT));
		assert_ok!(appoint(&[ANN, BEN, CAT], 3));
		assert_ok!(attest(BEN, "aa", USER, USDT));
		assert_eq!(usdt(USER), 0);
		assert_ok!(attest(CAT, "aa", USER, USDT));
		assert_eq!(usdt(USER), USDT);
	});
}

#[test]
fn standing_claims_reach_a_lowered_threshold_when_one_is_repeated() {
	with_reserves(|| {
		assert_ok!(appoint(&[ANN, BEN, CAT], 3));
		assert_ok!(attest(ANN, "aa", USER, USDT));
		assert_ok!(attest(BEN, "aa", USER, USDT));
		assert_noop!(attest(BEN, "aa", USER, USDT), Error::<Test>::AlreadyAttested);
		assert_ok!(appoint(&[ANN, BEN, CAT], 2));
		assert_eq!(usdt(USER), 0);
		assert_ok!(attest(BEN, "aa", USER, USDT));
		assert_eq!(usdt(USER), USDT);
	});
}

#[test]
fn claims_of_a_removed_custodian_never_count_again() {
	with_reserves(|| {
		assert_ok!(attest(ANN, "aa", USER, USDT));
		assert_ok!(appoint(&[BEN, CAT, DAN], 2));
		assert_ok!(attest(BEN, "aa", USER, USDT));
		assert_eq!(usdt(USER), 0);
		// Not even when it is appointed again.
		assert_ok!(appoint(&[ANN, BEN, CAT], 2));
		assert_noop!(attest(BEN, "aa", USER, USDT), Error::<Test>::AlreadyAttested);
		assert_ok!(attest(ANN, "aa", USER, USDT));
		assert_eq!(usdt(USER), USDT);
	});
}
