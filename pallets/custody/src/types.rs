//! The vocabulary of custody.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{ConstU32, Get},
	BoundedVec,
};
use lx_primitives::{Balance, Moment};
use scale_info::TypeInfo;
use sp_runtime::ArithmeticError;

/// The name of an external network: lower-case letters, digits and hyphens, for example `tron`.
pub type Network = BoundedVec<u8, ConstU32<16>>;

/// An external payment on a network, for example a transaction hash: visible ASCII characters.
///
/// The chain compares references byte by byte; the custodians write them in one canonical form (see
/// the pallet's README), so that a payment has one reference only.
pub type Reference = BoundedVec<u8, ConstU32<96>>;

/// An account on an external network: visible ASCII characters.
pub type Address = BoundedVec<u8, ConstU32<96>>;

/// Identifies a withdrawal; ids ascend in the order of refunds.
pub type WithdrawalId = u64;

/// One appointment of a custodian. An account that is removed and appointed again gets a new seat,
/// so nothing it said before counts again.
pub type Seat = u32;

/// Whether `name` can name a network.
pub(crate) fn is_network(name: &[u8]) -> bool {
	let allowed = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
	!name.is_empty() && name.iter().all(allowed)
}

/// Whether `text` can be a reference or an address. What cannot be seen cannot tell two of them
/// apart.
pub(crate) fn is_visible(text: &[u8]) -> bool {
	!text.is_empty() && text.iter().all(u8::is_ascii_graphic)
}

/// What a custodian said of the reserves.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Report {
	/// USDT in custody, counting what was sent for withdrawals that are still open on this chain.
	pub amount: Balance,
	/// When it was said.
	pub at: Moment,
	/// In which block.
	pub block: u64,
}

/// A custodian in office.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Custodian<AccountId> {
	/// The account that signs.
	pub account: AccountId,
	/// The appointment.
	pub seat: Seat,
	/// Its last report of the reserves.
	pub report: Option<Report>,
}

/// The custodians in office and how many of them must agree.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Quorum<Members> {
	/// The custodians, in the order in which they were named.
	pub members: Members,
	/// How many of them decide. More than half, so that any two quorums share a custodian.
	pub threshold: u32,
}

impl<AccountId: PartialEq, Max: Get<u32>> Quorum<BoundedVec<Custodian<AccountId>, Max>> {
	/// Whether `threshold` of `members` custodians can decide: a majority, and not more than all.
	pub fn is_majority(threshold: u32, members: usize) -> bool {
		let threshold = usize::try_from(threshold).unwrap_or(usize::MAX);
		threshold <= members && threshold.saturating_mul(2) > members
	}

	/// The seat of `who`, if it is a custodian.
	pub fn seat_of(&self, who: &AccountId) -> Option<Seat> {
		self.members.iter().find(|member| member.account == *who).map(|member| member.seat)
	}

	/// Whether `seat` is taken.
	pub fn has_seat(&self, seat: Seat) -> bool {
		self.members.iter().any(|member| member.seat == seat)
	}

	/// Whether `votes` custodians decide.
	pub fn is_decided_by(&self, votes: usize) -> bool {
		u32::try_from(votes).map_or(true, |votes| votes >= self.threshold)
	}

	/// The reserves that a quorum vouches for: the k-th largest report that is at most `lifetime`
	/// old, so that k custodians say "at least that". `None` if fewer than k reports are fresh.
	pub fn attested_reserve(&self, now: Moment, lifetime: Moment) -> Option<Balance> {
		let mut fresh: Vec<Balance> = self
			.members
			.iter()
			.filter_map(|member| member.report)
			.filter(|report| now.saturating_sub(report.at) <= lifetime)
			.map(|report| report.amount)
			.collect();
		fresh.sort_unstable_by(|one, other| other.cmp(one));
		let kth = usize::try_from(self.threshold).ok()?.checked_sub(1)?;
		fresh.get(kth).copied()
	}

	/// Takes a payout of `amount` out of every report: each was made while the withdrawal was open,
	/// so it counts the amount.
	pub fn deduct_payout(&mut self, amount: Balance) {
		for report in self.members.iter_mut().filter_map(|member| member.report.as_mut()) {
			report.amount = report.amount.saturating_sub(amount);
		}
	}
}

/// What a custodian says of an external deposit.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Claim<AccountId> {
	/// Where the deposit was made.
	pub network: Network,
	/// The deposit.
	pub reference: Reference,
	/// Whom to credit.
	pub account: AccountId,
	/// How much USDT.
	pub amount: Balance,
}

