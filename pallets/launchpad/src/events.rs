//! What happens.

use frame_support::pallet_macros::pallet_section;

/// The part of the pallet that declares its events.
#[pallet_section]
mod events {
	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A launch is announced: what is staked counts from now on.
		Announced {
			/// The launch.
			launch: LaunchId,
			/// The model.
			model: ModelId,
			/// Units that there are.
			total: Units,
		},
		/// What was staked until now counts.
		SnapshotTaken {
			/// The launch.
			launch: LaunchId,
			/// What the stakes of the whole network count for.
			network: Balance,
		},
		/// An account asks for a part of a quota.
		Subscribed {
			/// The launch.
			launch: LaunchId,
			/// Who.
			who: T::AccountId,
			/// Units that are asked for.
			units: Units,
			/// What the stake counts for.
			weight: Balance,
			/// Units that are certain: those of the first round.
			first: Units,
		},
		/// Nobody can subscribe any more.
		Closed {
			/// The launch.
			launch: LaunchId,
			/// How many have.
			subscribers: u32,
		},
		/// The quota is divided, and can be claimed.
		Allocated {
			/// The launch.
			launch: LaunchId,
			/// Units that are given to subscribers.
			units: Units,
		},
		/// An account has claimed a part of its quota.
		Claimed {
			/// The launch.
			launch: LaunchId,
			/// Who.
			who: T::AccountId,
			/// The relay at which it can be used.
			relay: RelayId,
			/// Units that can be used there from now on, beside those from before.
			units: Units,
		},
		/// The quota can no longer be used.
		Expired {
			/// The launch.
			launch: LaunchId,
		},
		/// A subscription is removed, and its deposit returned.
		Released {
			/// The launch.
			launch: LaunchId,
			/// Whose.
			who: T::AccountId,
			/// Planck that are free again.
			deposit: Balance,
		},
		/// What was left of a launch is offered in another one.
		Reoffered {
			/// The launch.
			launch: LaunchId,
			/// The other one.
			again: LaunchId,
			/// Units that were left.
			units: Units,
		},
	}
}
