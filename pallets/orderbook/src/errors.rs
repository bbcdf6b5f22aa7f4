//! Why a call failed.

use frame_support::pallet_macros::pallet_section;

/// The part of the pallet that declares its errors.
#[pallet_section]
mod errors {
	/// Why a call failed. Nothing has changed then.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// There is no such market.
		UnknownMarket,
		/// The signer neither owns the account nor holds a key that may trade for it; or this is so of
		/// another account of the owner, of which the order would take one out.
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
		/// The price is not one of the market's ticks, or a trigger would wait for a fall to 0.
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
		/// The terms are not sound: an amount is zero or too large, a fee is more than a tenth, or both
		/// assets are one.
		UnsoundTerms,
		/// The assets and units of a market stay what they are.
		FixedTerms,
		/// The book contradicts itself. This is a fault of the chain.
		Corrupt,
		/// The account has as many triggers as it may.
		TooManyTriggers,
		/// The account has no such trigger in the market.
		UnknownTrigger,
		/// What the trigger would wait for holds now, or a price has met it that has still to fire others.
		AlreadyMet,
		/// There are as many markets as there may be.
		TooManyMarkets,
		/// The order would live for less than [`MIN_LIFETIME`].
		TooShortLived,
		/// The market has no fees that the fund's wallet can take.
		NothingToCollect,
	}
}
