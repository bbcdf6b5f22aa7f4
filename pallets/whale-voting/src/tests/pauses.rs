use frame_support::traits::SafeModeNotify;

use crate::{mock::*, Event};

/// Whether redemption is stopped, if safe mode is entered, after so much time.
fn is_stopped_after(time: u64) -> bool {
	Now::set(Now::get() + time);
	WhaleVoting::stops_redemption()
}

#[test]
fn safe_mode_stops_redemption_for_a_while() {
	build_and_execute(|| {
		assert!(!WhaleVoting::stops_redemption());
		let until = Now::get() + STOP;
		WhaleVoting::entered();
		assert_eq!(take_events(), [Event::RedemptionStopped { until }]);
		assert!(is_stopped_after(0));
		assert!(is_stopped_after(STOP - 1));
		assert!(!is_stopped_after(1));
	});
}

#[test]
fn entering_again_does_not_prolong_it() {
	build_and_execute(|| {
		WhaleVoting::entered();
		assert!(is_stopped_after(STOP - 1));
		WhaleVoting::exited();
		WhaleVoting::entered();
		assert!(!is_stopped_after(1));
		for _ in 0..5 {
			WhaleVoting::exited();
			WhaleVoting::entered();
			assert!(!is_stopped_after(STOP));
		}
	});
}

#[test]
fn it_can_be_stopped_again_after_a_rest() {
	build_and_execute(|| {
		WhaleVoting::entered();
		assert!(!is_stopped_after(REST - 1));
		WhaleVoting::entered();
		assert!(!is_stopped_after(1));
		WhaleVoting::entered();
		assert!(is_stopped_after(STOP - 1));
	});
}
