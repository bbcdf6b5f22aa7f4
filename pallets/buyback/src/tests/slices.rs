//! What slices buy, and when they do not.

use frame_support::{
	assert_ok,
	traits::{LockableCurrency, WithdrawReasons},
	weights::Weight,
	BoundedVec,
};
use lx_primitives::{
	buyback::{Slice, MAX_SLICES},
	traits::Exchange,
	units::{CRED, LCO},
};
use pallet_orderbook::MarketStatus;
use sp_runtime::{DispatchError, TokenError};

use crate::{mock::*, Event, PriceWatch, Round, Skip, WeightInfo};

/// Why the last slice has bought nothing.
fn skipped() -> Skip {
	match take_events().pop() {
		Some(Event::SliceSkipped { week: WEEK, reason }) => reason,
		other => panic!("it was not skipped: {other:?}"),
	}
}

/// What a block weighs in which a slice meets so many orders.
fn slice_weight(matches: u32) -> Weight {
	let market = <Orderbook as Exchange<AccountId>>::buy_weight(matches);
	<()>::look().saturating_add(<()>::finish_slice()).saturating_add(market)
}

#[test]
fn a_slice_buys_and_burns_every_planck() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_000, 10_000).unwrap();
		let weight = block_after(BLOCK);
		// A quarter of 40 CRED, for 492 lots at the highest price of 20,300: 4.92 LCO less 0.2 %.
		let (spent, bought) = (9_840_000, 4_920_000_000_000 / 500 * 499);
		let done = Event::SliceBought { week: WEEK, spent, bought, burned: bought };
		assert_eq!(take_events(), [done]);
		assert_eq!(Balances::total_issuance(), ISSUANCE - bought);
		assert_eq!((lco(&FUND), lco(&ASHES)), (0, 0));
		assert_eq!(cred(&FUND), 40 * CRED - spent);
		assert_eq!((round().slices, round().receipt.left), (SLICES - 1, 40 * CRED - spent));
		assert_eq!(weight, slice_weight(1));
	});
}

#[test]
fn all_slices_spend_the_budget() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_000, 10_000).unwrap();
		run_slices();
		let receipt = round().receipt;
		assert_eq!((round().slices, receipt.slices.len()), (0, SLICES as usize));
		// Each buys for the highest price what it gets for less: 1.5 % of the last one stay.
		assert!(receipt.left < CRED / 2, "{}", receipt.left);
		blocks(5);
		assert_eq!(round().receipt, receipt);
	});
}

#[test]
fn a_slice_drives_the_price_up_as_far_as_it_may() {
	build_and_execute(|| {
		friday_with(400);
		for tick in [20_000, 20_100, 20_200, 20_300, 21_000] {
			ask(tick, 1_000).unwrap();
		}
		blocks(1);
		// 100 CRED are 4,926 lots at 20,300, and only 4,000 are offered up to that price.
		assert_eq!(offered(), [(21_000, 1_000)]);
		assert_eq!(round().receipt.spent, 80_600_000);
		assert_eq!(<Orderbook as Exchange<AccountId>>::last_price(MARKET), Some(20_300));
		// The average follows: for 2 of 82 s the price has stood 300 higher.
		blocks(1);
		assert_eq!(skipped(), Skip::TooDear { asked: 21_000, highest: 20_307 });
	});
}

#[test]
fn an_empty_book_sells_nothing() {
	build_and_execute(|| {
		friday_with(40);
		blocks(1);
		assert_eq!(skipped(), Skip::NothingOffered);
		assert_eq!((round().slices, round().receipt.left), (SLICES - 1, 40 * CRED));
		run_slices();
		assert_eq!(round().receipt.slices.len(), 0);
		next_day();
		let left = Event::LeftOver { week: WEEK, amount: 40 * CRED };
		assert!(take_events().contains(&left));
		assert_eq!(last_receipt().left, 40 * CRED);
	});
}

#[test]
fn a_book_thinner_than_the_budget_leaves_the_rest_to_the_next_friday() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_000, 150).unwrap();
		run_slices();
		assert_eq!(round().receipt.spent, 3 * CRED);
		assert_eq!(round().receipt.bought, 150 * LCO / 100 / 500 * 499);
		assert!(offered().is_empty());
		next_day();
		assert_eq!(last_receipt().left, 37 * CRED);
		next_friday();
		assert_eq!((round().receipt.carried, round().receipt.left), (37 * CRED, 37 * CRED));
		ask(20_000, 10_000).unwrap();
		run_slices();
		assert!(round().receipt.spent > 36 * CRED);
	});
}

