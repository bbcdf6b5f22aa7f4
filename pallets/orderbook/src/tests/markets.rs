//! Opening, changing and stopping markets.

use frame_support::{assert_noop, assert_ok, traits::BuildGenesisConfig};
use lx_matching::{Side, TimeInForce};
use lx_primitives::units::{CRED_ASSET, USDT_ASSET};
use sp_runtime::DispatchError;

use crate::{
	mock::*, Error, GenesisConfig, MarketStatus, NextMarketId, OrderRequest, Terms, MAX_FEE,
	MAX_MARKETS,
};

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

#[test]
fn only_the_admin_runs_markets() {
	build_and_execute(|| {
		let alice = || signed(ALICE);
		let bad = DispatchError::BadOrigin;
		assert_noop!(Orderbook::open_market(alice(), TERMS), bad);
		assert_noop!(Orderbook::change_terms(alice(), MARKET, TERMS), bad);
		assert_noop!(Orderbook::set_status(alice(), MARKET, MarketStatus::Halted), bad);
	});
}

#[test]
fn terms_are_sound_and_units_stay() {
	build_and_execute(|| {
		for terms in [
			Terms { lot: 0, ..TERMS },
			Terms { tick: 0, ..TERMS },
			Terms { min_notional: 0, ..TERMS },
			Terms { base: CRED_ASSET, ..TERMS },
			Terms { maker_fee: MAX_FEE + 1, ..TERMS },
			Terms { taker_fee: MAX_FEE + 1, ..TERMS },
			Terms { lot: u128::MAX, ..TERMS },
			Terms { tick: u128::MAX, ..TERMS },
		] {
			assert_noop!(Orderbook::open_market(root(), terms), Error::<Test>::UnsoundTerms);
		}
		for terms in [Terms { lot: 1, ..TERMS }, Terms { quote: USDT_ASSET, ..TERMS }] {
			assert_noop!(Orderbook::change_terms(root(), MARKET, terms), Error::<Test>::FixedTerms);
		}
		let dearest = Terms { maker_fee: MAX_FEE, taker_fee: MAX_FEE, ..TERMS };
		assert_ok!(Orderbook::change_terms(root(), MARKET, dearest));
		let cheaper = Terms { taker_fee: 1, min_notional: 1, ..TERMS };
		assert_ok!(Orderbook::change_terms(root(), MARKET, cheaper));
		assert_eq!(Orderbook::market(MARKET).unwrap().terms, cheaper);
		assert_noop!(Orderbook::change_terms(root(), 9, TERMS), Error::<Test>::UnknownMarket);
	});
}

#[test]
fn so_many_markets_and_no_more() {
	build_and_execute(|| {
		NextMarketId::<Test>::put(MAX_MARKETS - 1);
		assert_ok!(Orderbook::open_market(root(), TERMS));
		assert_noop!(Orderbook::open_market(root(), TERMS), Error::<Test>::TooManyMarkets);
	});
}

#[test]
fn what_may_be_done_depends_on_the_status() {
	build_and_execute(|| {
		let post_only = OrderRequest { time_in_force: TimeInForce::PostOnly, ..bid(20_000, 100) };
		let set = |status| Orderbook::set_status(root(), MARKET, status).unwrap();
		set(MarketStatus::PostOnly);
		assert_noop!(place(ALICE, bid(20_000, 100)), Error::<Test>::PostOnlyMarket);
		assert_ok!(place(ALICE, post_only));
		assert_ok!(place(ALICE, post_only));
		set(MarketStatus::CancelOnly);
		assert_noop!(place(ALICE, post_only), Error::<Test>::CancelOnlyMarket);
		assert_ok!(cancel(ALICE, 1));
		set(MarketStatus::Halted);
		assert_noop!(place(ALICE, post_only), Error::<Test>::HaltedMarket);
		assert_noop!(cancel(ALICE, 2), Error::<Test>::HaltedMarket);
		assert_noop!(
			bare(Orderbook::cancel_all(signed(ALICE), MARKET, None, 0, None)),
			Error::<Test>::HaltedMarket
		);
		set(MarketStatus::Active);
		assert_ok!(cancel(ALICE, 2));
	});
}

#[test]
fn books_of_two_markets_are_apart() {
	build_and_execute(|| {
		assert_ok!(Orderbook::open_market(root(), TERMS));
		assert_noop!(
			bare(Orderbook::place(signed(ALICE), 1, None, 0, bid(20_000, 100))),
			Error::<Test>::HaltedMarket
		);
		assert_ok!(Orderbook::set_status(root(), 1, MarketStatus::Active));
		assert_ok!(Orderbook::place(signed(ALICE), 1, None, 0, bid(20_000, 100)));
		assert_ok!(place(BOB, ask(20_000, 100)));
		assert_eq!((depth(Side::Bid), depth(Side::Ask)), (vec![], vec![(20_000, 100, 1)]));
		assert_eq!(Orderbook::depth(1, Side::Bid, 10).len(), 1);
		// Both have an order 1, and each account knows which.
		assert_noop!(cancel(ALICE, 1), Error::<Test>::UnknownOrder);
		assert_ok!(cancel(BOB, 1));
	});
}

#[test]
#[should_panic(expected = "genesis markets have sound terms")]
fn a_chain_does_not_start_with_unsound_terms() {
	new_test_ext().execute_with(|| {
		let markets = vec![(Terms { lot: 0, ..TERMS }, MarketStatus::Active)];
		GenesisConfig::<Test> { markets, ..Default::default() }.build();
	});
}

#[test]
fn genesis_markets_are_written_in_json() {
	let markets = vec![(TERMS, MarketStatus::PostOnly)];
	let genesis = GenesisConfig::<Test> { markets: markets.clone(), ..Default::default() };
	let json = serde_json::to_string(&genesis).unwrap();
	assert_eq!(serde_json::from_str::<GenesisConfig<Test>>(&json).unwrap().markets, markets);
}
