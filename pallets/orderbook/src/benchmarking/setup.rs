//! What is there before a measurement begins.

use alloc::vec::Vec;
use core::ops::Range;
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};
use frame_system::pallet_prelude::BlockNumberFor;
use lx_matching::{
	Context, Level, Lots, NewOrder, OrderId, Orders, Page, PageId, Place, Resting, SelfTrade, Side,
	Tick, TimeInForce, PAGE_SIZE,
};
use lx_primitives::{
	trading::{
		Holding, MarketId, OpenOrder, Session, Source, TradingAccount, TradingId, MAX_HOLDINGS,
		MAX_OPEN_ORDERS, MAX_SESSIONS,
	},
	traits::Clearing,
	units::{CRED_ASSET, LCO, LCO_ASSET},
	AssetId, Balance, Moment,
};

use sp_runtime::traits::Zero;

use crate::{
	trade::{orders_of, Asker, Party, Trade},
	*,
};

/// Terms of assets that this chain has.
pub(super) const TERMS: Terms = Terms {
	base: LCO_ASSET,
	quote: CRED_ASSET,
	lot: LCO / 100,
	tick: 1,
	min_notional: 1,
	maker_fee: 10,
	taker_fee: 20,
};

/// How long an order lives that nobody takes out.
pub(super) const GOOD: TimeInForce = TimeInForce::GoodTilCancelled;

/// So many prices are in one leaf of the index.
const LEAF: Tick = 4_096;

/// Far more of an asset than any measurement needs.
pub(super) const MUCH: Balance = 1_000_000_000_000_000;

/// A market that is not the measured one.
const ELSEWHERE: MarketId = MarketId::MAX;

/// Whose the entries of a queue are.
type Owner<T> = TradingId<<T as frame_system::Config>::AccountId>;

/// The page between two others, where [`amid_others`] puts an entry.
pub(super) const MIDDLE: PageId = 2;

pub(super) fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

/// The first price of a leaf of the index.
pub(super) fn first_of(leaf: u32) -> Tick {
	leaf * LEAF
}

/// An active market, and a fund that has as many assets as it may.
pub(super) fn active_market<T: Config>() -> MarketId {
	let market = NextMarketId::<T>::get();
	Pallet::<T>::do_open_market(TERMS).expect("the terms are sound");
	Pallet::<T>::do_set_status(market, MarketStatus::Active).expect("it was opened");
	let holdings = full::<T>(0).holdings;
	let fund = TradingAccount { holdings, ..Default::default() };
	T::Clearing::store(&Pallet::<T>::fund_of(market), fund);
	market
}

/// Brings both assets to the ledger: an account that was stored as it is has what nobody has brought.
pub(super) fn fill_ledger<T: Config>() {
	let id = TradingId { owner: account("giver", 0, 0), sub: 0 };
	let mut giver = TradingAccount::default();
	for asset in [TERMS.base, TERMS.quote] {
		T::BenchmarkHelper::endow(&id.owner, asset, 3 * MUCH);
		T::Clearing::ensure_free(&id, &mut giver, asset, 2 * MUCH, Source::Wallet)
			.expect("it is in the wallet");
	}
	T::Clearing::store(&id, giver);
}

/// So many orders an account may have and still place one.
pub(super) fn most_before_one<T: Config>() -> u32 {
	T::MaxOpenOrders::get().min(MAX_OPEN_ORDERS).saturating_sub(1)
}

/// An account with as many assets and keys as one may have, and so many open orders in another market.
/// What is looked for is the last of its kind.
pub(super) fn full<T: Config>(orders: u32) -> TradingAccount<T::AccountId> {
	let mut account = TradingAccount::default();
	let others = (0..MAX_HOLDINGS - 2).map(|number| AssetId::MAX - number);
	for asset in others.chain([TERMS.base, TERMS.quote]) {
		let holding = Holding { asset, free: MUCH, locked: 0, awaited_by: 1 };
		account.holdings.try_push(holding).expect("there is room");
	}
	for id in 0..OrderId::from(orders) {
		let place = Place { id, side: Side::Bid, tick: 0, page: 0 };
		let order = OpenOrder { market: ELSEWHERE, place, client: Some(id), maker_fee: 0 };
		account.orders.try_push(order).expect("there is room");
	}
	for number in 0..MAX_SESSIONS {
		let key = frame_benchmarking::account("key", number, 0);
		let session = Session { key, expires_at: Moment::MAX };
		account.sessions.try_push(session).expect("there is room");
	}
	account
}

/// The caller's account, with so many open orders elsewhere. Its wallet can pay for everything.
pub(super) fn trader<T: Config>(orders: u32) -> TradingId<T::AccountId> {
	let id = TradingId { owner: whitelisted_caller(), sub: 0 };
	T::BenchmarkHelper::endow(&id.owner, TERMS.quote, MUCH);
	T::Clearing::store(&id, full::<T>(orders));
	id
}

/// Leaves nothing free of what a bid needs, so that it comes from the wallet. Half is set aside, so that
/// the holding is large enough.
pub(super) fn spend_free<T: Config>(id: &TradingId<T::AccountId>) {
	let mut account = T::Clearing::account(id);
	let free = account.holding(TERMS.quote).free;
	let half = free / 2;
	account.lock(TERMS.quote, half).expect("it is free");
	account.debit(TERMS.quote, free - half).expect("it is free");
	T::Clearing::store(id, account);
}

