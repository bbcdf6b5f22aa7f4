//! # The L-Exchange relay
//!
//! An OpenAI-compatible HTTP server. It checks an API key that a wallet signed, reserves the
//! worst case of a call against the payer's balance on chain, forwards the call to a provider,
//! meters it, and posts what was metered to the chain in batches that attestors co-sign. There the
//! calls are paid and mine LCO. The attestors are programs of their own, in [`attestor`].
//!
//! | room | what happens there |
//! |---|---|
//! | [`api`] | HTTP: routes, keys, calls, receipts, errors in the OpenAI shape |
//! | [`providers`] | upstreams: any OpenAI-compatible server, and the built-in demo |
//! | [`metering`] | what a call may use at most, and what it used |
//! | [`pricing`] | the on-chain price registry and charges |
//! | [`ledger`] | the durable record of keys, calls and batches |
//! | [`attest`] | batches, receipts, posting |
//! | [`chain`] | the finalised chain, read and written through a node |
//! | [`attestor`] | the program beside relays that checks their batches and signs them |

pub mod api;
pub mod app;
pub mod attest;
pub mod attestor;
pub mod chain;
pub mod config;
pub mod grant;
pub mod hash;
pub mod ledger;
pub mod metering;
pub mod metrics;
pub mod pricing;
pub mod process;
pub mod providers;
pub mod run;
pub mod tasks;
