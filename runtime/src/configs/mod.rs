//! The settings of every pallet, by theme.

mod accounts;
mod agenda;
mod assets;
mod buyback;
mod consensus;
mod economy;
mod exchange;
mod fees;
mod filter;
mod governance;
mod launches;
mod nonces;
mod origins;
pub mod parameters;
mod staking;
mod system;
mod tracks;
mod vote_weights;
mod wars;

pub use accounts::ProxyType;
pub use agenda::MAX_REMINDERS;
pub use assets::{Peg, ReservedAssets, ASSET_STEWARD};
pub use buyback::{BurnAddressAccount, BurnFundAccount};
pub use economy::{EcosystemFundAccount, RevenueAccount, RiskReserveAccount, PLATFORM};
pub use exchange::AllAssets;
pub use fees::{AtFeePrice, FeesToAuthor};
pub use filter::{UNSTOPPABLE, UNSTOPPABLE_CALLS, WAY_OUT};
pub use nonces::NonceFloor;
pub use origins::{CancellationOrigin, MajorOrigin, NobodysOrigin, ParameterOrigin};
pub use parameters::RuntimeParameters;
pub use tracks::{Tracks, CANCELLATION, MAJOR, PARAMETERS};
