//! Blocks and transactions.

use codec::Encode;
use l_exchange_runtime::{
	genesis_presets, Address, AssetId, BlockNumber, Executive, Header, Nonce, RuntimeCall,
	RuntimeEvent, RuntimeGenesisConfig, Signature, System, TxExtension, UncheckedExtrinsic,
	BLOCK_MILLIS,
};
use lx_primitives::Moment;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::{sr25519, Pair, H256};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	generic::{Era, SignedPayload},
	traits::Header as _,
	transaction_validity::TransactionValidityError,
	AccountId32, BuildStorage, Digest, DigestItem, DispatchResult,
};

use crate::invariants;

/// What became of a transaction: kept out of the block, or dispatched with a result.
pub type Outcome = Result<DispatchResult, TransactionValidityError>;

/// A chain that this process runs.
pub struct Chain {
	state: TestExternalities,
	now: Moment,
	/// The hash of the last block.
	parent: H256,
	events: Vec<RuntimeEvent>,
}

/// When the chain's first block is made: a Monday, 2026-01-05 00:00 UTC.
pub const START: Moment = 1_767_571_200_000;

/// The hash of the genesis block, as a state that is built without a node has it.
const GENESIS: H256 = H256::repeat_byte(69);

/// Longer than the challenge window of a development chain, which is one hour of 3.6 s.
pub const PAST_THE_WINDOW: Moment = 6_000;

impl Chain {
	/// A development chain after its first block.
	pub fn development() -> Self {
		Self::from_preset("development")
	}

	/// A chain from the genesis preset called `name`, after its first block.
	pub fn from_preset(name: &str) -> Self {
		let state = TestExternalities::new(genesis(name));
		let mut chain = Self { state, now: START, parent: GENESIS, events: Vec::new() };
		chain.block(Vec::new());
		chain
	}

	/// Looks at, or prepares, the state as it is after the last block.
	pub fn with<R>(&mut self, look: impl FnOnce() -> R) -> R {
		self.state.execute_with(look)
	}

	/// The same, where nothing is read but the value under `key`.
	pub fn with_only<R>(&mut self, key: &[u8], look: impl FnOnce() -> R) -> R {
		self.state.commit_all().expect("no transaction is open");
		let (_, allowed) = self.state.execute_and_prove(|| sp_io::storage::get(key));
		let (found, read) = self.state.execute_and_prove(look);
		assert!(read == allowed, "more of the state is read than one value");
		found
	}

	/// The events of the last block.
	pub fn events(&self) -> &[RuntimeEvent] {
		&self.events
	}

	/// Makes a block of one transaction that `who` signs, paying its fee in `fee_asset`.
	pub fn submit(
		&mut self,
		who: Sr25519Keyring,
		fee_asset: Option<AssetId>,
		call: impl Into<RuntimeCall>,
	) -> Outcome {
		let signed = self.sign(who, fee_asset, call.into());
		self.submit_raw(signed)
	}

	/// Makes a block of one transaction that nobody signs.
	pub fn submit_general(&mut self, call: impl Into<RuntimeCall>) -> Outcome {
		let extension = extension(0u32.into(), None);
		self.submit_raw(UncheckedExtrinsic::new_transaction(call.into(), extension))
	}

	/// Makes a block of one transaction.
	pub fn submit_raw(&mut self, transaction: UncheckedExtrinsic) -> Outcome {
		self.block(vec![transaction]).pop().expect("one transaction has one outcome")
	}

	/// Makes empty blocks until `duration` ms have passed.
	pub fn wait(&mut self, duration: Moment) {
		let until = self.now.saturating_add(duration);
		while self.now < until {
			self.block(Vec::new());
		}
	}

	/// Makes a block of `transactions`.
	pub fn block(&mut self, transactions: Vec<UncheckedExtrinsic>) -> Vec<Outcome> {
		self.now += BLOCK_MILLIS;
		let (now, parent) = (self.now, self.parent);
		let (outcomes, events, hash) = self.state.execute_with(|| {
			let number = System::block_number() + 1;
			Executive::initialize_block(&header(number, parent, now));
			Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(
				pallet_timestamp::Call::set { now }.into(),
			))
			.expect("the timestamp is an inherent")
			.expect("time moves on");
			let outcomes = transactions.into_iter().map(Executive::apply_extrinsic).collect();
			let hash = Executive::finalize_block().hash();
			let events = System::read_events_no_consensus().map(|record| record.event).collect();
			invariants::check();
			(outcomes, events, hash)
		});
		self.events = events;
		self.parent = hash;
		outcomes
	}

	/// The next transaction of `who`, which makes `call` and pays its fee in `fee_asset`.
	pub fn sign(
		&mut self,
		who: Sr25519Keyring,
		fee_asset: Option<AssetId>,
		call: RuntimeCall,
	) -> UncheckedExtrinsic {
		let nonce = self.with(|| System::account_nonce(who.to_account_id()));
		self.sign_as(who, nonce, fee_asset, call)
	}

	/// The transaction of `who` with this `nonce`.
	pub fn sign_as(
		&mut self,
		who: Sr25519Keyring,
		nonce: Nonce,
		fee_asset: Option<AssetId>,
		call: RuntimeCall,
	) -> UncheckedExtrinsic {
		self.state.execute_with(|| sign(&who.pair(), nonce, fee_asset, call))
	}
}

/// The transaction with this `nonce` by which `signer` makes `call`. Call it where the chain's genesis
/// hash is known.
pub fn sign(
	signer: &sr25519::Pair,
	nonce: Nonce,
	fee_asset: Option<AssetId>,
	call: RuntimeCall,
) -> UncheckedExtrinsic {
	let extension = extension(nonce, fee_asset);
	let payload = SignedPayload::new(call.clone(), extension.clone())
		.expect("the extensions know their implicit data");
	let signature = payload.using_encoded(|bytes| signer.sign(bytes));
	let signer = AccountId32::from(signer.public());
	UncheckedExtrinsic::new_signed(
		call,
		Address::Id(signer),
		Signature::Sr25519(signature),
		extension,
	)
}

/// What a transaction of this runtime carries beside its call.
pub fn extension(nonce: Nonce, fee_asset: Option<AssetId>) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckMortality::from(Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_asset_tx_payment::ChargeAssetTxPayment::from(0, fee_asset).into(),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// The state that a chain of the preset called `name` starts from.
pub fn genesis(name: &str) -> sp_core::storage::Storage {
	let patch = genesis_presets::preset(&name.into()).expect("the preset exists");
	let patch = serde_json::from_slice(&patch).expect("the preset is JSON");
	let mut config =
		serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default genesis is JSON");
	json_patch::merge(&mut config, &patch);
	serde_json::from_value::<RuntimeGenesisConfig>(config)
		.expect("the preset fits the runtime")
		.build_storage()
		.expect("the preset builds")
}

/// The header that a block begins with, made at `now` on `parent`.
pub fn header(number: BlockNumber, parent: H256, now: Moment) -> Header {
	let slot = Slot::from(now / BLOCK_MILLIS);
	let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
	Header::new(number, Default::default(), Default::default(), parent, digest)
}
