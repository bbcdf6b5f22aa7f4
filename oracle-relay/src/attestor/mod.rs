//! # The attestor
//!
//! A program beside relays: it takes a relay's open batch, checks for itself everything that can be
//! checked against the chain, and signs the batch if it is right. The chain takes a batch only with
//! the signatures of a quorum of attestors.
//!
//! What it can see: that a wallet has granted the key of every call, that every call is charged as
//! the registry says and only once, and that the sums are right. What it cannot see: whether the
//! provider was really called, and with how many tokens.
//!
//! | room | what happens there |
//! |---|---|
//! | [`watch`] | one relay's open batch: asked for, checked, signed, handed in |
//! | [`check`] | what makes a batch worth a signature |
//! | [`refusal`] | why one is not |
//! | [`objections`] | the calls without which it could be |
//! | [`store`] | the durable record of what was signed |
//! | [`catch_up`] | learning what the chain took without this attestor, and what it reversed |
//! | [`client`] | what a relay shows over HTTP; `answers` reads it |
//! | [`book`] | what is asked of the chain |
//! | [`node`] | the same, of a real node |
//! | [`serve`] | health and metrics |

mod answers;
pub mod book;
pub mod case;
pub mod catch_up;
pub mod check;
pub mod client;
pub mod config;
pub mod metrics;
pub mod node;
pub mod objections;
pub mod refusal;
pub mod run;
pub mod serve;
pub mod store;
pub mod watch;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
