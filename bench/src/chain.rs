//! A chain whose blocks are built and executed as a node does it: the runtime's WebAssembly, a state
//! in ParityDB, and the state root.

use std::{
	path::Path,
	time::{Duration, Instant},
};

use codec::{Decode, Encode};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	storage::storage_prefix,
};
use frame_system::{AccountInfo, EventRecord};
use l_exchange_runtime::{
	Block, Header, Nonce, Runtime, RuntimeCall, RuntimeEvent, UncheckedExtrinsic, BLOCK_MILLIS,
};
use lx_primitives::{
	trading::{Holding, TradingAccount},
	units::{LCO, LCO_ASSET},
	Moment,
};
use sc_cli::Result;
use sc_client_api::{
	backend::{Backend as _, BlockImportOperation as _, TrieCacheContext},
	NewBlockState,
};
use sc_client_db::{Backend, BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode};
use sc_executor::WasmExecutor;
use scenarios::{genesis, header, START};
use sp_core::{
	sr25519,
	storage::{well_known_keys::CODE, StateVersion, Storage},
	traits::{CallContext, RuntimeCode, WrappedRuntimeCode},
	Pair, H256,
};
use sp_io::{SubstrateHostFunctions, TestExternalities};
use sp_runtime::{
	traits::{BlakeTwo256, Header as _, Zero},
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	AccountId32, ApplyExtrinsicResult, Digest,
};
use sp_state_machine::{
	backend::{Backend as _, IterArgs},
	OverlayedChanges, StateMachine,
};

type Overlay = OverlayedChanges<BlakeTwo256>;

/// What a node keeps of its trie in memory by default.
const TRIE_CACHE: usize = 64 << 20;

/// How many states a node keeps by default.
const KEPT_STATES: u32 = 256;

/// What happened in a block, as its state keeps it under [`events_key`].
pub type Events = Vec<EventRecord<RuntimeEvent, H256>>;

/// What executing a block took.
pub struct Imported {
	/// The time, with storing the block.
	pub took: Duration,
	/// How often the runtime asked the state for a value that the block had not changed before.
	pub reads: u64,
	/// How many values the block has changed.
	pub writes: usize,
}

/// A chain on disk, and its last block.
pub struct Chain {
	backend: Backend<Block>,
	executor: WasmExecutor<SubstrateHostFunctions>,
	runtime: Vec<u8>,
	genesis: H256,
	head: Header,
	now: Moment,
	_folder: tempfile::TempDir,
}

impl Chain {
	/// A development chain that runs `runtime`, from a genesis that `prepare` has changed, on which so
	/// many others have a wallet and a trading account.
	pub fn new(runtime: Vec<u8>, others: u32, prepare: impl FnOnce()) -> Result<Self> {
		let folder = tempfile::tempdir()?;
		let backend = open(folder.path())?;
		let mut storage = prepared(&runtime, prepare)?;
		storage.top.extend((0..others).flat_map(other));
		let mut operation = backend.begin_operation()?;
		let state_root = operation.set_genesis_state(storage, true, StateVersion::V1)?;
		let extrinsics_root = sp_io::trie::blake2_256_ordered_root(Vec::new(), StateVersion::V0);
		let head = Header::new(0, extrinsics_root, state_root, H256::zero(), Digest::default());
		let body = Some(Vec::new());
		operation.set_block_data(head.clone(), body, None, None, NewBlockState::Final, true)?;
		backend.commit_operation(operation)?;
		// As after a start: what was written is not in the node's memory.
		drop(backend);
		let backend = open(folder.path())?;
		let executor = WasmExecutor::builder().build();
		let genesis = head.hash();
		Ok(Self { backend, executor, runtime, genesis, head, now: START, _folder: folder })
	}

	/// The hash of the first block.
	pub fn genesis(&self) -> H256 {
		self.genesis
	}

	/// The time of the last block.
	pub fn now(&self) -> Moment {
		self.now
	}

	/// Lets so many ms pass before the next block.
	pub fn wait(&mut self, ms: Moment) {
		self.now = self.now.saturating_add(ms);
	}

