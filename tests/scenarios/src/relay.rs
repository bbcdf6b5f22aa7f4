//! A relay that posts honest batches, and the signatures by which it does.

use l_exchange_runtime::{AccountId, Runtime};
use lx_primitives::{
	call_log::{leaves_root, Batch, Leaf, Line},
	merkle_sum::root,
	pricing::{ModelId, Tier, Usage},
	Moment, Price,
};
use sp_core::{sr25519, Pair, H256};

/// The development relay: where its log has got to.
#[derive(Default)]
pub struct Relay {
	sequence: u64,
	previous: H256,
	calls: u64,
}

/// The model that the scenarios call.
pub fn model() -> ModelId {
	b"lx-demo-1".to_vec().try_into().expect("the name is short")
}

/// The development relay's signing key.
pub fn relay_key() -> sr25519::Pair {
	sr25519::Pair::from_string("//Relay", None).expect("the URI is valid")
}

/// The signing key of development attestor `index`.
pub fn attestor_key(index: u32) -> sr25519::Pair {
	sr25519::Pair::from_string(&format!("//Attestor//{index}"), None).expect("the URI is valid")
}

impl Relay {
	/// A call by `account` of so many tokens, priced as the registry says.
	pub fn call(
		&mut self,
		account: AccountId,
		(version, price): (u32, Price),
		usage: Usage,
		time: Moment,
	) -> Leaf<AccountId> {
		self.calls += 1;
		Leaf {
			call_id: u128::from(self.calls).to_be_bytes(),
			account,
			model: model(),
			usage,
			price_version: version,
			tier: Tier::Lv1,
			charge: price.charge(&usage, Tier::Lv1).expect("the usage is of the price's kind"),
			cost: price.cost(&usage).expect("the usage is of the price's kind"),
			time,
			estimated: false,
			request_hash: H256::zero(),
			response_hash: H256::zero(),
		}
	}

	/// The next batch of the log, of `calls` grouped by account.
	pub fn batch(&mut self, mut calls: Vec<Leaf<AccountId>>) -> Batch<AccountId> {
		calls.sort_by(|a, b| a.account.cmp(&b.account));
		let lines: Vec<_> = calls
			.chunk_by(|a, b| a.account == b.account)
			.map(|leaves| Line {
				account: leaves[0].account.clone(),
				total: leaves_root(leaves).expect("there is a leaf and its sums are small"),
			})
			.collect();
		let batch = Batch {
			relay: 0,
			sequence: self.sequence,
			previous: self.previous,
			root: root(lines.iter().map(Line::node).collect()).expect("there is a line"),
			lines: lines.try_into().expect("the batch is small"),
		};
		self.sequence += 1;
		self.previous = batch.hash(&genesis_hash());
		batch
	}
}

/// The chain's genesis hash. Call it within the chain's state.
pub fn genesis_hash() -> H256 {
	frame_system::Pallet::<Runtime>::block_hash(0)
}

/// The call that posts `batch`, signed by the relay and by `attestors`.
pub fn post(batch: Batch<AccountId>, attestors: &[u32]) -> pallet_compute::Call<Runtime> {
	let hash = batch.hash(&genesis_hash());
	let signatures: Vec<_> = attestors
		.iter()
		.map(|index| (*index, attestor_key(*index).sign(hash.as_bytes())))
		.collect();
	pallet_compute::Call::post_batch {
		relay_signature: relay_key().sign(hash.as_bytes()),
		signatures: signatures.try_into().expect("there are few attestors"),
		batch,
	}
}
