//! What the calls weigh.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call.
pub trait WeightInfo {
	/// `set_price` of a new model.
	fn set_price() -> Weight;
	/// `delist_model`.
	fn delist_model() -> Weight;
	/// Finding a price that was in force, by `Prices`.
	fn price_at() -> Weight;
}

/// Weights by the state that is read and written, for tests.
impl WeightInfo for () {
	/// Reads `Models`, its count and the time; writes `Models`, its count and `Prices`.
	fn set_price() -> Weight {
		ParityDbWeight::get().reads_writes(3, 3)
	}

	/// Reads and writes `Models`.
	fn delist_model() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}

	/// Reads two `Prices`.
	fn price_at() -> Weight {
		ParityDbWeight::get().reads(2)
	}
}
