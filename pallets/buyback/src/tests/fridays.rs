//! Opening and ending a Friday.

use frame_support::{assert_ok, weights::Weight};
use lx_primitives::{
	buyback::Books,
	units::{CRED, CRED_ASSET},
};

use crate::{mock::*, Event, OpenBooks, PriceWatch, WeightInfo};

#[test]
fn nothing_happens_before_friday() {
	build_and_execute(|| {
		earn(1_000, 500);
		block_at(FIRST_FRIDAY - 1);
		assert_eq!(Buyback::round(), None);
		assert_eq!(cred(&PLATFORM), 500 * CRED);
		assert!(take_events().is_empty());
	});
}

#[test]
fn friday_closes_the_books_and_shares_the_profit() {
	build_and_execute(|| {
		earn(1_000, 500);
		block_at(FIRST_FRIDAY);
		assert_eq!(cred(&FUND), 100 * CRED);
		assert_eq!(cred(&PRIZES), 10 * CRED);
		assert_eq!(cred(&PLATFORM), 390 * CRED);
		assert_eq!(Buyback::books(), Books::default());
		let opened = Event::RoundOpened {
			week: WEEK,
			profit: 500 * CRED,
			loss: 0,
			burning: 100 * CRED,
			prizes: 10 * CRED,
			budget: 100 * CRED,
			slices: SLICES,
		};
		assert_eq!(take_events(), [opened]);
		// Once, and what comes later is of the next week.
		Random::set(u64::MAX);
		earn(50, 0);
		blocks(1);
		assert_eq!((cred(&FUND), Buyback::books().revenue), (100 * CRED, 50 * CRED));
		assert!(take_events().is_empty());
	});
}

#[test]
fn a_week_without_a_call_leaves_a_receipt() {
	build_and_execute(|| {
		next_friday();
		assert_eq!(round().slices, 0);
		blocks(3);
		next_day();
		let receipt = last_receipt();
		assert_eq!((receipt.number, receipt.week, receipt.profit), (0, WEEK, 0));
		assert_eq!((receipt.spent, receipt.bought, receipt.left), (0, 0, 0));
		assert_eq!((cred(&FUND), cred(&PRIZES)), (0, 0));
		assert_eq!(u64::from(receipt.block), System::block_number());
	});
}

#[test]
fn one_user_and_the_smallest_profit() {
	build_and_execute(|| {
		OpenBooks::<Test>::put(Books { revenue: 4, cost: 0, refunds: 0 });
		next_friday();
		assert_eq!((round().receipt.burning, round().receipt.prizes), (0, 0));
		assert_eq!(round().receipt.profit, 4);
	});
}

#[test]
fn a_loss_is_carried_until_it_is_earned() {
	build_and_execute(|| {
		earn(100, 40);
		next_friday();
		next_day();
		assert_eq!((last_receipt().profit, last_receipt().burning), (60 * CRED, 12 * CRED));

		assert_ok!(Buyback::refund(RuntimeOrigin::root(), USER, 30 * CRED));
		earn(10, 5);
		next_friday();
		next_day();
		let loss_week = last_receipt();
		assert_eq!((loss_week.profit, loss_week.loss), (0, 25 * CRED));
		assert_eq!((loss_week.burning, loss_week.prizes, loss_week.left), (0, 0, 12 * CRED));

		earn(30, 10);
		next_friday();
		next_day();
		let still = last_receipt();
		assert_eq!((still.loss_before, still.profit, still.loss), (25 * CRED, 0, 5 * CRED));

		earn(55, 0);
		next_friday();
		next_day();
		let earned = last_receipt();
		assert_eq!((earned.loss_before, earned.profit, earned.loss), (5 * CRED, 50 * CRED, 0));
		assert_eq!(
			(earned.carried, earned.burning, earned.left),
			(12 * CRED, 10 * CRED, 22 * CRED)
		);
		assert_eq!((cred(&FUND), cred(&PRIZES)), (22 * CRED, 1_200_000 + CRED));
	});
}

