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
	/// `set_daily_limit`.
	fn set_daily_limit() -> Weight;
	/// `revoke_keys` of an account with as many purses as may be.
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
	/// `challenge` that reverses a batch, without what the registry and the payer's tiers weigh.
	fn challenge(l: u32) -> Weight;
	/// `report_equivocation` of a relay that reverses a batch.
	fn report_equivocation(l: u32) -> Weight;
	/// `bond_relay`.
	fn bond_relay() -> Weight;
	/// `bond_attestor`.
	fn bond_attestor() -> Weight;
	/// `set_payee`.
	fn set_payee() -> Weight;
	/// Letting a sponsored purse thaw.
	fn end_sponsorship() -> Weight;
	/// Giving back what is left in a sponsored purse, where that closes the account.
	fn return_to_sponsor() -> Weight;
	/// Looking for a batch that is due, where the one in its place was reversed.
	fn next_due() -> Weight;
	/// Settling lines of one page, without what [`OnSettled`](crate::Config::OnSettled) weighs.
	fn settle_lines(l: u32) -> Weight;
	/// Booking a settled batch, without what [`OnRevenue`](crate::Config::OnRevenue) weighs.
	fn finish_batch() -> Weight;
	/// Forgetting a batch.
	fn forget_batch() -> Weight;
}

/// Reads and writes that a transfer of CRED takes: the asset, two holdings, two system accounts.
const TRANSFER: u64 = 5;

fn db(reads: u64, writes: u64) -> Weight {
	ParityDbWeight::get().reads_writes(reads, writes)
}

/// What giving the charges of `l` lines back takes.
fn reversal(l: u32) -> Weight {
	let touched = u64::from(l).saturating_add(u64::from(l.div_ceil(crate::LINES_PER_PAGE)));
	db(touched, touched)
}

/// Weights by the state that is read and written, for tests.
impl WeightInfo for () {
	fn top_up() -> Weight {
		db(TRANSFER + 2, TRANSFER + 1)
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
	fn set_daily_limit() -> Weight {
		db(2, 1)
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
		db(2 * members + 2, 2 * members + 1)
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
	fn challenge(l: u32) -> Weight {
		db(3 * TRANSFER + 6, 3 * TRANSFER + 4).saturating_add(reversal(l))
	}
	fn report_equivocation(l: u32) -> Weight {
		db(2 * TRANSFER + 6, 2 * TRANSFER + 4).saturating_add(reversal(l))
	}
	fn bond_relay() -> Weight {
		db(TRANSFER + 1, TRANSFER + 1)
	}
	fn bond_attestor() -> Weight {
		db(TRANSFER + 1, TRANSFER + 1)
	}

	fn set_payee() -> Weight {
		db(1, 1)
	}
	fn end_sponsorship() -> Weight {
		db(2, 1)
	}
	fn return_to_sponsor() -> Weight {
		db(TRANSFER + 3, TRANSFER + 2)
	}
	fn next_due() -> Weight {
		db(4, 1)
	}
	fn settle_lines(l: u32) -> Weight {
		db(u64::from(l) + 1, u64::from(l) + 2)
	}
	fn finish_batch() -> Weight {
		db(2 * TRANSFER + 3, 2 * TRANSFER + 6)
	}
	fn forget_batch() -> Weight {
		db(5, 3)
	}
}
