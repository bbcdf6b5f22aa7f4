//! Measures each call at its worst.
//!
//! Every account is full, so that it is the longest to read and write. The caller owns the one that is
//! traded for: what its orders need comes from the wallet, which a session key does not reach.

mod setup;
mod triggers;

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use lx_matching::{Lots, Side, Tick, TimeInForce};
use lx_primitives::{trading::MAX_OPEN_ORDERS, traits::Calendar};

use self::{setup::*, triggers::*};
use crate::*;

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: each order that is met is somebody else's, alone at its price and in its leaf of the
	/// index, and what is left opens a new leaf. A trigger waits for the trades.
	#[benchmark]
	fn place(m: Linear<0, MAX_MATCHES>) {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		wait_for_any::<T>(market);
		let trader = trader::<T>(most_before_one::<T>());
		spend_free::<T>(&trader);
		let (limit, beyond) = (m + 1, m + 2);
		offer::<T>(market, 1..limit);
		offer::<T>(market, beyond..beyond + 1);
		let order = bid(first_of(limit), Lots::from(m) + 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), market, Some(trader.owner.clone()), trader.sub, order);

		assert_eq!(bids_of::<T>(market, &trader), [first_of(limit)]);
		assert_eq!(best::<T>(market), (Some(first_of(limit)), Some(first_of(beyond))));
		assert_eq!(DueMarkets::<T>::get().is_empty(), m == 0);
	}

	/// Worst: the order is alone on a page between two others, all of which change.
	#[benchmark]
	fn cancel_in_queue() {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS - 1);
		let id = rest_in_queue::<T>(market, &trader, first_of(1), GOOD);
		let name = OrderName::Id(id);

		#[extrinsic_call]
		cancel(RawOrigin::Signed(caller), market, Some(trader.owner.clone()), trader.sub, name);

		assert!(bids_of::<T>(market, &trader).is_empty());
		assert_eq!(Pages::<T>::iter_key_prefix((market, Side::Bid, first_of(1))).count(), 2);
	}

	/// Worst: the order is the best and alone in its leaf of the index; the next one is in another.
	#[benchmark]
	fn cancel_at_price() {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS - 2);
		rest::<T>(market, &trader, (Side::Bid, first_of(1), 1), GOOD);
		let id = rest::<T>(market, &trader, (Side::Bid, first_of(2), 1), GOOD);
		let name = OrderName::Id(id);

		#[extrinsic_call]
		cancel(RawOrigin::Signed(caller), market, Some(trader.owner.clone()), trader.sub, name);

		assert_eq!(bids_of::<T>(market, &trader), [first_of(1)]);
		assert_eq!(best::<T>(market), (Some(first_of(1)), None));
		// The root and the leaf of the other one.
		assert_eq!(Index::<T>::iter_key_prefix((market, Side::Bid)).count(), 2);
	}

	/// Worst: each order is amid a queue at a price of its own.
	#[benchmark]
	fn cancel_all(o: Linear<0, MAX_OPEN_ORDERS>) {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS - o);
		for leaf in 1..=o {
			rest_in_queue::<T>(market, &trader, first_of(leaf), GOOD);
		}

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), market, Some(trader.owner.clone()), trader.sub, None);

		assert!(bids_of::<T>(market, &trader).is_empty());
		let pages = Pages::<T>::iter_key_prefix((market, Side::Bid)).count();
		assert_eq!(pages, 2 * o as usize);
	}

	/// Worst: the order leaves the middle of a queue, and meets others as a new one does.
	#[benchmark]
	fn amend(m: Linear<0, MAX_MATCHES>) {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		wait_for_any::<T>(market);
		let trader = trader::<T>(MAX_OPEN_ORDERS - 1);
		let id = rest_in_queue::<T>(market, &trader, first_of(1), GOOD);
		spend_free::<T>(&trader);
		let (limit, beyond) = (m + 2, m + 3);
		offer::<T>(market, 2..limit);
		offer::<T>(market, beyond..beyond + 1);
		let (name, amendment) = (OrderName::Id(id), moved(first_of(limit), Lots::from(m) + 1));

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller),
			market,
			Some(trader.owner.clone()),
			trader.sub,
			name,
			amendment,
		);

		assert_eq!(bids_of::<T>(market, &trader), [first_of(limit)]);
		assert_eq!(best::<T>(market), (Some(first_of(limit)), Some(first_of(beyond))));
	}

	/// Worst: each operation amends as above. Together they meet as many orders as one may, since a
	/// batch of one is measured too.
	#[benchmark]
	fn batch(o: Linear<1, MAX_BATCH>, m: Linear<0, MAX_MATCHES>) {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		wait_for_any::<T>(market);
		let trader = trader::<T>(MAX_OPEN_ORDERS - o);
		let mut operations = Operations::default();
		let mut limits = Vec::<Tick>::new();
		let mut free = o + 1;
		for index in 0..o {
			let id = rest_in_queue::<T>(market, &trader, first_of(index + 1), GOOD);
			let share = m / o + u32::from(index < m % o);
			let limit = free + share;
			offer::<T>(market, free..limit);
			let amendment = moved(first_of(limit), Lots::from(share) + 1);
			let operation = Operation::Amend(OrderName::Id(id), amendment);
			operations.try_push(operation).expect("there is room");
			limits.push(first_of(limit));
			free = limit + 1;
		}
		offer::<T>(market, free..free + 1);
		spend_free::<T>(&trader);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller),
			market,
			Some(trader.owner.clone()),
			trader.sub,
			operations,
			true,
		);

		assert_eq!(bids_of::<T>(market, &trader), limits);
		assert_eq!(best::<T>(market), (limits.last().copied(), Some(first_of(free))));
	}

	/// Worst: as for cancelling in a queue.
	#[benchmark]
	fn expire_in_queue() {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS - 1);
		let end = T::Calendar::now().saturating_add(1);
		let until = TimeInForce::GoodTilTime(end);
		let id = rest_in_queue::<T>(market, &trader, first_of(1), until);
		T::BenchmarkHelper::set_time(end);

		#[extrinsic_call]
		expire(RawOrigin::Signed(caller), market, trader.clone(), id);

		assert!(bids_of::<T>(market, &trader).is_empty());
	}

	/// Worst: as for cancelling the last order at its price.
	#[benchmark]
	fn expire_at_price() {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS - 2);
		let end = T::Calendar::now().saturating_add(1);
		let until = TimeInForce::GoodTilTime(end);
		rest::<T>(market, &trader, (Side::Bid, first_of(1), 1), GOOD);
		let id = rest::<T>(market, &trader, (Side::Bid, first_of(2), 1), until);
		T::BenchmarkHelper::set_time(end);

		#[extrinsic_call]
		expire(RawOrigin::Signed(caller), market, trader.clone(), id);

		assert_eq!(bids_of::<T>(market, &trader), [first_of(1)]);
		assert_eq!(best::<T>(market), (Some(first_of(1)), None));
	}

	#[benchmark]
	fn open_market() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let market = NextMarketId::<T>::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, TERMS);

		let status = Markets::<T>::get(market).map(|market| market.status);
		assert_eq!(status, Some(MarketStatus::Halted));
		Ok(())
	}

	#[benchmark]
	fn change_terms() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let market = active_market::<T>();
		let terms = Terms { maker_fee: 1, ..TERMS };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, market, terms);

		assert_eq!(Markets::<T>::get(market).map(|market| market.terms), Some(terms));
		Ok(())
	}

	/// Worst: a trigger is to fire, and no longer is.
	#[benchmark]
	fn set_status() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let market = active_market::<T>();
		wait_for_any::<T>(market);
		reach::<T>(market, first_of(1));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, market, MarketStatus::PostOnly);

		let status = Markets::<T>::get(market).map(|market| market.status);
		assert_eq!(status, Some(MarketStatus::PostOnly));
		assert!(DueMarkets::<T>::get().is_empty());
		Ok(())
	}

	/// Worst: the account has all other triggers that it may, the price is alone in its leaf of the
	/// index, and the deposit comes from the wallet.
	#[benchmark]
	fn set_trigger() {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS);
		for leaf in 1..MAX_TRIGGERS {
			let when = When::AtOrAbove(first_of(leaf));
			wait::<T>(market, &trader, TriggerRequest { when, order: triggered(1, 1) });
		}
		spend_free::<T>(&trader);
		let when = When::AtOrAbove(first_of(MAX_TRIGGERS));
		let request = TriggerRequest { when, order: triggered(1, 1) };

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), market, Some(trader.owner.clone()), trader.sub, request);

		let list = Triggers::<T>::get(&trader.owner, trader.sub);
		assert_eq!(list.len() as u32, MAX_TRIGGERS);
	}

	/// Worst: the trigger is alone on a page between two others, all of which change, and the account
	/// has as many as it may.
	#[benchmark]
	fn clear_trigger() {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS);
		for leaf in 2..=MAX_TRIGGERS {
			let when = When::AtOrAbove(first_of(leaf));
			wait::<T>(market, &trader, TriggerRequest { when, order: triggered(1, 1) });
		}
		let trigger = wait_in_queue::<T>(market, &trader, first_of(1));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), market, Some(trader.owner.clone()), trader.sub, trigger);

		let list = Triggers::<T>::get(&trader.owner, trader.sub);
		assert_eq!(list.len() as u32, MAX_TRIGGERS - 1);
		assert_eq!(TriggerPages::<T>::iter_key_prefix((market, Side::Ask, first_of(1))).count(), 2);
	}

	/// Worst: the trigger is alone in its leaf of the index, its account has as many as it may, and its
	/// order does what one does at its worst that is placed.
	#[benchmark]
	fn fire_trigger(m: Linear<0, MAX_TRIGGER_MATCHES>) {
		let market = active_market::<T>();
		let trader = trader::<T>(most_before_one::<T>());
		let (limit, beyond) = (m + 1, m + 2);
		for _ in 1..MAX_TRIGGERS {
			let when = When::AtOrBelow(1);
			wait::<T>(market, &trader, TriggerRequest { when, order: triggered(1, 1) });
		}
		let when = When::AtOrBelow(first_of(1));
		let order = triggered(first_of(limit), Lots::from(m) + 1);
		wait::<T>(market, &trader, TriggerRequest { when, order });
		spend_free::<T>(&trader);
		offer::<T>(market, 1..limit);
		offer::<T>(market, beyond..beyond + 1);
		reach::<T>(market, first_of(1));
		let weight;

		#[block]
		{
			weight = Pallet::<T>::fire_next(market);
		}

		assert_eq!(weight, T::WeightInfo::fire_trigger(m));
		assert_eq!(bids_of::<T>(market, &trader), [first_of(limit)]);
		assert!(DueMarkets::<T>::get().is_empty());
	}

	#[benchmark]
	fn next_trigger() {
		let found;

		#[block]
		{
			found = Pallet::<T>::next_due();
		}

		assert_eq!(found, None);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
