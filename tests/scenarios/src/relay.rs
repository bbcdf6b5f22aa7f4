//! A relay that posts honest batches, and the signatures by which it does.

use std::collections::BTreeMap;

use l_exchange_runtime::{AccountId, Runtime};
use lx_primitives::{
	call_log::{call_id, call_time, leaves_root, Batch, Header, Leaf, Line, Payment},
	merkle_sum::root,
	pricing::{ModelId, Tier, Usage},
	proof::CallProof,
	Moment, Price, RelayId,
};
use pallet_price_registry::{Models, Prices};
use sp_core::{sr25519, Pair, H256};

use crate::Chain;

/// A million output tokens of [`model`], which cost $10.
pub const TEN_DOLLARS: Usage = Usage::Tokens { input: 0, cached_input: 0, output: 1_000_000 };

/// A relay, by default that of the development chain: where its log has got to.
#[derive(Clone, Default)]
pub struct Relay {
	id: RelayId,
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
	/// The relay of this number, at the beginning of its log.
	pub fn numbered(id: RelayId) -> Self {
		Self { id, ..Self::default() }
	}

	/// A call by `account` of so many tokens, priced as the registry says.
	pub fn call(
		&mut self,
		account: AccountId,
		(version, price): (u32, Price),
		usage: Usage,
		time: Moment,
	) -> Leaf<AccountId> {
		self.calls += 1;
		let mut random = [0; 10];
		random[..8].copy_from_slice(&self.calls.to_be_bytes());
		Leaf {
			call_id: call_id(time, random),
			account,
			payment: Payment::Purse,
			key: H256::zero(),
			model: model(),
			usage,
			price_version: version,
			tier: Tier::Lv1,
			charge: price.charge(&usage, Tier::Lv1).expect("the usage is of the price's kind"),
			cost: price.cost(&usage).expect("the usage is of the price's kind"),
			estimated: false,
			request_hash: H256::zero(),
			response_hash: H256::zero(),
		}
	}

	/// The next batch of the log, of `calls` grouped by line.
	pub fn batch(&mut self, calls: &[Leaf<AccountId>]) -> Batch<AccountId> {
		let times = calls.iter().map(|call| call_time(&call.call_id));
		self.seal(lines(calls), times.min().expect("there is a call"))
	}

	/// The next batch of the log, with these lines and no call before `oldest`.
	pub fn seal(&mut self, lines: Vec<Line<AccountId>>, oldest: Moment) -> Batch<AccountId> {
		let header = Header {
			relay: self.id,
			sequence: self.sequence,
			previous: self.previous,
			time: now(),
			oldest,
			root: root(lines.iter().map(Line::node).collect()).expect("there is a line"),
		};
		self.sequence += 1;
		self.previous = header.hash(&genesis_hash());
		Batch { header, lines: lines.try_into().expect("the batch is small") }
	}
}

/// `calls` by account and payment, in the order of a batch's lines.
fn by_line(calls: &[Leaf<AccountId>]) -> Vec<Vec<Leaf<AccountId>>> {
	let mut lines = BTreeMap::<_, Vec<_>>::new();
	for call in calls {
		lines.entry((&call.account, call.payment)).or_default().push(call.clone());
	}
	lines.into_values().collect()
}

/// The lines that charge `calls`.
pub fn lines(calls: &[Leaf<AccountId>]) -> Vec<Line<AccountId>> {
	let line = |leaves: Vec<Leaf<AccountId>>| Line {
		account: leaves[0].account.clone(),
		payment: leaves[0].payment,
		total: leaves_root(&leaves).expect("there is a leaf and its sums are small"),
	};
	by_line(calls).into_iter().map(line).collect()
}

/// The proof that `calls[index]` is in a batch of `calls`.
pub fn proof(calls: &[Leaf<AccountId>], index: usize) -> CallProof<AccountId> {
	let lines = lines(calls);
	let line = lines.iter().position(|line| line.is_of(&calls[index])).expect("it has a line");
	let place = calls[..index].iter().filter(|call| lines[line].is_of(call)).count();
	CallProof::new(&lines, line as u32, &by_line(calls)[line], place as u32)
		.expect("the call is in the batch")
}

/// The version of the price of [`model`] that is in force, and the price.
pub fn price(chain: &mut Chain) -> (u32, Price) {
	chain.with(|| {
		let version = Models::<Runtime>::get(model()).expect("the model is registered").version;
		let price = Prices::<Runtime>::get(model(), version).expect("the version has a price");
		(version, price)
	})
}

/// The time of the last block. Call it within the chain's state.
pub fn now() -> Moment {
	pallet_timestamp::Now::<Runtime>::get()
}

/// The chain's genesis hash. Call it within the chain's state.
pub fn genesis_hash() -> H256 {
	frame_system::Pallet::<Runtime>::block_hash(0)
}

/// The call that posts `batch`, signed by the relay and by `attestors`.
pub fn post(batch: Batch<AccountId>, attestors: &[u32]) -> pallet_compute::Call<Runtime> {
	let hash = batch.header.hash(&genesis_hash());
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
