//! `lx-bench flood`: a node that is sent as many transactions as it takes.

use std::{
	cell::Cell,
	path::PathBuf,
	thread,
	time::{Duration, Instant},
};

use clap::Args;
use codec::Encode;
use l_exchange_runtime::{RuntimeCall, RuntimeEvent, BLOCK_MILLIS};
use pallet_orderbook::MAX_BATCH;
use sc_cli::Result;
use sp_core::{bytes::to_hex, sr25519, H256};
use subxt::ext::futures::{future::try_join_all, stream, StreamExt, TryStreamExt};
use tokio::time::sleep;

use crate::{
	chain::{account, id, most_in_block, prepared, sign},
	node::{Connection, Node, PAUSE},
	trading::{
		batch, fund_wallet, is_operation, is_transfer, quote, transfer, MAKERS, PART_OF_BATCH,
	},
};

/// So many accounts transfer. Makers come after them.
const PAYERS: usize = 2_000;

/// What waits for a block is no more than fills so many.
const AHEAD: usize = 3;

/// So many transactions on one connection wait for the node's answer.
const UNANSWERED: usize = 64;

/// What to measure.
#[derive(Debug, Args)]
pub struct FloodCmd {
	/// The runtime's WebAssembly.
	#[arg(long)]
	runtime: PathBuf,
	/// The node's program.
	#[arg(long)]
	node: PathBuf,
	/// How long transactions of each kind are sent. A node forgets the states of longer ago.
	#[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(10..=400))]
	seconds: u64,
	/// Over how many connections.
	#[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=50))]
	connections: u64,
}

/// Transactions that are signed and encoded, in order.
struct Signed {
	transactions: Vec<String>,
	/// More of them than a block has room for.
	in_block: usize,
}

/// Transactions on their way.
struct Flood<'a> {
	signed: &'a Signed,
	/// How many are in blocks.
	included: Cell<usize>,
}

/// What was seen meanwhile: the blocks after `first` up to `last`.
struct Watched {
	first: u32,
	last: u32,
	took: Duration,
}

impl FloodCmd {
	/// Measures, and prints a table.
	pub fn run(self) -> Result<()> {
		let accounts: Vec<_> = (0..(PAYERS + MAKERS) as u32).map(account).collect();
		let (payers, makers) = accounts.split_at(PAYERS);
		let genesis = prepared(&std::fs::read(&self.runtime)?, || {
			payers.iter().map(id).for_each(|payer| fund_wallet(&payer));
			makers.iter().map(id).for_each(|maker| quote(&maker));
		})?;
		let mut node = Node::start(&self.node, genesis)?;
		// The node needs the processors more than who sends.
		let sender = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
		let measured = sender.block_on(self.measure(&mut node, payers, makers));
		measured.map_err(|error| {
			let log = node.log();
			format!("{error}; the end of the node's log:\n{log}").into()
		})
	}

	async fn measure(
		&self,
		node: &mut Node,
		payers: &[sr25519::Pair],
		makers: &[sr25519::Pair],
	) -> Result<()> {
		let genesis = node.ready().await?.genesis().await?;
		let transfers =
			self.sign(genesis, payers, |number| transfer(&payers[(number + 1) % PAYERS]), 1);
		let batches = |number| batch(1 + (number / MAKERS) as u64);
		let batches = self.sign(genesis, makers, batches, PART_OF_BATCH);
		println!("| in a node | number | blocks | seconds | a second | target |");
		println!("|---|---|---|---|---|---|");
		self.flood(node, &transfers, ("transfers of LCO", is_transfer, "")).await?;
		let what = format!("operations on orders, in batches of {MAX_BATCH}");
		self.flood(node, &batches, (&what, is_operation, "≥ 10000")).await
	}

