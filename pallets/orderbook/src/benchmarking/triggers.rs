//! Triggers that are there before a measurement begins.

use frame_benchmarking::v2::*;
use lx_matching::{Lots, Side, Tick};
use lx_primitives::{
	trading::{MarketId, TradingId},
	traits::Clearing,
};

use super::setup::*;
use crate::{triggers::Prices, *};

/// A bid that a trigger may place.
pub(super) fn triggered(tick: Tick, lots: Lots) -> OrderRequest {
	OrderRequest { max_matches: MAX_TRIGGER_MATCHES, ..bid(tick, lots) }
}

/// Lets a trigger wait.
pub(super) fn wait<T: Config>(
	market: MarketId,
	id: &TradingId<T::AccountId>,
	request: TriggerRequest,
) -> TriggerId {
	let mut session = session::<T>(market, id);
	session.set_trigger(&request).expect("it is sound, and can be paid for");
	let trigger = session.shelf.market.watch.last_id;
	session.close().expect("there are no fees");
	trigger
}

/// Lets somebody's trigger wait for any trade.
pub(super) fn wait_for_any<T: Config>(market: MarketId) {
	let id = TradingId { owner: account("watcher", 0, 0), sub: 0 };
	T::Clearing::store(&id, full::<T>(0));
	let request = TriggerRequest { when: When::AtOrAbove(1), order: triggered(1, 1) };
	wait::<T>(market, &id, request);
}

/// Lets a trigger wait in the middle of a queue: alone on its page, between two full ones. To take it
/// out changes all three and the level.
pub(super) fn wait_in_queue<T: Config>(
	market: MarketId,
	id: &TradingId<T::AccountId>,
	tick: Tick,
) -> TriggerId {
	let request = TriggerRequest { when: When::AtOrAbove(tick), order: triggered(1, 1) };
	let trigger = wait::<T>(market, id, request);
	let key = (market, Side::Ask, tick);
	let level = TriggerLevels::<T>::get(key).expect("the trigger is there");
	let (level, pages) = amid_others::<T>(level.value);
	TriggerLevels::<T>::insert(key, stored::<T, _>(level));
	for (page, content) in pages {
		TriggerPages::<T>::insert((market, Side::Ask, tick, page), stored::<T, _>(content));
	}
	Triggers::<T>::mutate(&id.owner, id.sub, |list| {
		let its = list.iter_mut().filter(|other| other.is(market, trigger));
		its.for_each(|other| other.place.page = MIDDLE);
	});
	trigger
}

/// Lets the price have been somewhere.
pub(super) fn reach<T: Config>(id: MarketId, price: Tick) {
	let mut market = Pallet::<T>::market(id).expect("it was opened");
	let was_due = market.is_due();
	market.note(Prices::and(None, price));
	Pallet::<T>::put_market(id, market, was_due);
}
