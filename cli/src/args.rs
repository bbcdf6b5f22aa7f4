//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use lx_primitives::{LaunchId, Units};

use crate::amount::{lco, micro, micro_limit};

/// Use the L-Exchange chain: buy Credits, make API keys, and watch your calls mine LCO.
///
/// With nothing configured it talks to a development node on this machine and keeps your key in
/// your data folder. `lx faucet` is the place to begin.
#[derive(Debug, Parser)]
#[command(name = "lx", version, max_term_width = 100)]
pub struct Cli {
	/// Options of every command.
	#[command(flatten)]
	pub global: Global,
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// Options of every command.
#[derive(Args, Debug)]
pub struct Global {
	/// The node to talk to.
	#[arg(long, global = true, env = "LX_NODE", default_value = "ws://127.0.0.1:9944")]
	pub node: String,
	/// Whose account: a key file, a secret URI such as //Alice, or (to look only) an address.
	///
	/// Without it, your own key in the data folder, made on first use. Other users of this machine
	/// can see a command's arguments: keep a real secret in a file or in LX_ACCOUNT.
	#[arg(long, global = true, env = "LX_ACCOUNT", hide_env_values = true)]
	pub account: Option<String>,
	/// The folder that holds your key [default: lx in your data folder].
	#[arg(long, global = true, env = "LX_DATA_DIR")]
	pub data_dir: Option<PathBuf>,
	/// Allow an unencrypted connection to a node on another machine.
	#[arg(long, global = true)]
	pub insecure: bool,
	/// Print the result as JSON, for scripts.
	#[arg(long, global = true)]
	pub json: bool,
	/// Print nothing but the result.
	#[arg(long, short, global = true)]
	pub quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Get USDT on a development chain.
	Faucet {
		/// How much USDT.
		#[arg(long, default_value = "100", value_parser = micro)]
		amount: u128,
	},
	/// See how USDT comes in, or follow a deposit until it is credited.
	Deposit(Deposit),
	/// Turn USDT into Credits, one to one, without a fee.
	BuyCredits {
		/// How much USDT to turn into CRED.
		#[arg(value_parser = micro)]
		amount: u128,
	},
	/// Turn Credits back into USDT, one to one, without a fee.
	Redeem {
		/// How many CRED to turn into USDT.
		#[arg(value_parser = micro)]
		amount: u128,
	},
	/// Prepay calls at a relay: move Credits into your purse there, which it alone can charge.
	TopUp {
		/// How many CRED.
		#[arg(value_parser = micro)]
		amount: u128,
		/// At which relay.
		#[command(flatten)]
		at: At,
	},
	/// Take Credits out of your API balance: start with an amount, collect without one.
	Withdraw(Withdraw),
	/// Limit what a relay may charge you in a day.
	Limit {
		/// The most CRED in a day, or `none`.
		#[arg(value_parser = micro_limit, value_name = "CRED")]
		daily_limit: u128,
		/// At which relay.
		#[command(flatten)]
		at: At,
	},
	/// Stake LCO. They stay yours, and make the tier that you pay calls and fees by.
	Stake {
		/// How many LCO.
		#[arg(value_parser = lco)]
		amount: u128,
	},
	/// Take LCO out of your stake: start with an amount, collect without one.
	Unstake(Unstake),
	/// See your staking tier, and what the next one takes.
	Tier,
	/// See this week's Compute Wars and where you stand in them, or choose a champion's perk.
	Wars(Wars),
	/// Take part in launches of scarce models, and see your quotas.
	#[command(subcommand)]
	Launch(Launch),
	/// Create, list or revoke API keys.
	#[command(subcommand)]
	Key(Key),
	/// See what you own, what you mined, and what mining costs now.
	Balance(AtHand),
	/// Follow the chain as your calls are settled and mine LCO.
	Watch {
		/// Stop when what you have called by now has mined, or if you have called nothing, the next call.
		#[arg(long)]
		until_mined: bool,
		/// Give up after so many seconds.
		#[arg(long, value_name = "SECONDS")]
		timeout: Option<u64>,
		/// By which the relay is asked.
		#[command(flatten)]
		at_hand: AtHand,
	},
	/// See the models and their prices.
	Models,
	/// Check a call that you paid for against the chain, and see what that proves and what not.
	Verify(Verify),
	/// Check all that a relay has charged to anybody, and challenge what is wrong.
	Audit(Audit),
	/// See what the weekly buyback has bought and burned, and check it.
	#[command(subcommand)]
	Buyback(Buyback),
	/// See your account, or make a new one.
	#[command(subcommand)]
	Account(Account),
}

/// At which relay a purse is.
#[derive(Args, Clone, Copy, Debug)]
pub struct At {
	/// The relay's number on chain.
	#[arg(long = "relay-id", value_name = "NUMBER", default_value_t = 0)]
	pub relay: u32,
}

/// Which deposit to follow or attest.
#[derive(Args, Debug)]
pub struct Deposit {
	/// The network that the USDT was sent on, such as tron.
	#[arg(long, requires = "reference")]
	pub network: Option<String>,
	/// The transaction that sent it.
	#[arg(long, requires = "network")]
	pub reference: Option<String>,
	/// Act as a custodian: attest that this deposit arrived, or report the reserves, or both.
	#[arg(long)]
	pub as_custodian: bool,
	/// As a custodian: how much USDT arrived.
	#[arg(long, requires_all = ["as_custodian", "network", "to"], value_parser = micro)]
	pub amount: Option<u128>,
	/// As a custodian: the address that the deposit is for.
	#[arg(long, requires_all = ["as_custodian", "amount"])]
	pub to: Option<String>,
	/// As a custodian: report that custody holds so much USDT, as of the newest finalised block.
	#[arg(long, requires = "as_custodian", value_parser = micro)]
	pub reserves: Option<u128>,
}

/// How to take Credits out of the API balance.
#[derive(Args, Debug)]
pub struct Withdraw {
	/// How many CRED to take out. They stay chargeable until they have thawed.
	#[arg(value_parser = micro)]
	pub amount: Option<u128>,
	/// Wait until they have thawed, and collect them.
	#[arg(long, conflicts_with = "cancel")]
	pub wait: bool,
	/// Put what is thawing back.
	#[arg(long, conflicts_with = "amount")]
	pub cancel: bool,
	/// At which relay.
	#[command(flatten)]
	pub at: At,
}

/// How to take LCO out of the stake.
#[derive(Args, Debug)]
pub struct Unstake {
	/// How many LCO to take out. They count for no tier from now on, and can be collected later.
	#[arg(value_parser = lco)]
	pub amount: Option<u128>,
	/// Wait until what is being unstaked is ready, and collect it.
	#[arg(long, conflicts_with = "cancel")]
	pub wait: bool,
	/// Stake what is being unstaked again.
	#[arg(long, conflicts_with = "amount")]
	pub cancel: bool,
}

/// What to see of the Compute Wars, or what to choose.
#[derive(Args, Debug)]
pub struct Wars {
	/// How many ranks to show.
	#[arg(long, value_name = "RANKS", default_value_t = 10)]
	#[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
	pub top: u32,
	/// What to choose, as the champion, once.
	#[command(subcommand)]
	pub choice: Option<PerkChoice>,
}

/// A champion's perk.
#[derive(Debug, Subcommand)]
pub enum PerkChoice {
	/// Let the Ecosystem Fund pay your calls at a relay for the rest of the week, up to a cap.
	FreeCalls {
		/// At which relay.
		#[command(flatten)]
		at: At,
	},
	/// Have no limit of concurrency for the rest of the week, at any relay.
	NoLimit,
}

/// What to do with launches of scarce models.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum Launch {
	/// See the launches that have not expired.
	List,
	/// Ask for a part of a launch, once. It takes tier Lv3, from the announcement to the snapshot
	/// and now, and a deposit of LCO.
	Subscribe {
		/// The launch's number.
		launch: LaunchId,
		/// How many units: tokens, or what else the model is metered in.
		#[arg(value_parser = clap::value_parser!(u64).range(1..))]
		units: Units,
	},
	/// Take what you were given, so that your calls can use it: at one relay, all of it or a part.
	///
	/// Units are used at the relay where you claim them. They cannot be moved to another, and what
	/// you do not use before the launch expires is lost. So claim at several relays what you mean to
	/// use at each, or claim in parts as you need them.
	Claim {
		/// The launch's number.
		launch: LaunchId,
		/// How many units [default: all that you were given and have not claimed].
		#[arg(value_parser = clap::value_parser!(u64).range(1..))]
		units: Option<Units>,
		/// At which relay.
		#[command(flatten)]
		at: At,
	},
	/// See what you asked for, what you were given, and what is left of it at which relay.
	Quota {
		/// The launch's number [default: all that you have to do with].
		launch: Option<LaunchId>,
	},
	/// Get a deposit back, once nothing of the quota can be used or posted any more.
	Release {
		/// The launch's number.
		launch: LaunchId,
	},
}

