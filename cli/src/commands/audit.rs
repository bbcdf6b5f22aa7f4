//! `lx audit`: checks all that a relay has charged, and challenges what is wrong.

use std::{
	collections::{hash_map::Entry, BTreeSet},
	sync::Arc,
	time::{Duration, Instant},
};

use anyhow::{Context, Result};
use lx_primitives::{
	call_log::{call_time, MAX_CALL_AGE},
	RelayId,
};
use oracle_relay::attestor::client::RelayClient;
use pallet_compute::Fraud;
use serde_json::{json, Value};
use sp_core::crypto::AccountId32;
use tokio::time::{sleep, timeout};

use super::{challenge, Session};
use crate::{
	advice::advise,
	amount::Unit,
	args::Audit,
	audit::{
		earlier::{needed, prove_settled, Earlier},
		examine, forget, is_hidden,
		kept::Kept,
		note,
		turns::Turns,
		Pricing, Seen, Shown, Wrong,
	},
	chain::{compute::Taken, state::State},
	output::{self, count, Reply},
	relay,
};

/// How long a relay may take to show a batch, and all earlier ones that a proof needs. A minute after
/// its time the attestors must have seen all of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// How old a state may be when a look at a batch begins, which takes little more than twice
/// [`PATIENCE`]. Nodes keep a state for 256 blocks. None is looked at any more after a challenge, which
/// may have changed it.
const FRESH: Duration = Duration::from_secs(60);

/// How long to wait before looking whether there is something new.
const PAUSE: Duration = Duration::from_secs(2);

/// Who looks at a relay's batches, and what it knows already.
struct Auditor<'a> {
	session: Session,
	arguments: &'a Audit,
	client: RelayClient,
	relay: RelayId,
	pricing: Pricing,
	seen: Seen,
	kept: Kept,
	turns: Turns,
	batches: u64,
	/// Those that were wrong when they were last looked at.
	wrong: BTreeSet<u64>,
	/// How many of them are reversed by a challenge from here.
	reversed: usize,
}

/// What was found of a batch.
struct Finding {
	sequence: u64,
	taken: Taken,
	wrong: Vec<Wrong>,
}

/// Checks every batch that the chain remembers, and with `--watch` each that comes.
pub async fn run(session: Session, arguments: &Audit) -> Result<Reply> {
	let mut auditor = Auditor::new(session, arguments).await?;
	if arguments.challenge {
		challenge::ensure_possible(&auditor.session, auditor.relay).await?;
	}
	loop {
		match auditor.look_at_newest().await {
			looked if !arguments.watch => {
				if looked? {
					return auditor.summary();
				}
				continue;
			},
			Err(error) if output::is_unread(&error) => return Err(error),
			// What fails now is tried again later: neither relay nor node must end the watch.
			Err(error) => {
				auditor.session.output.fail(&error);
				auditor.session.reconnect().await?;
			},
			Ok(_) => {},
		}
		sleep(PAUSE).await;
	}
}

impl<'a> Auditor<'a> {
	async fn new(session: Session, arguments: &'a Audit) -> Result<Self> {
		let url = &arguments.at.relay;
		let identity = relay::identify(url).await?;
		if identity.genesis.0 != session.chain.client.genesis_hash().0 {
			return Err(advise(
				format!("the relay at {url} works with another chain"),
				"name the node of its chain with --node, or another relay with --relay",
			));
		}
		let block = session.chain.finalised().await?;
		let relay = State(&block).relay(identity.relay).await?;
		let next = relay.map_or(0, |relay| relay.next_sequence);
		Ok(Self {
			session,
			arguments,
			client: RelayClient::new(relay::root_url(url))?,
			relay: identity.relay,
			pricing: Pricing::default(),
			seen: Seen::new(),
			kept: Kept::default(),
			turns: Turns::before(if arguments.watch { u64::MAX } else { next }),
			batches: 0,
			wrong: BTreeSet::new(),
			reversed: 0,
		})
	}

	/// Looks at the chain as it is now, however long the last looks took: of old blocks the node has no
	/// state.
	async fn look_at_newest(&mut self) -> Result<bool> {
		let block = self.session.chain.finalised().await?;
		self.look_at(&State(&block)).await
	}

