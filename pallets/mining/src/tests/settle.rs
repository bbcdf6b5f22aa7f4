use frame_support::{
	assert_noop, assert_ok,
	traits::{LockIdentifier, LockableCurrency, ReservableCurrency, WithdrawReasons},
};
use lx_math::emission::{epoch_start, CAP, EPOCHS, EPOCH_EMISSION};
use lx_primitives::{
	traits::OnUsageSettled,
	units::{CRED, LCO},
};
use sp_runtime::ArithmeticError;

use crate::{mock::*, Cumulative, Event, TotalUnpaid, Unpaid, WeightInfo};

/// What one µCRED mines in epoch 0.
const PER_MICRO_CRED: u128 = 10_000_000;

fn unpaid(who: AccountId) -> u128 {
	Unpaid::<Test>::get(who)
}

fn give(to: AccountId, amount: u128) {
	const DONOR: AccountId = 99;
	settle(DONOR, CRED);
	assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(DONOR), to, amount));
	take_events();
}

#[test]
fn a_dollar_mines_ten_lco() {
	build_and_execute(|| {
		settle(ALICE, CRED);
		assert_eq!(lco(ALICE), 10 * LCO);
		assert_eq!(Cumulative::<Test>::get(), CRED);
		let mined = Event::Mined { who: ALICE, paid: CRED, reward: 10 * LCO };
		assert_eq!(take_events(), vec![mined]);
	});
}

#[test]
fn nothing_paid_mines_nothing() {
	build_and_execute(|| {
		settle(ALICE, 0);
		assert_eq!((lco(ALICE), unpaid(ALICE), issuance()), (0, 0, 0));
		assert_eq!(take_events(), vec![Event::Mined { who: ALICE, paid: 0, reward: 0 }]);
	});
}

#[test]
fn small_rewards_accumulate_until_they_make_an_account() {
	build_and_execute(|| {
		for paid in 1..100 {
			settle(ALICE, 1);
			assert_eq!((lco(ALICE), unpaid(ALICE)), (0, paid * PER_MICRO_CRED));
			assert_eq!(TotalUnpaid::<Test>::get(), unpaid(ALICE));
		}
		take_events();

		settle(ALICE, 1);
		assert_eq!((lco(ALICE), unpaid(ALICE)), (EXISTENTIAL_DEPOSIT, 0));
		assert_eq!(TotalUnpaid::<Test>::get(), 0);
		assert!(!Unpaid::<Test>::contains_key(ALICE));
		assert_eq!(
			take_events(),
			vec![
				Event::Mined { who: ALICE, paid: 1, reward: PER_MICRO_CRED },
				Event::Released { who: ALICE, amount: 99 * PER_MICRO_CRED },
			]
		);
	});
}

#[test]
fn a_reward_of_exactly_the_existential_deposit_is_paid_at_once() {
	build_and_execute(|| {
		settle(ALICE, 100);
		assert_eq!(lco(ALICE), EXISTENTIAL_DEPOSIT);
		settle(BOB, 99);
		assert_eq!((lco(BOB), unpaid(BOB)), (0, 99 * PER_MICRO_CRED));
	});
}

#[test]
fn an_existing_account_is_paid_the_smallest_reward() {
	build_and_execute(|| {
		give(ALICE, EXISTENTIAL_DEPOSIT);
		settle(ALICE, 1);
		assert_eq!((lco(ALICE), unpaid(ALICE)), (EXISTENTIAL_DEPOSIT + PER_MICRO_CRED, 0));
	});
}

#[test]
fn unpaid_rewards_follow_once_the_account_exists() {
	build_and_execute(|| {
		settle(ALICE, 7);
		give(ALICE, EXISTENTIAL_DEPOSIT);
		assert_eq!(unpaid(ALICE), 7 * PER_MICRO_CRED);

		settle(ALICE, 1);
		assert_eq!((lco(ALICE), unpaid(ALICE)), (EXISTENTIAL_DEPOSIT + 8 * PER_MICRO_CRED, 0));
		let released = Event::Released { who: ALICE, amount: 7 * PER_MICRO_CRED };
		assert!(take_events().contains(&released));
	});
}

#[test]
fn a_settlement_across_a_boundary_mines_at_both_rates() {
	build_and_execute(|| {
		settle(BOB, epoch_start(1) - CRED);
		take_events();
		settle(ALICE, 2 * CRED);
		assert_eq!(lco(ALICE), 15 * LCO);
		assert_eq!(
			take_events(),
			vec![
				Event::Mined { who: ALICE, paid: 2 * CRED, reward: 15 * LCO },
				Event::EpochStarted { epoch: 1 },
			]
		);
	});
}

