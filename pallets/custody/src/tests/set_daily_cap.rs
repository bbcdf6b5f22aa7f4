use frame_support::{assert_noop, assert_ok};
use lx_primitives::units::USDT;
use sp_runtime::DispatchError;

use crate::{mock::*, DailyCap, Error, Event};

fn set_cap(cap: u128) {
	assert_ok!(Custody::set_daily_cap(RuntimeOrigin::root(), cap));
}

#[test]
fn the_cap_counts_at_once_with_what_was_credited_today() {
	with_reserves(|| {
		deposit("aa", USER, 100 * USDT);
		take_events();
		set_cap(150 * USDT);
		assert_eq!(DailyCap::<Test>::get(), 150 * USDT);
		assert_eq!(take_events(), vec![Event::DailyCapSet { cap: 150 * USDT }]);
		assert_eq!(Custody::left_today(), 50 * USDT);
		assert_ok!(attest(ANN, "ab", USER, 50 * USDT + 1));
		assert_noop!(attest(BEN, "ab", USER, 50 * USDT + 1), Error::<Test>::DailyCapExceeded);

		set_cap(0);
		assert_eq!(Custody::left_today(), 0);
		assert_ok!(attest(ANN, "ac", USER, MIN_BALANCE));
		assert_noop!(attest(BEN, "ac", USER, MIN_BALANCE), Error::<Test>::DailyCapExceeded);

		set_cap(u128::MAX);
		assert_ok!(attest(BEN, "ab", USER, 50 * USDT + 1));
	});
}

#[test]
fn only_the_admin_sets_it() {
	build_and_execute(|| {
		for origin in [RuntimeOrigin::signed(ANN), RuntimeOrigin::none()] {
			assert_noop!(Custody::set_daily_cap(origin, 1), DispatchError::BadOrigin);
		}
	});
}
