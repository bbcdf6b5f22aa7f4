//! # Shared vocabulary of L-Exchange
//!
//! Units, identifiers, the call log that relays commit to, model prices, and the traits by which
//! one pallet uses another's service without importing it. Nothing here depends on FRAME, so the
//! relay, the command line and every pallet speak the same types.
//!
//! | module | what it holds |
//! |---|---|
//! | [`units`] | amounts and asset ids |
//! | [`call_log`] | a metered call ([`call_log::Leaf`]), a batch of them, the hash that attestors sign |
//! | [`merkle_sum`] | the tree that commits to a call log and to its sums |
//! | [`proof`] | proofs that a call is in a batch, or that a line is not the sum of its calls |
//! | [`pricing`] | model rates, usage and staking tiers, and what a call costs |
//! | [`staking`] | what tiers take and give, and which an account had when |
//! | [`launch`] | launches of scarce models, and the quotas that they give |
//! | [`grant`] | the message a wallet signs to create an API key |
//! | [`trading`] | what an account has on the exchange |
//! | [`buyback`] | the receipts of the weekly buyback, and how they are checked |
//! | [`wars`] | what the champion of the Compute Wars has |
//! | [`traits`] | services between pallets |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod buyback;
pub mod call_log;
pub mod grant;
pub mod launch;
pub mod merkle_sum;
pub mod pricing;
pub mod proof;
pub mod staking;
pub mod trading;
pub mod traits;
pub mod units;
pub mod wars;

pub use call_log::{Batch, CallId, Header, Leaf, Line, Payment, RelayId};
pub use launch::{Claim, LaunchId, Offer, QuotaError, Units};
pub use pricing::{ModelId, Price, Rates, Tier, Usage};
pub use staking::{FormerTier, StakeTotals, TierHistory, TierTotal, TIER_MEMORY};
pub use units::{AssetId, Balance, Credits, Moment};
pub use wars::{Perk, Reign};
