//! The attestors that co-sign a relay's batches.
//!
//! An attestor signs what it has checked for itself: that every leaf's charge and cost follow from
//! the chain's registry, that no call is in the batch twice, and that the lines and the root are
//! those of the leaves. It cannot see whether the provider was really called.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use lx_primitives::{call_log::leaves_root, Batch, Price};
use sp_core::{crypto::AccountId32, sr25519, Pair, H256};

use super::AccountLeaf;
use crate::{
	chain::{ChainError, Snapshot},
	ledger::batches::LinesOfLeaves,
};

/// Why a batch is not signed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
	/// A call's charge or cost does not follow from the registry.
	#[error("call {0} is not charged by the registry")]
	WrongPrice(String),
	/// A call is there twice.
	#[error("call {0} is in the batch twice")]
	Twice(String),
	/// A line or the root does not follow from the leaves.
	#[error("the batch does not add up")]
	WrongSum,
	/// The registry cannot be read.
	#[error(transparent)]
	Chain(#[from] ChainError),
}

/// Signs batches that it has checked.
#[async_trait]
pub trait Attestor: Send + Sync {
	/// Its id on the chain.
	fn id(&self) -> u32;
	/// Its signature over the batch's hash.
	async fn attest(&self, case: &Case<'_>) -> Result<sr25519::Signature, Refusal>;
}

/// What an attestor is shown.
pub struct Case<'a> {
	/// The batch.
	pub batch: &'a Batch<AccountId32>,
	/// Its leaves, line by line.
	pub lines: &'a LinesOfLeaves,
	/// The chain, for the registry.
	pub snapshot: &'a dyn Snapshot,
}

impl Case<'_> {
	/// What is signed.
	pub fn hash(&self) -> H256 {
		self.batch.hash(&self.snapshot.head().genesis)
	}

	/// Checks everything that can be checked from the leaves and the registry.
	pub async fn check(&self) -> Result<(), Refusal> {
		self.check_sums()?;
		let mut seen = BTreeSet::new();
		for leaf in self.lines.iter().flatten() {
			if !seen.insert(leaf.call_id) {
				return Err(Refusal::Twice(hex::encode(leaf.call_id)));
			}
			self.check_price(leaf).await?;
		}
		Ok(())
	}

	fn check_sums(&self) -> Result<(), Refusal> {
		let is_line = |(line, leaves): (&lx_primitives::Line<AccountId32>, &Vec<AccountLeaf>)| {
			leaves.iter().all(|leaf| leaf.account == line.account)
				&& leaves_root(leaves) == Some(line.total)
		};
		let adds_up = self.batch.lines.len() == self.lines.len()
			&& self.batch.lines.iter().zip(self.lines).all(is_line)
			&& self.batch.computed_root() == Some(self.batch.root);
		adds_up.then_some(()).ok_or(Refusal::WrongSum)
	}

	async fn check_price(&self, leaf: &AccountLeaf) -> Result<(), Refusal> {
		let price = self.snapshot.price(&leaf.model, leaf.price_version).await?;
		if price.is_some_and(|price| is_charged_by(leaf, &price)) {
			Ok(())
		} else {
			Err(Refusal::WrongPrice(hex::encode(leaf.call_id)))
		}
	}
}

fn is_charged_by(leaf: &AccountLeaf, price: &Price) -> bool {
	price.charge(&leaf.usage, leaf.tier) == Some(leaf.charge)
		&& price.cost(&leaf.usage) == Some(leaf.cost)
}

/// An attestor whose key this process holds.
pub struct LocalAttestor {
	id: u32,
	pair: sr25519::Pair,
}

impl LocalAttestor {
	/// The attestor `id`, which signs with `pair`.
	pub fn new(id: u32, pair: sr25519::Pair) -> Self {
		Self { id, pair }
	}
}

#[async_trait]
impl Attestor for LocalAttestor {
	fn id(&self) -> u32 {
		self.id
	}

	async fn attest(&self, case: &Case<'_>) -> Result<sr25519::Signature, Refusal> {
		case.check().await?;
		Ok(self.pair.sign(case.hash().as_bytes()))
	}
}

/// The attestors that a relay asks.
#[derive(Clone, Default)]
pub struct Quorum(Vec<Arc<dyn Attestor>>);

impl Quorum {
	/// The attestors, in the order in which they are asked.
	pub fn new(attestors: Vec<Arc<dyn Attestor>>) -> Self {
		Self(attestors)
	}

	/// The signatures of those that agree. One that refuses is logged and left out, and one that the
	/// chain does not know is not asked; whether enough have signed is for the chain to say.
	pub async fn attest(&self, case: &Case<'_>) -> Vec<(u32, sr25519::Signature)> {
		let mut signatures = Vec::new();
		let known = &case.snapshot.head().attestors;
		for attestor in self.0.iter().filter(|attestor| known.contains(&attestor.id())) {
			match attestor.attest(case).await {
				Ok(signature) => signatures.push((attestor.id(), signature)),
				Err(refusal) => tracing::error!(id = attestor.id(), %refusal, "attestor refuses"),
			}
		}
		signatures
	}
}
