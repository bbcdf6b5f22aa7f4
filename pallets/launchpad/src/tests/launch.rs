//! Announcing a launch, and its snapshot.

use frame_support::{assert_noop, assert_ok, traits::GetStorageVersion};
use lx_primitives::{units::LCO, Moment, Offer, Price, Rates, StakeTotals};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{mock::*, Agenda, Announcements, Error, Event, Launch, Stage, Tally, Terms, MAX_LIVE};

fn launch_on(terms: Terms) -> DispatchResult {
	Launchpad::launch(RuntimeOrigin::root(), model("scarce"), 1_000, terms)
}

#[test]
fn a_launch_is_announced() {
	build_and_execute(|| {
		assert_ok!(launch(1_000));
		let price = Price { list: Rates::Unit(100), cost: Rates::Unit(70), active_from: CLOSING };
		let expected = Launch {
			offer: Offer { model: model("scarce"), price, expires_at: EXPIRY },
			total: 1_000,
			announced_at: START,
			snapshot_at: SNAPSHOT,
			opens_at: OPENING,
			stage: Stage::Announced,
			tally: Tally::default(),
			redeemed: 0,
		};
		assert_eq!(Launchpad::launch_of(0), Some(expected.clone()));
		assert_eq!(Launchpad::live(), vec![(0, expected)]);
		assert!(Launchpad::redeemable().is_empty());
		let announced = Event::Announced { launch: 0, model: model("scarce"), total: 1_000 };
		assert_eq!(take_events(), vec![announced]);
		assert_ok!(launch(5));
		assert_eq!(launch_of(1).total, 5);
	});
}

#[test]
fn only_the_admin_launches() {
	build_and_execute(|| {
		for origin in [RuntimeOrigin::signed(ALICE), RuntimeOrigin::none()] {
			let launched = Launchpad::launch(origin.clone(), model("scarce"), 1, terms());
			assert_eq!(launched, Err(DispatchError::BadOrigin));
			let reoffered = Launchpad::reoffer(origin, 0, terms());
			assert_eq!(reoffered, Err(DispatchError::BadOrigin));
		}
	});
}

#[test]
fn a_model_that_everybody_can_use_is_not_launched() {
	build_and_execute(|| {
		let named = |name: &[u8]| {
			let name = name.to_vec().try_into().unwrap();
			Launchpad::launch(RuntimeOrigin::root(), name, 1, terms())
		};
		assert_noop!(named(b"listed"), Error::<Test>::ModelListed);
		assert_noop!(named(b""), Error::<Test>::InvalidModelName);
		assert_noop!(named(&[0xff, 0xfe]), Error::<Test>::InvalidModelName);
		assert_noop!(launch(0), Error::<Test>::ZeroUnits);
		assert_ok!(named(b"another"));
	});
}

#[test]
fn its_times_are_in_order() {
	build_and_execute(|| {
		for wrong in [
			Terms { snapshot_at: OPENING + 1, ..terms() },
			Terms { opens_at: CLOSING, ..terms() },
			Terms { opens_at: SNAPSHOT - 1, ..terms() },
			Terms { expires_at: CLOSING, ..terms() },
			Terms { closes_at: EXPIRY, ..terms() },
		] {
			assert_noop!(launch_on(wrong), Error::<Test>::WrongTimes);
		}
		let tight = Terms { opens_at: SNAPSHOT, closes_at: SNAPSHOT + 1, ..terms() };
		assert_ok!(launch_on(Terms { expires_at: SNAPSHOT + 2, ..tight }));
	});
}

#[test]
fn there_is_time_before_the_snapshot() {
	build_and_execute(|| {
		let early = Terms { snapshot_at: SNAPSHOT - 1, ..terms() };
		assert_noop!(launch_on(early), Error::<Test>::NoticeTooShort);
		let past = Terms { snapshot_at: START - 1, ..terms() };
		assert_noop!(launch_on(past), Error::<Test>::NoticeTooShort);
		// Even where no time is asked for, a stake of one block weighs nothing.
		ShortestNotice::set(0);
		assert_ok!(launch_on(early));
		let now = Terms { snapshot_at: START, ..terms() };
		assert_noop!(launch_on(now), Error::<Test>::NoticeTooShort);
		assert_ok!(launch_on(Terms { snapshot_at: START + 1, ..terms() }));
	});
}

#[test]
fn what_counts_is_remembered_to_the_end_of_subscription() {
	build_and_execute(|| {
		let long = Terms { expires_at: START + LIFE, ..terms() };
		let closing = |closes_at| launch_on(Terms { closes_at, ..long });
		assert_noop!(closing(START + WINDOW + 1), Error::<Test>::WindowTooLong);
		assert_ok!(closing(START + WINDOW));
	});
}

