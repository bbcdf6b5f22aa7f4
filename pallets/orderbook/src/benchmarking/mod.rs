//! Measures what calls are composed of, and other calls, each at its worst.
//!
//! Every account is full, so that it is the longest to read and write. The caller owns the one that is
//! traded for: what its orders need comes from the wallet, which a session key does not reach.

mod setup;
mod triggers;

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::traits::Get;
use frame_system::RawOrigin;
use lx_matching::{Book, Lots, Side};
use lx_primitives::{
	trading::{ClientId, Source, MAX_OPEN_ORDERS},
	traits::Clearing,
};
use sp_runtime::traits::One;

use self::{setup::*, triggers::*};
use crate::*;

#[benchmarks]
mod benches {
	use super::*;

	/// Worst: the block has not changed the market before.
	#[benchmark]
	fn open_session() {
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS);
		let next_block = frame_system::Pallet::<T>::block_number() + One::one();
		frame_system::Pallet::<T>::set_block_number(next_block);
		let weight;

		#[block]
		{
			let mut session = session::<T>(market, &trader);
			session.trade.rate(TERMS.maker_fee);
			weight = session.close().map(|info| info.actual_weight);
		}

		assert_eq!(weight, Ok(Some(T::WeightInfo::open_session())));
	}

	#[benchmark]
	fn pay_fees() -> Result<(), BenchmarkError> {
		let market = active_market::<T>();
		let before = T::Clearing::account(&Pallet::<T>::fund_of(market)).holding(TERMS.base).free;

		#[block]
		{
			crate::trade::pay_fees::<T>(market, &TERMS, [1, 1]).map_err(|_| "there is room")?;
		}

		let after = T::Clearing::account(&Pallet::<T>::fund_of(market)).holding(TERMS.base).free;
		assert_eq!(after, before + 1);
		Ok(())
	}

	/// Worst: all other markets have triggers to fire.
	#[benchmark]
	fn alert() {
		(1..MAX_MARKETS).for_each(|market| Pallet::<T>::set_due(market, true));

		#[block]
		{
			Pallet::<T>::set_due(0, true);
		}

		assert_eq!(DueMarkets::<T>::get().len() as u32, MAX_MARKETS);
	}

	#[benchmark]
	fn draw() -> Result<(), BenchmarkError> {
		let trader = trader::<T>(0);
		let mut account = T::Clearing::account(&trader);
		let amount = account.holding(TERMS.quote).free + MUCH / 2;

		#[block]
		{
			let source = Source::Wallet;
			T::Clearing::ensure_free(&trader, &mut account, TERMS.quote, amount, source)?;
		}

		assert_eq!(account.holding(TERMS.quote).free, amount);
		Ok(())
	}

	/// Worst: the names of all orders of a full account are compared.
	#[benchmark]
	fn place(n: Linear<0, MAX_BATCH>) {
		let market = active_market::<T>();
		let trader = trader::<T>(T::MaxOpenOrders::get().min(MAX_OPEN_ORDERS) - n);

		#[block]
		{
			let mut session = session::<T>(market, &trader);
			for number in 0..ClientId::from(n) {
				let client = Some(ClientId::MAX - number);
				let order = OrderRequest { client, ..bid(first_of(1), 1) };
				session.place(&order).expect("it is sound, and can be paid for");
			}
			session.close().expect("there are no fees");
		}

		assert_eq!(bids_of::<T>(market, &trader).len(), n as usize);
	}

	/// Worst: the orders are the last of a full account.
	#[benchmark]
	fn cancel(n: Linear<0, MAX_BATCH>) {
		let market = active_market::<T>();
		let trader = trader::<T>(MAX_OPEN_ORDERS - n);
		let order = (Side::Bid, first_of(1), 1);
		let ids: Vec<_> = (0..n).map(|_| rest::<T>(market, &trader, order, GOOD)).collect();

		#[block]
		{
			let mut session = session::<T>(market, &trader);
			for id in ids {
				session.cancel(OrderName::Id(id)).expect("it is there");
			}
			session.close().expect("there are no fees");
		}

		assert!(bids_of::<T>(market, &trader).is_empty());
	}

	/// Worst: each order that is met is another full account's.
	#[benchmark]
	fn meet(n: Linear<0, MAX_MATCHES>) {
		let market = active_market::<T>();
		let trader = trader::<T>(most_before_one::<T>());
		offer_at::<T>(market, first_of(1), n);
		let order = bid(first_of(1), Lots::from(n) + 1);

		#[block]
		{
			let mut session = session::<T>(market, &trader);
			session.place(&order).expect("it is sound, and can be paid for");
			session.close().expect("the fund has room for fees");
		}

		assert_eq!(bids_of::<T>(market, &trader), [first_of(1)]);
		assert_eq!(best::<T>(market), (Some(first_of(1)), None));
	}

	/// Worst: levels that are full are the largest values.
	#[benchmark]
	fn visit(n: Linear<0, MAX_MATCHES>) {
		let id = active_market::<T>();
		let market = Pallet::<T>::market(id).expect("it was opened");
		fill_levels::<T>(id, n);

		#[block]
		{
			let mut shelf = Shelf::<T>::new(id, market);
			for tick in 0..n {
				let level = shelf.take_level(Side::Bid, tick).expect("it is there");
				shelf.put_level(Side::Bid, tick, level);
			}
			shelf.keep();
			shelf.store();
		}

		let this_block = frame_system::Pallet::<T>::block_number();
		let is_new = |level: &Dated<_, _>| level.changed_in == this_block;
		assert_eq!(Levels::<T>::iter_values().filter(is_new).count(), n as usize);
	}

	#[benchmark]
	fn open_market() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let market = NextMarketId::<T>::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, TERMS);

		let status = Pallet::<T>::market(market).map(|market| market.status);
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

		assert_eq!(Pallet::<T>::market(market).map(|market| market.terms), Some(terms));
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

		let status = Pallet::<T>::market(market).map(|market| market.status);
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

	/// Worst: both assets come to a wallet that has neither.
	#[benchmark]
	fn collect_fees() {
		let caller: T::AccountId = whitelisted_caller();
		let market = active_market::<T>();
		fill_ledger::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), market);

		let fund = T::Clearing::account(&Pallet::<T>::fund_of(market));
		assert_eq!([TERMS.base, TERMS.quote].map(|asset| fund.holding(asset).free), [0, 0]);
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
