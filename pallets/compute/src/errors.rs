//! Why a call fails.

use frame_support::pallet_macros::pallet_section;

/// The part of the pallet that declares its errors.
#[pallet_section]
mod errors {
	/// Why a call fails. The index of an error is also the code with which the transaction pool
	/// refuses a batch for that reason (`InvalidTransaction::Custom`), so the order is kept. A batch
	/// whose sequence is used up is refused as `Stale`, one that comes too early in a block as
	/// `Future`.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such relay.
		UnknownRelay,
		/// The relay may not post.
		RelayNotActive,
		/// The batch is not the relay's next.
		WrongSequence,
		/// The batch does not name the hash of the batch before it.
		WrongPrevious,
		/// Too many of the relay's batches wait to become final.
		TooManyPending,
		/// The batch has no lines.
		EmptyBatch,
		/// Fewer attestors have signed than the quorum needs.
		TooFewSignatures,
		/// An attestor has signed twice.
		DuplicateSigner,
		/// No such attestor, or it is not a member of the quorum.
		UnknownAttestor,
		/// The relay's signature is not one over this batch.
		BadRelaySignature,
		/// An attestor's signature is not one over this batch.
		BadSignature,
		/// The root is not that of the lines, or a sum overflows.
		RootMismatch,
		/// The lines are not in ascending order of accounts, or an account has two.
		LinesNotSorted,
		/// A line stands for no call, or charges nothing.
		EmptyLine,
		/// A line costs more than it charges.
		CostAboveCharge,
		/// The account has no API balance.
		NoAccount,
		/// The account has no purse at the relay.
		NoPurse,
		/// The charge is above what the relay may take from the purse.
		Overcharge,
		/// The charge is above what is left of the purse's daily limit.
		DailyLimitExceeded,
		/// A top-up is at least the asset's minimum balance.
		BelowMinimum,
		/// The amount is zero.
		ZeroAmount,
		/// Less than that is free in the purse.
		InsufficientBalance,
		/// Nothing thaws.
		NothingThawing,
		/// The thaw is not over.
		StillThawing,
		/// A relay can be made active or suspended, unless it is retiring.
		InvalidStatus,
		/// Only the operator may do this.
		NotOperator,
		/// The threshold is at least one and at most the number of members.
		InvalidThreshold,
		/// A relay that is made active, and a new member of the quorum, must hold the bond.
		NotBonded,
		/// Two members of the quorum share a key.
		DuplicateMember,
		/// The attestor is a member of the quorum, or a batch that it may have signed is not final.
		AttestorNeeded,
		/// Nothing is owed to the account.
		NothingOwed,
		/// An account has purses at no more than [`MAX_PURSES`] relays: withdraw from one first.
		TooManyPurses,
		/// The batch's time is before its oldest call, or not yet.
		WrongTimes,
		/// The batch was composed too long ago.
		BatchExpired,
		/// A call of the batch was made too long ago.
		CallsTooOld,
		/// The batch settles more calls than can be proven.
		TooManyCalls,
		/// An attestor that has signed is suspended.
		AttestorSuspended,
		/// No such batch waits to become final: it is final, was reversed, or never existed.
		NotPending,
		/// The batch can no longer be challenged.
		WindowOver,
		/// The two are the same batch, or for different places, or of times so far apart that a relay
		/// may sign both; or the time of one has not come.
		NoEquivocation,
		/// The signer was punished after it had signed these.
		AlreadyPunished,
		/// The bond is what is required, or more.
		BondComplete,
		/// The account's keys were revoked so recently that what was served for them is still collected.
		RevokedRecently,
		/// The signer answers with its bond for some time after it has left, and for what is not final.
		StillBonded,
	}
}
