//! Who reaches what governance decides. `docs/governance.md` lists every call.

use frame_support::traits::EitherOf;
use frame_system::EnsureRoot;
use pallet_whale_voting::{EnsureCancellation, EnsureMajor, EnsureParameters};

use crate::AccountId;

/// Major decisions: who is trusted, and what code runs. Root is the key of the chain `dev`; on any
/// other nobody is root.
pub type MajorOrigin = EitherOf<EnsureRoot<AccountId>, EnsureMajor>;

/// Parameters: prices, fees, markets.
pub type ParameterOrigin = EitherOf<EnsureRoot<AccountId>, EnsureParameters>;

/// Calling off an upgrade.
pub type CancellationOrigin = EitherOf<EnsureRoot<AccountId>, EnsureCancellation>;

/// Nobody, but the key of the chain `dev`.
pub type NobodysOrigin = EnsureRoot<AccountId>;
