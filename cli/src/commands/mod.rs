//! What each command does.

mod account;
mod api_balance;
mod at_hand;
mod audit;
mod balance;
mod buyback;
mod challenge;
mod credits;
mod deposit;
mod faucet;
mod key;
mod launch;
mod models;
mod staking;
mod verify;
mod wars;
mod watch;

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::{
	advice::advise,
	args::{Buyback, Cli, Command, Global, Launch},
	chain::{state::State, Chain},
	clock,
	output::Output,
	wallet::Wallet,
};

/// How long to wait before another attempt to connect.
const PAUSE: Duration = Duration::from_secs(1);

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

	/// Waits until the finalised chain has reached `moment`.
	async fn wait_until(&self, moment: u64) -> Result<()> {
		self.output.progress(&format!("waiting until {}", clock::show(moment)));
		let mut blocks = self.chain.new_blocks().await?;
		while State(&blocks.next().await?).now().await? < moment {}
		Ok(())
	}

	/// Connects again, however long that takes, if the node does not answer any more. Returns whether it
	/// had to. Fails if the node follows another chain then.
	async fn reconnect(&mut self) -> Result<bool> {
		if self.chain.finalised().await.is_ok() {
			return Ok(false);
		}
		self.output.progress("the connection to the node is lost; connecting again");
		let chain = loop {
			sleep(PAUSE).await;
			if let Ok(chain) = self.chain.again().await {
				break chain;
			}
		};
		if chain.client.genesis_hash() != self.chain.client.genesis_hash() {
			return Err(advise(
				"the node is back with another chain",
				"nothing of the one before is there; run the command again",
			));
		}
		self.output.progress("connected to the node again");
		self.chain = chain;
		Ok(true)
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
		Command::Stake { amount } => staking::stake(&open().await?, *amount).await,
		Command::Unstake(arguments) => staking::unstake(&open().await?, arguments).await,
		Command::Tier => staking::tier(&open().await?).await,
		Command::Wars(arguments) => wars::run(&open().await?, arguments).await,
		Command::Launch(Launch::List) => launch::list(&Chain::connect(options).await?).await,
		Command::Launch(command) => launch::run(&open().await?, command).await,
		Command::Key(command) => key::run(options, command).await,
		Command::Balance(at_hand) => balance::run(&open().await?, at_hand).await,
		Command::Watch { until_mined, timeout, at_hand } => {
			return watch::run(open().await?, *until_mined, *timeout, at_hand).await;
		},
		Command::Verify(arguments) => verify::run(&Chain::connect(options).await?, arguments).await,
		Command::Audit(arguments) => audit::run(open().await?, arguments).await,
		Command::Buyback(Buyback::Verify) => {
			buyback::verify(&Chain::connect(options).await?, Output::new(options)).await
		},
		Command::Models => models::run(&Chain::connect(options).await?).await,
		Command::Account(command) => account::run(command, options),
	}?;
	Ok(Output::new(options).print(&reply)?)
}