/// Where a relay answers.
#[derive(Args, Debug)]
pub struct RelayUrl {
	/// The relay's address.
	#[arg(long, env = "LX_RELAY", default_value = "http://127.0.0.1:8080", value_name = "URL")]
	pub relay: String,
}

/// An API key, by which its relay tells what the chain does not know yet.
#[derive(Args, Debug)]
pub struct AtHand {
	/// An API key of your account: its relay is asked for what it has yet to post to the chain.
	#[arg(long, env = "OPENAI_API_KEY", hide_env_values = true)]
	pub key: Option<String>,
	/// The relay that serves it.
	#[command(flatten)]
	pub at: RelayUrl,
}

/// Which call to check.
#[derive(Args, Debug)]
pub struct Verify {
	/// The call's id, as the relay's answer gave it in `x-lx-call-id`; or a file with its receipt
	/// or its proof, as the relay gave them.
	pub call: String,
	/// The relay that served it, if its proof is not in a file.
	#[command(flatten)]
	pub at: RelayUrl,
}

/// What to check of a relay, and what to do about it.
#[derive(Args, Debug)]
pub struct Audit {
	/// The relay.
	#[command(flatten)]
	pub at: RelayUrl,
	/// Challenge each batch that is proven wrong, with a stake of your Credits: 100 CRED, unless the
	/// chain's parameters say otherwise.
	///
	/// It comes back with half of the relay's bond if the chain agrees, and is lost if it does not.
	#[arg(long)]
	pub challenge: bool,
	/// Go on with each new batch.
	#[arg(long)]
	pub watch: bool,
}

