//! What the chain itself buys.

use frame_support::{assert_noop, assert_ok};
use lx_matching::{Lots, Side, Tick, MAX_LOTS, TICKS};
use lx_primitives::{
	trading::{Bought, Purchase},
	traits::{Clearing as Ledger, Exchange},
	units::{CRED, CRED_ASSET, LCO, LCO_ASSET},
	Balance,
};
use sp_runtime::DispatchError;

use crate::{mock::*, work::Work, Error, Event, MarketStatus, MAX_MATCHES};

fn buy(budget: Balance, worst: Tick) -> Result<Bought, DispatchError> {
	Orderbook::buy(&CAROL, MARKET, Purchase { budget, worst, max_matches: 10 })
}

/// The price of a market's last trade, and the best one that is asked.
fn prices(market: u32) -> (Option<Tick>, Option<Tick>) {
	let last = <Orderbook as Exchange<AccountId>>::last_price(market);
	(last, <Orderbook as Exchange<AccountId>>::best_ask(market))
}

/// What Carol has in her wallet beyond what she began with.
fn gained(asset: u32, unit: Balance) -> i128 {
	wallet(&CAROL, asset) as i128 - (WEALTH * unit) as i128
}

#[test]
fn it_pays_what_is_asked_and_keeps_nothing_in_its_account() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 300)));
		assert_ok!(place(BOB, ask(20_100, 300)));
		// 500 lots at the worst price: 10.15 CRED, of which it spends 6 + 4.02.
		let done = buy(10_150_000, 20_300).unwrap();
		let fees = (3 * LCO + 2 * LCO) / 500;
		assert_eq!(done, Bought { spent: 10_020_000, bought: 5 * LCO - fees, matches: 2 });
		assert_eq!(gained(CRED_ASSET, CRED), -10_020_000);
		assert_eq!(gained(LCO_ASSET, LCO), (5 * LCO - fees) as i128);
		assert!(Clearing::account(CAROL, 0).is_none());
		assert_eq!(depth(Side::Ask), [(20_100, 100, 1)]);
		assert_eq!(prices(MARKET), (Some(20_100), Some(20_100)));
	});
}

#[test]
fn a_book_without_such_a_price_sells_nothing() {
	build_and_execute(|| {
		let nothing = Bought { spent: 0, bought: 0, matches: 0 };
		assert_eq!(buy(10 * CRED, 20_000), Ok(nothing));
		assert_eq!(prices(MARKET), (None, None));
		assert_ok!(place(ALICE, ask(20_001, 300)));
		assert_eq!(buy(10 * CRED, 20_000), Ok(nothing));
		assert_eq!(gained(CRED_ASSET, CRED), 0);
		assert!(Clearing::account(CAROL, 0).is_none());
		assert_eq!((prices(MARKET), prices(9)), ((None, Some(20_001)), (None, None)));
	});
}

#[test]
fn a_book_thinner_than_the_budget_leaves_the_rest() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 100)));
		assert_eq!(buy(1_000 * CRED, 20_000).unwrap().spent, 2 * CRED);
		assert_eq!(gained(CRED_ASSET, CRED), -2_000_000);
		assert!(depth(Side::Ask).is_empty() && depth(Side::Bid).is_empty());
	});
}

#[test]
fn it_meets_no_more_orders_than_it_may() {
	build_and_execute(|| {
		for _ in 0..12 {
			assert_ok!(place(ALICE, ask(20_000, 50)));
		}
		let done = buy(100 * CRED, 20_000).unwrap();
		assert_eq!((done.spent, done.matches), (10 * CRED, 10));
		let purchase = Purchase { budget: CRED, worst: 20_000, max_matches: MAX_MATCHES + 1 };
		let too_many = DispatchError::from(Error::<Test>::TooManyMatches);
		assert_noop!(Orderbook::buy(&CAROL, MARKET, purchase), too_many);
	});
}

#[test]
fn what_cannot_be_ordered_cannot_be_bought() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 100)));
		let refused = |error: Error<Test>| DispatchError::from(error);
		// Fewer µCRED than a lot costs, or than the market takes.
		assert_noop!(buy(19_999, 20_000), refused(Error::<Test>::ZeroLots));
		assert_noop!(buy(CRED - 1, 20_000), refused(Error::<Test>::BelowMinNotional));
		assert_noop!(buy(CRED, 0), refused(Error::<Test>::ZeroLots));
		assert_noop!(buy(20 * CRED, TICKS), refused(Error::<Test>::TickOutOfRange));
		let short = DispatchError::from(pallet_clearing::Error::<Test>::InsufficientWallet);
		assert_noop!(buy((WEALTH + 1) * CRED, 20_000), short);
		let unknown =
			Orderbook::buy(&CAROL, 9, Purchase { budget: CRED, worst: 1, max_matches: 1 });
		assert_eq!(unknown, Err(refused(Error::<Test>::UnknownMarket)));
		assert_ok!(Orderbook::set_status(RuntimeOrigin::root(), MARKET, MarketStatus::Halted));
		assert_noop!(buy(2 * CRED, 20_000), refused(Error::<Test>::HaltedMarket));
	});
}

#[test]
fn a_budget_pays_for_whole_lots() {
	let lots = |tick, budget| -> Lots { TERMS.affordable(tick, budget) };
	assert_eq!((lots(20_000, 39_999), lots(20_000, 40_000)), (1, 2));
	assert_eq!((lots(0, CRED), lots(1, 0)), (0, 0));
	assert_eq!(lots(1, Balance::MAX), MAX_LOTS);
	assert_eq!(lots(Tick::MAX, Balance::MAX), MAX_LOTS);
}

#[test]
fn what_is_traded_is_told_before_it_leaves_the_account() {
	build_and_execute(|| {
		assert_ok!(place(ALICE, ask(20_000, 300)));
		System::reset_events();
		assert_ok!(buy(10 * CRED, 20_000));
		let told: Vec<_> = System::events().into_iter().map(|record| record.event).collect();
		let filled = told
			.iter()
			.position(|event| matches!(event, RuntimeEvent::Orderbook(Event::OrderFilled { .. })));
		let withdrawn = told.iter().position(|event| {
			matches!(event, RuntimeEvent::Clearing(pallet_clearing::Event::Withdrawn { .. }))
		});
		assert!(filled.is_some() && filled < withdrawn, "{told:?}");
	});
}

#[test]
fn it_weighs_an_order_and_two_withdrawals() {
	let given_back = <Clearing as Ledger<AccountId>>::give_back_weight();
	let order = Work::most_to_place(7).weight::<Test>();
	let expected = order.saturating_add(given_back).saturating_add(given_back);
	assert_eq!(<Orderbook as Exchange<AccountId>>::buy_weight(7), expected);
}
