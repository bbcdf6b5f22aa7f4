//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call and of the service that others use most.
pub trait WeightInfo {
	/// The call `stake`.
	fn stake() -> Weight;
	/// The call `request_unstake`.
	fn request_unstake() -> Weight;
	/// The call `complete_unstake`.
	fn complete_unstake() -> Weight;
	/// The call `cancel_unstake`.
	fn cancel_unstake() -> Weight;
	/// What is told of an account's tiers.
	fn tier() -> Weight;
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// The staker, the totals and the time; the account and its holds.
	fn stake() -> Weight {
		ParityDbWeight::get().reads_writes(5, 4)
	}

	/// The staker and the totals; the time and the length of a day.
	fn request_unstake() -> Weight {
		ParityDbWeight::get().reads_writes(4, 2)
	}

	/// The staker and the time; the account and its holds.
	fn complete_unstake() -> Weight {
		ParityDbWeight::get().reads_writes(4, 3)
	}

	/// The staker, the totals and the time.
	fn cancel_unstake() -> Weight {
		ParityDbWeight::get().reads_writes(3, 2)
	}

	/// The staker.
	fn tier() -> Weight {
		ParityDbWeight::get().reads(1)
	}
}
