//! `lx audit`: checks all that a relay has charged, and challenges what is wrong.

use std::collections::hash_map::Entry;

use anyhow::Result;
use lx_primitives::{
	call_log::{call_time, MAX_CALL_AGE},
	RelayId,
};
use oracle_relay::attestor::client::RelayClient;
use serde_json::{json, Value};

use super::Session;
use crate::{
	advice::advise,
	amount::Unit,
	args::Audit,
	audit::{examine, settled, Prices, Seen, Shown, Wrong},
	chain::{
		compute::{challenge, Taken},
		state::State,
		submit::submit,
	},
	output::Reply,
	relay,
};

/// Who looks at a relay's batches, and what it knows already.
struct Auditor<'a> {
	session: &'a Session,
	client: RelayClient,
	relay: RelayId,
	prices: Prices,
	seen: Seen,
}

/// What was found of a batch.
struct Finding {
	sequence: u64,
	taken: Taken,
	wrong: Vec<Wrong>,
}

/// Checks every batch that the chain remembers, and with `--watch` each that comes.
pub async fn run(session: &Session, arguments: &Audit) -> Result<Reply> {
	let mut auditor = Auditor::new(session, &arguments.at.relay).await?;
	let (mut batches, mut wrong, mut next) = (0u64, 0u64, 0);
	let mut blocks = session.chain.new_blocks().await?;
	loop {
		let block = blocks.next().await?;
		let state = State(&block);
		for sequence in state.remembered(auditor.relay).await? {
			if sequence < next {
				continue;
			}
			next = sequence.saturating_add(1);
			let Some(finding) = auditor.look(&state, sequence).await? else { continue };
			batches = batches.saturating_add(1);
			wrong = wrong.saturating_add(u64::from(!finding.wrong.is_empty()));
			session.output.print(&finding.reply(auditor.relay))?;
			if arguments.challenge {
				let done = auditor.challenge(&finding).await;
				// Somebody may have been faster. Whoever goes on looking is not stopped by that.
				match done {
					Err(error) if arguments.watch => session.output.fail(&error),
					done => done?,
				}
			}
		}
		if !arguments.watch {
			return summary(auditor.relay, batches, wrong, arguments.challenge);
		}
	}
}

fn summary(relay: RelayId, batches: u64, wrong: u64, challenged: bool) -> Result<Reply> {
	if wrong > 0 && !challenged {
		return Err(advise(
			format!("{wrong} of {batches} batches of relay {relay} are not as they should be"),
			"`lx audit --challenge` proves to the chain what can be proven, and is rewarded for it",
		));
	}
	let text = format!("{batches} batches of relay {relay} checked, {wrong} of them wrong");
	Ok(Reply::new(text, json!({ "relay": relay, "batches": batches, "wrong": wrong })))
}

impl<'a> Auditor<'a> {
	async fn new(session: &'a Session, url: &str) -> Result<Self> {
		let identity = relay::identify(url).await?;
		if identity.genesis.0 != session.chain.client.genesis_hash().0 {
			return Err(advise(
				format!("the relay at {url} works with another chain"),
				"name the node of its chain with --node, or another relay with --relay",
			));
		}
		Ok(Self {
			session,
			client: RelayClient::new(relay::root_url(url))?,
			relay: identity.relay,
			prices: Prices::new(),
			seen: Seen::new(),
		})
	}

	/// Looks at a batch; `None` if the chain has just let it go.
	async fn look(&mut self, state: &State<'_>, sequence: u64) -> Result<Option<Finding>> {
		let Some(taken) = state.batch(self.relay, sequence).await? else { return Ok(None) };
		let wrong = match self.shown(&taken).await {
			Ok(shown) => {
				self.learn_prices(state, &shown).await?;
				let found = examine(&shown, &self.prices, &self.seen);
				let found = self.with_earlier(state, &shown, found).await?;
				// The chain takes none that are older.
				let oldest = shown.header.time.saturating_sub(MAX_CALL_AGE);
				self.seen.retain(|call, _| call_time(call) >= oldest);
				for (_, leaf) in shown.placed() {
					self.seen.entry(leaf.call_id).or_insert(sequence);
				}
				found
			},
			Err(error) => vec![Wrong::Hidden(format!("the relay does not show it: {error}"))],
		};
		Ok(Some(Finding { sequence, taken, wrong }))
	}

	/// What the relay shows of a batch that the chain has taken.
	async fn shown(&self, taken: &Taken) -> Result<Shown> {
		let offer = self.client.batch(&taken.hash).await?;
		let genesis = sp_core::H256(self.session.chain.client.genesis_hash().0);
		anyhow::ensure!(offer.header.hash(&genesis) == taken.hash, "it shows another batch");
		let calls = self.client.calls(&taken.hash, taken.root.calls).await?;
		Ok(Shown { header: offer.header, lines: offer.lines, calls })
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
