//! Why a call fails.

use frame_support::pallet_macros::pallet_section;

/// The part of the pallet that declares its errors.
#[pallet_section]
mod errors {
	/// Why a call fails. The index of an error is also the code with which the transaction pool
	/// refuses a batch for that reason (`InvalidTransaction::Custom`). A batch whose sequence is
	/// used up is refused as `Stale`, one that comes too early in a block as `Future`.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such relay.
		#[codec(index = 0)]
		UnknownRelay,
		/// The relay may not post.
		#[codec(index = 1)]
		RelayNotActive,
		/// The batch is not the relay's next.
		#[codec(index = 2)]
		WrongSequence,
		/// The batch does not name the hash of the batch before it.
		#[codec(index = 3)]
		WrongPrevious,
		/// Too many of the relay's batches wait to become final.
		#[codec(index = 4)]
		TooManyPending,
		/// The batch has no lines.
		#[codec(index = 5)]
		EmptyBatch,
		/// Fewer attestors have signed than the quorum needs.
		#[codec(index = 6)]
		TooFewSignatures,
		/// An attestor has signed twice.
		#[codec(index = 7)]
		DuplicateSigner,
		/// No such attestor, or it is not a member of the quorum.
		#[codec(index = 8)]
		UnknownAttestor,
		/// The relay's signature is not one over this batch.
		#[codec(index = 9)]
		BadRelaySignature,
		/// An attestor's signature is not one over this batch.
		#[codec(index = 10)]
		BadSignature,
		/// The root is not that of the lines, or a sum overflows.
		#[codec(index = 11)]
		RootMismatch,
		/// The lines are not in ascending order, or an account has two that are paid in one way.
		#[codec(index = 12)]
		LinesNotSorted,
		/// A line stands for no call, or charges nothing.
		#[codec(index = 13)]
		EmptyLine,
		/// A line costs more than it charges.
		#[codec(index = 14)]
		CostAboveCharge,
		/// The account has no API balance.
		#[codec(index = 15)]
		NoAccount,
		/// The account has no purse at the relay.
		#[codec(index = 16)]
		NoPurse,
		/// The charge is above what the relay may take from the purse.
		#[codec(index = 17)]
		Overcharge,
		/// The charge is above what is left of the purse's daily limit.
		#[codec(index = 18)]
		DailyLimitExceeded,
		/// A top-up is at least the asset's minimum balance.
		#[codec(index = 19)]
		BelowMinimum,
		/// The amount is zero.
		#[codec(index = 20)]
		ZeroAmount,
		/// Less than that is free in the purse.
		#[codec(index = 21)]
		InsufficientBalance,
		/// Nothing thaws.
		#[codec(index = 22)]
		NothingThawing,
		/// The thaw is not over.
		#[codec(index = 23)]
		StillThawing,
		/// A relay can be made active or suspended, unless it is retiring.
		#[codec(index = 24)]
		InvalidStatus,
		/// Only the operator may do this.
		#[codec(index = 25)]
		NotOperator,
		/// The threshold is at least one and at most the number of members.
		#[codec(index = 26)]
		InvalidThreshold,
		/// A relay that is made active, and a new member of the quorum, must hold the bond.
		#[codec(index = 27)]
		NotBonded,
		/// Two members of the quorum share a key.
		#[codec(index = 28)]
		DuplicateMember,
		/// The attestor is a member of the quorum, or a batch that it may have signed is not final.
		#[codec(index = 29)]
		AttestorNeeded,
		/// Nothing is owed to the account.
		#[codec(index = 30)]
		NothingOwed,
		/// An account has purses at no more than [`MAX_PURSES`] relays: withdraw from one first.
		#[codec(index = 31)]
		TooManyPurses,
		/// The batch's time is before its oldest call, or not yet.
		#[codec(index = 32)]
		WrongTimes,
		/// The batch was composed too long ago.
		#[codec(index = 33)]
		BatchExpired,
		/// A call of the batch was made too long ago.
		#[codec(index = 34)]
		CallsTooOld,
		/// The batch settles more calls than can be proven.
		#[codec(index = 35)]
		TooManyCalls,
		/// An attestor that has signed is suspended.
		#[codec(index = 36)]
		AttestorSuspended,
		/// No such batch waits to become final: it is final, was reversed, or never existed.
		#[codec(index = 37)]
		NotPending,
		/// The batch can no longer be challenged.
		#[codec(index = 38)]
		WindowOver,
		/// The two are the same batch, or for different places, or of times so far apart that a relay
		/// may sign both; or the time of one has not come.
		#[codec(index = 39)]
		NoEquivocation,
		/// The signer was punished after it had signed these.
		#[codec(index = 40)]
		AlreadyPunished,
		/// The bond is what is required, or more.
		#[codec(index = 41)]
		BondComplete,
		/// The account's keys were revoked so recently that what was served for them is still collected.
		#[codec(index = 42)]
		RevokedRecently,
		/// The signer answers with its bond for some time after it has left, and for what is not final.
		#[codec(index = 43)]
		StillBonded,
		/// Whoever would sponsor the account has nothing for it.
		#[codec(index = 44)]
		NothingToSponsor,
		/// The account has claimed no such quota at this relay.
		#[codec(index = 45)]
		NoQuota,
		/// What was used of the quota could be posted until then.
		#[codec(index = 46)]
		QuotaExpired,
		/// So much is not left of what was claimed of the quota at this relay.
		#[codec(index = 47)]
		QuotaExceeded,
		/// A line uses units and names no quota, or names a quota and uses nothing of it.
		#[codec(index = 48)]
		WrongUnits,
	}
}
