//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call.
pub trait WeightInfo {
	/// The call `place` of an order that meets `m` others.
	fn place(m: u32) -> Weight;
	/// The call `cancel` of an order amid a queue.
	fn cancel_in_queue() -> Weight;
	/// The call `cancel` of the last order at its price.
	fn cancel_at_price() -> Weight;
	/// The call `cancel_all` of `o` orders.
	fn cancel_all(o: u32) -> Weight;
	/// The call `amend` of an order that meets `m` others.
	fn amend(m: u32) -> Weight;
	/// The call `batch` of `o` operations whose orders meet `m` others.
	fn batch(o: u32, m: u32) -> Weight;
	/// The call `expire` of an order amid a queue.
	fn expire_in_queue() -> Weight;
	/// The call `expire` of the last order at its price.
	fn expire_at_price() -> Weight;
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
	/// Firing a trigger whose order meets `m` others.
	fn fire_trigger(m: u32) -> Weight;
	/// Looking for a trigger to fire, and finding none.
	fn next_trigger() -> Weight;
}

/// The call `cancel`, wherever the order is.
pub(crate) fn cancel_weight<W: WeightInfo>() -> Weight {
	W::cancel_in_queue().max(W::cancel_at_price())
}

/// The call `expire`, wherever the order is.
pub(crate) fn expire_weight<W: WeightInfo>() -> Weight {
	W::expire_in_queue().max(W::expire_at_price())
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// The market, the account, its owner's tier, the level, two parts of the index, the fund and the
	/// list of due markets; of each order that is met its account, its level and a part of the index.
	fn place(m: u32) -> Weight {
		let state = u64::from(m).saturating_mul(3).saturating_add(10);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// The market, the account, the level and three pages.
	fn cancel_in_queue() -> Weight {
		ParityDbWeight::get().reads_writes(6, 6)
	}

	/// The market, the account, the level and two parts of the index; the next price is in a third.
	fn cancel_at_price() -> Weight {
		ParityDbWeight::get().reads_writes(6, 5)
	}

	/// The market and the account; of each order its level and three pages.
	fn cancel_all(o: u32) -> Weight {
		let state = u64::from(o).saturating_mul(4).saturating_add(2);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// Cancelling, and placing.
	fn amend(m: u32) -> Weight {
		cancel_weight::<Self>().saturating_add(Self::place(m))
	}

	/// The market, the account, its owner's tier and the list of due markets; of each operation what
	/// amending takes.
	fn batch(o: u32, m: u32) -> Weight {
		let operations = u64::from(o).saturating_mul(12);
		let matches = u64::from(m).saturating_mul(3);
		let state = operations.saturating_add(matches).saturating_add(6);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// As for cancelling.
	fn expire_in_queue() -> Weight {
		Self::cancel_in_queue()
	}

	/// As for cancelling.
	fn expire_at_price() -> Weight {
		Self::cancel_at_price()
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

	/// Placing; the trigger's list, its level and three parts of the index; the list of due markets once
	/// more.
	fn fire_trigger(m: u32) -> Weight {
		Self::place(m).saturating_add(ParityDbWeight::get().reads_writes(6, 6))
	}

	/// The list of due markets.
	fn next_trigger() -> Weight {
		ParityDbWeight::get().reads(1)
	}
}