impl<AccountId> Claim<AccountId> {
	/// The deposit that this claim is about.
	pub fn deposit(&self) -> (Network, Reference) {
		(self.network.clone(), self.reference.clone())
	}

	/// Whether this claim and `other` are about the same deposit.
	pub fn is_about_deposit_of(&self, other: &Self) -> bool {
		self.network == other.network && self.reference == other.reference
	}
}

/// What a custodian says of a withdrawal: it was paid with this reference.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Vote {
	/// Who says so.
	pub seat: Seat,
	/// The external payment.
	pub reference: Reference,
}

/// A withdrawal that is neither paid nor refunded yet.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Withdrawal<AccountId, Votes> {
	/// Who asked for it, and gets the refund.
	pub who: AccountId,
	/// The USDT that was burned for it.
	pub amount: Balance,
	/// Where to pay.
	pub network: Network,
	/// Whom to pay.
	pub address: Address,
	/// When it is refunded unless a quorum has attested its payout.
	pub refund_at: Moment,
	/// Payouts attested so far, at most one by each custodian.
	pub votes: Votes,
}

/// The queue of open withdrawals: ids from `head` on, with gaps where withdrawals were paid.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct WithdrawalQueue {
	/// No open withdrawal has a smaller id.
	pub head: WithdrawalId,
	/// The id that the next withdrawal gets.
	pub next: WithdrawalId,
	/// How many withdrawals are open.
	pub open: u32,
	/// Their USDT.
	pub amount: Balance,
}

impl WithdrawalQueue {
	/// Counts a withdrawal of `amount` in and gives it its id.
	pub(crate) fn enter(&mut self, amount: Balance) -> Result<WithdrawalId, ArithmeticError> {
		let overflow = ArithmeticError::Overflow;
		let id = self.next;
		self.next = id.checked_add(1).ok_or(overflow)?;
		self.open = self.open.checked_add(1).ok_or(overflow)?;
		self.amount = self.amount.checked_add(amount).ok_or(overflow)?;
		Ok(id)
	}

	/// Counts a withdrawal of `amount` out.
	pub(crate) fn leave(&mut self, amount: Balance) -> Result<(), ArithmeticError> {
		let underflow = ArithmeticError::Underflow;
		self.open = self.open.checked_sub(1).ok_or(underflow)?;
		self.amount = self.amount.checked_sub(amount).ok_or(underflow)?;
		Ok(())
	}
}

/// USDT credited on one day.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct DayTotal {
	/// The day, as the calendar counts them.
	pub day: u32,
	/// The USDT.
	pub amount: Balance,
}

impl DayTotal {
	/// This total on `day`: a new day starts from nothing.
	pub(crate) fn on(self, day: u32) -> Self {
		if self.day == day {
			self
		} else {
			Self { day, amount: 0 }
		}
	}

	/// This total with `amount` more.
	pub(crate) fn plus(self, amount: Balance) -> Result<Self, ArithmeticError> {
		let amount = self.amount.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		Ok(Self { amount, ..self })
	}
}

/// All that ever came in and went out.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Totals {
	/// USDT credited for deposits.
	pub deposited: Balance,
	/// USDT paid out for withdrawals.
	pub paid_out: Balance,
}

/// What an attestation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
	/// It completes the quorum.
	Complete,
	/// It stands until others agree.
	Add,
	/// It takes the place of what the custodian said before of the same thing.
	Correct,
	/// It stands, and the custodian's oldest claim makes room for it.
	Displace,
}

impl Step {
	/// Whether a custodian pays no fee for it. Free are only the steps that it cannot repeat at
	/// will: each either finishes something or takes one of its limited places.
	pub(crate) fn is_free(self) -> bool {
		matches!(self, Self::Complete | Self::Add)
	}
}

/// The reserves and what they must cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct ReserveStatus {
	/// USDT that a quorum attests to be in custody; `None` while too few reports are fresh.
	pub attested: Option<Balance>,
	/// USDT that exists on this chain.
	pub issuance: Balance,
	/// USDT burned for withdrawals that are not paid yet.
	pub pending: Balance,
}

/// A deposit that some custodians attest, but not yet enough of them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct PendingDeposit<AccountId> {
	/// What is said of the deposit.
	pub claim: Claim<AccountId>,
	/// Who says so.
	pub custodians: Vec<AccountId>,
}

/// A part of the queue of open withdrawals.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct WithdrawalPage<Withdrawal> {
	/// Open withdrawals with their ids, ascending.
	pub withdrawals: Vec<(WithdrawalId, Withdrawal)>,
	/// Where the next page starts, if there is one.
	pub next: Option<WithdrawalId>,
}
