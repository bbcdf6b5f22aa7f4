//! # A chain in a test
//!
//! Runs the real runtime, from a real genesis preset, block by block, with real signed
//! transactions: what the node does, without the node. Every block ends with the invariants of
//! every pallet of the project.

pub mod calls;
mod chain;
pub mod dispute;
mod invariants;
pub mod money;
pub mod relay;
pub mod weeks;
pub mod whales;

pub use chain::{extension, genesis, header, sign, Chain, Outcome, PAST_THE_WINDOW, START};