	/// Signs as many calls as there is room for in all blocks meanwhile, on all processors: each account
	/// makes one after another.
	fn sign(
		&self,
		genesis: H256,
		accounts: &[sr25519::Pair],
		call: impl Fn(usize) -> RuntimeCall + Sync,
		part: usize,
	) -> Signed {
		let in_block = most_in_block(&call(0), part);
		let blocks = (self.seconds * 1_000 / BLOCK_MILLIS) as usize + AHEAD;
		let threads = thread::available_parallelism().map_or(1, usize::from);
		let (number, share) = (in_block * blocks, (in_block * blocks).div_ceil(threads));
		let sign_one = |number: usize| {
			let (signer, nonce) = (&accounts[number % accounts.len()], number / accounts.len());
			to_hex(&sign(genesis, signer, nonce as u32, call(number)).encode(), false)
		};
		let sign_share =
			|first: usize| -> Vec<_> { (first..number.min(first + share)).map(sign_one).collect() };
		let sign_share = &sign_share;
		let transactions = thread::scope(|scope| {
			let signing: Vec<_> = (0..threads)
				.map(|thread| scope.spawn(move || sign_share(thread * share)))
				.collect();
			let signed = signing.into_iter().map(|share| share.join().expect("signing succeeds"));
			signed.flatten().collect()
		});
		Signed { transactions, in_block }
	}

	/// Sends transactions as fast as the node takes them, and prints how many of what they do is done.
	async fn flood(
		&self,
		node: &Node,
		signed: &Signed,
		(what, is_done, target): (&str, fn(&RuntimeEvent) -> bool, &str),
	) -> Result<()> {
		let watcher = node.connect().await?;
		let mut connections = Vec::new();
		for _ in 0..self.connections {
			connections.push(node.connect().await?);
		}
		let flood = Flood { signed, included: Cell::new(0) };
		let Watched { first, last, took } = tokio::select! {
			watched = flood.watch(&watcher, Duration::from_secs(self.seconds)) => watched?,
			failed = flood.send_all(&connections) => failed?,
		};
		watcher.after(last - 1, true).await?;
		let mut done = 0;
		for number in first + 1..=last {
			let events = watcher.events(number).await?;
			done += events.iter().filter(|record| is_done(&record.event)).count();
		}
		let (blocks, seconds) = (last - first, took.as_secs_f64());
		let rate = done as f64 / seconds;
		println!("| {what} | {done} | {blocks} | {seconds:.0} | {rate:.0} | {target} |");
		wait_until_idle(&watcher).await
	}
}

impl Flood<'_> {
	/// Watches blocks come for so long, or until everything is in one.
	async fn watch(&self, watcher: &Connection, time: Duration) -> Result<Watched> {
		let first = watcher.after(watcher.height().await?, false).await?;
		let (began, mut last, mut took) = (Instant::now(), first, Duration::ZERO);
		while took < time && self.included.get() < self.signed.transactions.len() {
			let height = watcher.after(last, false).await?;
			took = began.elapsed();
			for number in last + 1..=height {
				let included = watcher.transactions(number).await?;
				self.included.set(self.included.get() + included);
			}
			last = height;
		}
		Ok(Watched { first, last, took })
	}

	/// Sends everything, and ends only if that fails: what was sent last is not in a block yet.
	async fn send_all(&self, connections: &[Connection]) -> Result<Watched> {
		let all = connections.iter().enumerate().map(|(first, connection)| {
			let numbers = (first..self.signed.transactions.len()).step_by(connections.len());
			stream::iter(numbers)
				.map(move |number| self.send(connection, number))
				.buffer_unordered(UNANSWERED)
				.try_collect::<()>()
		});
		try_join_all(all).await?;
		std::future::pending().await
	}

	/// Sends one of the transactions, as soon as not too many wait for a block.
	async fn send(&self, connection: &Connection, number: usize) -> Result<()> {
		while number >= self.included.get() + AHEAD * self.signed.in_block {
			sleep(PAUSE).await;
		}
		connection.send(&self.signed.transactions[number]).await
	}
}

/// Waits until what was sent too late to be counted is in a block too.
async fn wait_until_idle(watcher: &Connection) -> Result<()> {
	for _ in 0..10 * AHEAD {
		if watcher.is_idle().await? {
			return Ok(());
		}
		watcher.after(watcher.height().await?, false).await?;
	}
	Err("the node does not put what it was sent into blocks".into())
}
