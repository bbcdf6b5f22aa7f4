//! What the pallet stores and takes.

mod accounts;
mod batches;
mod operators;

pub use accounts::{ApiAccount, FormerLimit, Purse, MAX_FORMER_LIMITS, MAX_PURSES};
pub use batches::{
	Equivocation, Flaw, Fraud, LinePage, PostedBatch, SettledBatch, SignedHeader, Signer,
	LINES_PER_PAGE, LOOK_AHEAD, MAX_PENDING_BATCHES,
};
pub use operators::{
	Attestor, AttestorId, AttestorQuorum, Members, Relay, RelayStatus, Signatures, MAX_QUORUM,
};
