//! What the calls and the steps of launches weigh.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weights that the pallet needs. `n` is a number of subscribers.
pub trait WeightInfo {
	/// The call `launch`.
	fn launch() -> Weight;
	/// The call `subscribe` that fills a page.
	fn subscribe() -> Weight;
	/// The call `claim` from a full page, at the last relay that there is room for.
	fn claim() -> Weight;
	/// The call `release` of one in a full page who was given nothing.
	fn release() -> Weight;
	/// The call `reoffer`.
	fn reoffer() -> Weight;
	/// Looking for what is due.
	fn next_due() -> Weight;
	/// Any step of a launch, without the pages that it counts or removes.
	fn turn() -> Weight;
	/// Counting the subscribers of a page.
	fn count(n: u32) -> Weight;
	/// Removing a page.
	fn sweep() -> Weight;
	/// What is told of a launch's offer.
	fn offer() -> Weight;
	/// Using what was claimed of a quota at a relay, or giving back to it.
	fn redeem() -> Weight;
}

fn db(reads: u64, writes: u64) -> Weight {
	ParityDbWeight::get().reads_writes(reads, writes)
}

/// What counting one subscriber takes, in picoseconds: two products of 256 bits.
const COUNT_ONE: u64 = 500_000;

/// Weights by the state that is read and written, for tests.
impl WeightInfo for () {
	/// The registry, the time, the length of a day, the next id, both plans; the launch.
	fn launch() -> Weight {
		db(6, 3)
	}

	/// The launch, the time, the subscription, the stake, the page; the account and its holds.
	fn subscribe() -> Weight {
		db(7, 5)
	}

	/// The launch, the time, the relay, the subscription, the page.
	fn claim() -> Weight {
		db(5, 1)
	}

	/// The launch, the subscription, the time, the grace, the page; the account and its holds.
	fn release() -> Weight {
		db(8, 3)
	}

	/// As for `launch`, and the launch before.
	fn reoffer() -> Weight {
		db(8, 4)
	}

	/// The agenda and the time.
	fn next_due() -> Weight {
		db(2, 0)
	}

	/// The launch, both plans, of which one is read before, the stakes of the network.
	fn turn() -> Weight {
		db(3, 3)
	}

	/// The page.
	fn count(n: u32) -> Weight {
		let work = Weight::from_parts(COUNT_ONE.saturating_mul(n.into()), 0);
		db(1, 0).saturating_add(work)
	}

	/// The page.
	fn sweep() -> Weight {
		db(0, 1)
	}

	/// The launch.
	fn offer() -> Weight {
		db(1, 0)
	}

	/// The launch, the subscription, the time, the grace.
	fn redeem() -> Weight {
		db(5, 2)
	}
}
