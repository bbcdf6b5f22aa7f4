//! The settings of every pallet, by theme.

mod accounts;
mod assets;
mod consensus;
mod economy;
mod exchange;
mod fees;
mod nonces;
pub mod parameters;
mod system;

pub use accounts::ProxyType;
pub use assets::{Peg, ReservedAssets, ASSET_STEWARD};
pub use economy::{EcosystemFundAccount, RevenueAccount, RiskReserveAccount, PLATFORM};
pub use exchange::AllAssets;
pub use fees::{AtFeePrice, FeesToAuthor};
pub use nonces::NonceFloor;
pub use parameters::RuntimeParameters;