#[test]
fn books_that_the_platform_cannot_pay_for_stay_open() {
	build_and_execute(|| {
		earn(1_000, 900);
		// The platform has spent what it needs for the shares.
		let platform = RuntimeOrigin::signed(PLATFORM);
		assert_ok!(Assets::transfer(platform, CRED_ASSET, USER, 90 * CRED));
		next_friday();
		let events = take_events();
		let [Event::BooksNotClosed { week: WEEK, .. }, opened] = &events[..] else {
			panic!("{events:?}")
		};
		assert!(matches!(opened, Event::RoundOpened { profit: 0, burning: 0, budget: 0, .. }));
		assert_eq!((cred(&FUND), cred(&PRIZES), cred(&PLATFORM)), (0, 0, 10 * CRED));
		assert_eq!(Buyback::books().revenue, 1_000 * CRED);
		next_day();
		assert_eq!((last_receipt().books, last_receipt().loss), (Books::default(), 0));

		// The next week closes both.
		earn(1_000, 900);
		next_friday();
		assert_eq!(round().receipt.profit, 200 * CRED);
		assert_eq!((cred(&FUND), cred(&PRIZES)), (40 * CRED, 4 * CRED));
	});
}

#[test]
fn a_budget_is_divided_into_slices_none_too_small() {
	for (budget, slices) in [(0, 0), (1, 0), (2, 1), (5, 2), (7, 3), (1_000, SLICES)] {
		build_and_execute(|| {
			friday_with(budget);
			assert_eq!(round().slices, slices, "{budget}");
		});
	}
}

#[test]
fn too_small_a_budget_waits_for_the_next_friday() {
	build_and_execute(|| {
		friday_with(1);
		ask(20_000, 1_000).unwrap();
		blocks(5);
		next_day();
		let left = Event::LeftOver { week: WEEK, amount: CRED };
		assert_eq!(take_events()[0], left);
		earn(5, 0);
		next_friday();
		assert_eq!((round().receipt.left, round().slices), (2 * CRED, 1));
	});
}

#[test]
fn a_friday_without_blocks_is_made_up_for_by_the_next_one() {
	build_and_execute(|| {
		earn(100, 0);
		block_at(FIRST_FRIDAY - 1);
		block_after(DAY + 2);
		assert_eq!(Buyback::round(), None);
		earn(50, 0);
		next_friday();
		assert_eq!((round().receipt.week, round().receipt.profit), (WEEK + 1, 150 * CRED));
		next_day();
		assert_eq!((last_receipt().number, last_receipt().week), (0, WEEK + 1));
	});
}

#[test]
fn a_round_that_was_cut_off_ends_when_the_chain_goes_on() {
	build_and_execute(|| {
		friday_with(40);
		// The chain stands still until the middle of the next Friday.
		block_after(7 * DAY + DAY / 2);
		assert_eq!((last_receipt().week, last_receipt().left), (WEEK, 40 * CRED));
		assert_eq!(Buyback::round(), None);
		blocks(1);
		assert_eq!((round().receipt.week, round().receipt.carried), (WEEK + 1, 40 * CRED));
	});
}

#[test]
fn a_block_without_weight_leaves_the_work_to_the_next_one() {
	build_and_execute(|| {
		earn(100, 0);
		block_at(FIRST_FRIDAY - 1);
		let look = <()>::look();
		assert_eq!(block_with(1, look), look);
		assert_eq!(Buyback::round(), None);
		let open = look.saturating_add(<()>::open_round());
		assert_eq!(block_with(BLOCK, open), open);
		assert!(Buyback::round().is_some());

		assert_eq!(block_with(DAY, look), look);
		assert_eq!(Buyback::head().number, 0);
		let write = look.saturating_add(<()>::write_receipt());
		assert_eq!(block_with(BLOCK, write), write);
		assert_eq!((Buyback::head().number, Buyback::round()), (1, None));
	});
}

#[test]
fn a_block_with_no_weight_at_all_does_not_even_look() {
	build_and_execute(|| {
		let before = PriceWatch::<Test>::get();
		let too_little = <()>::look().saturating_sub(Weight::from_parts(1, 0));
		assert_eq!(block_with(BLOCK, too_little), Weight::zero());
		assert_eq!(PriceWatch::<Test>::get(), before);
	});
}
