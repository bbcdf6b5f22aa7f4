//! Why a call fails.

use frame_support::pallet_macros::pallet_section;

/// The part of the pallet that declares its errors.
#[pallet_section]
mod errors {
	/// Why a call failed. Nothing has changed then.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// A model's name is UTF-8 and not empty.
		InvalidModelName,
		/// The model is open to everybody, or was once: what it is sold at then is in the registry.
		ModelListed,
		/// The amount is zero.
		ZeroUnits,
		/// The snapshot is not after the opening, the opening is before the closing, and that before
		/// the expiry.
		WrongTimes,
		/// The snapshot comes too soon after the announcement.
		NoticeTooShort,
		/// The closing comes so long after the announcement that it is not remembered who had staked
		/// what.
		WindowTooLong,
		/// The expiry comes too long after the announcement.
		LifeTooLong,
		/// The cost is above the most that the lowest paying tier covers, or the two price cards do not
		/// meter the same thing.
		CostTooHigh,
		/// Something costs nothing: a call that is not charged would use no quota.
		FreeOfCharge,
		/// So many launches are not over that there is no room for another.
		TooManyLaunches,
		/// No such launch.
		UnknownLaunch,
		/// One cannot subscribe yet.
		NotOpen,
		/// One can no longer subscribe.
		WindowOver,
		/// More units than there are.
		RequestTooLarge,
		/// The account has subscribed already.
		AlreadySubscribed,
		/// Only tiers from Lv3 on can subscribe.
		TierTooLow,
		/// The account had not the stake of Lv3 all the time from the announcement to the snapshot.
		NoWeight,
		/// The launch has all the subscribers that it may have.
		TooManySubscribers,
		/// The deposit is not free in the wallet, above its smallest balance.
		InsufficientFunds,
		/// The quota is not divided yet.
		NotAllocated,
		/// The launch has expired.
		Expired,
		/// The account has not subscribed, or its subscription was removed.
		NotSubscribed,
		/// The relay serves no calls: it does not exist, or is not active.
		RelayNotActive,
		/// More units than the account was given and has not claimed yet.
		ClaimTooLarge,
		/// A quota is claimed at no more than [`MAX_CLAIMS`](crate::MAX_CLAIMS) relays.
		TooManyRelays,
		/// The quota can still be used, or what was used of it can still be posted.
		StillInUse,
		/// The launch is not over, or what was used in it can still be posted.
		NotOver,
		/// What was left of the launch is offered again already.
		AlreadyReoffered,
		/// All of it was used.
		NothingLeft,
	}
}
