//! The chain of a real node, as an attestor asks it.

use std::sync::Arc;

use async_trait::async_trait;
use lx_primitives::{units::Moment, LaunchId, ModelId, Offer, Payment, RelayId, Tier, Units};
use sp_core::{crypto::AccountId32, H256};
use tokio::sync::watch;

use super::book::{Book, Chain, Payer, PriceSpan};
use crate::chain::{ApiAccount, ChainError, ChainView, RelayRecord, Snapshot, Standing};

/// The chain as far as it concerns one relay.
pub struct ViewedChain {
	/// The chain, read for the relay.
	pub view: Arc<dyn ChainView>,
	/// The relay.
	pub relay: RelayId,
}

struct Page {
	snapshot: Arc<dyn Snapshot>,
	relay: RelayId,
}

impl Chain for ViewedChain {
	fn book(&self) -> Result<Arc<dyn Book>, ChainError> {
		Ok(Arc::new(Page { snapshot: self.view.snapshot()?, relay: self.relay }))
	}

	fn heads(&self) -> watch::Receiver<u64> {
		self.view.heads()
	}
}

impl Page {
	/// An account that the chain does not know has nothing, and has never revoked a key.
	async fn account(&self, who: &AccountId32) -> Result<ApiAccount, ChainError> {
		Ok(self.snapshot.account(who).await?.unwrap_or_default())
	}
}

#[async_trait]
impl Book for Page {
	fn genesis(&self) -> H256 {
		self.snapshot.head().genesis
	}

	fn number(&self) -> u64 {
		self.snapshot.head().number
	}

	fn time(&self) -> Moment {
		self.snapshot.head().time
	}

	fn relay(&self) -> RelayId {
		self.relay
	}

	fn record(&self) -> Option<&RelayRecord> {
		self.snapshot.head().relay.as_ref()
	}

	async fn standing(&self, sequence: u64) -> Result<Standing, ChainError> {
		self.snapshot.standing(sequence).await
	}

	async fn price(&self, model: &ModelId, version: u32) -> Result<Option<PriceSpan>, ChainError> {
		let Some(price) = self.snapshot.price(model, version).await? else { return Ok(None) };
		let next = match version.checked_add(1) {
			Some(next) => self.snapshot.price(model, next).await?,
			None => None,
		};
		Ok(Some(PriceSpan { price, replaced_at: next.map(|next| next.active_from) }))
	}

	async fn offer(&self, launch: LaunchId) -> Result<Option<Offer>, ChainError> {
		self.snapshot.offer(launch).await
	}

	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError> {
		self.snapshot.usable(who, launch).await
	}

	async fn payer(&self, who: &AccountId32) -> Result<Payer, ChainError> {
		let account = self.account(who).await?;
		Ok(Payer {
			key_epoch: account.key_epoch,
			epoch_since: account.epoch_since,
			chargeable: account.chargeable(Payment::Purse, self.time()),
			sponsored: account.chargeable(Payment::Perk, self.time()),
		})
	}

	async fn tier_at(&self, who: &AccountId32, time: Moment) -> Result<Tier, ChainError> {
		Ok(self.account(who).await?.tiers.at(time))
	}
}
