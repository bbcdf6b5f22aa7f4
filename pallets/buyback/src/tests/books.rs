//! What is earned, what is given back, and what follows from both.

use frame_support::{assert_noop, assert_ok, traits::fungibles::Mutate};
use lx_primitives::{
	buyback::Books,
	traits::OnRevenue,
	units::{CRED, CRED_ASSET},
	Credits,
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

use crate::{mock::*, Error, Event, OpenBooks, WeightInfo};

fn books(revenue: Credits, cost: Credits, refunds: Credits) -> Books {
	Books { revenue: revenue * CRED, cost: cost * CRED, refunds: refunds * CRED }
}

fn refund(amount: Credits) -> DispatchResult {
	Buyback::refund(RuntimeOrigin::root(), USER, amount)
}

#[test]
fn final_batches_are_entered() {
	build_and_execute(|| {
		assert_eq!(Buyback::books(), Books::default());
		earn(10, 6);
		earn(5, 5);
		earn(0, 0);
		assert_eq!(Buyback::books(), books(15, 11, 0));
	});
}

#[test]
fn a_refund_goes_to_the_user_and_off_the_profit() {
	build_and_execute(|| {
		earn(10, 6);
		assert_ok!(refund(3 * CRED));
		assert_eq!((cred(&USER), cred(&PLATFORM)), (3 * CRED, CRED));
		assert_eq!(Buyback::books(), books(10, 6, 3));
		let amount = 3 * CRED;
		assert_eq!(take_events(), [Event::Refunded { account: USER, amount }]);
		assert_ok!(refund(CRED));
		assert_eq!((cred(&USER), cred(&PLATFORM)), (4 * CRED, 0));
	});
}

#[test]
fn a_refund_that_cannot_be_is_refused() {
	build_and_execute(|| {
		earn(10, 6);
		assert_noop!(refund(0), Error::<Test>::ZeroAmount);
		assert_noop!(refund(4 * CRED + 1), Error::<Test>::BeyondMeans);
		assert_noop!(
			Buyback::refund(RuntimeOrigin::root(), PLATFORM, CRED),
			Error::<Test>::ToThePlatform
		);
		assert_noop!(
			Buyback::refund(RuntimeOrigin::signed(ALICE), USER, CRED),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn what_cannot_be_counted_is_refused_and_changes_nothing() {
	build_and_execute(|| {
		let most = Credits::MAX;
		OpenBooks::<Test>::put(Books { revenue: 1, cost: most, refunds: most });
		assert_noop!(Buyback::on_revenue(1, 1), ArithmeticError::Overflow);
		assert_noop!(Buyback::on_revenue(most, 0), ArithmeticError::Overflow);
		assert_ok!(Assets::mint_into(CRED_ASSET, &PLATFORM, 1));
		assert_noop!(refund(1), ArithmeticError::Overflow);
		assert_ok!(Buyback::on_revenue(1, 0));
		assert_eq!(Buyback::books().revenue, 2);
	});
}

#[test]
fn services_declare_their_weight() {
	build_and_execute(|| {
		assert_eq!(<Buyback as OnRevenue>::revenue_weight(), <() as WeightInfo>::on_revenue());
		assert!(<()>::refund().ref_time() > <() as WeightInfo>::on_revenue().ref_time());
	});
}
