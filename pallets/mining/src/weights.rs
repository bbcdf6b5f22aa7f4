//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call and of each service.
pub trait WeightInfo {
	/// Settlements of `a` accounts, by `OnUsageSettled`.
	fn settle(a: u32) -> Weight;
	/// The call `claim`.
	fn claim() -> Weight;
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// `Cumulative`, `TotalUnpaid` and the issuance; of each account, what is unpaid and its balance.
	fn settle(a: u32) -> Weight {
		let state = u64::from(a).saturating_mul(2).saturating_add(3);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// `Unpaid`, `TotalUnpaid`, the account and the issuance.
	fn claim() -> Weight {
		ParityDbWeight::get().reads_writes(4, 4)
	}
}
