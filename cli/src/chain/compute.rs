//! What the chain knows of relays and their batches, and challenging one.

use anyhow::Result;
use codec::Encode;
use lx_primitives::{merkle_sum::Node, units::Moment, ModelId, Price, RelayId};
use oracle_relay::{attestor::book::PriceSpan, chain::view};
use pallet_compute::Fraud;
use sp_core::{crypto::AccountId32, sr25519, H256};
use subxt::{
	dynamic::{self, Value},
	ext::{
		scale_decode::DecodeAsType,
		scale_encode::{self, EncodeAsFields, FieldIter, TypeResolver},
		scale_value::ValueDef,
	},
	tx::DynamicPayload,
};

use super::state::State;

const COMPUTE: &str = "Compute";

/// A batch that the chain has taken, as far as it remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
	/// What the relay and the attestors signed.
	pub hash: H256,
	/// The root over its lines.
	pub root: Node,
	/// How many lines it has.
	pub lines: u32,
	/// When it can no longer be challenged; `None` if it is final.
	pub final_at: Option<Moment>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredNode {
	hash: [u8; 32],
	charge: u128,
	cost: u128,
	calls: u32,
	units: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct PendingBatch {
	hash: [u8; 32],
	root: StoredNode,
	lines: u32,
	final_at: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct SettledBatch {
	hash: [u8; 32],
	root: StoredNode,
	lines: u32,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct StoredRelay {
	key: [u8; 32],
	bond: u128,
	status: Value,
	next_sequence: u64,
}

/// A relay, as the chain knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relay {
	/// Signs its batches.
	pub key: sr25519::Public,
	/// µCRED that it stands to lose.
	pub bond: u128,
	/// Whether it may post, and be paid in advance.
	pub is_active: bool,
	/// The place of its next batch.
	pub next_sequence: u64,
}

impl From<StoredRelay> for Relay {
	fn from(StoredRelay { key, bond, status, next_sequence }: StoredRelay) -> Self {
		let key = sr25519::Public::from_raw(key);
		let is_active =
			matches!(&status.value, ValueDef::Variant(status) if status.name == "Active");
		Self { key, bond, is_active, next_sequence }
	}
}

impl From<StoredNode> for Node {
	fn from(StoredNode { hash, charge, cost, calls, units }: StoredNode) -> Self {
		Self { hash: H256(hash), charge, cost, calls, units }
	}
}

impl From<PendingBatch> for Taken {
	fn from(PendingBatch { hash, root, lines, final_at }: PendingBatch) -> Self {
		Self { hash: H256(hash), root: root.into(), lines, final_at: Some(final_at) }
	}
}

impl From<SettledBatch> for Taken {
	fn from(SettledBatch { hash, root, lines }: SettledBatch) -> Self {
		Self { hash: H256(hash), root: root.into(), lines, final_at: None }
	}
}

impl State<'_> {
	/// A relay's batch; `None` if the chain took none for its place, has forgotten it or reversed it.
	pub async fn batch(&self, relay: RelayId, sequence: u64) -> Result<Option<Taken>> {
		let key = (relay, sequence);
		if let Some(pending) = self.map::<_, PendingBatch>(COMPUTE, "Batches", key).await? {
			return Ok(Some(pending.into()));
		}
		let settled = self.map::<_, SettledBatch>(COMPUTE, "Settled", key).await?;
		Ok(settled.map(Taken::from))
	}

	/// The places of a relay's batches that the chain remembers, in order.
	pub async fn remembered(&self, relay: RelayId) -> Result<Vec<u64>> {
		let mut sequences = Vec::new();
		for map in ["Batches", "Settled"] {
			let address = dynamic::storage::<(u32, u64), Value>(COMPUTE, map);
			let storage = self.0.storage();
			let mut entries = storage.iter(address, (relay,)).await?;
			while let Some(entry) = entries.next().await {
				let (_, sequence) = entry?.key()?.decode()?;
				sequences.push(sequence);
			}
		}
		sequences.sort_unstable();
		Ok(sequences)
	}

	/// A relay; `None` if it is not registered.
	pub async fn relay(&self, relay: RelayId) -> Result<Option<Relay>> {
		let found: Option<StoredRelay> = self.map(COMPUTE, "Relays", (relay,)).await?;
		Ok(found.map(Relay::from))
	}

	/// µCRED that a challenge stakes.
	pub async fn challenge_bond(&self) -> Result<u128> {
		Ok(view(self.0, COMPUTE, "challenge_bond", ()).await?)
	}

	/// The last moment at which `who` cannot revoke all its keys again; `None` if it never has.
	pub async fn keys_collected_until(
		&self,
		who: &subxt::utils::AccountId32,
	) -> Result<Option<Moment>> {
		Ok(view(self.0, COMPUTE, "keys_collected_until", (who.0,)).await?)
	}

	/// A version of a model's price, and how long it is in force.
	pub async fn price(&self, model: &ModelId, version: u32) -> Result<Option<PriceSpan>> {
		let Some(price) = self.price_alone(model, version).await? else { return Ok(None) };
		let next = match version.checked_add(1) {
			Some(next) => self.price_alone(model, next).await?,
			None => None,
		};
		Ok(Some(PriceSpan { price, replaced_at: next.map(|next| next.active_from) }))
	}

	async fn price_alone(&self, model: &ModelId, version: u32) -> Result<Option<Price>> {
		// The chain stores the very type that calls are charged with.
		self.shared("PriceRegistry", "Prices", (model.to_vec(), version)).await
	}
}

/// The encoded arguments of a call, whose types are those of this program's own runtime.
pub struct Encoded(pub(super) Vec<u8>);

impl EncodeAsFields for Encoded {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), scale_encode::Error> {
		out.extend_from_slice(&self.0);
		Ok(())
	}
}

/// The call that proves a batch wrong.
pub fn challenge(
	relay: RelayId,
	sequence: u64,
	fraud: &Fraud<AccountId32>,
) -> DynamicPayload<Encoded> {
	dynamic::tx(COMPUTE, "challenge", Encoded((relay, sequence, fraud).encode()))
}
