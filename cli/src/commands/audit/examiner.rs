//! Getting a batch from its relay, and finding what is wrong with it.

use std::{
	collections::{hash_map::Entry, BTreeSet},
	sync::Arc,
	time::Duration,
};

use anyhow::{Context, Result};
use lx_primitives::{
	call_log::{call_time, MAX_CALL_AGE},
	RelayId,
};
use oracle_relay::attestor::client::RelayClient;
use sp_core::H256;
use tokio::time::timeout;

use super::finding::Finding;
use crate::{
	audit::{
		earlier::{prove_settled, Earlier},
		examine, forget,
		kept::Kept,
		note, Pricing, Seen, Shown, Wrong,
	},
	chain::{compute::Taken, state::State},
	relay::Identity,
};

/// How long a relay may take to show a batch, and all earlier ones that a proof needs. A minute after
/// its time the attestors must have seen all of it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Who examines a relay's batches, and what it knows already.
pub struct Examiner {
	client: RelayClient,
	genesis: H256,
	relay: RelayId,
	pricing: Pricing,
	seen: Seen,
	kept: Kept,
}

impl Examiner {
	/// One that knows nothing yet of this relay's batches.
	pub fn new(client: RelayClient, Identity { relay, genesis }: Identity) -> Self {
		let (pricing, seen, kept) = (Pricing::default(), Seen::new(), Kept::default());
		Self { client, genesis, relay, pricing, seen, kept }
	}

	/// Looks at a batch that the chain has taken, or at what is kept of it if the relay hides it by now.
	pub async fn look(
		&mut self,
		state: &State<'_>,
		sequence: u64,
		taken: Taken,
	) -> Result<Finding> {
		let shown = self.shown(&taken).await.map(Arc::new);
		let (wrong, later) = match shown.or_else(|error| self.kept.get(sequence).ok_or(error)) {
			Ok(shown) => self.judge(state, shown).await?,
			Err(error) => {
				let hidden = Wrong::Hidden(format!("the relay does not show it: {error}"));
				(vec![hidden], BTreeSet::new())
			},
		};
		Ok(Finding { sequence, taken, wrong, later })
	}

	/// What is wrong with a batch that the relay shows, and which later ones have a call of it too.
	async fn judge(
		&mut self,
		state: &State<'_>,
		shown: Arc<Shown>,
	) -> Result<(Vec<Wrong>, BTreeSet<u64>)> {
		// First of all: the relay may not show it, or as much of it, a second time.
		self.kept.add(shown.clone());
		let shown = self.kept.get(shown.header.sequence).unwrap_or(shown);
		self.learn_pricing(state, &shown).await?;
		let mut wrong = examine(&shown, &self.pricing, &self.seen);
		let look_up = async |earlier: u64| self.earlier(state, earlier).await;
		let in_time = timeout(PATIENCE, prove_settled(&shown, &mut wrong, look_up)).await;
		// What takes longer is not proven now.
		in_time.unwrap_or(Ok(()))?;
		// The chain takes none that are older, and no batch can be challenged for a day.
		let oldest = shown.header.time.saturating_sub(2 * MAX_CALL_AGE);
		self.seen.retain(|call, _| call_time(call) >= oldest);
		Ok((wrong, note(&mut self.seen, &shown)))
	}

	/// Forgets the calls of a batch that the chain has no more.
	pub fn forget(&mut self, gone: u64) {
		forget(&mut self.seen, gone);
	}

	/// What the relay shows of a batch that the chain has taken.
	async fn shown(&self, taken: &Taken) -> Result<Shown> {
		let showing = async {
			let offer = self.client.batch(&taken.hash).await?;
			anyhow::ensure!(
				offer.header.hash(&self.genesis) == taken.hash,
				"it shows another batch"
			);
			let calls = self.client.calls(&taken.hash, taken.root.calls).await?;
			Ok::<_, anyhow::Error>(Shown { header: offer.header, lines: offer.lines, calls })
		};
		timeout(PATIENCE, showing).await.context("it took too long")?
	}

	/// Learns what the calls of a batch are priced by, up to the first that names a price which does not
	/// exist: that is proof enough, and there may be very many.
	async fn learn_pricing(&mut self, state: &State<'_>, shown: &Shown) -> Result<()> {
		// A price may be replaced and a tier change at any time, so what is known is known for one
		// batch.
		self.pricing = Pricing { now: state.now().await?, ..Default::default() };
		let Pricing { prices, offers, tiers, .. } = &mut self.pricing;
		for (_, leaf) in shown.sound_calls() {
			if let Entry::Vacant(entry) = tiers.entry(leaf.account.clone()) {
				entry.insert(state.staker(leaf.account.clone().into()).await?.tiers());
			}
			if let Some(launch) = leaf.payment.quota() {
				let Entry::Vacant(entry) = offers.entry(launch) else { continue };
				if entry.insert(state.offer(launch).await?).is_none() {
					break;
				}
				continue;
			}
			let key = (leaf.model.clone(), leaf.price_version);
			let Entry::Vacant(entry) = prices.entry(key) else { continue };
			let price = state.price(&leaf.model, leaf.price_version).await?;
			if entry.insert(price).is_none() {
				break;
			}
		}
		Ok(())
	}

	/// What there is of an earlier batch.
	async fn earlier(&mut self, state: &State<'_>, earlier: u64) -> Result<Earlier> {
		let Some(taken) = state.batch(self.relay, earlier).await? else {
			self.forget(earlier);
			return Ok(Earlier::Gone);
		};
		if let Some(kept) = self.kept.get(earlier) {
			return Ok(Earlier::Shown(kept));
		}
		let Ok(shown) = self.shown(&taken).await else { return Ok(Earlier::Hidden) };
		let shown = Arc::new(shown);
		self.kept.add(shown.clone());
		Ok(Earlier::Shown(shown))
	}
}
