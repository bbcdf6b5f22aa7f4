//! Tests, a file for each call or concern.

mod history;
mod invariants;
mod random;
mod stake;
mod unstake;
