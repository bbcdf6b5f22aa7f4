//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call and of each service.
pub trait WeightInfo {
	/// One settlement, by `OnUsageSettled`.
	fn settle() -> Weight;
	/// The call `claim`.
	fn claim() -> Weight;
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// `Cumulative`, `Unpaid`, `TotalUnpaid`, the account and the issuance.
	fn settle() -> Weight {
		ParityDbWeight::get().reads_writes(5, 5)
	}

	/// `Unpaid`, `TotalUnpaid`, the account and the issuance.
	fn claim() -> Weight {
		ParityDbWeight::get().reads_writes(4, 4)
	}
}
