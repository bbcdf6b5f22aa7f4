use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::USDT;
use sp_runtime::TokenError;

use crate::{mock::*, Error, Event, Queue, Withdrawals};

#[test]
fn a_withdrawal_burns_and_queues() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		take_events();
		assert_ok!(withdraw(USER, 40 * USDT));
		assert_eq!((usdt(USER), issuance(), pending()), (60 * USDT, 60 * USDT, 40 * USDT));
		let queued = Withdrawals::<Test>::get(0).unwrap();
		assert_eq!((queued.who, queued.amount), (USER, 40 * USDT));
		assert_eq!((queued.network, queued.address), (tron(), bytes("TAddress")));
		assert_eq!((queued.refund_at, queued.votes.len()), (START + TIMEOUT, 0));
		assert_eq!(
			take_events(),
			vec![Event::WithdrawalRequested {
				id: 0,
				who: USER,
				amount: 40 * USDT,
				network: tron(),
				address: bytes("TAddress"),
				refund_at: START + TIMEOUT,
			}]
		);
		assert_ok!(withdraw(USER, 10 * USDT));
		let queue = Queue::<Test>::get();
		assert_eq!((queue.head, queue.next, queue.open, queue.amount), (0, 2, 2, 50 * USDT));
	});
}

#[test]
fn the_minimum_is_respected() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		for amount in [0, MIN_WITHDRAWAL - 1] {
			assert_noop!(withdraw(USER, amount), Error::<Test>::WithdrawalTooSmall);
		}
		assert_ok!(withdraw(USER, MIN_WITHDRAWAL));
	});
}

#[test]
fn dust_is_withdrawn_too() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 100 * USDT - MIN_BALANCE + 1));
		assert_eq!((usdt(USER), issuance(), pending()), (0, 0, 100 * USDT));
		assert_eq!(Withdrawals::<Test>::get(0).unwrap().amount, 100 * USDT);
		pass(TIMEOUT);
		assert_eq!(usdt(USER), 100 * USDT);
	});
}

#[test]
fn the_smallest_balance_may_stay() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 100 * USDT - MIN_BALANCE));
		assert_eq!((usdt(USER), pending()), (MIN_BALANCE, 100 * USDT - MIN_BALANCE));
	});
}

#[test]
fn more_than_owned_cannot_be_withdrawn() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_noop!(withdraw(USER, 100 * USDT + 1), TokenError::FundsUnavailable);
		assert_noop!(withdraw(OTHER, 100 * USDT), TokenError::FundsUnavailable);
	});
}

#[test]
fn destinations_must_be_readable() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		let withdraw = |network: &str, address: &str| {
			let origin = RuntimeOrigin::signed(USER);
			Custody::request_withdrawal(origin, 10 * USDT, bytes(network), bytes(address))
		};
		for network in ["", "Tron", "tr on"] {
			assert_noop!(withdraw(network, "T1"), Error::<Test>::InvalidNetwork);
		}
		for address in ["", "T 1", "T1\0", "\u{e4}"] {
			assert_noop!(withdraw("tron", address), Error::<Test>::InvalidAddress);
		}
	});
}

#[test]
fn the_queue_is_bounded_and_a_payout_makes_room() {
	with_reserves(|| {
		deposit("aa", USER, 1_000 * USDT);
		for _ in 0..MAX_WITHDRAWALS {
			assert_ok!(withdraw(USER, MIN_WITHDRAWAL));
		}
		assert_noop!(withdraw(USER, MIN_WITHDRAWAL), Error::<Test>::TooManyWithdrawals);
		assert_ok!(payout(ANN, 3, "out"));
		assert_ok!(payout(BEN, 3, "out"));
		assert_ok!(withdraw(USER, MIN_WITHDRAWAL));
	});
}

#[test]
fn withdrawing_needs_no_reserves_and_no_cap() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(Custody::set_daily_cap(RuntimeOrigin::root(), 0));
		report_all(0);
		assert_ok!(withdraw(USER, 10 * USDT));
		pass(LIFETIME + 1);
		assert_ok!(withdraw(USER, 10 * USDT));
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(payout(BEN, 0, "out"));
		assert_eq!(pending(), 10 * USDT);
	});
}
