//! What an attestor asks the chain.

use std::sync::Arc;

use async_trait::async_trait;
use lx_primitives::{
	units::{Credits, Moment},
	LaunchId, ModelId, Offer, Payment, Price, RelayId, Tier, Units,
};
use sp_core::{crypto::AccountId32, H256};
use tokio::sync::watch;

use crate::chain::{ChainError, RelayRecord, Standing};

/// A version of a model's price, and how long it is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceSpan {
	/// The price.
	pub price: Price,
	/// When the next version replaces it.
	pub replaced_at: Option<Moment>,
}

impl PriceSpan {
	/// Whether calls made at `time` are charged by it.
	pub fn is_in_force_at(&self, time: Moment) -> bool {
		self.price.active_from <= time && self.replaced_at.is_none_or(|at| time < at)
	}
}

/// Who pays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payer {
	/// Keys of earlier epochs are revoked.
	pub key_epoch: u32,
	/// When the epoch began: until then keys of the one before worked.
	pub epoch_since: Moment,
	/// The most µCRED that the chain lets the relay charge now.
	pub chargeable: Credits,
	/// The most µCRED that it lets the relay charge to who sponsors it.
	pub sponsored: Credits,
}

impl Payer {
	/// The most µCRED that the chain lets the relay charge for calls with this payment.
	pub fn most(&self, payment: Payment) -> Credits {
		match payment {
			Payment::Purse | Payment::Quota(_) => self.chargeable,
			Payment::Perk => self.sponsored,
		}
	}
}

/// The chain at one finalised block, as far as it concerns one relay.
#[async_trait]
pub trait Book: Send + Sync {
	/// The chain's genesis hash.
	fn genesis(&self) -> H256;
	/// The block's number.
	fn number(&self) -> u64;
	/// The block's time.
	fn time(&self) -> Moment;
	/// The relay that it is about.
	fn relay(&self) -> RelayId;
	/// The relay's registration.
	fn record(&self) -> Option<&RelayRecord>;
	/// What the chain remembers of the relay's batch `sequence`.
	async fn standing(&self, sequence: u64) -> Result<Standing, ChainError>;
	/// A version of a model's price.
	async fn price(&self, model: &ModelId, version: u32) -> Result<Option<PriceSpan>, ChainError>;
	/// What a launch offers, or offered.
	async fn offer(&self, launch: LaunchId) -> Result<Option<Offer>, ChainError>;
	/// The units of a launch that `who` has claimed at the relay, and that its batches may still use.
	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError>;
	/// What the chain lets the relay charge to `who`, and which keys.
	async fn payer(&self, who: &AccountId32) -> Result<Payer, ChainError>;
	/// The tier that calls of `who` made at `time` are priced at.
	async fn tier_at(&self, who: &AccountId32, time: Moment) -> Result<Tier, ChainError>;
}

/// The finalised chain as it grows.
pub trait Chain: Send + Sync {
	/// The chain at its last finalised block.
	fn book(&self) -> Result<Arc<dyn Book>, ChainError>;
	/// Changes with each finalised block.
	fn heads(&self) -> watch::Receiver<u64>;
}