#[test]
fn what_is_asked_above_the_guard_is_not_bought() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_301, 1_000).unwrap();
		blocks(1);
		assert_eq!(skipped(), Skip::TooDear { asked: 20_301, highest: 20_300 });
		ask(20_300, 100).unwrap();
		blocks(1);
		assert_eq!(round().receipt.spent, 2_030_000);
	});
}

#[test]
fn nothing_is_bought_before_there_is_an_average() {
	build_and_execute(|| {
		earn(200, 0);
		next_friday();
		ask(20_000, 1_000).unwrap();
		take_events();
		blocks(1);
		assert_eq!(skipped(), Skip::NoAverage);
		// One trade is no average either.
		bid(20_000, 100).unwrap();
		Random::set(u64::MAX);
		blocks(1);
		assert_eq!((Buyback::average_price(), Buyback::highest_price()), (None, None));
		block_after(WINDOW - 1);
		assert_eq!(Buyback::average_price(), None);
		block_after(1);
		assert_eq!(Buyback::average_price(), Some(20_000));
		assert_eq!(Buyback::highest_price(), Some(20_300));
		run_slices();
		assert!(round().receipt.bought > 0);
	});
}

#[test]
fn a_price_counts_less_as_soon_as_somebody_asks_less() {
	build_and_execute(|| {
		trade(20_000);
		blocks(1);
		block_after(WINDOW);
		assert_eq!(Buyback::average_price(), Some(20_000));
		ask(10_000, 1_000).unwrap();
		block_after(WINDOW);
		assert_eq!(Buyback::average_price(), Some(15_000));
	});
}

/// Whoever sells to himself while nobody else sells has any price for the cost of the fees.
#[test]
fn a_trade_at_an_absurd_price_does_not_lift_the_guard() {
	build_and_execute(|| {
		trade(20_000);
		blocks(1);
		block_after(WINDOW);
		trade(16_000_000);
		blocks(1);
		assert_eq!(Buyback::average_price(), Some(20_487), "20,000 more for 2 of 82 s");
		ask(20_000, 100).unwrap();
		block_after(WINDOW);
		assert_eq!(Buyback::average_price(), Some(20_243));
	});
}

#[test]
fn to_ask_more_does_not_raise_the_price() {
	build_and_execute(|| {
		trade(20_000);
		blocks(1);
		ask(40_000, 1_000).unwrap();
		block_after(WINDOW);
		assert_eq!(Buyback::average_price(), Some(20_000));
	});
}

#[test]
fn a_halted_market_is_left_alone() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_000, 1_000).unwrap();
		let halt = |status| Orderbook::set_status(RuntimeOrigin::root(), MARKET, status);
		assert_ok!(halt(MarketStatus::Halted));
		let weight = block_after(BLOCK);
		let error = DispatchError::from(pallet_orderbook::Error::<Test>::HaltedMarket);
		assert_eq!(skipped(), Skip::Failed(error));
		assert_eq!(weight, slice_weight(MATCHES), "how far it got is not known");
		assert_eq!((cred(&FUND), Balances::total_issuance()), (40 * CRED, ISSUANCE));
		assert_ok!(halt(MarketStatus::Active));
		blocks(1);
		assert!(round().receipt.spent > 0);
	});
}

#[test]
fn offers_whose_time_is_over_are_swept_away() {
	build_and_execute(|| {
		friday_with(40);
		ask_until(20_000, 100, Now::get() + 10_000).unwrap();
		Random::set(u64::MAX);
		block_after(10_000);
		take_events();
		assert_eq!(offered(), [(20_000, 100)]);
		Random::set(0);
		blocks(1);
		assert_eq!(skipped(), Skip::NothingOffered);
		assert!(offered().is_empty());
		assert_eq!((round().slices, round().receipt.left), (SLICES - 1, 40 * CRED));
	});
}

#[test]
fn a_slice_meets_no_more_orders_than_it_may() {
	build_and_execute(|| {
		friday_with(400);
		for _ in 0..MATCHES + 5 {
			ask(20_000, 50).unwrap();
		}
		assert_eq!(block_after(BLOCK), slice_weight(MATCHES));
		assert_eq!(round().receipt.spent, u128::from(MATCHES) * CRED);
		assert_eq!(offered(), [(20_000, 250)]);
	});
}

#[test]
fn small_offers_do_not_use_slices_up() {
	build_and_execute(|| {
		friday_with(400);
		let offers = 2 * MATCHES + 5;
		for _ in 0..offers {
			ask(20_000, 50).unwrap();
		}
		blocks(2);
		assert_eq!((round().slices, round().receipt.slices.len()), (SLICES, 2));
		blocks(1);
		assert_eq!((round().slices, round().receipt.slices.len()), (SLICES - 1, 3));
		assert_eq!(round().receipt.spent, u128::from(offers) * CRED);
		assert!(offered().is_empty());
	});
}

