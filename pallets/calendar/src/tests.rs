use frame_support::{assert_noop, traits::GetStorageVersion};
use lx_math::calendar::CIVIL_DAY_MS;
use proptest::prelude::*;

use crate::{
	mock::{build_and_execute, Calendar, Test, Timestamp},
	DayLength, GenesisConfig,
};

/// 2026-01-02 00:00 UTC, a Friday.
const FRIDAY: u64 = 1_767_312_000_000;

#[test]
fn the_calendar_follows_the_clock() {
	build_and_execute(CIVIL_DAY_MS, || {
		Timestamp::set_timestamp(FRIDAY + 1);
		assert_eq!(<Calendar as lx_primitives::traits::Calendar>::now(), FRIDAY + 1);
		assert_eq!((Calendar::day(), Calendar::week(), Calendar::weekday()), (20_455, 2_922, 4));
	});
}

#[test]
fn weeks_turn_on_monday_at_midnight_utc() {
	build_and_execute(CIVIL_DAY_MS, || {
		let monday = FRIDAY + 3 * CIVIL_DAY_MS;
		Timestamp::set_timestamp(monday - 1);
		assert_eq!((Calendar::week(), Calendar::weekday()), (2_922, 6));
		Timestamp::set_timestamp(monday);
		assert_eq!((Calendar::week(), Calendar::weekday()), (2_923, 0));
	});
}

#[test]
fn a_development_chain_runs_short_days() {
	build_and_execute(60_000, || {
		Timestamp::set_timestamp(4 * 60_000 - 1);
		assert_eq!((Calendar::day(), Calendar::week()), (3, 0));
		Timestamp::set_timestamp(4 * 60_000);
		assert_eq!((Calendar::day(), Calendar::week(), Calendar::weekday()), (4, 1, 0));
		Timestamp::set_timestamp(11 * 60_000);
		assert_eq!(Calendar::week(), 2);
	});
}

#[test]
fn a_day_is_civil_unless_told_otherwise() {
	assert_eq!(GenesisConfig::<Test>::default().day_ms, 86_400_000);
	sp_io::TestExternalities::default().execute_with(|| {
		assert_eq!(DayLength::<Test>::get(), 86_400_000);
	});
}

#[test]
#[should_panic(expected = "a calendar needs days that last")]
fn genesis_refuses_a_day_without_length() {
	build_and_execute(0, || {});
}

#[test]
fn the_invariants_catch_a_day_without_length() {
	build_and_execute(CIVIL_DAY_MS, || {
		DayLength::<Test>::put(0);
		assert_noop!(Calendar::do_try_state(), "the day has no length");
		DayLength::<Test>::put(1);
	});
}

#[test]
fn the_storage_version_is_set_at_genesis() {
	build_and_execute(CIVIL_DAY_MS, || {
		assert_eq!(Calendar::on_chain_storage_version(), Calendar::in_code_storage_version());
		assert_eq!(Calendar::on_chain_storage_version(), 1);
	});
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn time_never_runs_backwards(
		day_ms in 1..=CIVIL_DAY_MS,
		mut times in prop::collection::vec(0..FRIDAY * 2, 2..20),
	) {
		times.sort_unstable();
		build_and_execute(day_ms, || {
			let mut last = (0, 0);
			for now in times {
				Timestamp::set_timestamp(now);
				let today = (Calendar::day(), Calendar::week());
				assert!(last <= today);
				last = today;
			}
		});
	}
}
