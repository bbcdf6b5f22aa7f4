//! What each call, vote and pause does, and what it refuses.

mod genesis;
mod guardian;
mod pauses;
mod upgrades;
mod voting;
