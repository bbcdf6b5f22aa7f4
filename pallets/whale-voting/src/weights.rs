//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call, of the hook, and of what the pallet does for others.
pub trait WeightInfo {
	/// What a block does before its transactions.
	fn on_initialize() -> Weight;
	/// The call `guard`, without what it calls.
	fn guard() -> Weight;
	/// The call `authorize_upgrade`.
	fn authorize_upgrade() -> Weight;
	/// The call `cancel_upgrade`.
	fn cancel_upgrade() -> Weight;
	/// What is asked before a vote, without what the proposal takes.
	fn before_vote() -> Weight;
	/// What is noted when a vote is removed.
	fn remove_vote() -> Weight;
	/// What is asked before stake is taken back.
	fn may_unstake() -> Weight;
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// Reads the guardian, when it ends, the totals, and both upgrades; writes what ends. Where the
	/// guardian stays, it reads the time.
	fn on_initialize() -> Weight {
		ParityDbWeight::get().reads_writes(5, 3)
	}

	/// Reads `Guardian`.
	fn guard() -> Weight {
		ParityDbWeight::get().reads(1)
	}

	/// Reads the time, the length of a day and `RedemptionStopped`; writes `PlannedUpgrade`.
	fn authorize_upgrade() -> Weight {
		ParityDbWeight::get().reads_writes(3, 1)
	}

	/// Reads and writes both upgrades.
	fn cancel_upgrade() -> Weight {
		ParityDbWeight::get().reads_writes(2, 2)
	}

	/// Reads the stake, for the tier and for itself, and `Standing`; writes that.
	fn before_vote() -> Weight {
		ParityDbWeight::get().reads_writes(3, 1)
	}

	/// Reads and writes `Standing`.
	fn remove_vote() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}

	/// Reads `Standing`.
	fn may_unstake() -> Weight {
		ParityDbWeight::get().reads(1)
	}
}
