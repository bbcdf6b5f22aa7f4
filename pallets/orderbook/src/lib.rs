#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod invariants;
mod markets;
mod orders;
mod shelf;
mod trade;
mod types;
mod views;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub(crate) use shelf::Shelf;
pub use types::*;
pub use views::{DepthLevel, OrderView, Quote, MAX_DEPTH};
pub use weights::WeightInfo;

/// The pallet: its settings, stored data, events, errors and calls.
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use frame_support::{pallet_prelude::*, traits::StorageVersion};
	use frame_system::pallet_prelude::*;
	use lx_matching::{Bits, CancelReason, Level, Lots, OrderId, Page, PageId, Side, Tick};
	use lx_primitives::{
		trading::{ClientId, MarketId, SubAccount, TradingId},
		traits::{Calendar, Clearing, Positions},
		Balance,
	};

	use crate::{orders::Session, types::*, views::*, weights::WeightInfo};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The ledger of trading accounts.
		type Clearing: Clearing<Self::AccountId>;

		/// What reduce-only orders may reduce.
		type Positions: Positions<Self::AccountId>;

		/// Opens markets, changes their terms, and stops them.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Tells the time.
		type Calendar: Calendar;

		/// How many open orders one trading account may have.
		type MaxOpenOrders: Get<u32>;

		/// Receives all fees, in its trading account 0.
		type FeeFund: Get<Self::AccountId>;

		/// How long the work takes.
		type WeightInfo: WeightInfo;
	}

	/// The markets.
	#[pallet::storage]
	pub type Markets<T: Config> = StorageMap<_, Twox64Concat, MarketId, Market, OptionQuery>;

	/// The id of the next market.
	#[pallet::storage]
	pub type NextMarketId<T: Config> = StorageValue<_, MarketId, ValueQuery>;

	/// The orders at each price, by market, side and tick, with the first page of their queue.
	#[pallet::storage]
	pub type Levels<T: Config> = StorageNMap<
		_,
		(NMapKey<Twox64Concat, MarketId>, NMapKey<Identity, Side>, NMapKey<Twox64Concat, Tick>),
		Level<TradingId<T::AccountId>>,
		OptionQuery,
	>;

	/// The further pages of the queues, by market, side, tick and number.
	#[pallet::storage]
	pub type Pages<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Twox64Concat, MarketId>,
			NMapKey<Identity, Side>,
			NMapKey<Twox64Concat, Tick>,
			NMapKey<Twox64Concat, PageId>,
		),
		Page<TradingId<T::AccountId>>,
		OptionQuery,
	>;

	/// Which prices have orders, by market, side and part: 0 is the root, each further one a leaf.
	#[pallet::storage]
	pub type Index<T: Config> = StorageNMap<
		_,
		(NMapKey<Twox64Concat, MarketId>, NMapKey<Identity, Side>, NMapKey<Twox64Concat, u32>),
		Bits,
		ValueQuery,
	>;

	/// What happened. From the first block on, these events alone rebuild every book: orders rest and
	/// are filled and cancelled, and nothing else changes one.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A market is open.
		MarketOpened {
			/// The market.
			market: MarketId,
			/// Its terms.
			terms: Terms,
		},
		/// A market has other terms, for all that happens from now on.
		TermsChanged {
			/// The market.
			market: MarketId,
			/// Its terms.
			terms: Terms,
		},
		/// Something else may be done in a market.
		StatusChanged {
			/// The market.
			market: MarketId,
			/// What may be done.
			status: MarketStatus,
		},
		/// An order, or what is left of one, is in the book, the last at its price.
		OrderRested {
			/// The market.
			market: MarketId,
			/// The order.
			order: OrderId,
			/// Whose it is.
			account: TradingId<T::AccountId>,
			/// What its owner calls it.
			client: Option<ClientId>,
			/// Its side.
			side: Side,
			/// Its price, in ticks.
			tick: Tick,
			/// How much, in lots.
			lots: Lots,
		},
		/// A trade, at the maker's price.
		OrderFilled {
			/// The market.
			market: MarketId,
			/// The order that was in the book, the first at its price.
			maker: OrderId,
			/// Whose it is.
			maker_account: TradingId<T::AccountId>,
			/// What is left of it, in lots; at 0 it is gone.
			maker_left: Lots,
			/// What it has paid of what it received, in the asset's smallest unit.
			maker_fee: Balance,
			/// The order that came.
			taker: OrderId,
			/// Whose it is.
			taker_account: TradingId<T::AccountId>,
			/// Its side.
			taker_side: Side,
			/// What it has paid of what it received, in the asset's smallest unit.
			taker_fee: Balance,
			/// The price, in ticks.
			tick: Tick,
			/// How much was traded, in lots.
			lots: Lots,
		},
		/// An order, or a part of it, is gone without a trade. If it was in the book and nothing is
		/// left, it no longer is.
		OrderCancelled {
			/// The market.
			market: MarketId,
			/// The order.
			order: OrderId,
			/// Whose it was.
			account: TradingId<T::AccountId>,
			/// How much is gone, in lots.
			lots: Lots,
			/// How much of it stays in the book, at its place, in lots.
			left: Lots,
			/// Why.
			reason: CancelReason,
		},
		/// An operation of a batch has failed, and changed nothing.
		OperationFailed {
			/// Its place in the batch, from 0 on.
			index: u32,
			/// Why.
			error: DispatchError,
		},
	}

	/// Why a call failed. Nothing has changed then.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// There is no such market.
		UnknownMarket,
		/// The signer neither owns the account nor holds a key that may trade for it.
		NotTrusted,
		/// The market takes only orders that do not trade at once.
		PostOnlyMarket,
		/// In the market orders can only be cancelled.
		CancelOnlyMarket,
		/// Nothing can be done in the market.
		HaltedMarket,
		/// The order is for no lots.
		ZeroLots,
		/// The order is for more lots than one may be.
		TooManyLots,
		/// The price is not one of the market's ticks.
		TickOutOfRange,
		/// The order is worth less than the market takes.
		BelowMinNotional,
		/// The order's time would be over.
		Expired,
		/// The order's time is not over.
		NotExpired,
		/// The order is post-only, and would trade at once.
		WouldTrade,
		/// The order is fill-or-kill, and cannot be filled whole.
		CannotFill,
		/// The order is reduce-only, and there is nothing that it would reduce.
		NothingToReduce,
		/// The account has no such open order in the market.
		UnknownOrder,
		/// The amendment changes nothing.
		NoChange,
		/// The account has as many open orders as it may.
		TooManyOrders,
		/// The account has an open order of this client id.
		DuplicateClientId,
		/// The order may meet more orders than one may.
		TooManyMatches,
		/// The account has not so much free.
		InsufficientFunds,
		/// The account holds as many assets as it may.
		TooManyAssets,
		/// There would be more than can be counted.
		Overflow,
		/// The terms are not sound: an amount is zero or too large, a fee is all of it, or both assets
		/// are one.
		UnsoundTerms,
		/// The assets and units of a market stay what they are.
		FixedTerms,
		/// The book contradicts itself. This is a fault of the chain.
		Corrupt,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Place an order for account `sub` of `owner`, of the caller if there is none. What it may
		/// give and the account lacks comes from the owner's wallet.
		///
		/// State: 1 read and 1 write of `Markets`, of the account, of the level where it rests; for each
		/// order that it meets of the order's account, its level, 1 in 16 of `Pages`; for each price
		/// that comes or goes 1 or 2 of `Index`; of the fund's account if it trades.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::place(order.max_matches.min(MAX_MATCHES)))]
		pub fn place(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			order: OrderRequest,
		) -> DispatchResultWithPostInfo {
			let mut session = Self::session(origin, market, owner, sub)?;
			session.place(&order)?;
			let matches = session.matches;
			session.close()?;
			Ok(Some(T::WeightInfo::place(matches)).into())
		}

		/// Cancel an order of an account.
		///
		/// State: 1 read and 1 write of `Markets`, of the account, of the order's level, and its page
		/// with two neighbours; 1 or 2 of `Index` if it was the last at its price.
		#[pallet::call_index(1)]
		pub fn cancel(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			order: OrderName,
		) -> DispatchResult {
			let mut session = Self::session(origin, market, owner, sub)?;
			session.cancel(order)?;
			session.close()
		}

		/// Cancel all orders of an account in a market, of one side or of both.
		///
		/// State: as for each of them.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::cancel_all(T::MaxOpenOrders::get()))]
		pub fn cancel_all(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			side: Option<Side>,
		) -> DispatchResultWithPostInfo {
			let mut session = Self::session(origin, market, owner, sub)?;
			let cancelled = session.cancel_all(side)?;
			session.close()?;
			Ok(Some(T::WeightInfo::cancel_all(cancelled)).into())
		}

		/// Amend an order of an account. Less at the same price keeps its place in the queue; anything
		/// else begins anew with the same id: it may trade, and is the last at its price.
		///
		/// State: as for cancelling and placing.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::amend(amendment.max_matches.min(MAX_MATCHES)))]
		pub fn amend(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			order: OrderName,
			amendment: Amendment,
		) -> DispatchResultWithPostInfo {
			let mut session = Self::session(origin, market, owner, sub)?;
			session.amend(order, &amendment)?;
			let matches = session.matches;
			session.close()?;
			Ok(Some(T::WeightInfo::amend(matches)).into())
		}

		/// Do several things in a market for one account, in order. One that fails is announced by
		/// [`Event::OperationFailed`] and changes nothing; with `all_or_nothing` it fails the call.
		///
		/// State: as for each of them, but the market and the account once.
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::batch_weight(operations))]
		pub fn batch(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			operations: Operations,
			all_or_nothing: bool,
		) -> DispatchResultWithPostInfo {
			let mut session = Self::session(origin, market, owner, sub)?;
			session.batch(&operations, all_or_nothing)?;
			let matches = session.matches;
			session.close()?;
			Ok(Some(T::WeightInfo::batch(operations.len() as u32, matches)).into())
		}

		/// Take an order out of the book whose time is over. Anyone may.
		///
		/// State: as for cancelling.
		#[pallet::call_index(5)]
		pub fn expire(
			origin: OriginFor<T>,
			market: MarketId,
			account: TradingId<T::AccountId>,
			order: OrderId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_expire(market, account, order)
		}

		/// Open a market. It is halted at first.
		///
		/// State: 1 read and 1 write of `NextMarketId`, 1 write of `Markets`.
		#[pallet::call_index(6)]
		pub fn open_market(origin: OriginFor<T>, terms: Terms) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_open_market(terms)
		}

		/// Change the fees and the smallest order of a market, for orders placed from now on. Its assets
		/// and its units stay.
		///
		/// State: 1 read and 1 write of `Markets`.
		#[pallet::call_index(7)]
		pub fn change_terms(
			origin: OriginFor<T>,
			market: MarketId,
			terms: Terms,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_change_terms(market, terms)
		}

		/// Say what may be done in a market.
		///
		/// State: 1 read and 1 write of `Markets`.
		#[pallet::call_index(8)]
		pub fn set_status(
			origin: OriginFor<T>,
			market: MarketId,
			status: MarketStatus,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_status(market, status)
		}
	}

	impl<T: Config> Pallet<T> {
		fn session(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
		) -> Result<Session<T>, DispatchError> {
			let who = ensure_signed(origin)?;
			let owner = owner.unwrap_or_else(|| who.clone());
			Ok(Session::open(&who, TradingId { owner, sub }, market)?)
		}

		/// The most that a batch weighs.
		fn batch_weight(operations: &Operations) -> Weight {
			let matches = operations.iter().map(|operation| match operation {
				Operation::Place(order) => order.max_matches.min(MAX_MATCHES),
				Operation::Amend(_, amendment) => amendment.max_matches.min(MAX_MATCHES),
				Operation::Cancel(_) => 0,
			});
			let matches = matches.fold(0u32, u32::saturating_add);
			T::WeightInfo::batch(operations.len() as u32, matches)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A market.
		pub fn market(market: MarketId) -> Option<Market> {
			Markets::<T>::get(market)
		}

		/// The best prices of a side with what there is at each, the best first: at most `most`, and no
		/// more than [`MAX_DEPTH`].
		pub fn depth(market: MarketId, side: Side, most: u32) -> Vec<DepthLevel> {
			Self::depth_of(market, side, most)
		}

		/// The open orders of an account.
		pub fn open_orders(owner: T::AccountId, sub: SubAccount) -> Vec<OrderView> {
			Self::orders_in_books(TradingId { owner, sub })
		}

		/// What an order of so many lots would trade now, before fees, at prices down to `worst`.
		pub fn quote(market: MarketId, side: Side, lots: Lots, worst: Tick) -> Option<Quote> {
			Self::quote_of(market, side, lots, worst)
		}
	}
}
