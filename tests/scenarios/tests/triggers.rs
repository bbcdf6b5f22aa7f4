//! Triggers on the real runtime: they fire when a block has its time, and not while its state migrates.

use frame_support::storage::storage_prefix;
use l_exchange_runtime::{OrderBook, Runtime, RuntimeEvent, BLOCK_MILLIS};
use lx_matching::{Side, Tick, TimeInForce};
use lx_primitives::{units::CRED_ASSET, Moment};
use pallet_orderbook::{Call, Error, Event, OrderRequest, TriggerRequest, When, MIN_LIFETIME};
use scenarios::{
	dispute::{Dispute, CALLERS},
	Chain, PAST_THE_WINDOW,
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::DispatchError;

const EVE: Sr25519Keyring = CALLERS[0];
const ONE: Sr25519Keyring = CALLERS[1];

/// At or below which Eve's trigger sells.
const STOP: Tick = 20_000;

/// A chain on which Eve has LCO, and both have some Credits.
fn chain() -> Chain {
	let mut dispute = Dispute::new();
	let calls = dispute.calls();
	dispute.post(&calls);
	dispute.chain.wait(PAST_THE_WINDOW);
	dispute.chain
}

/// 1 LCO, as limit order.
fn order(side: Side, tick: Tick) -> OrderRequest {
	OrderRequest::limit(side, tick, 100, 1)
}

fn submit(chain: &mut Chain, who: Sr25519Keyring, call: Call<Runtime>) {
	chain.submit(who, Some(CRED_ASSET), call).expect("it is valid").expect("it succeeds");
}

fn place(chain: &mut Chain, who: Sr25519Keyring, order: OrderRequest) {
	submit(chain, who, Call::place { market: 0, owner: None, sub: 0, order });
}

fn set_trigger(chain: &mut Chain, order: OrderRequest) {
	let request = TriggerRequest { when: When::AtOrBelow(STOP), order };
	submit(chain, EVE, Call::set_trigger { market: 0, owner: None, sub: 0, request });
}

/// They trade in the second of two blocks, so that what waits for that price is due.
fn trade(chain: &mut Chain) {
	place(chain, EVE, order(Side::Ask, STOP));
	place(chain, ONE, order(Side::Bid, STOP));
}

fn now(chain: &mut Chain) -> Moment {
	chain.with(pallet_timestamp::Now::<Runtime>::get)
}

/// What became of triggers in the last block.
fn told(chain: &Chain) -> Vec<&Event<Runtime>> {
	let events = chain.events().iter().filter_map(|event| match event {
		RuntimeEvent::OrderBook(event) => Some(event),
		_ => None,
	});
	let is_end = |event: &&Event<Runtime>| {
		matches!(event, Event::TriggerFired { .. } | Event::TriggerFailed { .. })
	};
	events.filter(is_end).collect()
}

#[test]
fn a_trigger_fires_with_the_time_of_its_block() {
	let mut chain = chain();
	let end = now(&mut chain) + BLOCK_MILLIS + MIN_LIFETIME;
	let time_in_force = TimeInForce::GoodTilTime(end);
	set_trigger(&mut chain, OrderRequest { time_in_force, ..order(Side::Ask, STOP) });
	chain.wait(MIN_LIFETIME - 3 * BLOCK_MILLIS);
	trade(&mut chain);
	assert_eq!(now(&mut chain), end - BLOCK_MILLIS);
	assert!(told(&chain).is_empty(), "it waits for the next block");
	chain.block(Vec::new());
	assert_eq!(now(&mut chain), end);
	// By the time of the block before it would only be too short-lived.
	let expired = DispatchError::from(Error::<Runtime>::Expired);
	let error = match told(&chain)[..] {
		[Event::TriggerFailed { error, .. }] => *error,
		ref other => panic!("it does not fail: {other:?}"),
	};
	assert_eq!(error, expired);
}

#[test]
fn no_trigger_fires_while_the_state_migrates() {
	let mut chain = chain();
	set_trigger(&mut chain, order(Side::Ask, STOP));
	trade(&mut chain);
	// A migration that cannot go on.
	let cursor = storage_prefix(b"Migrations", b"Cursor");
	chain.with(|| sp_io::storage::set(&cursor, &[1]));
	for _ in 0..3 {
		chain.block(Vec::new());
		assert!(told(&chain).is_empty());
	}
	assert_eq!(chain.with(|| OrderBook::triggers(EVE.to_account_id(), 0)).len(), 1);
	chain.with(|| sp_io::storage::clear(&cursor));
	chain.block(Vec::new());
	assert!(matches!(told(&chain)[..], [Event::TriggerFired { left: 0, .. }]));
	assert!(chain.with(|| OrderBook::triggers(EVE.to_account_id(), 0)).is_empty());
}
