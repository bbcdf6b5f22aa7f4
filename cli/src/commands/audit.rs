//! `lx audit`: checks all that a relay has charged, and challenges what is wrong.

use std::{
	collections::hash_map::Entry,
	time::{Duration, Instant},
};

use anyhow::{Context, Result};
use lx_primitives::{
	call_log::{call_time, MAX_CALL_AGE},
	RelayId,
};
use oracle_relay::attestor::client::RelayClient;
use serde_json::{json, Value};
use tokio::time::timeout;

use super::Session;
use crate::{
	advice::advise,
	amount::Unit,
	args::Audit,
	audit::{again::Again, examine, is_hidden, note, settled, Prices, Seen, Shown, Wrong},
	chain::{
		compute::{challenge, Taken},
		state::State,
		submit::submit,
	},
	output::Reply,
	relay,
};

/// How long a relay may take to show a batch. A minute after its time the attestors must have seen
/// all of it.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a state is read. Nodes keep it for some minutes.
const FRESH: Duration = Duration::from_secs(60);

/// Who looks at a relay's batches, and what it knows already.
struct Auditor<'a> {
	session: &'a Session,
	arguments: &'a Audit,
	client: RelayClient,
	relay: RelayId,
	prices: Prices,
	seen: Seen,
	/// Batches that the relay hides, as long as they can be challenged.
	again: Again,
	/// The first batch that was not looked at.
	next: u64,
	batches: u64,
	wrong: u64,
}

/// What was found of a batch.
struct Finding {
	sequence: u64,
	taken: Taken,
	wrong: Vec<Wrong>,
}

/// Checks every batch that the chain remembers, and with `--watch` each that comes.
pub async fn run(session: &Session, arguments: &Audit) -> Result<Reply> {
	let mut auditor = Auditor::new(session, arguments).await?;
	let mut blocks = session.chain.new_blocks().await?;
	loop {
		let block = blocks.next().await?;
		let looked = auditor.look_at(&State(&block)).await;
		if !arguments.watch {
			looked?;
			return auditor.summary();
		}
		// What fails now is tried again at the next block: a relay must not end the watch.
		if let Err(error) = looked {
			session.output.fail(&error);
		}
	}
}

impl<'a> Auditor<'a> {
	async fn new(session: &'a Session, arguments: &'a Audit) -> Result<Self> {
		let url = &arguments.at.relay;
		let identity = relay::identify(url).await?;
		if identity.genesis.0 != session.chain.client.genesis_hash().0 {
			return Err(advise(
				format!("the relay at {url} works with another chain"),
				"name the node of its chain with --node, or another relay with --relay",
			));
		}
		Ok(Self {
			session,
			arguments,
			client: RelayClient::new(relay::root_url(url))?,
			relay: identity.relay,
			prices: Prices::new(),
			seen: Seen::new(),
			again: Again::default(),
			next: 0,
			batches: 0,
			wrong: 0,
		})
	}

	/// Looks at what has not been looked at, as long as the state can be read.
	async fn look_at(&mut self, state: &State<'_>) -> Result<()> {
		let began = Instant::now();
		for sequence in state.remembered(self.relay).await? {
			if sequence < self.next {
				continue;
			}
			// The node forgets an old state; the others are looked at in a new one.
			if self.arguments.watch && began.elapsed() > FRESH {
				return Ok(());
			}
			// The chain may have just let it go.
			if let Some(taken) = state.batch(self.relay, sequence).await? {
				let finding = self.look(state, sequence, taken).await?;
				self.batches = self.batches.saturating_add(1);
				self.wrong = self.wrong.saturating_add(u64::from(!finding.wrong.is_empty()));
				self.report(&finding).await?;
				self.keep_in_view(&finding);
			}
			self.next = sequence.saturating_add(1);
		}
		self.look_again(state).await
	}

	fn summary(&self) -> Result<Reply> {
		let Self { relay, batches, wrong, .. } = self;
		if *wrong > 0 && !self.arguments.challenge {
			return Err(advise(
				format!("{wrong} of {batches} batches of relay {relay} are not as they should be"),
				"`lx audit --challenge` proves to the chain what can be proven, and is rewarded for it",
			));
		}
		let text = format!("{batches} batches of relay {relay} checked, {wrong} of them wrong");
		Ok(Reply::new(text, json!({ "relay": relay, "batches": batches, "wrong": wrong })))
	}

