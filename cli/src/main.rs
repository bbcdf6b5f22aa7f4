//! `lx`: the L-Exchange command line. See its README.

mod advice;
mod amount;
mod args;
mod audit;
mod chain;
mod clock;
mod commands;
mod custodians;
mod evidence;
mod output;
mod receipts;
mod relay;
mod wallet;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
	let cli = args::Cli::try_parse().unwrap_or_else(|error| {
		output::refuse(&error, std::env::args_os());
		error.exit()
	});
	match commands::run(&cli).await {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) if output::is_unread(&error) => ExitCode::SUCCESS,
		Err(error) => {
			output::Output::new(&cli.global).fail(&error);
			ExitCode::FAILURE
		},
	}
}
