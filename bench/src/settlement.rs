//! How fast blocks settle batches.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate as _, fungibles::Mutate as _},
};
use l_exchange_runtime::{
	configs::parameters::{compute, RuntimeParameters},
	Assets, Balances, Compute, Parameters, Runtime, RuntimeOrigin, UncheckedExtrinsic,
};
use lx_primitives::{
	call_log::{Batch, Header, Line, Payment, MAX_LINES},
	merkle_sum::{root, Node},
	units::{Moment, CRED, CRED_ASSET, LCO},
};
use pallet_compute::{QueueHead, QueueTail};
use sc_cli::Result;
use scenarios::{extension, relay};
use sp_core::{sr25519, Pair, H256};
use sp_runtime::AccountId32;

use crate::{
	chain::{account, id, sign, Chain},
	trading::transfer,
};

/// The challenge window, in hours of the development chain: longer than all batches take to be posted.
const WINDOW_HOURS: u32 = 2_400;

/// Longer than that, in ms.
const WINDOW_OVER: Moment = 9_000_000;

/// What to measure.
#[derive(Debug, Args)]
pub struct SettlementCmd {
	/// The runtime's WebAssembly.
	#[arg(long)]
	runtime: PathBuf,
	/// How many batches of as many lines as may be are settled.
	#[arg(long, default_value_t = 20)]
	batches: u32,
	/// How many batches of one line each wait to become final.
	#[arg(long, default_value_t = 1_000)]
	waiting: u32,
}

/// A chain, the accounts that its relay charges, and where the relay's log has got to.
struct Bench {
	chain: Chain,
	accounts: Vec<sr25519::Pair>,
	sequence: u64,
	previous: H256,
}

/// How long blocks took, and how much was done in them.
#[derive(Default)]
struct Measured {
	blocks: Vec<Duration>,
	units: usize,
}

impl Measured {
	fn add(&mut self, units: usize, took: Duration) {
		self.blocks.push(took);
		self.units += units;
	}

	fn total(&self) -> Duration {
		self.blocks.iter().sum()
	}

	fn longest(&self) -> Duration {
		self.blocks.iter().max().copied().unwrap_or_default()
	}

	/// A row of the table.
	fn print(&self, what: &str) {
		let per_second = self.units as f64 / self.total().as_secs_f64();
		let longest = self.longest().as_secs_f64() * 1e3;
		let (blocks, units) = (self.blocks.len(), self.units);
		println!("| {what} | {units} | {blocks} | {longest:.0} | {per_second:.0} |");
	}
}

impl SettlementCmd {
	/// Measures, and prints a table.
	pub fn run(self) -> Result<()> {
		let mut bench = Bench::new(std::fs::read(&self.runtime)?)?;
		println!("| in whole blocks | number | blocks | longest block, ms | a second |");
		println!("|---|---|---|---|---|");
		bench.transfers()?.print("transfers of LCO");
		let (posted, settled) = bench.settle(self.batches, MAX_LINES as usize)?;
		posted.print(&format!("lines posted, in batches of {MAX_LINES}"));
		settled.print("lines made final");
		let both = [posted.blocks, settled.blocks].concat();
		Measured { blocks: both, units: posted.units }.print("lines settled, both together");
		let (_, drained) = bench.settle(self.waiting, 1)?;
		drained.print(&format!("batches made final, {} waiting", self.waiting));
		Ok(())
	}
}

impl Bench {
	fn new(runtime: Vec<u8>) -> Result<Self> {
		let mut accounts: Vec<_> = (0..MAX_LINES).map(account).collect();
		accounts.sort_by_key(|account| account.public());
		let ids: Vec<_> = accounts.iter().map(id).collect();
		let chain = Chain::new(runtime, 0, || {
			ids.iter().for_each(fund);
			lengthen_window();
		})?;
		Ok(Self { chain, accounts, sequence: 0, previous: H256::zero() })
	}

