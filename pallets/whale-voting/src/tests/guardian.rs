use frame_support::{assert_noop, assert_ok};
use sp_core::H256;
use sp_runtime::DispatchError::BadOrigin;

use crate::{mock::*, Call, Event, Guardian, Origin, PlannedUpgrade};

fn upgrade() -> Box<RuntimeCall> {
	Box::new(Call::<Test>::authorize_upgrade { code_hash: H256::repeat_byte(7) }.into())
}

#[test]
fn the_guardian_acts_in_the_name_it_says() {
	build_and_execute(|| {
		assert_ok!(WhaleVoting::guard(RuntimeOrigin::signed(GUARDIAN), Origin::Major, upgrade()));
		assert!(PlannedUpgrade::<Test>::exists());
		assert_eq!(take_events().pop(), Some(Event::GuardianActed { power: Origin::Major }));
	});
}

#[test]
fn a_name_gives_no_more_than_it_may_do() {
	build_and_execute(|| {
		let as_parameters =
			|call| WhaleVoting::guard(RuntimeOrigin::signed(GUARDIAN), Origin::Parameters, call);
		assert_noop!(as_parameters(upgrade()), BadOrigin);
		let items = vec![(b"key".to_vec(), b"value".to_vec())];
		let set_storage = frame_system::Call::<Test>::set_storage { items };
		assert_noop!(as_parameters(Box::new(set_storage.into())), BadOrigin);
	});
}

#[test]
fn nobody_else_is_the_guardian() {
	build_and_execute(|| {
		let origins = [
			RuntimeOrigin::signed(ALICE),
			RuntimeOrigin::none(),
			RuntimeOrigin::root(),
			Origin::Major.into(),
		];
		for origin in origins {
			assert_noop!(WhaleVoting::guard(origin, Origin::Major, upgrade()), BadOrigin);
		}
	});
}

#[test]
fn its_powers_end_for_ever_with_enough_whales() {
	build_and_execute(|| {
		stake(ALICE, WHALE);
		stake(BOB, WHALE - 1);
		block_at(2_000);
		assert_eq!(Guardian::<Test>::get(), Some(GUARDIAN));
		assert!(take_events().is_empty());

		stake(BOB, WHALE);
		block_at(2_001);
		assert_eq!(Guardian::<Test>::get(), None);
		assert_eq!(take_events(), [Event::GuardianRetired { whales: SUNSET }]);

		stake(ALICE, 0);
		stake(BOB, 0);
		block_at(2_002);
		let guardian = RuntimeOrigin::signed(GUARDIAN);
		assert_noop!(WhaleVoting::guard(guardian, Origin::Major, upgrade()), BadOrigin);
		assert!(take_events().is_empty());
	});
}
