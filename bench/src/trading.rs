//! Who trades in a measurement, and what they do.

use frame_support::{
	assert_ok,
	traits::{fungible::Mutate as _, fungibles::Mutate as _},
};
use l_exchange_runtime::{
	Assets, Balances, Clearing, OrderBook, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin,
};
use lx_matching::{CancelReason, Lots, Side, Tick, TimeInForce};
use lx_primitives::{
	trading::{ClientId, MarketId},
	units::{Balance, CRED, CRED_ASSET, LCO, LCO_ASSET},
};
use pallet_orderbook::{
	Amendment, Call, Event, MarketStatus, NextMarketId, Operation, Operations, OrderName,
	OrderRequest, MAX_BATCH,
};
use sp_core::sr25519;
use sp_runtime::AccountId32;

use crate::chain::id;

/// The market in which makers quote: the preset's, of LCO for CRED.
pub const MARKET: MarketId = 0;

/// So many makers quote.
pub const MAKERS: usize = 200;

/// The price around which there are orders, in ticks: 1 CRED a lot.
pub const MIDDLE: Tick = 1_000_000;

/// How much a resting order is for, in lots: more than the least that the market takes.
const LOTS: Lots = 2;

/// So many of its quotes a maker replaces by each batch: it cancels one and places another.
const REPLACED: u64 = 33;

/// So many of its quotes a maker moves by each batch to the next price.
const MOVED: u64 = 34;

/// So many quotes a maker has: every second one is a bid.
const QUOTES: u64 = REPLACED + MOVED;

/// What a batch may weigh is no more than so many times what it weighs here, where its operations share
/// what they touch.
pub const PART_OF_BATCH: usize = 50;

/// Far more LCO and CRED than any measurement needs.
const LCO_EACH: Balance = 10_000 * LCO;
const CRED_EACH: Balance = 100_000 * CRED;

/// Gives an account LCO for fees, and LCO and CRED in its trading account.
pub fn fund(who: &AccountId32) {
	assert_ok!(Balances::mint_into(who, 2 * LCO_EACH));
	assert_ok!(Assets::mint_into(CRED_ASSET, who, CRED_EACH));
	for (asset, amount) in [(LCO_ASSET, LCO_EACH), (CRED_ASSET, CRED_EACH)] {
		assert_ok!(Clearing::deposit(RuntimeOrigin::signed(who.clone()), 0, asset, amount));
	}
}

/// Gives an account LCO to transfer.
pub fn fund_wallet(who: &AccountId32) {
	assert_ok!(Balances::mint_into(who, LCO_EACH));
}

/// Opens one more market, of the terms of the first.
pub fn open_market() -> MarketId {
	let terms = OrderBook::market(MARKET).expect("the preset has a market").terms;
	let market = NextMarketId::<Runtime>::get();
	assert_ok!(OrderBook::open_market(RuntimeOrigin::root(), terms));
	assert_ok!(OrderBook::set_status(RuntimeOrigin::root(), market, MarketStatus::Active));
	market
}

/// Puts an order into a book.
pub fn rest(who: &AccountId32, market: MarketId, order: OrderRequest) {
	assert_ok!(OrderBook::place(RuntimeOrigin::signed(who.clone()), market, None, 0, order));
}

/// Gives a maker money, and the quotes that it has before its first batch.
pub fn quote(maker: &AccountId32) {
	fund(maker);
	(0..QUOTES).for_each(|number| rest(maker, MARKET, quoted(number, 0)));
}

/// An order that only ever rests.
pub fn resting(side: Side, tick: Tick, client: Option<ClientId>) -> OrderRequest {
	let time_in_force = TimeInForce::PostOnly;
	OrderRequest { time_in_force, client, ..OrderRequest::limit(side, tick, LOTS, 0) }
}

/// An order that takes so many of those that sell, at any price there is.
pub fn taking(orders: u32) -> OrderRequest {
	OrderRequest {
		lots: LOTS * Lots::from(orders),
		time_in_force: TimeInForce::ImmediateOrCancel,
		max_matches: orders,
		..resting(Side::Bid, 2 * MIDDLE, None)
	}
}

