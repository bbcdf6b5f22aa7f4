//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call.
pub trait WeightInfo {
	/// The call `deposit`.
	fn deposit() -> Weight;
	/// The call `withdraw`.
	fn withdraw() -> Weight;
	/// The call `withdraw_all` of an account with `a` assets.
	fn withdraw_all(a: u32) -> Weight;
	/// The call `move_funds`.
	fn move_funds() -> Weight;
	/// The call `add_session`.
	fn add_session() -> Weight;
	/// The call `remove_session`.
	fn remove_session() -> Weight;
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// The trading account; the asset, and both of its accounts.
	fn deposit() -> Weight {
		ParityDbWeight::get().reads_writes(4, 4)
	}

	/// As for a deposit.
	fn withdraw() -> Weight {
		ParityDbWeight::get().reads_writes(4, 4)
	}

	/// The trading account; of each asset what a withdrawal takes.
	fn withdraw_all(a: u32) -> Weight {
		let state = u64::from(a).saturating_mul(3).saturating_add(1);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// Both trading accounts.
	fn move_funds() -> Weight {
		ParityDbWeight::get().reads_writes(2, 2)
	}

	/// The trading account and the time.
	fn add_session() -> Weight {
		ParityDbWeight::get().reads_writes(2, 1)
	}

	/// The trading account.
	fn remove_session() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}
}
