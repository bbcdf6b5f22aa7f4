//! Why a batch is not signed, in words for an operator.

use lx_primitives::{
	units::{Credits, Moment},
	CallId, LaunchId, RelayId, Tier, Units,
};
use sp_core::{crypto::AccountId32, H256};

use super::{client::ClientError, objections::Objections, store::StoreError};
use crate::chain::ChainError;

/// What is wrong with a batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// It is shown by another relay than the one whose batch it is.
	#[error("it is a batch of relay {0}, and another relay shows it")]
	OtherRelay(RelayId),
	/// Its relay is not registered.
	#[error("the chain knows no relay {0}")]
	UnknownRelay(RelayId),
	/// Its relay may not post.
	#[error("relay {0} is not active on the chain")]
	InactiveRelay(RelayId),
	/// The chain needs no signature for its place any more.
	#[error("the chain has taken a batch for place {sequence} already; {next} is next")]
	Passed {
		/// Its place.
		sequence: u64,
		/// The chain's next one.
		next: u64,
	},
	/// It is not its turn.
	#[error("its place is {sequence}, and {next} is next on the chain")]
	WrongSequence {
		/// Its place.
		sequence: u64,
		/// The chain's next one.
		next: u64,
	},
	/// It follows another batch than the chain's last.
	#[error("it follows batch {previous:?}, and the chain's last is {last:?}")]
	WrongPrevious {
		/// The batch that it names.
		previous: H256,
		/// The chain's last one.
		last: H256,
	},
	/// It says that its oldest call is younger than itself.
	#[error("its oldest call is of {oldest}, after its own time {time}")]
	WrongTimes {
		/// When its oldest call was made, as it says.
		oldest: Moment,
		/// Its time.
		time: Moment,
	},
	/// It is of a time that the finalised chain has not reached here.
	#[error("its time is {time}, and the finalised chain has only reached {now} here")]
	FromTheFuture {
		/// Its time.
		time: Moment,
		/// The chain's.
		now: Moment,
	},
	/// The chain does not take it any more.
	#[error("its time is {time}, and the chain, at {now}, takes no batch of so long ago")]
	Expired {
		/// Its time.
		time: Moment,
		/// The chain's.
		now: Moment,
	},
	/// It may hold calls that are older than any that the chain takes.
	#[error("its oldest call is of {oldest}, and the chain, at {now}, takes none of so long ago")]
	CallsTooOld {
		/// When its oldest call was made, as it says.
		oldest: Moment,
		/// The chain's time.
		now: Moment,
	},
	/// It is of a time of which this attestor no longer knows what it signed.
	#[error(
		"what was signed before {before} is forgotten here, and the batch goes back to then; does \
		 the node lag behind the chain?"
	)]
	Forgotten {
		/// What was signed earlier may be forgotten.
		before: Moment,
	},
	/// Its relay did not sign it.
	#[error("it is not signed with the key of relay {0}")]
	RelaySignature(RelayId),
	/// It charges nobody.
	#[error("it has no lines")]
	NoLines,
	/// It charges more accounts than the chain takes.
	#[error("it has {0} lines, more than the chain takes")]
	TooManyLines(usize),
	/// It holds more calls than the chain takes.
	#[error("it has {0} calls, more than the chain takes")]
	TooManyCalls(u32),
	/// A line is there twice, or out of order.
	#[error("its lines are not in ascending order, each account and way of payment once")]
	UnsortedLines,
	/// A line uses units without a quota, or nothing of one.
	#[error("a line uses units and names no quota, or names one and uses nothing of it")]
	WrongUnits,
	/// Its root is not that of its lines.
	#[error("its root is not the sum of its lines")]
	WrongRoot,
	/// A line is not that of its calls.
	#[error("the line of {0} is not the sum of its calls")]
	WrongLine(AccountId32),
	/// There are calls that no line charges.
	#[error("it has calls that are in none of its lines")]
	CallsWithoutLine,
	/// A call is older or younger than the batch says.
	#[error("call {} is not of the batch's time", hex(.0))]
	WrongTime(CallId),
	/// A call is in the batch twice.
	#[error("call {} is in the batch twice", hex(.0))]
	Repeated(CallId),
	/// A call was in an earlier batch.
	#[error("call {} was in an earlier batch", hex(.0))]
	Settled(CallId),
	/// The version of the price is not the one that was in force.
	#[error("call {} is priced by version {version}, not in force at its time", hex(.call))]
	WrongVersion {
		/// The call.
		call: CallId,
		/// The version that it names.
		version: u32,
	},
	/// The launch whose quota it names offers no such model at that time, or has no such price.
	#[error("call {} is not one of its launch's model and price, made in its time", hex(.0))]
	WrongLaunch(CallId),
	/// The chain would refuse a line: so much is not left of what was claimed of its quota at the relay, or
	/// nothing can be used of it.
	#[error(
		"{account} uses {units} units of launch {launch}, and the chain lets it use {most} there"
	)]
	QuotaExceeded {
		/// Whose quota it is.
		account: AccountId32,
		/// The launch.
		launch: LaunchId,
		/// What the line uses.
		units: Units,
		/// The most that the chain takes.
		most: Units,
	},
	/// The model's price does not meter what the call used.
	#[error("call {} has used what its model's price does not meter", hex(.0))]
	NotMetered(CallId),
	/// The payer pays something else than the registry says.
	#[error("call {} is charged {charge} µCRED, and the registry says {right}", hex(.call))]
	WrongCharge {
		/// The call.
		call: CallId,
		/// What it is charged.
		charge: Credits,
		/// What the registry says.
		right: Credits,
	},
	/// The provider is owed something else than the registry says.
	#[error("call {} costs {cost} µCRED, and the registry says {right}", hex(.call))]
	WrongCost {
		/// The call.
		call: CallId,
		/// What it costs.
		cost: Credits,
		/// What the registry says.
		right: Credits,
	},
	/// The payer has another tier.
	#[error("call {} is charged at tier {tier:?}, and its payer has {right:?}", hex(.call))]
	WrongTier {
		/// The call.
		call: CallId,
		/// The tier that it names.
		tier: Tier,
		/// The payer's.
		right: Tier,
	},
	/// The chain would refuse a line: the balance, the daily limit or what a sponsor has prepaid is
	/// smaller.
	#[error("{account} is charged {charge} µCRED, and the chain lets the relay charge {most}")]
	NotCovered {
		/// Who is charged.
		account: AccountId32,
		/// What the line charges.
		charge: Credits,
		/// The most that the chain takes.
		most: Credits,
	},
	/// There is no grant for a key.
	#[error("the relay shows no grant for key {0:?}")]
	NoGrant(H256),
	/// A grant is for another chain.
	#[error("the grant of key {0:?} is for another chain")]
	GrantOfOtherChain(H256),
	/// A grant is for another relay.
	#[error("the grant of key {0:?} is for another relay")]
	GrantOfOtherRelay(H256),
	/// A key was used for an account that did not grant it.
	#[error("the grant of key {0:?} is of another account than the one that is charged")]
	GrantOfOtherAccount(H256),
	/// The account did not sign a grant.
	#[error("the account did not sign the grant of key {0:?}")]
	GrantSignature(H256),
	/// A key was used for a model that it is not granted for.
	#[error("call {} is to a model that its key is not granted for", hex(.0))]
	ModelNotGranted(CallId),
	/// A key was used after it had expired.
	#[error("call {} was made with a key that had expired", hex(.0))]
	KeyExpired(CallId),
	/// A key was used after its account had revoked it.
	#[error("call {} was made with a key that was revoked", hex(.0))]
	KeyRevoked(CallId),
	/// A key spends more than it may.
	#[error("key {key:?} may spend {cap} µCRED in all, and this would make it {spent}")]
	CapExceeded {
		/// The key.
		key: H256,
		/// The most that it may spend.
		cap: Credits,
		/// What it would have spent.
		spent: Credits,
	},
	/// Another batch was signed for its place.
	#[error("another batch for place {0} was signed, and the chain could take either")]
	Conflict(u64),
}

impl Refusal {
	/// Whether nobody did anything wrong: the batch is only too late here, or too early.
	pub fn is_harmless(&self) -> bool {
		matches!(self, Self::Passed { .. } | Self::Expired { .. } | Self::FromTheFuture { .. })
	}
}

/// What keeps a batch from being signed.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
	/// The batch.
	#[error(transparent)]
	Refused(#[from] Refusal),
	/// Some of its calls, without which it could be signed.
	#[error("{0}")]
	Objected(Objections),
	/// Its relay does not show what has to be checked.
	#[error(transparent)]
	Relay(#[from] ClientError),
	/// The chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// The record of what was signed.
	#[error(transparent)]
	Store(#[from] StoreError),
}

/// `Ok` if `holds`.
pub(super) fn ensure(holds: bool, refusal: Refusal) -> Result<(), Refusal> {
	if holds {
		Ok(())
	} else {
		Err(refusal)
	}
}

/// Bytes as they are written everywhere.
pub(super) fn hex(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", ::hex::encode(bytes))
}
