//! Tests, a file for each call or concern.

mod allocate;
mod claim;
mod invariants;
mod launch;
mod random;
mod redeem;
mod release;
mod reoffer;
mod steps;
mod subscribe;
