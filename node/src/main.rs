//! # The L-Exchange node
//!
//! Runs the chain: Aura authors a block every two seconds, GRANDPA finalises it, ParityDB keeps it.

// The SDK's own error is that large, and it is made once, when the node ends.
#![allow(clippy::result_large_err)]

mod chain_spec;
mod cli;
mod command;
mod consensus;
mod parts;
mod rpc;
mod runtime_api;
mod service;

fn main() -> sc_cli::Result<()> {
	command::run()
}
