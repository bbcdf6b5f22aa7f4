//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of the call, of each step, and of the service.
pub trait WeightInfo {
	/// Usage of `a` accounts, by `OnUsageSettled`, each above the cutoff of a full board.
	fn settle(a: u32) -> Weight;
	/// The call `choose_perk` for free calls, with what filling the purse takes.
	fn choose_perk() -> Weight;
	/// Looking for what is to be done.
	fn next_step() -> Weight;
	/// Closing a round, without what `Takings` and `Sponsorship` weigh.
	fn close_round() -> Weight;
	/// Paying a prize.
	fn pay_prize() -> Weight;
	/// Removing `n` scores.
	fn prune(n: u32) -> Weight;
}

/// Counts the database's share only: for tests.
impl WeightInfo for () {
	/// The round and the board; of each account, its score.
	fn settle(a: u32) -> Weight {
		let state = u64::from(a).saturating_add(2);
		ParityDbWeight::get().reads_writes(state, state)
	}

	/// The reign, the purses that have ended, and what filling a purse takes.
	fn choose_perk() -> Weight {
		ParityDbWeight::get().reads_writes(9, 8)
	}

	/// The next prize, the round, the time and the length of a day.
	fn next_step() -> Weight {
		ParityDbWeight::get().reads(4)
	}

	/// The purses that have ended, the reign, the board, what is unclaimed, the fund; the rounds and the
	/// next prize.
	fn close_round() -> Weight {
		ParityDbWeight::get().reads_writes(5, 7)
	}

	/// The last round, the fund, the winner, what is unclaimed, the next prize.
	fn pay_prize() -> Weight {
		ParityDbWeight::get().reads_writes(4, 4)
	}

	/// The round, the week of the oldest scores, and each score.
	fn prune(n: u32) -> Weight {
		let scores = u64::from(n);
		let read = scores.saturating_add(2);
		ParityDbWeight::get().reads_writes(read, scores.saturating_add(1))
	}
}
