//! One owner's accounts, and keys that may trade for some of them.

use frame_support::{assert_noop, assert_ok};
use lx_matching::{SelfTrade, Side, TimeInForce};
use lx_primitives::{
	trading::SubAccount,
	units::{CRED, CRED_ASSET, LCO, LCO_ASSET},
	Moment,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{mock::*, Error, Event, Operation, OrderRequest, TriggerRequest, When};

/// Lets the bot trade for an account of Alice's.
fn trust(sub: SubAccount, until: Moment) {
	assert_ok!(Clearing::add_session(signed(ALICE), sub, BOT, until));
}

/// Places an order for an account of Alice's.
fn place_for(sub: SubAccount, who: AccountId, order: OrderRequest) -> DispatchResult {
	bare(Orderbook::place(signed(who), MARKET, Some(ALICE), sub, order))
}

/// Alice sells 1 LCO from one account, and has 10 CRED in another for which the bot may trade.
fn sell_beside_the_bot() {
	assert_ok!(place_for(1, ALICE, ask(20_000, 100)));
	assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 10 * CRED));
	trust(0, START + 200);
}

/// An order that meets the one that sells.
fn buy(self_trade: SelfTrade) -> OrderRequest {
	OrderRequest { self_trade, time_in_force: TimeInForce::ImmediateOrCancel, ..bid(20_000, 50) }
}

#[test]
fn a_key_takes_no_order_out_of_an_account_that_does_not_trust_it() {
	use SelfTrade::{CancelBoth, CancelMaker, CancelTaker, Decrement};
	build_and_execute(|| {
		sell_beside_the_bot();
		let refuses_all = || {
			for self_trade in [CancelMaker, CancelBoth, Decrement] {
				assert_noop!(place_for(0, BOT, buy(self_trade)), Error::<Test>::NotTrusted);
			}
		};
		refuses_all();
		// It may meet it, and is stopped.
		assert_ok!(place_for(0, BOT, buy(CancelTaker)));
		assert_eq!(depth(Side::Ask), [(20_000, 100, 1)]);
		trust(1, START + 100);
		Now::set(START + 99);
		assert_ok!(place_for(0, BOT, buy(Decrement)));
		assert_eq!(depth(Side::Ask), [(20_000, 50, 1)]);
		Now::set(START + 100);
		refuses_all();
		assert_ok!(place_for(0, ALICE, buy(CancelMaker)));
		assert_eq!(depth(Side::Ask), []);
	});
}

#[test]
fn an_operation_of_a_batch_that_would_fails_alone() {
	build_and_execute(|| {
		sell_beside_the_bot();
		let operations = [buy(SelfTrade::CancelMaker), bid(19_000, 100)].map(Operation::Place);
		let operations = operations.to_vec().try_into().unwrap();
		take_events();
		assert_ok!(Orderbook::batch(signed(BOT), MARKET, Some(ALICE), 0, operations, false));
		let error = Error::<Test>::NotTrusted.into();
		assert_eq!(take_events().first(), Some(&Event::OperationFailed { index: 0, error }));
		assert_eq!(depth(Side::Bid), [(19_000, 100, 1)]);
		assert_eq!(depth(Side::Ask), [(20_000, 100, 1)]);
		let sells = Clearing::account(ALICE, 1).unwrap().holding(LCO_ASSET);
		assert_eq!((sells.free, sells.locked), (0, LCO));
	});
}

#[test]
fn what_is_expired_is_in_no_keys_way() {
	build_and_execute(|| {
		let end = soon();
		let time_in_force = TimeInForce::GoodTilTime(end);
		assert_ok!(place_for(1, ALICE, OrderRequest { time_in_force, ..ask(20_000, 100) }));
		assert_ok!(place(CAROL, ask(20_000, 50)));
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 10 * CRED));
		Now::set(end);
		trust(0, end + 100);
		assert_ok!(place_for(0, BOT, buy(SelfTrade::CancelTaker)));
		assert_eq!(depth(Side::Ask), []);
		assert_eq!(holding(ALICE, CRED_ASSET), (9 * CRED, 0));
	});
}

#[test]
fn no_other_account_stops_a_trigger_that_its_owner_has_set() {
	build_and_execute(|| {
		trade(20_000);
		assert_ok!(place(BOB, bid(15_000, 300)));
		let request = TriggerRequest { when: When::AtOrBelow(19_000), order: sell() };
		assert_eq!(request.order.self_trade, SelfTrade::CancelTaker);
		assert_ok!(Orderbook::set_trigger(signed(ALICE), MARKET, None, 1, request));
		assert_ok!(Clearing::deposit(signed(ALICE), 0, CRED_ASSET, 2 * CRED));
		trust(0, START + 100);
		// The bot is in front of Bob.
		assert_ok!(place_for(0, BOT, bid(15_001, 100)));
		trade(19_000);
		next_block();
		assert_eq!(depth(Side::Bid), [(15_000, 200, 1)]);
		let sold = Clearing::account(ALICE, 1).unwrap().holding(CRED_ASSET);
		assert_eq!((sold.free, sold.locked), (DEPOSIT + 1_500_000 - 3_000, 0));
		assert_eq!(holding(ALICE, CRED_ASSET), (2 * CRED, 0));
	});
}

#[test]
fn a_keys_trigger_goes_as_far_as_the_key_may() {
	build_and_execute(|| {
		trade(20_000);
		for (asset, amount) in [(LCO_ASSET, 2 * LCO), (CRED_ASSET, 2 * DEPOSIT)] {
			assert_ok!(Clearing::deposit(signed(ALICE), 0, asset, amount));
		}
		trust(0, START + 100);
		assert_ok!(place_for(1, ALICE, bid(15_001, 100)));
		assert_ok!(place(BOB, bid(15_002, 80)));
		let wanted = [(19_000, SelfTrade::CancelTaker), (18_000, SelfTrade::CancelMaker)];
		for (tick, self_trade) in wanted {
			let order = OrderRequest { self_trade, ..sell() };
			let request = TriggerRequest { when: When::AtOrBelow(tick), order };
			assert_ok!(Orderbook::set_trigger(signed(BOT), MARKET, Some(ALICE), 0, request));
		}
		trade(19_000);
		take_events();
		// What the first one sells to Bob fires the second one.
		next_block();
		let ended = take_events().into_iter().filter_map(|event| match event {
			Event::TriggerFired { trigger, left, .. } => Some((trigger, Ok(left))),
			Event::TriggerFailed { trigger, error, .. } => Some((trigger, Err(error))),
			_ => None,
		});
		let not_trusted = DispatchError::from(Error::<Test>::NotTrusted);
		assert_eq!(ended.collect::<Vec<_>>(), [(1, Ok(0)), (2, Err(not_trusted))]);
		assert_eq!(depth(Side::Bid), [(15_001, 100, 1)]);
		// 80 lots were sold.
		assert_eq!(holding(ALICE, LCO_ASSET), (12 * LCO / 10, 0));
	});
}