	/// Looks at what is to be looked at, as long as the state is fresh. Returns whether nothing is left.
	async fn look_at(&mut self, state: &State<'_>) -> Result<bool> {
		let began = Instant::now();
		let remembered = state.remembered(self.relay).await?;
		while began.elapsed() <= FRESH {
			let Some(sequence) = self.turns.next_new(&remembered) else {
				return self.look_again(state, began).await;
			};
			let looked = self.look_first(state, sequence).await;
			if looked.inspect_err(|_| self.turns.add(sequence))? {
				return Ok(false);
			}
		}
		Ok(false)
	}

	/// Looks at a new batch, unless the chain has just let it go. Returns whether it is challenged.
	async fn look_first(&mut self, state: &State<'_>, sequence: u64) -> Result<bool> {
		let Some(taken) = state.batch(self.relay, sequence).await? else { return Ok(false) };
		let finding = self.look(state, sequence, taken).await?;
		self.batches = self.batches.saturating_add(1);
		self.keep_in_view(&finding);
		self.report(&finding).await
	}

	fn summary(&self) -> Result<Reply> {
		let Self { relay, batches, reversed, .. } = self;
		let wrong = self.wrong.len();
		let checked = count(*batches, "batch", "batches");
		let mut text = format!("{checked} of relay {relay} checked, {wrong} of them wrong");
		if self.arguments.challenge {
			text += &format!(", {reversed} reversed");
		}
		if wrong > *reversed {
			let next = match self.arguments.challenge {
				true => {
					"what is final, or hidden, cannot be challenged; `lx audit --challenge --watch` looks \
					 again at what is hidden"
				},
				false => {
					"`lx audit --challenge` proves to the chain what can be proven, and is rewarded for \
					 it; it needs a stake"
				},
			};
			return Err(advise(text, next));
		}
		let told = json!({
			"relay": relay, "batches": batches, "wrong": wrong, "reversed": reversed,
		});
		Ok(Reply::new(text, told))
	}

	/// Looks at a batch that the chain has taken, or at what is kept of it if the relay hides it by now.
	async fn look(&mut self, state: &State<'_>, sequence: u64, taken: Taken) -> Result<Finding> {
		let shown = self.shown(&taken).await.map(Arc::new);
		let wrong = match shown.or_else(|error| self.kept.get(sequence).ok_or(error)) {
			Ok(shown) => self.judge(state, shown).await?,
			Err(error) => vec![Wrong::Hidden(format!("the relay does not show it: {error}"))],
		};
		Ok(Finding { sequence, taken, wrong })
	}

	/// What is wrong with a batch that the relay shows.
	async fn judge(&mut self, state: &State<'_>, shown: Arc<Shown>) -> Result<Vec<Wrong>> {
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
		for later in note(&mut self.seen, &shown) {
			self.turns.add(later);
		}
		Ok(wrong)
	}

	/// Looks again at batches that the relay has hidden, or that could not be challenged, up to the first
	/// that it still hides: the look at new ones must not wait for it. Returns false if the state is too
	/// old for more, as after a challenge.
	async fn look_again(&mut self, state: &State<'_>, began: Instant) -> Result<bool> {
		while began.elapsed() <= FRESH {
			let Some(sequence) = self.turns.take(Instant::now()) else { return Ok(true) };
			let from = Instant::now();
			match self.look_once_more(state, sequence).await {
				Ok(None) => {},
				Ok(Some(finding)) if !is_hidden(&finding.wrong) => {
					if self.report(&finding).await? {
						return Ok(false);
					}
				},
				in_vain => {
					self.turns.put_back(sequence, from, Instant::now());
					return in_vain.map(|_| true);
				},
			}
		}
		Ok(false)
	}

	/// Looks at a batch again, unless it is final: then it cannot be challenged any more.
	async fn look_once_more(
		&mut self,
		state: &State<'_>,
		sequence: u64,
	) -> Result<Option<Finding>> {
		let taken = state.batch(self.relay, sequence).await?;
		match taken.filter(|taken| taken.final_at.is_some()) {
			Some(taken) => Ok(Some(self.look(state, sequence, taken).await?)),
			None => Ok(None),
		}
	}

	/// Keeps in view what is hidden and may yet be challenged, and says so.
	fn keep_in_view(&mut self, finding: &Finding) {
		let sequence = finding.sequence;
		let is_pending = finding.taken.final_at.is_some();
		if self.arguments.watch && is_pending && is_hidden(&finding.wrong) {
			self.turns.add(sequence);
			self.session.output.progress(&format!(
				"batch {sequence} is hidden: it is looked at again until its challenge window is over"
			));
		}
	}

