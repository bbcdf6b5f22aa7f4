//! The relay as its clients and its chain see it: the real HTTP service, ledger and poster, over a
//! chain in memory and providers on real local connections.

mod billing;
mod bodies;
mod chain;
mod channels;
mod errors;
mod idempotency;
mod keys;
mod log;
mod objections;
mod perks;
mod posting;
mod quotas;
mod receipts;
mod restart;
mod streaming;
mod support;
mod unpaid;
mod upstream;
