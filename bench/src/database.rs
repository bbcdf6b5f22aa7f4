//! What a read and a write of the state take in ParityDB: the constants by which weights count them.

use std::{
	path::Path,
	time::{Duration, Instant},
};

use l_exchange_runtime::{Block, Header};
use rand::{rngs::SmallRng, seq::index::sample, RngCore, SeedableRng};
use sc_cli::Result;
use sc_client_api::{
	backend::{Backend as _, BlockImportOperation as _, TrieCacheContext},
	NewBlockState,
};
use sc_client_db::Backend;
use sp_core::{
	storage::{StateVersion, Storage},
	H256,
};
use sp_runtime::{traits::Header as _, Digest};
use sp_state_machine::backend::Backend as _;

use crate::chain::open;

/// As long as a map's key: two hashes of a half, and an account with its own.
const KEY_BYTES: usize = 80;

/// As long as most values.
const VALUE_BYTES: usize = 100;

/// Values that a block changes: as many accounts as a full block of transfers.
const CHANGES: usize = 5_000;

/// Measures the database.
#[derive(Debug, clap::Parser)]
pub struct DatabaseCmd {
	/// Values in the state.
	#[arg(long, default_value_t = 1_000_000)]
	values: usize,

	/// Values to read.
	#[arg(long, default_value_t = 50_000)]
	reads: usize,

	/// Blocks of so many changes as a full one makes.
	#[arg(long, default_value_t = 20)]
	blocks: u32,
}

impl DatabaseCmd {
	/// Measures, and prints a table.
	pub fn run(&self) -> Result<()> {
		let folder = tempfile::tempdir()?;
		let mut random = SmallRng::seed_from_u64(1);
		let keys: Vec<Vec<u8>> =
			(0..self.values.max(CHANGES)).map(|_| bytes(&mut random, KEY_BYTES)).collect();
		let genesis = fill(folder.path(), &keys, &mut random)?;
		// As after a start: what was written is not in the node's memory.
		let backend = open(folder.path())?;
		let read = self.read(&backend, &genesis, &keys, &mut random)?;
		let write = self.write(&backend, genesis, &keys, &mut random)?;
		println!("| in ParityDB, of {} values | number | µs each |", self.values);
		println!("|---|---|---|");
		println!("| reads | {} | {:.1} |", self.reads, micros(read));
		println!("| writes, {CHANGES} to a block | {} | {:.1} |", self.blocks, micros(write));
		Ok(())
	}

	/// The mean time of reading a value.
	fn read(
		&self,
		backend: &Backend<Block>,
		head: &Header,
		keys: &[Vec<u8>],
		random: &mut SmallRng,
	) -> Result<Duration> {
		let state = backend.state_at(head.hash(), TrieCacheContext::Trusted)?;
		let chosen = sample(random, keys.len(), self.reads.min(keys.len()));
		let started = Instant::now();
		for index in chosen.iter() {
			if state.storage(&keys[index])?.is_none() {
				return Err("a value is missing".into());
			}
		}
		Ok(started.elapsed() / u32::try_from(chosen.len().max(1)).unwrap_or(u32::MAX))
	}

	/// The median over blocks of the time that a change of a value takes, with the state root and
	/// storing it.
	fn write(
		&self,
		backend: &Backend<Block>,
		mut head: Header,
		keys: &[Vec<u8>],
		random: &mut SmallRng,
	) -> Result<Duration> {
		let mut times = Vec::new();
		for _ in 0..self.blocks {
			let chosen = sample(random, keys.len(), CHANGES);
			let values: Vec<_> = chosen.iter().map(|_| bytes(random, VALUE_BYTES)).collect();
			let started = Instant::now();
			let delta = chosen.iter().zip(&values);
			let delta = delta.map(|(index, value)| (&keys[index][..], Some(&value[..])));
			head = change(backend, &head, delta)?;
			times.push(started.elapsed() / CHANGES as u32);
		}
		times.sort_unstable();
		times.get(times.len() / 2).copied().ok_or_else(|| "there are no blocks".into())
	}
}

/// A new database that holds a value for each key; its only block.
fn fill(folder: &Path, keys: &[Vec<u8>], random: &mut SmallRng) -> Result<Header> {
	let backend = open(folder)?;
	let top = keys.iter().map(|key| (key.clone(), bytes(random, VALUE_BYTES))).collect();
	let storage = Storage { top, children_default: Default::default() };
	let mut operation = backend.begin_operation()?;
	let root = operation.set_genesis_state(storage, true, StateVersion::V1)?;
	let header = Header::new(0, H256::zero(), root, H256::zero(), Digest::default());
	let body = Some(Vec::new());
	operation.set_block_data(header.clone(), body, None, None, NewBlockState::Final, true)?;
	backend.commit_operation(operation)?;
	Ok(header)
}

/// Adds a block after `head` that changes some values.
fn change<'a>(
	backend: &Backend<Block>,
	head: &Header,
	delta: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
) -> Result<Header> {
	let mut operation = backend.begin_operation()?;
	backend.begin_state_operation(&mut operation, head.hash())?;
	let state = backend.state_at(head.hash(), TrieCacheContext::Trusted)?;
	let (root, transaction) = state.storage_root(delta, StateVersion::V1);
	operation.update_db_storage(transaction)?;
	let header = Header::new(head.number + 1, H256::zero(), root, head.hash(), Digest::default());
	let body = Some(Vec::new());
	operation.set_block_data(header.clone(), body, None, None, NewBlockState::Final, true)?;
	backend.commit_operation(operation)?;
	Ok(header)
}

fn bytes(random: &mut SmallRng, length: usize) -> Vec<u8> {
	let mut bytes = vec![0; length];
	random.fill_bytes(&mut bytes);
	bytes
}

fn micros(time: Duration) -> f64 {
	time.as_secs_f64() * 1e6
}