#[test]
fn every_epoch_mints_a_million_lco() {
	build_and_execute(|| {
		for k in 0..EPOCHS {
			settle(ALICE, epoch_start(k + 1) - epoch_start(k));
			assert_eq!(issuance(), u128::from(k + 1) * EPOCH_EMISSION);
			assert!(take_events().contains(&Event::EpochStarted { epoch: k + 1 }));
		}
		assert_eq!(lco(ALICE), CAP);
	});
}

#[test]
fn after_the_cap_calls_settle_and_mint_nothing() {
	build_and_execute(|| {
		settle(ALICE, epoch_start(EPOCHS) - 1);
		assert!(issuance() < CAP);
		settle(ALICE, 1_000 * CRED);
		assert_eq!(issuance(), CAP);
		take_events();

		settle(BOB, CRED);
		assert_eq!(Cumulative::<Test>::get(), epoch_start(EPOCHS) + 1_001 * CRED - 1);
		assert_eq!((issuance(), lco(BOB), unpaid(BOB)), (CAP, 0, 0));
		assert_eq!(take_events(), vec![Event::Mined { who: BOB, paid: CRED, reward: 0 }]);
	});
}

#[test]
fn unpaid_rewards_outlive_the_emission() {
	build_and_execute(|| {
		settle(BOB, 7);
		settle(ALICE, epoch_start(EPOCHS));
		settle(BOB, CRED);
		assert_eq!(unpaid(BOB), 7 * PER_MICRO_CRED);

		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(ALICE), BOB, LCO));
		settle(BOB, CRED);
		assert_eq!((lco(BOB), unpaid(BOB)), (LCO + 7 * PER_MICRO_CRED, 0));
		assert_eq!(issuance(), CAP);
	});
}

#[test]
fn an_account_that_holds_only_reserved_lco_settles() {
	build_and_execute(|| {
		give(ALICE, LCO);
		// Another provider keeps the account while it reserves everything it owns.
		System::inc_providers(&ALICE);
		assert_ok!(Balances::reserve(&ALICE, LCO));
		assert_eq!(lco(ALICE), 0);

		settle(ALICE, 1);
		assert_eq!((lco(ALICE), unpaid(ALICE)), (0, PER_MICRO_CRED));
		settle(ALICE, 99);
		assert_eq!((lco(ALICE), unpaid(ALICE)), (EXISTENTIAL_DEPOSIT, 0));
	});
}

#[test]
fn a_locked_account_settles() {
	const LOCK: LockIdentifier = *b"locked  ";
	build_and_execute(|| {
		give(ALICE, LCO);
		Balances::set_lock(LOCK, &ALICE, u128::MAX, WithdrawReasons::all());
		settle(ALICE, 1);
		assert_eq!(lco(ALICE), LCO + PER_MICRO_CRED);
	});
}

#[test]
fn an_account_that_only_another_pallet_provides_for_settles() {
	build_and_execute(|| {
		System::inc_sufficients(&ALICE);
		settle(ALICE, 1);
		assert_eq!((lco(ALICE), unpaid(ALICE)), (0, PER_MICRO_CRED));
		settle(ALICE, 99);
		assert_eq!((lco(ALICE), unpaid(ALICE)), (EXISTENTIAL_DEPOSIT, 0));
	});
}

#[test]
fn an_overflow_is_refused_and_changes_nothing() {
	build_and_execute(|| {
		Cumulative::<Test>::put(u128::MAX);
		assert_noop!(Mining::on_usage_settled(&ALICE, 1), ArithmeticError::Overflow);
		assert_ok!(Mining::on_usage_settled(&ALICE, 0));
	});
}

#[test]
fn a_settlement_that_fails_late_changes_nothing() {
	build_and_execute(|| {
		settle(ALICE, 7);
		let total = TotalUnpaid::<Test>::take();
		assert_noop!(Mining::on_usage_settled(&ALICE, CRED), ArithmeticError::Underflow);
		TotalUnpaid::<Test>::put(total);
	});
}

#[test]
fn a_settlement_declares_its_weight() {
	for accounts in [1, 7, 100] {
		let weight = <Mining as OnUsageSettled<AccountId>>::settled_weight(accounts);
		assert_eq!(weight, <()>::settle(accounts));
		assert!(weight.ref_time() > <()>::settle(accounts - 1).ref_time());
	}
}
