//! `lx audit`: checks all that a relay has charged, and challenges what is wrong.

mod examiner;
mod finding;

use std::{
	collections::BTreeSet,
	time::{Duration, Instant},
};

use anyhow::Result;
use lx_primitives::RelayId;
use oracle_relay::attestor::client::RelayClient;
use pallet_compute::Fraud;
use serde_json::json;
use sp_core::crypto::AccountId32;
use tokio::time::sleep;

use self::{examiner::Examiner, finding::Finding};
use super::{challenge, Session};
use crate::{
	advice::advise,
	args::Audit,
	audit::{earlier::needed, turns::Turns},
	chain::{compute::Taken, state::State},
	output::{self, count, Reply},
	relay,
};

/// How old a state may be when a look at a batch begins, which takes little more than twice
/// [`examiner::PATIENCE`]. Nodes keep a state for 256 blocks. None is looked at any more after a
/// challenge, which may have changed it.
const FRESH: Duration = Duration::from_secs(60);

/// How long to wait before looking whether there is something new.
const PAUSE: Duration = Duration::from_secs(2);

/// Who has a relay's batches examined, each in its turn, says what was found, and challenges it.
struct Auditor<'a> {
	session: Session,
	arguments: &'a Audit,
	relay: RelayId,
	examiner: Examiner,
	turns: Turns,
	batches: u64,
	/// Those that were wrong when they were last looked at.
	wrong: BTreeSet<u64>,
	/// How many of them are reversed by a challenge from here.
	reversed: usize,
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
		let client = RelayClient::new(relay::root_url(url))?;
		Ok(Self {
			session,
			arguments,
			relay: identity.relay,
			examiner: Examiner::new(client, identity),
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

	/// Looks at a batch that the chain has taken, and notes which others are worth another look by that.
	async fn look(&mut self, state: &State<'_>, sequence: u64, taken: Taken) -> Result<Finding> {
		let finding = self.examiner.look(state, sequence, taken).await?;
		finding.later.iter().for_each(|later| self.turns.add(*later));
		Ok(finding)
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
				Ok(Some(finding)) if !finding.is_hidden() => {
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
		if self.arguments.watch && finding.is_pending() && finding.is_hidden() {
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

	/// Challenges a batch. If the chain has the earlier one no more that the proof takes, the batch is
	/// looked at again without it: it may be as it should be, or repeat another one. Of any other proof
	/// the chain would think the same again, and keep another stake.
	async fn challenge(&mut self, sequence: u64, fraud: &Fraud<AccountId32>) -> Result<()> {
		let earlier = needed(fraud);
		let is_reversed = self.has_still(earlier).await?
			&& challenge::run(&self.session, self.relay, sequence, fraud).await?;
		if is_reversed {
			self.reversed = self.reversed.saturating_add(1);
			self.examiner.forget(sequence);
		} else if let Some(earlier) = earlier {
			self.session.output.progress(&format!(
				"batch {earlier} seems to be gone: batch {sequence} is looked at again without it"
			));
			self.examiner.forget(earlier);
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
