//! From settled calls to final batches: composing, signing, posting, and proving afterwards.

pub mod board;
pub mod compose;
pub mod objections;
pub mod poster;
pub mod proof;
pub mod question;
pub mod receipt;

use codec::Encode;
use lx_primitives::{Leaf, RelayId};
use sp_core::{crypto::AccountId32, sr25519, Pair, H256};

use crate::hash::blake2_256;

/// A leaf about a call of an account.
pub type AccountLeaf = Leaf<AccountId32>;

/// The relay as a signer.
#[derive(Clone)]
pub struct RelaySigner {
	id: RelayId,
	pair: sr25519::Pair,
}

impl RelaySigner {
	/// The relay `id`, which signs with `pair`.
	pub fn new(id: RelayId, pair: sr25519::Pair) -> Self {
		Self { id, pair }
	}

	/// The relay's id on the chain.
	pub fn id(&self) -> RelayId {
		self.id
	}

	/// The key that its signatures verify with.
	pub fn public(&self) -> sr25519::Public {
		self.pair.public()
	}

	/// Signs the hash of a batch.
	pub fn sign_batch(&self, hash: &H256) -> sr25519::Signature {
		self.pair.sign(hash.as_bytes())
	}

	/// Signs a receipt: the promise that this leaf, and no other about its call, gets posted.
	pub fn sign_receipt(&self, genesis: &H256, leaf: &AccountLeaf) -> sr25519::Signature {
		self.pair.sign(receipt_hash(genesis, self.id, leaf).as_bytes())
	}
}

/// What a receipt's signature is over: bound to the chain, the relay and the whole leaf.
pub fn receipt_hash(genesis: &H256, relay: RelayId, leaf: &AccountLeaf) -> H256 {
	(b"lx/receipt", genesis, relay, leaf).using_encoded(blake2_256)
}
