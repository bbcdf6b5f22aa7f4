//! How long the work takes.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// The weight of each call, and of each step of the hook.
pub trait WeightInfo {
	/// An attestation that completes a quorum, while every custodian has all its claims standing.
	fn attest_deposit() -> Weight;
	/// A report of the reserves that was computed before a payout.
	fn report_reserves() -> Weight;
	/// A request of a withdrawal.
	fn request_withdrawal() -> Weight;
	/// An attestation that completes a quorum.
	fn attest_payout() -> Weight;
	/// The appointment of `members` custodians, while all the custodians before leave.
	fn set_custodians(members: u32) -> Weight;
	/// A new daily cap.
	fn set_daily_cap() -> Weight;
	/// The hook's look at the queue, up to the first withdrawal that is not due.
	fn inspect_queue() -> Weight;
	/// The hook's passing over an id that was paid.
	fn skip_paid() -> Weight;
	/// The hook's refund of a withdrawal.
	fn refund() -> Weight;
	/// The hook's deferring of a withdrawal, after its refund has failed.
	fn defer_refund() -> Weight;
}

/// Counts the database's share only, with 16 custodians at most: for tests.
impl WeightInfo for () {
	/// `Custodians`, `Claims` of each, `Credited`, `CreditedOn`, `DailyCap`, `Ledger`, `Queue`, two
	/// for the time, the asset and the account.
	fn attest_deposit() -> Weight {
		ParityDbWeight::get().reads_writes(26, 22)
	}

	/// `Custodians`, `Ledger` and the time.
	fn report_reserves() -> Weight {
		ParityDbWeight::get().reads_writes(3, 1)
	}

	/// The asset and the account, `Queue`, two for the time, the system account; `Withdrawals`.
	fn request_withdrawal() -> Weight {
		ParityDbWeight::get().reads_writes(6, 5)
	}

	/// `Custodians`, `Withdrawals`, `PaidWith`, `Queue` and `Ledger`.
	fn attest_payout() -> Weight {
		ParityDbWeight::get().reads_writes(5, 5)
	}

	/// `Custodians`, `NextSeat`, the system account of each member, and `Claims` of who leaves.
	fn set_custodians(members: u32) -> Weight {
		let members = u64::from(members);
		ParityDbWeight::get().reads_writes(members.saturating_add(2), members.saturating_add(18))
	}

	/// `DailyCap`.
	fn set_daily_cap() -> Weight {
		ParityDbWeight::get().writes(1)
	}

	/// `Queue`, the time and `Withdrawals`.
	fn inspect_queue() -> Weight {
		ParityDbWeight::get().reads_writes(3, 1)
	}

	/// `Withdrawals`.
	fn skip_paid() -> Weight {
		ParityDbWeight::get().reads(1)
	}

	/// `Withdrawals`, `Queue`, the asset, the account and the system account.
	fn refund() -> Weight {
		ParityDbWeight::get().reads_writes(5, 5)
	}

	/// As [`WeightInfo::refund`], and `Withdrawals` under its new id.
	fn defer_refund() -> Weight {
		ParityDbWeight::get().reads_writes(7, 6)
	}
}
