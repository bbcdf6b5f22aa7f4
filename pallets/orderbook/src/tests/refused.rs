//! What calls weigh that are refused: what was done until then, and no more.

use frame_support::{
	assert_noop, assert_ok,
	dispatch::DispatchResultWithPostInfo,
	weights::{constants::ParityDbWeight, Weight},
};
use lx_matching::{Lots, SelfTrade, Side, Tick, TimeInForce};
use lx_primitives::{
	trading::{FundsError, TradingAccount, MAX_HOLDINGS},
	units::{CRED, CRED_ASSET},
	AssetId, Balance,
};
use sp_runtime::DispatchError;

use crate::{
	mock::*, Amendment, Error, MarketStatus, OrderName, OrderRequest, TriggerRequest, WeightInfo,
	When, MAX_MATCHES,
};

/// Expects a call to be refused, to change nothing, and to weigh so much.
fn assert_refused(
	call: impl Fn() -> DispatchResultWithPostInfo,
	error: impl Into<DispatchError>,
	weight: Weight,
) {
	assert_noop!(bare(call()), error);
	assert_eq!(weight_of(call()), Some(weight));
}

/// What a call has weighed.
fn weight_of(done: DispatchResultWithPostInfo) -> Option<Weight> {
	done.unwrap_or_else(|failed| failed.post_info).actual_weight
}

/// A session in which so many orders are placed and met, in a market that the block has changed before.
fn placing(places: u32, matches: u32) -> Weight {
	let placed = another_session().saturating_add(<()>::place(places));
	placed.saturating_add(<()>::meet(matches))
}

/// One in which an order is amended that meets so many.
fn amending(matches: u32) -> Weight {
	placing(1, matches).saturating_add(<()>::cancel(1))
}

/// What money from the wallet weighs.
fn drawn() -> Weight {
	<()>::draw()
}

fn placed(order: OrderRequest) -> DispatchResultWithPostInfo {
	Orderbook::place(signed(ALICE), MARKET, None, 0, order)
}

/// Somebody amends an order of Alice, which may meet 50 others.
fn amended(
	who: AccountId,
	id: u64,
	(tick, lots): (Tick, Lots),
	time_in_force: TimeInForce,
) -> DispatchResultWithPostInfo {
	let self_trade = SelfTrade::CancelTaker;
	let amendment = Amendment { tick, lots, time_in_force, self_trade, max_matches: 50 };
	Orderbook::amend(signed(who), MARKET, Some(ALICE), 0, OrderName::Id(id), amendment)
}

/// Somebody cancels all orders of Alice.
fn all_cancelled(who: AccountId) -> DispatchResultWithPostInfo {
	Orderbook::cancel_all(signed(who), MARKET, Some(ALICE), 0, None)
}

/// A bid for one lot more than there is in so many asks, whole or not at all.
fn too_much(asks: u64, max_matches: u32) -> OrderRequest {
	let time_in_force = TimeInForce::FillOrKill;
	OrderRequest { time_in_force, max_matches, ..bid(20_000, 100 * asks + 1) }
}

/// Bob and Carol sell 1 LCO so often each.
fn offer(count: u32) {
	for _ in 0..count {
		assert_ok!(place(BOB, ask(20_000, 100)));
		assert_ok!(place(CAROL, ask(20_000, 100)));
	}
}

/// Changes Alice's account for as many assets as it may hold beside one.
fn with_other_assets(
	change: fn(&mut TradingAccount<AccountId>, AssetId) -> Result<(), FundsError>,
) {
	pallet_clearing::Accounts::<Test>::mutate(ALICE, 0, |account| {
		let account = account.as_mut().unwrap();
		(10..10 + MAX_HOLDINGS - 1).for_each(|asset| change(account, asset).unwrap());
	});
}

#[test]
fn an_order_that_has_met_nobody_weighs_as_much_as_one_that_rests() {
	build_and_execute(|| {
		offer(3);
		assert_ok!(place(ALICE, OrderRequest { client: Some(7), ..bid(10_000, 100) }));
		let order = OrderRequest { max_matches: MAX_MATCHES, ..bid(30_000, 600) };
		let least = placing(1, 0);
		let refused = |order, error: Error<Test>| assert_refused(|| placed(order), error, least);
		refused(OrderRequest { lots: 0, ..order }, Error::ZeroLots);
		refused(OrderRequest { lots: 1, ..order }, Error::BelowMinNotional);
		refused(OrderRequest { client: Some(7), ..order }, Error::DuplicateClientId);
		refused(OrderRequest { max_matches: MAX_MATCHES + 1, ..order }, Error::TooManyMatches);
		let fetched = least.saturating_add(drawn());
		let time_in_force = TimeInForce::PostOnly;
		let posted = || placed(OrderRequest { time_in_force, ..order });
		assert_refused(posted, Error::<Test>::WouldTrade, fetched);
		let lots = (WEALTH * CRED / 30_000) as u64 + 1;
		let short = pallet_clearing::Error::<Test>::InsufficientWallet;
		assert_refused(|| placed(OrderRequest { lots, ..order }), short, fetched);
		let elsewhere = || Orderbook::place(signed(ALICE), 7, None, 0, order);
		assert_refused(elsewhere, Error::<Test>::UnknownMarket, <()>::open_session());
		let by_a_stranger = || Orderbook::place(signed(BOT), MARKET, Some(ALICE), 0, order);
		assert_refused(by_a_stranger, Error::<Test>::NotTrusted, <()>::open_session());
	});
}

