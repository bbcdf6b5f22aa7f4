use frame_support::{assert_ok, traits::OnInitialize};
use lx_primitives::units::USDT;
use sp_runtime::TokenError;

use crate::{mock::*, Event, Queue, WeightInfo, Withdrawals};

fn refunded() -> Vec<u64> {
	let of = |event| match event {
		Event::WithdrawalRefunded { id, .. } => Some(id),
		_ => None,
	};
	take_events().into_iter().filter_map(of).collect()
}

#[test]
fn the_refund_comes_at_the_timeout_and_not_before() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 100 * USDT));
		pass(TIMEOUT - 1);
		assert_eq!((usdt(USER), pending()), (0, 100 * USDT));
		take_events();
		pass(1);
		assert_eq!((usdt(USER), pending()), (100 * USDT, 0));
		assert_eq!(
			take_events(),
			vec![Event::WithdrawalRefunded { id: 0, who: USER, amount: 100 * USDT }]
		);
		assert!(!Withdrawals::<Test>::contains_key(0));
		pass(TIMEOUT);
		assert_eq!(usdt(USER), 100 * USDT);
	});
}

#[test]
fn votes_below_the_threshold_delay_nothing() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 100 * USDT));
		assert_ok!(payout(CAT, 0, "fake"));
		pass(TIMEOUT);
		assert_eq!(usdt(USER), 100 * USDT);
	});
}

#[test]
fn cap_and_reserves_have_no_say() {
	with_reserves(|| {
		deposit("aa", USER, DAILY_CAP);
		assert_ok!(withdraw(USER, DAILY_CAP));
		assert_ok!(Custody::set_daily_cap(RuntimeOrigin::root(), 0));
		report_all(0);
		pass(TIMEOUT);
		assert_eq!(usdt(USER), DAILY_CAP);
		assert_eq!(Custody::left_today(), 0);
	});
}

#[test]
fn a_refund_takes_nothing_from_the_days_cap() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 100 * USDT));
		pass(TIMEOUT);
		assert_eq!(Custody::left_today(), DAILY_CAP);
	});
}

#[test]
fn refunds_are_bounded_in_a_block_and_oldest_first() {
	with_reserves(|| {
		deposit("aa", USER, 1_000 * USDT);
		for _ in 0..5 {
			assert_ok!(withdraw(USER, 10 * USDT));
		}
		take_events();
		pass(TIMEOUT);
		assert_eq!(refunded(), vec![0, 1]);
		next_block();
		assert_eq!(refunded(), vec![2, 3]);
		next_block();
		assert_eq!(refunded(), vec![4]);
		let queue = Queue::<Test>::get();
		assert_eq!((queue.head, queue.next, queue.open, queue.amount), (5, 5, 0, 0));
	});
}

#[test]
fn gaps_of_paid_withdrawals_cost_a_look_each_and_no_refund() {
	with_reserves(|| {
		deposit("aa", USER, 1_000 * USDT);
		for _ in 0..MAX_WITHDRAWALS {
			assert_ok!(withdraw(USER, 10 * USDT));
		}
		for id in 0..6 {
			assert_ok!(payout(ANN, id, &format!("out-{id}")));
			assert_ok!(payout(BEN, id, &format!("out-{id}")));
		}
		take_events();
		pass(TIMEOUT);
		assert_eq!(refunded(), vec![6]);
		next_block();
		assert_eq!(refunded(), vec![7]);
	});
}

#[test]
fn an_account_that_cannot_receive_holds_up_nobody() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		deposit("ab", OTHER, 100 * USDT);
		assert_ok!(withdraw(USER, 50 * USDT));
		assert_ok!(withdraw(OTHER, 50 * USDT));
		assert_ok!(payout(ANN, 0, "out"));
		block(&USER);
		take_events();
		pass(TIMEOUT);
		assert_eq!(
			take_events(),
			vec![
				Event::RefundDeferred { id: 0, new_id: 2, error: TokenError::Blocked.into() },
				Event::WithdrawalRefunded { id: 1, who: OTHER, amount: 50 * USDT },
			]
		);
		assert_eq!((usdt(USER), usdt(OTHER), pending()), (50 * USDT, 100 * USDT, 50 * USDT));
		let deferred = Withdrawals::<Test>::get(2).unwrap();
		assert_eq!((deferred.who, deferred.refund_at), (USER, START + 2 * TIMEOUT));

		// Nothing is lost: the next time it is refunded.
		unblock(&USER);
		pass(TIMEOUT - 1);
		assert_eq!(usdt(USER), 50 * USDT);
		pass(1);
		assert_eq!((usdt(USER), pending()), (100 * USDT, 0));
	});
}

#[test]
fn a_deferred_withdrawal_can_still_be_paid_with_the_votes_it_has() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 50 * USDT));
		assert_ok!(payout(ANN, 0, "out"));
		block(&USER);
		pass(TIMEOUT);
		assert_ok!(payout(BEN, 1, "out"));
		assert_eq!(pending(), 0);
		assert_eq!(Custody::paid_withdrawal(tron(), bytes("out")), Some(1));
		unblock(&USER);
		pass(TIMEOUT);
		assert_eq!(usdt(USER), 50 * USDT);
	});
}

#[test]
fn a_shorter_timeout_holds_for_new_withdrawals() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 40 * USDT));
		CurrentTimeout::set(HOUR);
		assert_ok!(withdraw(USER, 60 * USDT));
		// The second waits for the first, whose time was promised.
		pass(HOUR);
		assert_eq!(usdt(USER), 0);
		pass(TIMEOUT - HOUR);
		assert_eq!(usdt(USER), 100 * USDT);
	});
}

#[test]
fn a_timeout_of_nothing_does_not_loop() {
	with_reserves(|| {
		CurrentTimeout::set(0);
		deposit("aa", USER, 100 * USDT);
		assert_ok!(withdraw(USER, 50 * USDT));
		block(&USER);
		for new_id in 1..5 {
			next_block();
			assert!(Withdrawals::<Test>::contains_key(new_id));
		}
	});
}

#[test]
fn the_weight_is_what_was_done() {
	with_reserves(|| {
		let tick = || Custody::on_initialize(System::block_number());
		let (idle, skip) = (<()>::inspect_queue(), <()>::skip_paid());
		let refund = <()>::refund().max(<()>::defer_refund());
		assert_eq!(tick(), idle);
		deposit("aa", USER, 100 * USDT);
		for _ in 0..4 {
			assert_ok!(withdraw(USER, 10 * USDT));
		}
		assert_eq!(tick(), idle);
		assert_ok!(payout(ANN, 0, "out"));
		assert_ok!(payout(BEN, 0, "out"));
		Now::mutate(|now| *now += TIMEOUT);
		// A look that leaves no room for a whole refund ends the block's work.
		assert_eq!(tick(), idle + skip + refund);
		assert_eq!(tick(), idle + refund * 2);
		assert_eq!(tick(), idle);
	});
}