#[test]
fn offers_whose_time_is_over_do_not_use_slices_up() {
	build_and_execute(|| {
		friday_with(40);
		for _ in 0..MATCHES {
			ask_until(20_000, 50, Now::get() + 10_000).unwrap();
		}
		Random::set(u64::MAX);
		block_after(10_000);
		take_events();
		Random::set(0);
		blocks(1);
		assert_eq!(skipped(), Skip::NothingOffered);
		assert_eq!((round().slices, offered()), (SLICES, vec![]));
		ask(20_000, 10_000).unwrap();
		run_slices();
		assert!(round().receipt.left < CRED / 2, "{}", round().receipt.left);
	});
}

#[test]
fn a_slice_comes_again_while_there_are_room_and_money_for_it() {
	build_and_execute(|| {
		friday_with(400);
		let after = |left, done: u32, matches| {
			let slice = Slice { block: 1, spent: 1, bought: 1, burned: 1 };
			let mut after = Round { slices: 3, ..round() };
			after.receipt.left = left;
			after.receipt.slices = BoundedVec::truncate_from(vec![slice; done as usize]);
			Buyback::go_on(after, matches).slices
		};
		assert_eq!(after(8 * CRED, 1, MATCHES), 4);
		assert_eq!(after(8 * CRED, 1, MATCHES - 1), 3);
		assert_eq!(after(8 * CRED - 1, 1, MATCHES), 3, "each is worth 2 CRED at least");
		assert_eq!(after(8 * CRED, MAX_SLICES - 4, MATCHES), 4);
		assert_eq!(after(8 * CRED, MAX_SLICES - 3, MATCHES), 3);
	});
}

#[test]
fn what_cannot_be_burned_is_not_bought() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_000, 1_000).unwrap();
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(ALICE), ASHES, LCO));
		Balances::set_lock(*b"ashes   ", &ASHES, LCO, WithdrawReasons::all());
		blocks(1);
		assert_eq!(skipped(), Skip::Failed(TokenError::FundsUnavailable.into()));
		assert_eq!((cred(&FUND), lco(&ASHES)), (40 * CRED, LCO));
		assert_eq!(offered(), [(20_000, 1_000)]);
		Balances::remove_lock(*b"ashes   ", &ASHES);
		blocks(1);
		assert_eq!(round().receipt.burned, round().receipt.bought + LCO);
	});
}

#[test]
fn slices_fall_where_the_numbers_say() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_000, 10_000).unwrap();
		Random::set(u64::MAX);
		blocks(50);
		assert_eq!(round().slices, SLICES, "none has to come yet");
		// 4 slices in the 70 blocks that are left: 2 s of 140 s for each.
		Random::set((u128::from(u64::MAX) * 4 / 70) as u64 + 10);
		blocks(1);
		assert_eq!(round().slices, SLICES);
		Random::set((u128::from(u64::MAX) * 4 / 69) as u64 - 10);
		blocks(1);
		assert_eq!(round().slices, SLICES - 1);
	});
}

#[test]
fn what_is_to_come_is_drawn_in_the_last_blocks_at_the_latest() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_000, 10_000).unwrap();
		Random::set(u64::MAX);
		blocks(116);
		assert_eq!(round().slices, SLICES, "none has to come before the last 8 seconds");
		blocks(3);
		assert_eq!(round().slices, SLICES - 3);
		blocks(1);
		assert_eq!(Buyback::round(), None, "it is Saturday");
		assert_eq!(last_receipt().slices.len(), 3);
	});
}

#[test]
fn a_block_without_weight_for_a_slice_draws_it_anew_in_the_next_one() {
	build_and_execute(|| {
		friday_with(40);
		ask(20_000, 10_000).unwrap();
		let least = slice_weight(MATCHES);
		let too_little = least.saturating_sub(Weight::from_parts(1, 0));
		assert_eq!(block_with(BLOCK, too_little), <()>::look());
		assert_eq!(round().slices, SLICES);
		assert_eq!(block_with(BLOCK, least), slice_weight(1));
		assert_eq!(round().slices, SLICES - 1);
	});
}

#[test]
fn the_price_is_watched_in_every_block() {
	build_and_execute(|| {
		trade(20_000);
		blocks(3);
		assert_eq!(PriceWatch::<Test>::get().seen_at, Now::get());
		let since = PriceWatch::<Test>::get().average.map(|average| average.since);
		assert_eq!(since, Some(START + BLOCK));
	});
}