	/// Says what was found, and challenges it if that is wanted. Returns whether it is challenged.
	async fn report(&mut self, finding: &Finding) -> Result<bool> {
		let (output, sequence) = (self.session.output, finding.sequence);
		output.print(&finding.reply(self.relay))?;
		match finding.wrong.is_empty() {
			true => self.wrong.remove(&sequence),
			false => self.wrong.insert(sequence),
		};
		let Some(fraud) = finding.proof().filter(|_| self.arguments.challenge) else {
			return Ok(false);
		};
		match self.challenge(sequence, fraud).await {
			// Whoever goes on looking is not stopped by that. Where nobody was faster, it is tried again.
			Err(error) if self.arguments.watch => {
				output.fail(&error);
				self.turns.add(sequence);
			},
			done => done?,
		}
		Ok(true)
	}

	/// What the relay shows of a batch that the chain has taken.
	async fn shown(&self, taken: &Taken) -> Result<Shown> {
		let showing = async {
			let offer = self.client.batch(&taken.hash).await?;
			let genesis = sp_core::H256(self.session.chain.client.genesis_hash().0);
			anyhow::ensure!(offer.header.hash(&genesis) == taken.hash, "it shows another batch");
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
		let Pricing { prices, tiers, .. } = &mut self.pricing;
		for (_, leaf) in shown.sound_calls() {
			if let Entry::Vacant(entry) = tiers.entry(leaf.account.clone()) {
				entry.insert(state.staker(leaf.account.clone().into()).await?.tiers());
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
			forget(&mut self.seen, earlier);
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

	/// Challenges a batch. If the chain has the earlier one no more that the proof takes, the batch is
	/// looked at again without it: it may be as it should be, or repeat another one. Of any other proof
	/// the chain would think the same again, and keep another stake.
	async fn challenge(&mut self, sequence: u64, fraud: &Fraud<AccountId32>) -> Result<()> {
		let earlier = needed(fraud);
		let is_reversed = self.has_still(earlier).await?
			&& challenge::run(&self.session, self.relay, sequence, fraud).await?;
		if is_reversed {
			self.reversed = self.reversed.saturating_add(1);
			forget(&mut self.seen, sequence);
		} else if let Some(earlier) = earlier {
			self.session.output.progress(&format!(
				"batch {earlier} seems to be gone: batch {sequence} is looked at again without it"
			));
			forget(&mut self.seen, earlier);
			self.turns.add(sequence);
		}
		Ok(())
	}

	/// Whether the chain still has the earlier batch that a proof takes, if it takes one. Otherwise the
	/// stake would be lost, also if the block that has reversed it is not final yet.
	async fn has_still(&self, earlier: Option<u64>) -> Result<bool> {
		let Some(earlier) = earlier else { return Ok(true) };
		let newest = self.session.chain.newest().await?;
		Ok(State(&newest).batch(self.relay, earlier).await?.is_some())
	}
}

impl Finding {
	/// The proof of what is wrong, unless it comes too late for a challenge.
	fn proof(&self) -> Option<&Fraud<AccountId32>> {
		self.taken.final_at?;
		self.wrong.iter().find_map(|wrong| match wrong {
			Wrong::Proven { fraud, .. } => Some(&**fraud),
			_ => None,
		})
	}

	fn reply(&self, relay: RelayId) -> Reply {
		let Self { sequence, taken, wrong } = self;
		let (calls, charge) = (taken.root.calls, Unit::Cred.of(taken.root.charge));
		let counted = count(calls, "call", "calls");
		let stage = if taken.final_at.is_some() { "pending" } else { "final" };
		let mut text = format!("batch {sequence}: {counted}, {charge}, {stage}");
		if wrong.is_empty() {
			text += ": as it should be";
		}
		for wrong in wrong {
			text += &format!("\n  {}", tell(wrong));
		}
		let wrong: Vec<Value> = wrong.iter().map(|wrong| json!(tell(wrong))).collect();
		let hash = format!("{:?}", taken.hash);
		let told = json!({
			"relay": relay, "sequence": sequence, "hash": hash, "calls": calls, "charge": charge,
			"state": stage, "wrong": wrong,
		});
		Reply::new(text, told)
	}
}

fn tell(wrong: &Wrong) -> String {
	match wrong {
		Wrong::Hidden(what) => format!("hidden: {what}"),
		Wrong::Found { what, .. } => format!("wrong: {what}"),
		Wrong::Proven { what, .. } => format!("proven: {what}"),
	}
}
