use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::{CRED, LCO};
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Error, Event, TotalUnpaid, Unpaid};

#[test]
fn anyone_may_have_an_account_paid_once_it_exists() {
	build_and_execute(|| {
		settle(ALICE, 99);
		let unpaid = Unpaid::<Test>::get(ALICE);
		settle(BOB, CRED);
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(BOB), ALICE, LCO));
		take_events();

		assert_ok!(Mining::claim(RuntimeOrigin::signed(BOB), ALICE));
		assert_eq!(lco(ALICE), LCO + unpaid);
		assert_eq!((Unpaid::<Test>::get(ALICE), TotalUnpaid::<Test>::get()), (0, 0));
		assert_eq!(take_events(), vec![Event::Released { who: ALICE, amount: unpaid }]);
	});
}

#[test]
fn an_account_that_does_not_exist_keeps_its_claim() {
	build_and_execute(|| {
		settle(ALICE, 99);
		assert_noop!(
			Mining::claim(RuntimeOrigin::signed(BOB), ALICE),
			DispatchError::Token(TokenError::BelowMinimum)
		);
	});
}

#[test]
fn nothing_unpaid_is_nothing_to_claim() {
	build_and_execute(|| {
		settle(ALICE, CRED);
		assert_noop!(
			Mining::claim(RuntimeOrigin::signed(ALICE), ALICE),
			Error::<Test>::NothingUnpaid
		);
	});
}

#[test]
fn a_claim_needs_a_signature() {
	build_and_execute(|| {
		settle(ALICE, 99);
		assert_noop!(Mining::claim(RuntimeOrigin::none(), ALICE), DispatchError::BadOrigin);
		assert_noop!(Mining::claim(RuntimeOrigin::root(), ALICE), DispatchError::BadOrigin);
	});
}
