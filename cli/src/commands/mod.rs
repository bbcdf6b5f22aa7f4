//! What each command does.

mod account;
mod api_balance;
mod audit;
mod balance;
mod credits;
mod deposit;
mod faucet;
mod key;
mod models;
mod verify;
mod watch;

use anyhow::Result;

use crate::{
	args::{Cli, Command, Global},
	chain::Chain,
	output::Output,
	wallet::Wallet,
};

/// What most commands work with.
struct Session {
	chain: Chain,
	wallet: Wallet,
	output: Output,
}

impl Session {
	async fn open(options: &Global) -> Result<Self> {
		let output = Output::new(options);
		Ok(Self { chain: Chain::connect(options).await?, wallet: Wallet::open(options)?, output })
	}
}

/// Runs a command.
pub async fn run(cli: &Cli) -> Result<()> {
	let options = &cli.global;
	let open = || Session::open(options);
	let reply = match &cli.command {
		Command::Faucet { amount } => faucet::run(&open().await?, *amount).await,
		Command::Deposit(arguments) => deposit::run(&open().await?, arguments).await,
		Command::BuyCredits { amount } => credits::buy(&open().await?, *amount).await,
		Command::Redeem { amount } => credits::redeem(&open().await?, *amount).await,
		Command::TopUp { amount, at } => {
			api_balance::top_up(&open().await?, at.relay, *amount).await
		},
		Command::Withdraw(arguments) => api_balance::withdraw(&open().await?, arguments).await,
		Command::Limit { daily_limit, at } => {
			api_balance::limit(&open().await?, at.relay, *daily_limit).await
		},
		Command::Key(command) => key::run(&open().await?, command).await,
		Command::Balance => balance::run(&open().await?).await,
		Command::Watch { until_mined, timeout } => {
			return watch::run(&open().await?, *until_mined, *timeout).await;
		},
		Command::Verify(arguments) => verify::run(&Chain::connect(options).await?, arguments).await,
		Command::Audit(arguments) => audit::run(&open().await?, arguments).await,
		Command::Models => models::run(&Chain::connect(options).await?).await,
		Command::Account(command) => account::run(command, options),
	}?;
	Ok(Output::new(options).print(&reply)?)
}