	/// Makes the next block of as many of `transactions`, from the first on, as fit in it; says how
	/// many those are. It takes one more, if there is one, to know that it does not fit.
	pub fn author(
		&mut self,
		transactions: impl IntoIterator<Item = UncheckedExtrinsic>,
	) -> Result<(Block, usize)> {
		self.now += BLOCK_MILLIS;
		let state = self.backend.state_at(self.head.hash(), TrieCacheContext::Trusted)?;
		let mut overlay = Overlay::default();
		let header = header(self.head.number + 1, self.head.hash(), self.now);
		self.call(&state, &mut overlay, "Core_initialize_block", &header.encode())?;
		let time = pallet_timestamp::Call::set { now: self.now };
		let mut body = vec![UncheckedExtrinsic::new_bare(time.into())];
		self.apply(&state, &mut overlay, &body[0])?;
		for transaction in transactions {
			overlay.start_transaction();
			if !self.apply(&state, &mut overlay, &transaction)? {
				if body.len() == 1 {
					return Err("not even one of the transactions fits in a block".into());
				}
				overlay.rollback_transaction().map_err(|_| "the transaction is not open")?;
				break;
			}
			overlay.commit_transaction().map_err(|_| "the transaction is not open")?;
			body.push(transaction);
		}
		let header = self.call(&state, &mut overlay, "BlockBuilder_finalize_block", &[])?;
		let header = Header::decode(&mut &header[..]).map_err(|error| error.to_string())?;
		let included = body.len() - 1;
		Ok((Block { header, extrinsics: body }, included))
	}

	/// Executes a block on the state before it, checks its state root and stores it.
	pub fn import(&mut self, block: Block) -> Result<Imported> {
		let parent = self.head.hash();
		let encoded = block.encode();
		let started = Instant::now();
		let mut operation = self.backend.begin_operation()?;
		self.backend.begin_state_operation(&mut operation, parent)?;
		let state = self.backend.state_at(parent, TrieCacheContext::Trusted)?;
		let mut overlay = Overlay::default();
		self.call(&state, &mut overlay, "Core_execute_block", &encoded)?;
		let reads = state.usage_info().reads.ops;
		let changes = overlay.drain_storage_changes(&state, StateVersion::V1)?;
		let writes = changes.main_storage_changes.len();
		operation.update_db_storage(changes.transaction)?;
		operation.update_storage(changes.main_storage_changes, changes.child_storage_changes)?;
		let (header, body) = (block.header.clone(), Some(block.extrinsics));
		operation.set_block_data(header, body, None, None, NewBlockState::Final, true)?;
		self.backend.commit_operation(operation)?;
		let took = started.elapsed();
		self.head = block.header;
		Ok(Imported { took, reads, writes })
	}

	/// What the last block's state holds under `key`.
	pub fn read<V: Decode>(&self, key: &[u8]) -> Result<Option<V>> {
		let state = self.backend.state_at(self.head.hash(), TrieCacheContext::Trusted)?;
		let value = state.storage(key)?;
		Ok(value.map(|bytes| V::decode(&mut &bytes[..])).transpose().map_err(|e| e.to_string())?)
	}

	/// Applies a transaction, and says whether there was room for it.
	fn apply(
		&self,
		state: &impl sp_state_machine::Backend<BlakeTwo256>,
		overlay: &mut Overlay,
		transaction: &UncheckedExtrinsic,
	) -> Result<bool> {
		let input = transaction.encode();
		let output = self.call(state, overlay, "BlockBuilder_apply_extrinsic", &input)?;
		match ApplyExtrinsicResult::decode(&mut &output[..]).map_err(|error| error.to_string())? {
			Ok(Ok(())) => Ok(true),
			Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources)) => {
				Ok(false)
			},
			other => Err(format!("a transaction that is to be measured fails: {other:?}").into()),
		}
	}

	fn call(
		&self,
		state: &impl sp_state_machine::Backend<BlakeTwo256>,
		overlay: &mut Overlay,
		method: &str,
		input: &[u8],
	) -> Result<Vec<u8>> {
		let fetcher = WrappedRuntimeCode(self.runtime.as_slice().into());
		let code = RuntimeCode {
			code_fetcher: &fetcher,
			heap_pages: None,
			// There is only one runtime, so anything names it.
			hash: self.genesis.as_bytes().to_vec(),
		};
		let mut extensions = Default::default();
		let context = CallContext::Onchain { import: true };
		let mut machine = StateMachine::new(
			state,
			overlay,
			&self.executor,
			method,
			input,
			&mut extensions,
			&code,
			context,
		);
		machine.execute().map_err(|error| format!("{method}: {error}").into())
	}
}

