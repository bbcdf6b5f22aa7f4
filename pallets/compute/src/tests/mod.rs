//! Tests, a file for each call or concern.

mod authorize_batch;
mod challenges;
mod daily_limit;
mod equivocation;
mod false_challenges;
mod genesis;
mod invariants;
mod post_batch;
mod purses;
mod quorum;
mod quotas;
mod random;
mod relays;
mod remember;
mod revoke_keys;
mod settlement;
mod sponsors;
mod top_up;
mod withdraw;
