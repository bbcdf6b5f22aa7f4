#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod drawer;
mod errors;
mod events;
mod fees;
mod impls;
mod invariants;
mod limits;
mod markets;
mod orders;
mod session;
mod shelf;
mod trade;
mod triggers;
mod types;
mod views;
pub mod weights;
mod work;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use drawer::Dated;
pub use pallet::*;
pub(crate) use shelf::Shelf;
pub use triggers::{
	DueList, Flank, Trigger, TriggerId, TriggerList, TriggerRequest, TriggerView, Watch, When,
	MAX_TRIGGERS, MAX_TRIGGER_MATCHES,
};
pub use types::*;
pub use views::{DepthLevel, OrderView, Quote, MAX_DEPTH};
pub use weights::WeightInfo;

/// What measuring needs and this pallet cannot do.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
	/// Adds so much of an asset to a wallet.
	fn endow(who: &AccountId, asset: lx_primitives::AssetId, amount: lx_primitives::Balance);
	/// Sets the time.
	fn set_time(now: lx_primitives::Moment);
}

/// The pallet: its settings, stored data, events, errors and calls.
#[import_section(events::events)]
#[import_section(errors::errors)]
#[import_section(limits::limits)]
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use frame_support::{
		dispatch::{PostDispatchInfo, WithPostDispatchInfo},
		pallet_prelude::*,
		traits::StorageVersion,
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use lx_matching::{Bits, CancelReason, Level, Lots, OrderId, Page, PageId, Side, Tick};
	use lx_primitives::{
		trading::{ClientId, MarketId, SubAccount, TradingId, MAX_OPEN_ORDERS},
		traits::{Calendar, Clearing, Positions, Tiers},
		AssetId, Balance, Moment, Tier,
	};
	use sp_runtime::traits::Convert;

	use crate::{
		drawer::Dated,
		session::Session,
		triggers::{
			DueList, TriggerId, TriggerList, TriggerRequest, TriggerView, MAX_TRIGGERS,
			MAX_TRIGGER_MATCHES,
		},
		types::*,
		views::*,
		weights::WeightInfo,
		work::Work,
	};

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

		/// Receives all fees: those of each market in the trading account that has its number.
		type FeeFund: Get<Self::AccountId>;

		/// Which staking tier an owner has, when an order of his trades or rests.
		type Tiers: Tiers<Self::AccountId>;

		/// The percentage of a market's fees that a tier pays; more than 100 counts as 100.
		type FeePercent: Convert<Tier, u8>;

		/// L-Credits, in which deposits are.
		type CredAsset: Get<AssetId>;

		/// What a trigger sets aside while it waits, in µCRED.
		type TriggerDeposit: Get<Balance>;

		/// The most that firing triggers weighs in a block.
		type TriggerWeight: Get<Weight>;

		/// How long the work takes.
		type WeightInfo: WeightInfo;

		/// Prepares measurements.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// The markets.
	#[pallet::storage]
	pub type Markets<T: Config> =
		StorageMap<_, Twox64Concat, MarketId, Dated<Market, BlockNumberFor<T>>, OptionQuery>;

	/// The id of the next market.
	#[pallet::storage]
	pub type NextMarketId<T: Config> = StorageValue<_, MarketId, ValueQuery>;

	// The keys of books are not hashed: they are short, and all of one length, so nobody can choose them so
	// that the trie becomes deep.

	/// The orders at each price, by market, side and tick, with the first page of their queue.
	#[pallet::storage]
	pub type Levels<T: Config> = StorageNMap<
		_,
		(NMapKey<Identity, MarketId>, NMapKey<Identity, Side>, NMapKey<Identity, Tick>),
		Dated<Level<TradingId<T::AccountId>>, BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// The further pages of the queues, by market, side, tick and number.
	#[pallet::storage]
	pub type Pages<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Identity, MarketId>,
			NMapKey<Identity, Side>,
			NMapKey<Identity, Tick>,
			NMapKey<Identity, PageId>,
		),
		Dated<Page<TradingId<T::AccountId>>, BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// Which prices have orders, by market, side and part: 0 is the root, each further one a leaf.
	#[pallet::storage]
	pub type Index<T: Config> = StorageNMap<
		_,
		(NMapKey<Identity, MarketId>, NMapKey<Identity, Side>, NMapKey<Identity, u32>),
		Dated<Bits, BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// The triggers of each account that has any, by owner and number, the oldest first.
	#[pallet::storage]
	pub type Triggers<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		SubAccount,
		TriggerList<T::AccountId>,
		ValueQuery,
	>;

	/// The triggers that wait for each price, as orders do in a book: by market, side and tick. A bid
	/// waits for the price to fall, an ask for it to rise.
	#[pallet::storage]
	pub type TriggerLevels<T: Config> = StorageNMap<
		_,
		(NMapKey<Identity, MarketId>, NMapKey<Identity, Side>, NMapKey<Identity, Tick>),
		Dated<Level<TradingId<T::AccountId>>, BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// The further pages of their queues, by market, side, tick and number.
	#[pallet::storage]
	pub type TriggerPages<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Identity, MarketId>,
			NMapKey<Identity, Side>,
			NMapKey<Identity, Tick>,
			NMapKey<Identity, PageId>,
		),
		Dated<Page<TradingId<T::AccountId>>, BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// Which prices triggers wait for, by market, side and part, like [`Index`].
	#[pallet::storage]
	pub type TriggerIndex<T: Config> = StorageNMap<
		_,
		(NMapKey<Identity, MarketId>, NMapKey<Identity, Side>, NMapKey<Identity, u32>),
		Dated<Bits, BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// The markets in which a trigger is to fire, the one whose turn it is first.
	#[pallet::storage]
	pub type DueMarkets<T: Config> = StorageValue<_, DueList, ValueQuery>;

	/// The markets that there are from the beginning.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Their terms and what may be done in them, by id from 0 on.
		pub markets: Vec<(Terms, MarketStatus)>,
		/// Carries the runtime's type.
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::build_genesis(&self.markets);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Fires triggers whose prices were reached, within [`Config::TriggerWeight`]. This comes after the
		/// inherents, so that it knows the block's time, and not while the state migrates.
		fn on_poll(_: BlockNumberFor<T>, meter: &mut WeightMeter) {
			Self::fire_due(meter);
		}

		fn integrity_test() {
			let least = T::WeightInfo::next_trigger().saturating_add(Self::largest_step());
			assert!(least.all_lte(T::TriggerWeight::get()), "no block has weight for a trigger");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Place an order for account `sub` of `owner`, of the caller if there is none. What it may
		/// give and the account lacks comes from the owner's wallet if he is the caller.
		///
		/// State: 1 read and 1 write of `Markets`, of the account, of the level where it rests; for each
		/// order that it meets of the order's account, its level, 1 in 16 of `Pages`; for each price
		/// that comes or goes 1 or 2 of `Index`; of the fund's account if it trades, and of `DueMarkets`
		/// if a trigger waits for that.
		#[pallet::call_index(0)]
		#[pallet::weight(order.most_work().weight::<T>())]
		pub fn place(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			order: OrderRequest,
		) -> DispatchResultWithPostInfo {
			Self::trade(origin, market, owner, sub, |session| session.place(&order))
		}

		/// Cancel an order of an account.
		///
		/// State: 1 read and 1 write of `Markets`, of the account, of the order's level, and its page
		/// with two neighbours; 1 or 2 of `Index` if it was the last at its price.
		#[pallet::call_index(1)]
		#[pallet::weight(Work::most_to_cancel(1).weight::<T>())]
		pub fn cancel(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			order: OrderName,
		) -> DispatchResultWithPostInfo {
			Self::trade(origin, market, owner, sub, |session| session.cancel(order))
		}

		/// Cancel all orders of an account in a market, of one side or of both. Its triggers stay.
		///
		/// State: as for each of them. They may be more than an account may have now.
		#[pallet::call_index(2)]
		#[pallet::weight(Work::most_to_cancel(MAX_OPEN_ORDERS).weight::<T>())]
		pub fn cancel_all(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			side: Option<Side>,
		) -> DispatchResultWithPostInfo {
			Self::trade(origin, market, owner, sub, |session| session.cancel_all(side))
		}

		/// Amend an order of an account. Less at the same price and with the same end keeps its place in
		/// the queue; anything else begins anew with the same id: it may trade, and is the last at its
		/// price.
		///
		/// State: as for cancelling and placing.
		#[pallet::call_index(3)]
		#[pallet::weight(amendment.most_work().weight::<T>())]
		pub fn amend(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			order: OrderName,
			amendment: Amendment,
		) -> DispatchResultWithPostInfo {
			Self::trade(origin, market, owner, sub, |session| session.amend(order, &amendment))
		}

		/// Do several things in a market for one account, in order. One that fails is announced by
		/// [`Event::OperationFailed`] and changes nothing; with `all_or_nothing` it fails the call.
		///
		/// State: as for each of them, but each value once.
		#[pallet::call_index(4)]
		#[pallet::weight(most_work(operations).weight::<T>())]
		pub fn batch(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			operations: Operations,
			all_or_nothing: bool,
		) -> DispatchResultWithPostInfo {
			let run = |session: &mut Session<T>| session.batch(&operations, all_or_nothing);
			Self::trade(origin, market, owner, sub, run)
		}

		/// Take an order out of the book whose time is over. Anyone may, and pays no fee if it is.
		///
		/// State: as for cancelling.
		#[pallet::call_index(5)]
		#[pallet::weight(Work::most_to_cancel(1).weight::<T>())]
		pub fn expire(
			origin: OriginFor<T>,
			market: MarketId,
			account: TradingId<T::AccountId>,
			order: OrderId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let owner = account.owner.clone();
			let done = Self::work_for(&owner, account, market, |session| session.expire(order))?;
			Ok(PostDispatchInfo { pays_fee: Pays::No, ..done })
		}

		/// Open a market. It is halted at first.
		///
		/// State: 1 read and 1 write of `NextMarketId`, of the fund's account, 1 write of `Markets`.
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
		/// State: 1 read and 1 write of `Markets`; of `DueMarkets` if triggers are to fire.
		#[pallet::call_index(8)]
		pub fn set_status(
			origin: OriginFor<T>,
			market: MarketId,
			status: MarketStatus,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_status(market, status)
		}

		/// Let an order wait for the market's price: the first trade at that price or beyond fires it.
		/// It is placed at the beginning of the next block, or of a later one if there are more than a
		/// block has weight for, as the caller would place it then. A deposit is set aside until then. The
		/// fee pays for firing too, unless it is refused.
		///
		/// State: 1 read and 1 write of `Markets`, of the account, of its `Triggers`, of the level where it
		/// waits; its last page; 1 or 2 of `TriggerIndex` if nothing waits for its price.
		#[pallet::call_index(9)]
		#[pallet::weight(Pallet::<T>::setting_weight(request))]
		pub fn set_trigger(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			request: TriggerRequest,
		) -> DispatchResultWithPostInfo {
			Self::trade(origin, market, owner, sub, |session| session.set_trigger(&request))
				.map(|_| ().into())
				.map_err(|failed| failed.error.with_weight(T::WeightInfo::set_trigger()))
		}

		/// Clear a trigger of an account, and make its deposit free.
		///
		/// State: 1 read and 1 write of `Markets`, of the account, of its `Triggers`, of the level where it
		/// waits, and its page with two neighbours; 1 or 2 of `TriggerIndex` if it was the last at its
		/// price; of `DueMarkets` if it was the last that was to fire.
		#[pallet::call_index(10)]
		pub fn clear_trigger(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			trigger: TriggerId,
		) -> DispatchResult {
			Self::trade(origin, market, owner, sub, |session| session.clear_trigger(trigger))
				.map(drop)
				.map_err(|failed| failed.error)
		}

		/// Bring the fees of a market from the fund's trading account, to which nobody has a key, into its
		/// wallet. Anyone may. What the wallet cannot take, such as less than the existential deposit, waits
		/// for more.
		///
		/// State: 1 read of `Markets`, 1 read and 1 write of the fund's account, a transfer of each asset.
		#[pallet::call_index(11)]
		pub fn collect_fees(origin: OriginFor<T>, market: MarketId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::bring_fees_in(market)
		}
	}

	impl<T: Config> Pallet<T> {
		/// Works in a market for one of an owner's accounts, the caller's if there is none: what has
		/// weighed how much.
		fn trade(
			origin: OriginFor<T>,
			market: MarketId,
			owner: Option<T::AccountId>,
			sub: SubAccount,
			work: impl FnOnce(&mut Session<T>) -> DispatchResult,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let owner = owner.unwrap_or_else(|| who.clone());
			Self::work_for(&who, TradingId { owner, sub }, market, work)
		}

		fn work_for(
			who: &T::AccountId,
			account: TradingId<T::AccountId>,
			market: MarketId,
			work: impl FnOnce(&mut Session<T>) -> DispatchResult,
		) -> DispatchResultWithPostInfo {
			let opened = Session::open(who, account, market);
			let mut session =
				opened.map_err(|error| error.with_weight(T::WeightInfo::open_session()))?;
			work(&mut session).map_err(|error| error.with_weight(session.weight()))?;
			session.close()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A market.
		pub fn market(market: MarketId) -> Option<Market> {
			Self::stored_market(market)
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

		/// The triggers of an account, the oldest first.
		pub fn triggers(owner: T::AccountId, sub: SubAccount) -> Vec<TriggerView<T::AccountId>> {
			Self::triggers_of(TradingId { owner, sub })
		}

		/// What an order of so many lots would trade now, before fees, at prices down to `worst`. Orders
		/// whose time is over count for nothing.
		pub fn quote(market: MarketId, side: Side, lots: Lots, worst: Tick) -> Option<Quote> {
			Self::quote_of(market, side, lots, worst)
		}
	}
}