/// A database as a node has it.
pub fn open(folder: &Path) -> Result<Backend<Block>> {
	let settings = DatabaseSettings {
		trie_cache_maximum_size: Some(TRIE_CACHE),
		state_pruning: Some(PruningMode::blocks_pruning(KEPT_STATES)),
		source: DatabaseSource::ParityDb { path: folder.into() },
		blocks_pruning: BlocksPruning::KeepAll,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	};
	Ok(Backend::new(settings, 0)?)
}

/// An account of its own for each number.
pub fn account(number: u32) -> sr25519::Pair {
	sr25519::Pair::from_seed(&sp_io::hashing::blake2_256(&number.to_be_bytes()))
}

/// The wallet and the trading account of somebody who does nothing, as the state has them.
fn other(number: u32) -> [(Vec<u8>, Vec<u8>); 2] {
	let id = AccountId32::new(sp_io::hashing::blake2_256(&("other", number).encode()));
	let nonce = Nonce::zero();
	let data = pallet_balances::AccountData { free: LCO, ..Default::default() };
	let info = AccountInfo { nonce, consumers: 0, providers: 1, sufficients: 0, data };
	let holding = Holding { asset: LCO_ASSET, free: LCO, locked: 0, awaited_by: 0 };
	let holdings = vec![holding].try_into().expect("an account has room for one");
	let account = TradingAccount::<AccountId32> { holdings, ..Default::default() };
	let wallet = frame_system::Account::<Runtime>::hashed_key_for(&id);
	let trading = pallet_clearing::Accounts::<Runtime>::hashed_key_for(&id, 0);
	[(wallet, info.encode()), (trading, account.encode())]
}

/// The id of an account.
pub fn id(account: &sr25519::Pair) -> AccountId32 {
	account.public().into()
}

/// The transaction with this `nonce` by which `signer` makes `call` on the chain of this `genesis`.
pub fn sign(
	genesis: H256,
	signer: &sr25519::Pair,
	nonce: u32,
	call: impl Into<RuntimeCall>,
) -> UncheckedExtrinsic {
	TestExternalities::default().execute_with(|| {
		frame_system::BlockHash::<Runtime>::insert(0, genesis);
		scenarios::sign(signer, nonce.into(), None, call.into())
	})
}

/// More calls like this one than a block has room for, if a call weighs no less than this part of what it
/// may weigh.
pub fn most_in_block(call: &RuntimeCall, part: usize) -> usize {
	let limits = <Runtime as frame_system::Config>::BlockWeights::get();
	let class = limits.get(DispatchClass::Normal);
	let each = call.get_dispatch_info().call_weight.saturating_add(class.base_extrinsic);
	let most = class.max_total.unwrap_or(limits.max_block);
	((most.ref_time() / each.ref_time().max(1)) as usize + 1) * part
}

/// Where a block's state keeps what happened in it. The pallet does not say.
pub fn events_key() -> [u8; 32] {
	storage_prefix(b"System", b"Events")
}

/// The development chain's genesis with `runtime` as its code, changed by `prepare`.
pub fn prepared(runtime: &[u8], prepare: impl FnOnce()) -> Result<Storage> {
	let mut state = TestExternalities::new(genesis("development"));
	state.execute_with(prepare);
	let state = state.as_backend();
	let pairs = state.pairs(IterArgs::default())?;
	let mut top = pairs.collect::<std::result::Result<std::collections::BTreeMap<_, _>, _>>()?;
	top.insert(CODE.to_vec(), runtime.to_vec());
	Ok(Storage { top, children_default: Default::default() })
}
