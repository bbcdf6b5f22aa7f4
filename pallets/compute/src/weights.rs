//! What the calls and the steps of settlement weigh.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weights that the pallet needs. `l` is a number of lines, `s` of attestors' signatures.
pub trait WeightInfo {
	/// `top_up` that opens an account.
	fn top_up() -> Weight;
	/// `thaw`.
	fn thaw() -> Weight;
	/// `cancel_thaw`.
	fn cancel_thaw() -> Weight;
	/// `withdraw` that closes the account.
	fn withdraw() -> Weight;
	/// `authorise` of as many relays as may be, in place of as many.
	fn authorise() -> Weight;
	/// `revoke_keys`.
	fn revoke_keys() -> Weight;
	/// `register_relay`.
	fn register_relay() -> Weight;
	/// `set_relay_status`.
	fn set_relay_status() -> Weight;
	/// `retire_relay` that returns the bond.
	fn retire_relay() -> Weight;
	/// `register_attestor`.
	fn register_attestor() -> Weight;
	/// `set_quorum` that replaces a full quorum by another.
	fn set_quorum() -> Weight;
	/// `post_batch`.
	fn post_batch(l: u32, s: u32) -> Weight;
	/// What is checked before `post_batch` is dispatched.
	fn authorize_post_batch(l: u32, s: u32) -> Weight;
	/// `retire_attestor`.
	fn retire_attestor() -> Weight;
	/// `claim`.
	fn claim() -> Weight;
	/// Looking for a batch that is due.
	fn next_due() -> Weight;
	/// Settling lines of one page, without what [`OnSettled`](crate::Config::OnSettled) weighs.
	fn settle_lines(l: u32) -> Weight;
	/// Booking a settled batch, without what [`OnRevenue`](crate::Config::OnRevenue) weighs.
	fn finish_batch() -> Weight;
}

/// Reads and writes that a transfer of CRED takes: the asset, two holdings, two system accounts.
const TRANSFER: u64 = 5;

fn db(reads: u64, writes: u64) -> Weight {
	ParityDbWeight::get().reads_writes(reads, writes)
}

/// Weights by the state that is read and written, for tests.
impl WeightInfo for () {
	fn top_up() -> Weight {
		db(TRANSFER + 1, TRANSFER + 1)
	}
	fn thaw() -> Weight {
		db(2, 1)
	}
	fn cancel_thaw() -> Weight {
		db(1, 1)
	}
	fn withdraw() -> Weight {
		db(TRANSFER + 2, TRANSFER + 1)
	}
	fn authorise() -> Weight {
		db(u64::from(crate::MAX_AUTHORISED) + 2, 1)
	}
	fn revoke_keys() -> Weight {
		db(2, 1)
	}
	fn register_relay() -> Weight {
		db(TRANSFER + 1, TRANSFER + 2)
	}
	fn set_relay_status() -> Weight {
		db(1, 1)
	}
	fn retire_relay() -> Weight {
		db(TRANSFER + 2, TRANSFER + 2)
	}
	fn register_attestor() -> Weight {
		db(TRANSFER + 1, TRANSFER + 2)
	}
	fn set_quorum() -> Weight {
		let members = u64::from(crate::MAX_QUORUM);
		db(2 * members + 2, members + 1)
	}
	fn post_batch(l: u32, s: u32) -> Weight {
		let (lines, pages) = (u64::from(l), u64::from(l.div_ceil(crate::LINES_PER_PAGE)));
		db(lines + u64::from(s) + 6, lines + pages + 4)
	}
	fn authorize_post_batch(l: u32, s: u32) -> Weight {
		db(u64::from(l) + u64::from(s) + 5, 0)
	}
	fn retire_attestor() -> Weight {
		db(TRANSFER + 4, TRANSFER + 2)
	}
	fn claim() -> Weight {
		db(TRANSFER + 1, TRANSFER + 1)
	}
	fn next_due() -> Weight {
		db(5, 0)
	}
	fn settle_lines(l: u32) -> Weight {
		db(u64::from(l) + 1, u64::from(l) + 2)
	}
	fn finish_batch() -> Weight {
		db(2 * TRANSFER + 3, 2 * TRANSFER + 6)
	}
}