	/// Looks at a batch that the chain has taken.
	async fn look(&mut self, state: &State<'_>, sequence: u64, taken: Taken) -> Result<Finding> {
		let wrong = match self.shown(&taken).await {
			Ok(shown) => {
				self.learn_prices(state, &shown).await?;
				let found = examine(&shown, &self.prices, &self.seen);
				let found = self.with_earlier(state, &shown, found).await?;
				// The chain takes none that are older, and no batch can be challenged for a day.
				let oldest = shown.header.time.saturating_sub(2 * MAX_CALL_AGE);
				self.seen.retain(|call, _| call_time(call) >= oldest);
				for later in note(&mut self.seen, &shown) {
					self.again.add(later);
				}
				found
			},
			Err(error) => vec![Wrong::Hidden(format!("the relay does not show it: {error}"))],
		};
		Ok(Finding { sequence, taken, wrong })
	}

	/// Looks again at batches that the relay has hidden, up to the first that it still hides: the look
	/// at new ones must not wait for it.
	async fn look_again(&mut self, state: &State<'_>) -> Result<()> {
		while let Some(sequence) = self.again.take(Instant::now()) {
			let taken = state.batch(self.relay, sequence).await?;
			// What is final cannot be challenged any more.
			let Some(taken) = taken.filter(|taken| taken.final_at.is_some()) else { continue };
			let began = Instant::now();
			let finding = self.look(state, sequence, taken).await?;
			if is_hidden(&finding.wrong) {
				self.again.put_back(sequence, began, Instant::now());
				return Ok(());
			}
			self.report(&finding).await?;
		}
		Ok(())
	}

	/// Keeps in view what is hidden and may yet be challenged, and says so.
	fn keep_in_view(&mut self, finding: &Finding) {
		let sequence = finding.sequence;
		let is_pending = finding.taken.final_at.is_some();
		if self.arguments.watch && is_pending && is_hidden(&finding.wrong) {
			self.again.add(sequence);
			self.session.output.progress(&format!(
				"batch {sequence} is hidden: it is looked at again until its challenge window is over"
			));
		}
	}

	/// Says what was found, and challenges it if that is wanted.
	async fn report(&self, finding: &Finding) -> Result<()> {
		let output = self.session.output;
		output.print(&finding.reply(self.relay))?;
		if !self.arguments.challenge {
			return Ok(());
		}
		match self.challenge(finding).await {
			// Somebody may have been faster. Whoever goes on looking is not stopped by that.
			Err(error) if self.arguments.watch => output.fail(&error),
			done => done?,
		}
		Ok(())
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

	async fn learn_prices(&mut self, state: &State<'_>, shown: &Shown) -> Result<()> {
		// A price may be replaced at any time, so what is known is known for one batch.
		self.prices.clear();
		for (_, leaf) in shown.placed() {
			let key = (leaf.model.clone(), leaf.price_version);
			if let Entry::Vacant(entry) = self.prices.entry(key) {
				entry.insert(state.price(&leaf.model, leaf.price_version).await?);
			}
		}
		Ok(())
	}

	/// Proves the calls that were in earlier batches.
	async fn with_earlier(
		&self,
		state: &State<'_>,
		shown: &Shown,
		found: Vec<Wrong>,
	) -> Result<Vec<Wrong>> {
		let mut proven = Vec::new();
		for wrong in found {
			let Wrong::Settled { place, earlier } = wrong else {
				proven.push(wrong);
				continue;
			};
			let before = match state.batch(self.relay, earlier).await? {
				Some(taken) => self.shown(&taken).await.ok(),
				None => None,
			};
			let hidden = || Wrong::Hidden(format!("batch {earlier} has a call of it too"));
			let found = before.and_then(|before| settled(shown, place, (earlier, &before)));
			proven.push(found.unwrap_or_else(hidden));
		}
		Ok(proven)
	}

	/// Proves a batch wrong to the chain, which reverses it.
	async fn challenge(&self, finding: &Finding) -> Result<()> {
		let proof = finding.wrong.iter().find_map(|wrong| match wrong {
			Wrong::Proven { fraud, .. } => Some(fraud),
			_ => None,
		});
		let (Some(fraud), Some(_)) = (proof, finding.taken.final_at) else { return Ok(()) };
		let Session { chain, wallet, output } = self.session;
		let call = challenge(self.relay, finding.sequence, fraud);
		let done = submit(chain, wallet.signer()?, &call, None, output).await?;
		let text = format!("batch {} was challenged, and the chain judged", finding.sequence);
		let told = json!({ "challenged": finding.sequence, "relay": self.relay });
		Ok(output.print(&Reply::done(text, &done, told))?)
	}
}

impl Finding {
	fn reply(&self, relay: RelayId) -> Reply {
		let Self { sequence, taken, wrong } = self;
		let (calls, charge) = (taken.root.calls, Unit::Cred.of(taken.root.charge));
		let stage = if taken.final_at.is_some() { "pending" } else { "final" };
		let mut text = format!("batch {sequence}: {calls} calls, {charge}, {stage}");
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
		Wrong::Proven { what, .. } => format!("proven: {what}"),
		Wrong::Settled { earlier, .. } => format!("a call of it was in batch {earlier} already"),
	}
}
