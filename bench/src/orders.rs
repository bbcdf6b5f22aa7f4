//! `lx-bench orders`: blocks full of what traders do, beside blocks full of transfers.

mod table;
mod work;

use std::path::PathBuf;

use clap::Args;
use frame_support::weights::constants::WEIGHT_REF_TIME_PER_SECOND;
use frame_system::{BlockWeight, ConsumedWeight};
use l_exchange_runtime::{Runtime, RuntimeCall};
use pallet_orderbook::MAX_BATCH;
use sc_cli::Result;
use sp_core::sr25519;
use sp_runtime::AccountId32;

use self::{
	table::{print_head, Measured, Sample},
	work::{Offers, Work, CROWD, QUEUE, SINGLE, SWEEP},
};
use crate::{
	chain::{account, events_key, id, sign, Chain, Events, Imported},
	trading::{fund, quote, MAKERS},
};

/// What to measure.
#[derive(Debug, Args)]
pub struct OrdersCmd {
	/// The runtime's WebAssembly.
	#[arg(long)]
	runtime: PathBuf,
	/// How many full blocks of each kind are measured; the median is printed.
	#[arg(long, default_value_t = 5)]
	blocks: usize,
	/// How many others have a wallet and a trading account: weights are for a large state.
	#[arg(long, default_value_t = 500_000)]
	others: u32,
}

/// A chain, and those who act on it: the crowd, then the makers.
struct Bench {
	chain: Chain,
	signers: Vec<sr25519::Pair>,
	nonces: Vec<u32>,
	/// How many full blocks of each kind are wanted.
	blocks: usize,
	/// How many transfers were made: the next is by the next of the crowd.
	transferred: usize,
}

impl OrdersCmd {
	/// Measures, and prints a table.
	pub fn run(self) -> Result<()> {
		let blocks = self.blocks;
		let mut bench = Bench::new(std::fs::read(&self.runtime)?, self.others, blocks)?;
		let empty = bench.empty()?;
		let mut measure = |what, work| bench.measure(what, &work);
		let remarks = measure("remarks", Work::remarks(blocks))?;
		let placed = measure("placing", Work::places(blocks))?;
		let cancelled = measure("cancelling", Work::cancels(placed.calls))?;
		let one = measure("taking one by one", Work::takes(&SINGLE, blocks))?;
		let many = measure("taking by the price", Work::takes(&QUEUE, blocks))?;
		let sweep = measure("sweeping", Work::takes(&SWEEP, blocks))?;
		let batches = measure("batches", Work::batches(blocks))?;

		println!("An empty block: {}.\n", empty.told());
		print_head();
		let all = [&remarks, &placed, &cancelled, &one, &many, &sweep, &batches];
		Measured::transfers_of(&all).print("transfers of LCO", 1, None);
		remarks.print("remarks, which do nothing", 1, None);
		placed.print("placing, at a price that is there", 1, Some(1.3));
		cancelled.print("cancelling, in no order", 1, Some(1.2));
		let taking = |offers: &Offers| format!("placing, and taking {}", offers.each);
		let further = |offers: &Offers| offers.each - SINGLE.each;
		one.print(&taking(&SINGLE), 1, None);
		many.print(&format!("{} at one price", taking(&QUEUE)), 1, None);
		many.print_further(&one, "each further fill", further(&QUEUE), Some(0.4));
		sweep.print(&format!("{} at as many prices", taking(&SWEEP)), 1, None);
		sweep.print_further(&one, "each further fill of that", further(&SWEEP), Some(0.4));
		batches.print(&format!("an operation in a batch of {MAX_BATCH}"), MAX_BATCH, Some(0.3));
		Ok(())
	}
}

impl Bench {
	/// A chain on which everything is there that so many blocks of each kind need.
	fn new(runtime: Vec<u8>, others: u32, blocks: usize) -> Result<Self> {
		let (crowd, makers, sellers) = (CROWD as u32, MAKERS as u32, Offers::sellers(blocks));
		let signers: Vec<_> = (0..crowd + makers).map(account).collect();
		let ids: Vec<_> = signers.iter().map(id).collect();
		let first_seller = crowd + makers;
		let sellers: Vec<AccountId32> =
			(first_seller..first_seller + sellers).map(|number| id(&account(number))).collect();
		let chain = Chain::new(runtime, others, || {
			let (crowd, makers) = ids.split_at(CROWD);
			crowd.iter().chain(&sellers).for_each(fund);
			makers.iter().for_each(quote);
			[SINGLE, QUEUE, SWEEP].iter().for_each(|offers| offers.rest(&sellers, blocks));
		})?;
		let nonces = vec![0; signers.len()];
		Ok(Self { chain, signers, nonces, blocks, transferred: 0 })
	}

	/// Measures full blocks of `work`, each after one of transfers, since a machine is faster at one
	/// time than at another.
	fn measure(&mut self, what: &str, work: &Work) -> Result<Measured> {
		let mut measured = Measured::default();
		while measured.blocks.len() < self.blocks {
			let transfers = Work::transfers(&self.signers, self.transferred);
			let base = self.block("transfers", &transfers, 0)?;
			self.transferred += base.calls;
			let block = self.block(what, work, measured.calls)?;
			measured.calls += block.calls;
			if measured.calls == work.calls.len() {
				break;
			}
			measured.transfers.push(base);
			measured.blocks.push(block);
		}
		if measured.blocks.is_empty() {
			return Err(format!("{what}: no block was full; measure more with --blocks").into());
		}
		Ok(measured)
	}

	/// Measures empty blocks.
	fn empty(&mut self) -> Result<Measured> {
		let mut measured = Measured::default();
		for _ in 0..self.blocks {
			measured.blocks.push(self.block("nothing", &Work::default(), 0)?);
		}
		Ok(measured)
	}

	/// Makes and executes a block of as many of the calls from `first` on as fit in it.
	fn block(&mut self, what: &str, work: &Work, first: usize) -> Result<Sample> {
		let calls = &work.calls[first..];
		let Self { chain, signers, nonces, .. } = self;
		let genesis = chain.genesis();
		let signed = |(who, call): &(usize, RuntimeCall)| {
			let nonce = nonces[*who];
			nonces[*who] += 1;
			sign(genesis, &signers[*who], nonce, call.clone())
		};
		let (block, included) = chain.author(calls.iter().map(signed))?;
		if let Some((who, _)) = calls.get(included) {
			// It was signed too, to know that it does not fit.
			nonces[*who] -= 1;
		}
		let Imported { took, reads, writes } = chain.import(block)?;
		let events: Events = chain.read(&events_key())?.unwrap_or_default();
		let done = events.iter().filter(|record| (work.is_done)(&record.event)).count();
		if done != included * work.each {
			let expected = included * work.each;
			return Err(format!("{what}: {done} of {expected} things were done").into());
		}
		let weight = chain.read::<ConsumedWeight>(&BlockWeight::<Runtime>::hashed_key())?;
		let weight = weight.unwrap_or_default().total().ref_time();
		Ok(Sample {
			calls: included,
			seconds: took.as_secs_f64(),
			weight: weight as f64 / WEIGHT_REF_TIME_PER_SECOND as f64,
			reads: reads as f64,
			writes: writes as f64,
		})
	}
}
