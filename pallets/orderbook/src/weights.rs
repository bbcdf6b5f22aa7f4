//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weights of what calls are composed of, and those of the other calls.
pub trait WeightInfo {
	/// Taking a market and an account out, and storing them.
	fn open_session() -> Weight;
	/// What a session stores beside that once something is traded: fees.
	fn pay_fees() -> Weight;
	/// What it stores once its market's first trigger is to fire, or its last one no longer.
	fn alert() -> Weight;
	/// Fetching what an order needs from the wallet.
	fn draw() -> Weight;
	/// A session in which `n` orders are placed, without the book's values.
	fn place(n: u32) -> Weight;
	/// A session in which `n` orders are cancelled, without the book's values.
	fn cancel(n: u32) -> Weight;
	/// A session in which an order meets `n` others, without the book's values.
	fn meet(n: u32) -> Weight;
	/// Reading and writing `n` values of the book.
	fn visit(n: u32) -> Weight;
	/// The call `open_market`.
	fn open_market() -> Weight;
	/// The call `change_terms`.
	fn change_terms() -> Weight;
	/// The call `set_status`.
	fn set_status() -> Weight;
	/// The call `set_trigger`.
	fn set_trigger() -> Weight;
	/// The call `clear_trigger`.
	fn clear_trigger() -> Weight;
	/// The call `collect_fees`.
	fn collect_fees() -> Weight;
	/// Firing a trigger whose order meets `m` others.
	fn fire_trigger(m: u32) -> Weight;
	/// Looking for a trigger to fire, and finding none.
	fn next_trigger() -> Weight;
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// The market, the account, and its owner's tier.
	fn open_session() -> Weight {
		ParityDbWeight::get().reads_writes(3, 2)
	}

	/// The fund's account.
	fn pay_fees() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}

	/// The list of due markets.
	fn alert() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}

	/// The asset, and both of its accounts.
	fn draw() -> Weight {
		ParityDbWeight::get().reads_writes(3, 3)
	}

	/// As much as a read, so that tests can tell it.
	fn place(n: u32) -> Weight {
		ParityDbWeight::get().reads(n.into())
	}

	/// As much as a read, so that tests can tell it.
	fn cancel(n: u32) -> Weight {
		ParityDbWeight::get().reads(n.into())
	}

	/// The other's account.
	fn meet(n: u32) -> Weight {
		ParityDbWeight::get().reads_writes(n.into(), n.into())
	}

	/// The values.
	fn visit(n: u32) -> Weight {
		ParityDbWeight::get().reads_writes(n.into(), n.into())
	}

	/// The market, the id of the next one, and the account that its fees go to.
	fn open_market() -> Weight {
		ParityDbWeight::get().reads_writes(2, 3)
	}

	/// The market.
	fn change_terms() -> Weight {
		ParityDbWeight::get().reads_writes(1, 1)
	}

	/// The market, and the list of due ones.
	fn set_status() -> Weight {
		ParityDbWeight::get().reads_writes(2, 2)
	}

	/// The market, the account and its triggers, the level and two parts of the index; the asset, and
	/// both of its accounts.
	fn set_trigger() -> Weight {
		ParityDbWeight::get().reads_writes(9, 9)
	}

	/// The market, the account and its triggers, the level and three pages, and the list of due markets.
	fn clear_trigger() -> Weight {
		ParityDbWeight::get().reads_writes(8, 8)
	}

	/// The market and the fund's account; both assets, and both accounts of each.
	fn collect_fees() -> Weight {
		ParityDbWeight::get().reads_writes(8, 7)
	}

	/// The market, the account, its triggers, their level and three parts of the index, the level, two
	/// parts of the index, the fund and the list of due markets, twice; of each order that is met its
	/// account, its level and a part of the index.
	fn fire_trigger(m: u32) -> Weight {
		let state = u64::from(m).saturating_mul(3).saturating_add(16);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// The list of due markets.
	fn next_trigger() -> Weight {
		ParityDbWeight::get().reads(1)
	}
}
