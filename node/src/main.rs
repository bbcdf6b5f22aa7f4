//! # The L-Exchange node
//!
//! Runs the chain: Aura authors a block every two seconds, GRANDPA finalises it, ParityDB keeps it.

mod chain_spec;
mod cli;
mod command;
mod rpc;
mod service;

fn main() -> sc_cli::Result<()> {
	command::run()
}
