//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call.
pub trait WeightInfo {
	/// The call `place` of an order that meets `m` others.
	fn place(m: u32) -> Weight;
	/// The call `cancel`.
	fn cancel() -> Weight;
	/// The call `cancel_all` of `o` orders.
	fn cancel_all(o: u32) -> Weight;
	/// The call `amend` of an order that meets `m` others.
	fn amend(m: u32) -> Weight;
	/// The call `batch` of `o` operations whose orders meet `m` others.
	fn batch(o: u32, m: u32) -> Weight;
	/// The call `expire`.
	fn expire() -> Weight;
	/// The call `open_market`.
	fn open_market() -> Weight;
	/// The call `change_terms`.
	fn change_terms() -> Weight;
	/// The call `set_status`.
	fn set_status() -> Weight;
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// The market, the account, the level, two parts of the index and the fund; of each order that is
	/// met its account, its level and a part of the index.
	fn place(m: u32) -> Weight {
		let state = u64::from(m).saturating_mul(3).saturating_add(8);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// The market, the account, the level, three pages and two parts of the index.
	fn cancel() -> Weight {
		ParityDbWeight::get().reads_writes(8, 8)
	}

	/// The market and the account; of each order what cancelling it takes.
	fn cancel_all(o: u32) -> Weight {
		let state = u64::from(o).saturating_mul(6).saturating_add(2);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// Cancelling, and placing.
	fn amend(m: u32) -> Weight {
		Self::cancel().saturating_add(Self::place(m))
	}

	/// The market and the account; of each operation what amending takes.
	fn batch(o: u32, m: u32) -> Weight {
		let operations = u64::from(o).saturating_mul(12);
		let matches = u64::from(m).saturating_mul(3);
		let state = operations.saturating_add(matches).saturating_add(4);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// As for cancelling.
	fn expire() -> Weight {
		Self::cancel()
	}

	/// The market, and the id of the next one.
	fn open_market() -> Weight {
		ParityDbWeight::get().reads_writes(1, 2)
	}

	/// The market.
	fn change_terms() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}

	/// The market.
	fn set_status() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}
}
