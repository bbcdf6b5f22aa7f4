//! What orders cost that are refused, on the real runtime.

use l_exchange_runtime::{Runtime, RuntimeEvent};
use lx_matching::{Side, TimeInForce};
use lx_primitives::units::{Balance, CRED_ASSET};
use pallet_asset_tx_payment::Event;
use pallet_orderbook::{Call, Error, OrderRequest, MAX_MATCHES};
use scenarios::{
	dispute::{Dispute, CALLERS},
	Chain,
};

/// What it costs to bid for 1 LCO whole or not at all, where nobody sells.
fn fee(chain: &mut Chain, max_matches: u32) -> Balance {
	let order = OrderRequest {
		time_in_force: TimeInForce::FillOrKill,
		..OrderRequest::limit(Side::Bid, 20_000, 100, max_matches)
	};
	let call = Call::<Runtime>::place { market: 0, owner: None, sub: 0, order };
	let done = chain.submit(CALLERS[0], Some(CRED_ASSET), call).expect("it is valid");
	assert_eq!(done, Err(Error::<Runtime>::CannotFill.into()));
	let paid = chain.events().iter().find_map(|event| match event {
		RuntimeEvent::AssetTxPayment(Event::AssetTxFeePaid { actual_fee, .. }) => Some(*actual_fee),
		_ => None,
	});
	paid.expect("it costs a fee")
}

#[test]
fn an_order_that_has_met_nobody_pays_for_nobody() {
	let mut chain = Dispute::new().chain;
	// In blocks that are nearly empty fees never rise.
	let least = fee(&mut chain, 0);
	assert!(least > 0);
	assert!(fee(&mut chain, MAX_MATCHES) <= least, "the rest of the fee comes back");
}