/// Puts an order into the book, however many its account has.
pub(super) fn rest<T: Config>(
	market: MarketId,
	owner: &TradingId<T::AccountId>,
	(side, tick, lots): (Side, Tick, Lots),
	time_in_force: TimeInForce,
) -> OrderId {
	let found = Pallet::<T>::market(market).expect("it was opened");
	let asker = Asker { who: owner.owner.clone(), now: 0 };
	let party = Party::take(owner.clone());
	let mut trade = Trade::<T>::new(market, found.terms, asker, party);
	let mut shelf = Shelf::<T>::new(market, found);
	shelf.room = 1;
	let (owner, self_trade) = (owner.clone(), SelfTrade::CancelTaker);
	let order = NewOrder { owner, side, tick, lots, time_in_force, self_trade, reduce_only: false };
	let context = Context { now: 0, max_matches: None };
	let placed = lx_matching::place(&mut shelf, order, context, &mut |report| trade.hear(report));
	let placed = placed.expect("it is sound and meets nothing");
	shelf.keep();
	shelf.store();
	Pallet::<T>::store_market(market, shelf.market);
	trade.keep();
	trade.finish().expect("there are no fees");
	placed.id
}

/// A level whose only order is alone on a page between full ones, and those pages.
pub(super) fn amid_others<T: Config>(
	level: Level<Owner<T>>,
) -> (Level<Owner<T>>, [(PageId, Page<Owner<T>>); 3]) {
	let orders = others::<T>();
	let count = level.count + 3 * PAGE_SIZE;
	let lots = Lots::from(count);
	let before = Page { previous: 0, next: MIDDLE, orders: orders.clone() };
	let amid = Page { previous: 1, next: MIDDLE + 1, orders: level.orders };
	let after = Page { previous: MIDDLE, next: 0, orders: orders.clone() };
	let level = Level { lots, count, front: 0, next: 1, back: MIDDLE + 1, orders };
	(level, [(1, before), (MIDDLE, amid), (MIDDLE + 1, after)])
}

/// A full page of somebody's orders, whose ids no other has.
fn others<T: Config>() -> Orders<TradingId<T::AccountId>> {
	let owner = TradingId { owner: account("somebody", 0, 0), sub: 0 };
	let order = |number: u32| Resting {
		id: OrderId::MAX - OrderId::from(number),
		owner: owner.clone(),
		lots: 1,
		expires_at: Moment::MAX,
		reduce_only: false,
	};
	Orders::truncate_from((0..PAGE_SIZE).map(order).collect())
}

/// A value that an earlier block has changed.
pub(super) fn stored<T: Config, Value>(value: Value) -> Dated<Value, BlockNumberFor<T>> {
	Dated { changed_in: Zero::zero(), value }
}

/// Full levels at so many prices.
pub(super) fn fill_levels<T: Config>(market: MarketId, levels: u32) {
	for tick in 0..levels {
		let lots = Lots::from(PAGE_SIZE);
		let (front, next, back) = Default::default();
		let level = Level { lots, count: PAGE_SIZE, front, next, back, orders: others::<T>() };
		Levels::<T>::insert((market, Side::Bid, tick), stored::<T, _>(level));
	}
}

/// A session of an account's owner.
pub(super) fn session<T: Config>(
	market: MarketId,
	id: &TradingId<T::AccountId>,
) -> session::Session<T> {
	let session = session::Session::open(&id.owner, id.clone(), market);
	session.ok().expect("it was opened, and is the owner's")
}

/// Sells a lot at a price for each of so many full accounts.
pub(super) fn offer_at<T: Config>(market: MarketId, tick: Tick, orders: u32) {
	for number in 0..orders {
		let id = TradingId { owner: account("maker", number, 0), sub: 0 };
		T::Clearing::store(&id, full::<T>(MAX_OPEN_ORDERS - 1));
		rest::<T>(market, &id, (Side::Ask, tick, 1), GOOD);
	}
}

/// Sells a lot in each of these leaves of the index: a price, a leaf and a full account of its own for
/// each order.
pub(super) fn offer<T: Config>(market: MarketId, leaves: Range<u32>) {
	for leaf in leaves {
		let id = TradingId { owner: account("maker", leaf, 0), sub: 0 };
		T::Clearing::store(&id, full::<T>(MAX_OPEN_ORDERS - 1));
		rest::<T>(market, &id, (Side::Ask, first_of(leaf), 1), GOOD);
	}
}

/// A bid whose name no other order of the account has.
pub(super) fn bid(tick: Tick, lots: Lots) -> OrderRequest {
	let client = Some(u64::MAX);
	OrderRequest { client, ..OrderRequest::limit(Side::Bid, tick, lots, MAX_MATCHES) }
}

/// The prices of an account's bids in a market, the lowest first.
pub(super) fn bids_of<T: Config>(market: MarketId, id: &TradingId<T::AccountId>) -> Vec<Tick> {
	let account = T::Clearing::account(id);
	let its = orders_of(&account, market, Some(Side::Bid));
	let mut ticks: Vec<_> = its.iter().map(|place| place.tick).collect();
	ticks.sort_unstable();
	ticks
}

/// The best prices of the market.
pub(super) fn best<T: Config>(market: MarketId) -> (Option<Tick>, Option<Tick>) {
	let market = Pallet::<T>::market(market).expect("it was opened");
	(market.best_bid, market.best_ask)
}
