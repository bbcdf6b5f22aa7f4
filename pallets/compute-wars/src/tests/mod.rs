//! Tests, a file for each call or concern.

mod closing;
mod invariants;
mod perks;
mod pruning;
mod random;
mod scoring;