/// A bid at one of the prices at which makers quote; the next `number` is at the next one.
pub fn beside_quote(number: u64, client: ClientId) -> OrderRequest {
	let bid = 2 * (number % QUOTES.div_ceil(2));
	OrderRequest { client: Some(client), ..quoted(bid, 0) }
}

/// The call that transfers a little LCO.
pub fn transfer(to: &sr25519::Pair) -> RuntimeCall {
	let (dest, value) = (id(to).into(), LCO / 100);
	pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value }.into()
}

/// The call that does nothing.
pub fn remark() -> RuntimeCall {
	frame_system::Call::<Runtime>::remark { remark: Vec::new() }.into()
}

/// The call that places an order.
pub fn place(market: MarketId, order: OrderRequest) -> RuntimeCall {
	Call::<Runtime>::place { market, owner: None, sub: 0, order }.into()
}

/// The call that cancels an order.
pub fn cancel(client: ClientId) -> RuntimeCall {
	let order = OrderName::Client(client);
	Call::<Runtime>::cancel { market: MARKET, owner: None, sub: 0, order }.into()
}

/// The call by which a maker changes all its quotes, turn after turn from 1 on.
pub fn batch(turn: u64) -> RuntimeCall {
	let replaced = (0..REPLACED).flat_map(|number| {
		let before = OrderName::Client(name(number, turn - 1));
		[Operation::Cancel(before), Operation::Place(quoted(number, turn))]
	});
	let moved = (REPLACED..QUOTES).map(|number| {
		let OrderRequest { tick, lots, time_in_force, self_trade, max_matches, .. } =
			quoted(number, turn);
		let amendment = Amendment { tick, lots, time_in_force, self_trade, max_matches };
		Operation::Amend(OrderName::Client(name(number, turn)), amendment)
	});
	let operations: Vec<_> = replaced.chain(moved).collect();
	assert_eq!(operations.len(), MAX_BATCH as usize, "a batch is as large as it may be");
	let operations = Operations::try_from(operations).expect("they are no more than that");
	let (market, all_or_nothing) = (MARKET, false);
	Call::<Runtime>::batch { market, owner: None, sub: 0, operations, all_or_nothing }.into()
}

/// One of a maker's quotes as it is after a turn: by turns at a price and at the next one outwards.
fn quoted(number: u64, turn: u64) -> OrderRequest {
	let distance = (1 + 2 * (number / 2) + turn % 2) as Tick;
	let client = Some(name(number, turn));
	match number % 2 {
		0 => resting(Side::Bid, MIDDLE - distance, client),
		_ => resting(Side::Ask, MIDDLE + distance, client),
	}
}

/// What a maker calls one of its quotes after a turn. One that is moved keeps its name.
fn name(number: u64, turn: u64) -> ClientId {
	if number < REPLACED {
		QUOTES * turn + number
	} else {
		number
	}
}

/// Whether an event is a fee: each transaction that does nothing leaves one.
pub fn is_paid(event: &RuntimeEvent) -> bool {
	let RuntimeEvent::TransactionPayment(event) = event else { return false };
	matches!(event, pallet_transaction_payment::Event::TransactionFeePaid { .. })
}

/// Whether an event is a transfer of LCO.
pub fn is_transfer(event: &RuntimeEvent) -> bool {
	matches!(event, RuntimeEvent::Balances(pallet_balances::Event::Transfer { .. }))
}

/// Whether an event is a fill.
pub fn is_fill(event: &RuntimeEvent) -> bool {
	matches!(event, RuntimeEvent::OrderBook(Event::OrderFilled { .. }))
}

/// Whether an event is what placing, cancelling or amending an order that trades with nothing leaves:
/// exactly one for each.
pub fn is_operation(event: &RuntimeEvent) -> bool {
	let RuntimeEvent::OrderBook(event) = event else { return false };
	match event {
		Event::OrderRested { .. } => true,
		Event::OrderCancelled { reason, .. } => *reason == CancelReason::Requested,
		_ => false,
	}
}
