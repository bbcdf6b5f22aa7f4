//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call, service and step.
pub trait WeightInfo {
	/// Watching the price, with a round as large as one can be, in which nothing is drawn.
	fn look() -> Weight;
	/// Closing the books and opening a round.
	fn open_round() -> Weight;
	/// Burning what a slice has bought, and entering it, without what the market weighs.
	fn finish_slice() -> Weight;
	/// Writing a receipt.
	fn write_receipt() -> Weight;
	/// A batch's revenue and cost, by `OnRevenue`.
	fn on_revenue() -> Weight;
	/// The call `refund`.
	fn refund() -> Weight;
}

/// Counts the database's share only: for tests, and until it is measured.
impl WeightInfo for () {
	/// `PriceWatch`, the market, the window, the clock, the day's length, the round, and what draws.
	fn look() -> Weight {
		ParityDbWeight::get().reads_writes(8, 1)
	}

	/// `Head`, the books, three accounts and the asset, the parameters of slices, and the round.
	fn open_round() -> Weight {
		ParityDbWeight::get().reads_writes(10, 7)
	}

	/// The parameters of the guard, the market, both accounts, the issuance, and the round.
	fn finish_slice() -> Weight {
		ParityDbWeight::get().reads_writes(8, 5)
	}

	/// The receipt, `Head` and the round.
	fn write_receipt() -> Weight {
		ParityDbWeight::get().reads_writes(1, 3)
	}

	/// The books.
	fn on_revenue() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}

	/// The books, both accounts and the asset.
	fn refund() -> Weight {
		ParityDbWeight::get().reads_writes(4, 4)
	}
}
