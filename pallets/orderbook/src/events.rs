//! What happened.

use frame_support::pallet_macros::pallet_section;

/// The part of the pallet that declares its events.
#[pallet_section]
mod events {
	/// What happened. From the first block on, these events alone rebuild every book: orders rest and
	/// are filled and cancelled, and nothing else changes one. The markets of the genesis are not
	/// announced, since that is no block with events: read them from the state.
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
			/// From when on it is expired, if that is ever.
			expires_at: Option<Moment>,
			/// Whether it only reduces what its account has.
			reduce_only: bool,
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
			/// What its owner calls it.
			taker_client: Option<ClientId>,
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
		/// A trigger waits, the last at its price.
		TriggerSet {
			/// The market.
			market: MarketId,
			/// The trigger.
			trigger: TriggerId,
			/// Whose it is.
			account: TradingId<T::AccountId>,
			/// What it waits for, and what it does then.
			request: TriggerRequest,
			/// What is set aside for it, in µCRED.
			deposit: Balance,
			/// Who has set it, as whom it fires.
			set_by: T::AccountId,
		},
		/// A trigger has fired: its price was reached, and its order was placed.
		TriggerFired {
			/// The market.
			market: MarketId,
			/// The trigger.
			trigger: TriggerId,
			/// Whose it is.
			account: TradingId<T::AccountId>,
			/// The order.
			order: OrderId,
			/// How much of it the limit of matches has cut off, in lots: with so much it goes on once no
			/// other trigger of the market is to fire. At 0 it is gone, and its deposit is free.
			left: Lots,
		},
		/// A trigger no longer waits, since its owner asked for it. Its deposit is free.
		TriggerCleared {
			/// The market.
			market: MarketId,
			/// The trigger.
			trigger: TriggerId,
			/// Whose it was.
			account: TradingId<T::AccountId>,
		},
		/// The price of a trigger was reached, but its order could not be placed. Its deposit is free.
		TriggerFailed {
			/// The market.
			market: MarketId,
			/// The trigger, which is gone.
			trigger: TriggerId,
			/// Whose it was.
			account: TradingId<T::AccountId>,
			/// Why.
			error: DispatchError,
		},
		/// A market's fees came into the wallet of the fund.
		FeesCollected {
			/// The market.
			market: MarketId,
			/// How much of its base, in the asset's smallest unit.
			base: Balance,
			/// How much of its quote, in the asset's smallest unit.
			quote: Balance,
		},
	}
}