	/// Blocks of transfers, each account's to the next.
	fn transfers(&mut self) -> Result<Measured> {
		let genesis = self.chain.genesis();
		let next = self.accounts.iter().cycle().skip(1);
		let all =
			self.accounts.iter().zip(next).map(|(from, to)| sign(genesis, from, 0, transfer(to)));
		let all: Vec<_> = all.collect();
		self.run(&all)
	}

	/// Blocks of all `transactions`.
	fn run(&mut self, mut transactions: &[UncheckedExtrinsic]) -> Result<Measured> {
		let mut measured = Measured::default();
		while !transactions.is_empty() {
			let (block, included) = self.chain.author(transactions.iter().cloned())?;
			measured.add(included, self.chain.import(block)?.took);
			transactions = &transactions[included..];
		}
		Ok(measured)
	}

	/// Posts so many batches of so many lines, then makes them final: the lines that were posted and
	/// those that were settled.
	fn settle(&mut self, batches: u32, lines: usize) -> Result<(Measured, Measured)> {
		let mut posted = Measured::default();
		for _ in 0..batches {
			let batch = self.batch(lines)?;
			let block = self.run(&[batch])?;
			posted.add(lines, block.total());
		}
		self.chain.wait(WINDOW_OVER);
		let mut settled = Measured::default();
		while self.waiting()? > 0 {
			let before = self.waiting()?;
			let block = self.run_empty()?;
			settled.add((before - self.waiting()?) as usize * lines, block);
		}
		Ok((posted, settled))
	}

	fn run_empty(&mut self) -> Result<Duration> {
		let (block, _) = self.chain.author([])?;
		Ok(self.chain.import(block)?.took)
	}

	/// How many batches are not final.
	fn waiting(&self) -> Result<u64> {
		let head: u64 = self.chain.read(&QueueHead::<Runtime>::hashed_key())?.unwrap_or_default();
		let tail: u64 = self.chain.read(&QueueTail::<Runtime>::hashed_key())?.unwrap_or_default();
		Ok(tail - head)
	}

	/// The relay's next batch, which charges the first `lines` accounts for a call each.
	fn batch(&mut self, lines: usize) -> Result<UncheckedExtrinsic> {
		let total = |call| {
			let hash = H256::from_low_u64_be(call);
			Node { hash, charge: 20, cost: 10, calls: 1, units: 0 }
		};
		let lines: Vec<_> = (0..)
			.zip(&self.accounts[..lines])
			.map(|(call, account)| {
				let payment = Payment::Purse;
				Line { account: id(account), payment, total: total(call) }
			})
			.collect();
		let now = self.chain.now();
		let header = Header {
			relay: 0,
			sequence: self.sequence,
			previous: self.previous,
			time: now,
			oldest: now,
			root: root(lines.iter().map(Line::node).collect()).ok_or("the sums overflow")?,
		};
		let hash = header.hash(&self.chain.genesis());
		(self.sequence, self.previous) = (self.sequence + 1, hash);
		let attest = |index| (index, relay::attestor_key(index).sign(hash.as_bytes()));
		let call = pallet_compute::Call::<Runtime>::post_batch {
			batch: Batch { header, lines: lines.try_into().map_err(|_| "too many lines")? },
			relay_signature: relay::relay_key().sign(hash.as_bytes()),
			signatures: vec![attest(0), attest(1)].try_into().map_err(|_| "too many signatures")?,
		};
		Ok(UncheckedExtrinsic::new_transaction(call.into(), extension(0u32.into(), None)))
	}
}

/// Gives an account LCO and an API balance.
fn fund(who: &AccountId32) {
	assert_ok!(Balances::mint_into(who, LCO));
	assert_ok!(Assets::mint_into(CRED_ASSET, who, 2 * CRED));
	assert_ok!(Compute::top_up(RuntimeOrigin::signed(who.clone()), 0, CRED));
}

fn lengthen_window() {
	let hours = compute::Parameters::ChallengeWindowHours(
		compute::ChallengeWindowHours,
		Some(WINDOW_HOURS),
	);
	assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), RuntimeParameters::Compute(hours)));
}