/// What to do about the buyback.
#[derive(Debug, Subcommand)]
pub enum Buyback {
	/// Check the whole chain of weekly receipts against the chain.
	Verify,
}

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub enum Key {
	/// Make an API key. It is shown once.
	Create(KeyCreate),
	/// See the API keys that your account has at a relay.
	List(KeyHeld),
	/// Make one API key worthless at its relay, at once and for ever. All else stays as it is.
	Revoke(KeyHeld),
	/// Make every API key of your account worthless, at every relay, on chain.
	///
	/// All that you have prepaid begins to thaw. Until it has thawed, relays may collect what they
	/// served before, and keys cannot be revoked so again.
	RevokeAll,
}

/// An API key that its holder shows to its relay.
#[derive(Args, Debug)]
pub struct KeyHeld {
	/// The API key. Other users of this machine can see a command's arguments, but not its variables.
	#[arg(env = "OPENAI_API_KEY", hide_env_values = true)]
	pub key: Option<String>,
	/// The relay that serves it.
	#[command(flatten)]
	pub at: RelayUrl,
}

/// What an API key may do.
#[derive(Args, Debug)]
pub struct KeyCreate {
	/// The relay that will serve the key.
	#[command(flatten)]
	pub at: RelayUrl,
	/// The relay's number on chain [default: the one it gives itself].
	#[arg(long)]
	pub relay_id: Option<u32>,
	/// The models that the key may use, separated by commas [default: all].
	#[arg(long, value_delimiter = ',')]
	pub models: Vec<String>,
	/// The most CRED that the key may spend in all [default: no limit but your own].
	#[arg(long, value_parser = micro)]
	pub cap: Option<u128>,
	/// When the key stops working: after 30d, 12h or 45m, or at 2027-01-31T00:00:00Z [default: never].
	#[arg(long)]
	pub expires: Option<String>,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum Account {
	/// Make a new key in a new file.
	New {
		/// The file to make [default: your key in the data folder].
		file: Option<PathBuf>,
	},
	/// See your address and where its key is.
	Show {
		/// Show the secret phrase too, to bring the account into a wallet.
		#[arg(long)]
		secret: bool,
	},
}

#[cfg(test)]
mod tests;
