//! Tests, a file for each call or concern.

mod authorise;
mod authorize_batch;
mod genesis;
mod invariants;
mod post_batch;
mod quorum;
mod random;
mod relays;
mod settlement;
mod top_up;
mod withdraw;