#[test]
fn an_order_that_has_looked_in_vain_weighs_what_it_has_seen() {
	build_and_execute(|| {
		offer(18);
		System::set_block_number(2);
		// Alice has enough for each of them.
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 100 * CRED));
		// The market; the level, two further pages, and the index, in which there is no other price.
		let seen = |values: u64| ParityDbWeight::get().reads_writes(values + 1, 1);
		let refused = |order, met, values| {
			let weight = placing(1, met).saturating_add(seen(values));
			assert_refused(|| placed(order), Error::<Test>::CannotFill, weight);
		};
		refused(OrderRequest { tick: 19_999, ..too_much(36, MAX_MATCHES) }, 0, 0);
		for (max_matches, met, values) in
			[(0, 0, 1), (1, 1, 1), (16, 16, 2), (35, 35, 3), (36, 36, 5), (MAX_MATCHES, 36, 5)]
		{
			refused(too_much(36, max_matches), met, values);
		}
		// One that trades meets each of them twice. The level goes, with its pages and its part of the index;
		// and the market changes.
		let enough = OrderRequest { lots: 3_600, ..too_much(36, MAX_MATCHES) };
		let weight = placing(1, 72).saturating_add(<()>::pay_fees()).saturating_add(<()>::visit(6));
		assert_eq!(weight_of(placed(enough)), Some(weight));
		assert_eq!(depth(Side::Ask), []);
	});
}

#[test]
fn an_order_that_fails_in_the_end_weighs_what_it_has_met() {
	// The fund holds more than there is, so not all invariants hold.
	new_test_ext().execute_with(|| {
		offer(10);
		assert_ok!(place(ALICE, bid(10_000, 100)));
		pallet_clearing::Accounts::<Test>::mutate(FUND, 0, |fund| {
			let holdings = &mut fund.as_mut().unwrap().holdings;
			holdings.iter_mut().for_each(|holding| holding.free = Balance::MAX);
		});
		let order = OrderRequest { max_matches: MAX_MATCHES, ..bid(20_000, 1_900) };
		// The asks, one of which stays, were changed in this block before.
		let met = placing(1, 19).saturating_add(<()>::pay_fees()).saturating_add(drawn());
		assert_refused(|| placed(order), Error::<Test>::Overflow, met);
	});
}

#[test]
fn an_order_that_fails_amid_its_trades_weighs_all_that_it_might() {
	build_and_execute(|| {
		offer(1);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, CRED));
		with_other_assets(TradingAccount::await_asset);
		// There is no place for what it would receive. How far it got is not known.
		let order = OrderRequest { max_matches: 30, ..bid(20_000, 200) };
		let all = |matches| placing(1, matches).saturating_add(drawn());
		assert_refused(|| placed(order), Error::<Test>::TooManyAssets, all(30));
		let order = OrderRequest { time_in_force: TimeInForce::FillOrKill, ..order };
		assert_refused(|| placed(order), Error::<Test>::TooManyAssets, all(60));
		with_other_assets(TradingAccount::no_longer_await);
	});
}

#[test]
fn an_amendment_that_is_refused_weighs_what_it_has_met() {
	build_and_execute(|| {
		offer(3);
		assert_ok!(place(ALICE, bid(10_000, 100)));
		let good = TimeInForce::GoodTilCancelled;
		let unknown = || amended(ALICE, 99, (20_000, 100), good);
		assert_refused(unknown, Error::<Test>::UnknownOrder, amending(0));
		let same = || amended(ALICE, 7, (10_000, 100), good);
		assert_refused(same, Error::<Test>::NoChange, amending(0));
		let by_a_stranger = || amended(BOT, 7, (20_000, 100), good);
		assert_refused(by_a_stranger, Error::<Test>::NotTrusted, <()>::open_session());
		let too_much = || amended(ALICE, 7, (20_000, 601), TimeInForce::FillOrKill);
		let looked = amending(6).saturating_add(drawn());
		assert_refused(too_much, Error::<Test>::CannotFill, looked);
	});
}

#[test]
fn a_trigger_that_is_refused_weighs_no_firing() {
	build_and_execute(|| {
		trade(20_000);
		let set = |who, tick| {
			let request = TriggerRequest { when: When::AtOrBelow(tick), order: sell() };
			Orderbook::set_trigger(signed(who), MARKET, Some(ALICE), 0, request)
		};
		let least = <()>::set_trigger();
		assert_refused(|| set(ALICE, 20_000), Error::<Test>::AlreadyMet, least);
		assert_refused(|| set(BOT, 19_000), Error::<Test>::NotTrusted, least);
		// One that waits has paid for its firing: all that was declared.
		assert_eq!(weight_of(set(ALICE, 19_000)), None);
	});
}

#[test]
fn to_cancel_nothing_weighs_no_more_than_that() {
	build_and_execute(|| {
		let least = <()>::open_session();
		assert_eq!(weight_of(all_cancelled(ALICE)), Some(least));
		assert_refused(|| all_cancelled(BOT), Error::<Test>::NotTrusted, least);
		let least = another_session();
		assert_ok!(place(ALICE, bid(10_000, 100)));
		let set = |status| Orderbook::set_status(RuntimeOrigin::root(), MARKET, status);
		assert_ok!(set(MarketStatus::Halted));
		assert_refused(|| all_cancelled(ALICE), Error::<Test>::HaltedMarket, least);
		assert_ok!(set(MarketStatus::CancelOnly));
		// What it visits was changed in this block before.
		assert_eq!(weight_of(all_cancelled(ALICE)), Some(least.saturating_add(<()>::cancel(1))));
		assert_eq!(depth(Side::Bid), []);
	});
}
