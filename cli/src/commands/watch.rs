//! `lx watch`: follow finalised blocks as calls are settled and mine LCO.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use subxt::{events::Event, ext::scale_decode::DecodeAsType, utils::AccountId32};

use super::{at_hand, Session};
use crate::{
	advice::advise,
	amount::Unit,
	args::AtHand,
	chain::{state::State, Block, LxConfig},
	output::{self, count, Reply},
	relay::Balance,
};

/// How many blocks back a node is asked for. Nodes keep the state of 256.
const KEPT: u64 = 250;

/// How often in a row a relay may fail, a block apart, until only the chain is asked.
const ATTEMPTS: u32 = 20;

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct BatchPosted {
	relay: u32,
	sequence: u64,
	charge: u128,
	calls: u32,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct BatchFinal {
	relay: u32,
	sequence: u64,
	charge: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Mined {
	who: AccountId32,
	paid: u128,
	reward: u128,
}

/// What happened, and µCRED of the account's calls that mined by it.
struct News {
	reply: Reply,
	mined: u128,
}

/// The calls that the account had made when the watch began.
#[derive(Clone, Copy)]
struct Waiting {
	/// µCRED of those that were in batches which had been posted and were not final.
	posted: u128,
	/// µCRED of calls that have mined since.
	mined: u128,
	/// How much has to mine, once the relay has told what it had yet to post.
	due: Option<u128>,
}

impl Waiting {
	/// Notes what the relay tells, which it was asked before the account had `pending` µCRED in batches
	/// that are not final. What it tells later may be of later calls.
	///
	/// A batch that was posted in between counts twice. Then the wait ends when nothing is left.
	fn learn(&mut self, told: &Balance, pending: u128) {
		// A call under way will be charged something, or nothing if it fails.
		let under_way = u128::from(told.reserved > 0);
		let parts = [pending, told.unposted.into(), under_way];
		let due = parts.into_iter().fold(self.mined, u128::saturating_add);
		self.due.get_or_insert(due);
	}

	/// Whether they have mined, by what the relay has told.
	fn is_paid(&self) -> bool {
		self.due.is_some_and(|due| self.mined >= due.max(1))
	}

	/// Whether they have mined as far as the chain alone can tell, if the account now has `pending` µCRED
	/// in batches that are not final.
	///
	/// Batches become final in the order of posting. So if more has mined than was posted, then calls
	/// have that the relay had yet to post; and if nothing is pending any more, there may be none.
	fn is_over(&self, pending: u128) -> bool {
		self.mined > self.posted || (self.mined > 0 && pending == 0)
	}
}

/// Follows the chain, until the account's calls have mined if `until_mined`, for `timeout` seconds at
/// most.
pub async fn run(
	session: Session,
	until_mined: bool,
	timeout: Option<u64>,
	at_hand: &AtHand,
) -> Result<()> {
	let following = async { Watch::begin(session, until_mined, at_hand).await?.run().await };
	let Some(seconds) = timeout else { return following.await };
	match tokio::time::timeout(Duration::from_secs(seconds), following).await {
		Ok(done) => done,
		Err(_) if !until_mined => Ok(()),
		Err(_) => Err(advise(
			format!("that your calls have mined was not seen within {seconds} seconds"),
			"calls mine when their batch is final; `lx balance` shows what is pending, and `lx verify CALL` \
			 says of one call whether it has mined",
		)),
	}
}

/// A watch and how far it has come.
struct Watch<'a> {
	session: Session,
	until_mined: bool,
	/// By which the relay is asked, if there is a key and the relay has not failed too often.
	at_hand: Option<&'a AtHand>,
	/// How often in a row the relay gave no good answer.
	failures: u32,
	waiting: Waiting,
	/// The number of the next block to look at.
	next: u64,
}

impl<'a> Watch<'a> {
	/// What the newest block did is over: it may have mined what was called long before.
	async fn begin(session: Session, until_mined: bool, at_hand: &'a AtHand) -> Result<Self> {
		let waiting = Waiting { posted: 0, mined: 0, due: None };
		let at_hand = Some(at_hand).filter(|at_hand| until_mined && at_hand.has_key());
		let mut watch = Self { session, until_mined, at_hand, failures: 0, waiting, next: 0 };
		let told = watch.ask().await;
		let block = watch.session.chain.finalised().await?;
		let posted = pending(&block, &watch.session.wallet.account).await?;
		watch.waiting.posted = posted;
		if let Some(told) = &told {
			watch.waiting.learn(told, posted);
		}
		watch.next = block.block_number().saturating_add(1);
		watch.greet();
		Ok(watch)
	}

	/// Says what is waited for.
	fn greet(&self) {
		let (account, output) = (&self.session.wallet.account, self.session.output);
		let waiting = self.waiting.due.unwrap_or(self.waiting.posted);
		output.progress(&match waiting {
			0 => format!("watching for {account}: none of its calls waits to become final"),
			some => format!("watching for {account}: {} wait to become final", Unit::Cred.of(some)),
		});
		if self.until_mined && waiting == 0 && self.at_hand.is_none() {
			output.progress(
				"waiting for the next call; with its API key, see --key, the relay would be asked for \
				 earlier ones",
			);
		}
	}

	/// Follows the chain over every connection to the node.
	async fn run(mut self) -> Result<()> {
		loop {
			let Err(error) = self.follow().await else { return Ok(()) };
			if output::is_unread(&error) || !self.session.reconnect().await? {
				return Err(error);
			}
		}
	}

	/// Follows the chain as long as the node sends blocks, or until there is nothing to wait for.
	async fn follow(&mut self) -> Result<()> {
		let mut blocks = self.session.chain.new_blocks().await?;
		loop {
			blocks.next().await?;
			let told = self.ask().await;
			// Read after the relay was asked, so that no batch is posted unseen in between.
			let newest = self.session.chain.finalised().await?;
			self.catch_up(newest.block_number()).await?;
			if self.until_mined && self.is_over(&newest, told).await? {
				return Ok(());
			}
		}
	}

	/// Tells of all blocks up to `newest`, also of those that came while the connection was lost.
	async fn catch_up(&mut self, newest: u64) -> Result<()> {
		let first = newest.saturating_sub(KEPT);
		if first > self.next {
			let last = first.saturating_sub(1);
			let output = self.session.output;
			output.progress(&format!("blocks {} to {last} are too old to be shown", self.next));
			self.next = first;
		}
		while self.next <= newest {
			let block = self.session.chain.at(self.next).await?;
			let mined = tell(&self.session, &block).await?;
			self.waiting.mined = self.waiting.mined.saturating_add(mined);
			self.next = self.next.saturating_add(1);
		}
		Ok(())
	}

	/// Whether there is nothing to wait for at this block, with what the relay told before it.
	async fn is_over(&mut self, block: &Block, told: Option<Balance>) -> Result<bool> {
		let pending = pending(block, &self.session.wallet.account).await?;
		if let Some(told) = told {
			self.waiting.learn(&told, pending);
			if pending == 0 && told.is_settled() {
				self.session.output.progress("all that was called with the key has mined");
				return Ok(true);
			}
		}
		Ok(match (self.waiting.due, self.at_hand) {
			(Some(_), _) => self.waiting.is_paid(),
			// The relay may know of more, and is asked again.
			(None, Some(_)) => false,
			(None, None) => self.waiting.is_over(pending),
		})
	}

	/// Asks the relay. One that fails is asked again at the next block, up to a bound.
	async fn ask(&mut self) -> Option<Balance> {
		let at_hand = self.at_hand?;
		match at_hand::try_to_ask(&self.session, at_hand).await {
			Ok(told) => {
				self.failures = 0;
				told.map(|told| told.balance)
			},
			Err(problem) => {
				self.fail(&problem);
				None
			},
		}
	}

	/// Notes that the relay gave no good answer.
	fn fail(&mut self, problem: &str) {
		self.failures = self.failures.saturating_add(1);
		let output = self.session.output;
		if self.failures == ATTEMPTS {
			self.at_hand = None;
			output.progress(&format!("the relay is not asked any more: {problem}"));
		} else if self.failures == 1 {
			output.progress(&format!("the relay will be asked again: {problem}"));
		}
	}
}

/// µCRED of the account's calls in batches that are not final.
async fn pending(block: &Block, account: &AccountId32) -> Result<u128> {
	let account = State(block).api_account(account).await?;
	Ok(account.map_or(0, |account| account.pending()))
}

/// Prints what happened in a block, and returns µCRED of the account's calls that mined in it.
async fn tell(session: &Session, block: &Block) -> Result<u128> {
	let (account, number) = (&session.wallet.account, block.block_number());
	let mut mined = 0u128;
	for event in block.events().fetch().await?.iter() {
		let Some(news) = news(&event?, account, number)? else { continue };
		session.output.print(&news.reply)?;
		mined = mined.saturating_add(news.mined);
	}
	Ok(mined)
}

fn news(event: &Event<'_, LxConfig>, account: &AccountId32, block: u64) -> Result<Option<News>> {
	Ok(match (event.pallet_name(), event.event_name()) {
		("Compute", "BatchPosted") => Some(posted(event.decode_fields_unchecked_as()?, block)),
		("Compute", "BatchFinal") => Some(settled(event.decode_fields_unchecked_as()?, block)),
		("Mining", "Mined") => mined(event.decode_fields_unchecked_as()?, account, block),
		_ => None,
	})
}

fn posted(event: BatchPosted, block: u64) -> News {
	let BatchPosted { relay, sequence, charge, calls } = event;
	let charge = Unit::Cred.of(charge);
	let counted = count(calls, "call", "calls");
	let text = format!("block {block}: relay {relay} posted batch {sequence}: {counted}, {charge}");
	let json = json!({
		"event": "BatchPosted", "block": block, "relay": relay, "sequence": sequence,
		"charge": charge, "calls": calls,
	});
	News { reply: Reply::new(text, json), mined: 0 }
}

fn settled(event: BatchFinal, block: u64) -> News {
	let BatchFinal { relay, sequence, charge } = event;
	let charge = Unit::Cred.of(charge);
	let text = format!("block {block}: batch {sequence} of relay {relay} is final: {charge}");
	let json = json!({
		"event": "BatchFinal", "block": block, "relay": relay, "sequence": sequence,
		"charge": charge,
	});
	News { reply: Reply::new(text, json), mined: 0 }
}

fn mined(event: Mined, account: &AccountId32, block: u64) -> Option<News> {
	if event.who != *account {
		return None;
	}
	let (paid, reward) = (Unit::Cred.of(event.paid), Unit::Lco.of(event.reward));
	let text = format!("block {block}: you mined {reward} with {paid} of calls");
	let json = json!({ "event": "Mined", "block": block, "paid": paid, "reward": reward });
	Some(News { reply: Reply::new(text, json), mined: event.paid })
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What a relay tells of an account with so much µCRED unposted and reserved.
	fn told(unposted: u64, reserved: u64) -> Balance {
		let balance = json!({
			"account": "5", "reserved_ucred": reserved, "pending_ucred": unposted,
			"unposted_ucred": unposted, "key": { "spent_ucred": unposted },
		});
		serde_json::from_value(balance).unwrap()
	}

	#[test]
	fn what_the_relay_had_yet_to_post_is_waited_for() {
		let mut began = Waiting { posted: 5, mined: 0, due: None };
		assert!(!began.is_paid());
		began.learn(&told(3, 0), 5);
		let first = Waiting { mined: 5, ..began };
		assert!(!first.is_paid(), "the later call is not posted");
		assert!(!Waiting { mined: 7, ..first }.is_paid());
		let mut second = Waiting { mined: 8, ..first };
		second.learn(&told(4, 0), 0);
		assert!(second.is_paid(), "calls made since are not waited for");
	}

	#[test]
	fn a_relay_that_answers_late_adds_to_what_has_mined() {
		let mut late = Waiting { posted: 5, mined: 5, due: None };
		late.learn(&told(3, 0), 2);
		assert!(!Waiting { mined: 9, ..late }.is_paid());
		assert!(Waiting { mined: 10, ..late }.is_paid());
	}

	#[test]
	fn a_call_under_way_and_the_first_one_are_waited_for() {
		let mut under_way = Waiting { posted: 5, mined: 0, due: None };
		under_way.learn(&told(0, 900), 5);
		assert!(!Waiting { mined: 5, ..under_way }.is_paid());
		assert!(Waiting { mined: 6, ..under_way }.is_paid());
		let mut none = Waiting { posted: 0, mined: 0, due: None };
		none.learn(&told(0, 0), 0);
		assert!(!none.is_paid());
		assert!(Waiting { mined: 1, ..none }.is_paid());
	}

	#[test]
	fn a_call_that_was_posted_before_does_not_end_the_wait_for_one_that_was_not() {
		let began = Waiting { posted: 5, mined: 0, due: None };
		assert!(!began.is_over(5) && !began.is_over(8) && !began.is_over(0));
		let first = Waiting { mined: 5, ..began };
		assert!(!first.is_over(3), "the later call waits");
		let second = Waiting { mined: 8, ..first };
		assert!(second.is_over(0) && second.is_over(7), "calls made since are not waited for");
	}

	#[test]
	fn all_that_was_posted_before_is_waited_for_where_there_is_no_more() {
		let half = Waiting { posted: 5, mined: 2, due: None };
		assert!(!half.is_over(3));
		assert!(Waiting { mined: 5, ..half }.is_over(0));
		assert!(half.is_over(0), "the rest was given back");
	}

	#[test]
	fn without_a_call_the_first_one_is_waited_for() {
		let none = Waiting { posted: 0, mined: 0, due: None };
		assert!(!none.is_over(0) && !none.is_over(9));
		assert!(Waiting { mined: 1, ..none }.is_over(9));
	}
}