#[test]
fn it_comes_to_an_end() {
	build_and_execute(|| {
		let expiring = |expires_at| launch_on(Terms { expires_at, ..terms() });
		for late in [START + LIFE + 1, Moment::MAX] {
			assert_noop!(expiring(late), Error::<Test>::LifeTooLong);
		}
		assert_ok!(expiring(START + LIFE));
	});
}

#[test]
fn it_is_sold_at_no_loss_and_not_for_nothing() {
	build_and_execute(|| {
		let priced = |list, cost| launch_on(Terms { list, cost, ..terms() });
		let tokens = |input, cached_input, output| Rates::Tokens { input, cached_input, output };
		assert_noop!(priced(Rates::Unit(100), Rates::Unit(71)), Error::<Test>::CostTooHigh);
		assert_noop!(priced(tokens(9, 9, 9), Rates::Unit(1)), Error::<Test>::CostTooHigh);
		assert_noop!(priced(Rates::Unit(100), Rates::Unit(0)), Error::<Test>::FreeOfCharge);
		let free = tokens(70, 0, 70);
		assert_noop!(priced(tokens(100, 100, 100), free), Error::<Test>::FreeOfCharge);
		assert_ok!(priced(tokens(100, 100, 100), tokens(70, 1, 70)));
	});
}

#[test]
fn no_more_than_so_many_are_live() {
	build_and_execute(|| {
		for _ in 0..MAX_LIVE {
			assert_ok!(launch(1));
		}
		assert_noop!(launch(1), Error::<Test>::TooManyLaunches);
		// Nobody has subscribed, so there is nothing to divide and nothing to remove.
		at(EXPIRY);
		assert_eq!(stage(), Stage::Over);
		assert!(Agenda::<Test>::get().is_empty());
	});
}

#[test]
fn what_happens_first_is_planned_first() {
	build_and_execute(|| {
		assert_ok!(launch(1));
		assert_ok!(launch_on(Terms { snapshot_at: SNAPSHOT + 1, ..terms() }));
		assert_ok!(launch(1));
		let announced = vec![(SNAPSHOT, 0), (SNAPSHOT, 2), (SNAPSHOT + 1, 1)];
		assert_eq!(Announcements::<Test>::get().into_inner(), announced);
		at(SNAPSHOT);
		assert_eq!(Announcements::<Test>::get().into_inner(), vec![(SNAPSHOT + 1, 1)]);
		assert_eq!(Agenda::<Test>::get().into_inner(), vec![(CLOSING, 0), (CLOSING, 2)]);
		// Both count. What is announced now has a notice of its own.
		let noticed = SNAPSHOT + NOTICE;
		let later = Terms { snapshot_at: noticed, opens_at: noticed, ..terms() };
		for _ in 3..MAX_LIVE {
			assert_ok!(launch_on(later));
		}
		assert_noop!(launch_on(later), Error::<Test>::TooManyLaunches);
	});
}

#[test]
fn the_snapshot_counts_the_whole_network() {
	build_and_execute(|| {
		stake(ALICE, 10_000 * LCO);
		stake(BOB, 60_000 * LCO);
		stake(CAROL, 9_999 * LCO);
		assert_ok!(launch(1_000));
		at(SNAPSHOT - 1);
		assert_eq!(stage(), Stage::Announced);
		take_events();
		at(SNAPSHOT);
		let network = 190_000 * LCO;
		assert_eq!(stage(), Stage::Open { network });
		assert_eq!(take_events(), vec![Event::SnapshotTaken { launch: 0, network }]);
		// Once.
		stake(CAROL, 100_000 * LCO);
		at(OPENING);
		assert_eq!(stage(), Stage::Open { network });
	});
}

#[test]
fn a_chain_that_stood_still_catches_up() {
	build_and_execute(|| {
		assert_ok!(launch(1_000));
		at(CLOSING);
		assert!(matches!(stage(), Stage::Allocated(_)));
		let expected = vec![
			Event::Announced { launch: 0, model: model("scarce"), total: 1_000 },
			Event::SnapshotTaken { launch: 0, network: StakeTotals::default().launch_weight() },
			Event::Closed { launch: 0, subscribers: 0 },
			Event::Allocated { launch: 0, units: 0 },
		];
		assert_eq!(take_events(), expected);
	});
}

#[test]
fn the_storage_version_is_set_at_genesis() {
	build_and_execute(|| {
		assert_eq!(Launchpad::in_code_storage_version(), 1);
		assert_eq!(Launchpad::on_chain_storage_version(), 1);
	});
}
