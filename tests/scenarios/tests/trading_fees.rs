//! The fees of a market that no close of a week brings in, on the real runtime.

use frame_support::traits::fungibles::Inspect;
use l_exchange_runtime::{
	configs::{AllAssets, EcosystemFundAccount},
	OrderBook, Runtime,
};
use lx_matching::Side;
use lx_primitives::{
	trading::MarketId,
	units::{Balance, CRED_ASSET, LCO, LCO_ASSET, USDT, USDT_ASSET},
};
use pallet_orderbook::{Call, Error, MarketStatus, Terms};
use pallet_whale_voting::Origin;
use scenarios::weeks::Weeks;
use sp_keyring::Sr25519Keyring::{Eve, One};
use sp_runtime::DispatchResult;

/// Of LCO for USDT.
const MARKET: MarketId = 1;

/// One lot is 0.01 LCO, and one tick 0.0001 USDT per LCO.
const TERMS: Terms = Terms {
	base: LCO_ASSET,
	quote: USDT_ASSET,
	lot: LCO / 100,
	tick: 1,
	min_notional: USDT,
	maker_fee: 10,
	taker_fee: 20,
};

fn open_market() -> DispatchResult {
	OrderBook::open_market(Origin::Parameters.into(), TERMS)?;
	OrderBook::set_status(Origin::Parameters.into(), MARKET, MarketStatus::Active)
}

/// What the fund has in its wallet, of LCO and of USDT.
fn in_wallet(weeks: &mut Weeks) -> [Balance; 2] {
	let fund = EcosystemFundAccount::get();
	weeks.chain.with(|| [LCO_ASSET, USDT_ASSET].map(|asset| AllAssets::balance(asset, &fund)))
}

fn collect(weeks: &mut Weeks) -> DispatchResult {
	let collect = Call::<Runtime>::collect_fees { market: MARKET };
	weeks.chain.submit(One, Some(CRED_ASSET), collect).expect("it is valid")
}

#[test]
fn anybody_brings_the_fees_of_any_market_into_the_funds_wallet() {
	let mut weeks = Weeks::new();
	weeks.call(Eve, 1);
	weeks.chain.with(open_market).expect("the terms are sound");
	// Eve gets 2 USDT, and One 1 LCO.
	weeks.place(MARKET, Eve, Side::Ask, 20_000, 100);
	weeks.place(MARKET, One, Side::Bid, 20_000, 100);
	weeks.buy_back();
	weeks.next_week();
	assert_eq!(in_wallet(&mut weeks), [0, 0], "a week's close does not bring them in");
	collect(&mut weeks).unwrap();
	assert_eq!(in_wallet(&mut weeks), [LCO / 500, USDT / 500]);
	let nothing = Error::<Runtime>::NothingToCollect.into();
	assert_eq!(collect(&mut weeks), Err(nothing));
}
