//! Fees on their way to the fund's wallet.

use frame_support::{assert_noop, assert_ok};
use lx_primitives::{
	trading::MarketId,
	units::{CRED_ASSET, LCO, LCO_ASSET},
	Balance,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{mock::*, Error, Event, MarketStatus};

/// What the fund has in its account for the first market, of LCO and of CRED.
fn due() -> [Balance; 2] {
	[LCO_ASSET, CRED_ASSET].map(|asset| holding(FUND, asset).0)
}

/// What it has in its wallet.
fn collected() -> [Balance; 2] {
	[LCO_ASSET, CRED_ASSET].map(|asset| wallet(&FUND, asset))
}

/// Somebody who has nothing to do with them collects a market's.
fn collect(market: MarketId) -> DispatchResult {
	Orderbook::collect_fees(signed(BOT), market)
}

#[test]
fn they_wait_until_somebody_collects_them() {
	build_and_execute(|| {
		trade(20_000);
		let [base, quote] = [LCO / 500, 2_000];
		assert_eq!((due(), collected()), ([base, quote], [0, 0]));
		take_events();
		assert_ok!(collect(MARKET));
		assert_eq!(take_events(), [Event::FeesCollected { market: MARKET, base, quote }]);
		assert_eq!((due(), collected()), ([0, 0], [base, quote]));
		// There is still room for more.
		trade(20_000);
		assert_eq!((due(), collected()), ([base, quote], [base, quote]));
		assert_ok!(collect(MARKET));
		assert_eq!((due(), collected()), ([0, 0], [2 * base, 2 * quote]));
	});
}

#[test]
fn those_of_each_market_are_apart_whatever_may_be_done_in_it() {
	build_and_execute(|| {
		let root = RuntimeOrigin::root;
		assert_ok!(Orderbook::open_market(root(), TERMS));
		assert_ok!(Orderbook::set_status(root(), 1, MarketStatus::Active));
		assert_ok!(Orderbook::place(signed(CAROL), 1, None, 0, ask(20_000, 100)));
		assert_ok!(Orderbook::place(signed(BOB), 1, None, 0, bid(20_000, 100)));
		assert_ok!(Orderbook::set_status(root(), 1, MarketStatus::Halted));
		trade(25_000);
		assert_ok!(collect(1));
		assert_eq!((due(), collected()), ([LCO / 500, 2_500], [LCO / 500, 2_000]));
	});
}

#[test]
fn what_is_not_there_is_not_collected() {
	build_and_execute(|| {
		assert_noop!(collect(MARKET), Error::<Test>::NothingToCollect);
		trade(20_000);
		assert_noop!(collect(1), Error::<Test>::UnknownMarket);
		for nobody in [RuntimeOrigin::none(), RuntimeOrigin::root()] {
			assert_noop!(Orderbook::collect_fees(nobody, MARKET), DispatchError::BadOrigin);
		}
		assert_ok!(collect(MARKET));
		assert_noop!(collect(MARKET), Error::<Test>::NothingToCollect);
	});
}

#[test]
fn what_the_wallet_cannot_take_waits_for_more_and_holds_up_nothing() {
	build_and_execute(|| {
		// A fee of half of what a wallet has to have of LCO at least, and of 0.001 CRED.
		let small = || {
			assert_ok!(place(CAROL, ask(40_000, 25)));
			assert_ok!(place(BOB, bid(40_000, 25)));
		};
		small();
		take_events();
		assert_ok!(collect(MARKET));
		let told = Event::FeesCollected { market: MARKET, base: 0, quote: 1_000 };
		assert_eq!(take_events(), [told]);
		assert_eq!((due(), collected()), ([LCO / 2_000, 0], [0, 1_000]));
		assert_noop!(collect(MARKET), Error::<Test>::NothingToCollect);
		small();
		assert_ok!(collect(MARKET));
		assert_eq!((due(), collected()), ([0, 0], [LCO / 1_000, 2_000]));
	});
}
