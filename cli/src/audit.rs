//! Looking for what is wrong with a batch, in what its relay shows of it, and proving it.

pub mod earlier;
pub mod kept;
pub mod turns;

use std::collections::{BTreeSet, HashMap};

use lx_primitives::{
	call_log::{call_time, leaves_root},
	merkle_sum::root,
	proof::{CallProof, SumProof},
	CallId, Header, LaunchId, Leaf, Line, ModelId, Moment, Offer, Price, Tier, TierHistory,
};
use oracle_relay::{
	attest::receipt::tier as name_of_tier,
	attestor::{book::PriceSpan, case::CallsByLine},
};
use pallet_compute::Fraud;
use sp_core::crypto::AccountId32;

use crate::amount::Unit;

/// A batch with its calls, as its relay shows them.
#[derive(Clone, Debug)]
pub struct Shown {
	/// What was signed.
	pub header: Header,
	/// What it charges to each account, in each way of payment.
	pub lines: Vec<Line<AccountId32>>,
	/// The calls, line by line.
	pub calls: CallsByLine,
}

/// A call's line and its place in it.
pub type Place = (u32, u32);

/// What calls are priced by, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Pricing {
	/// When this was so.
	pub now: Moment,
	/// Versions of models' prices; `None` for those that the registry does not have.
	pub prices: HashMap<(ModelId, u32), Option<PriceSpan>>,
	/// What launches offer; `None` for those that there were not.
	pub offers: HashMap<LaunchId, Option<Offer>>,
	/// The tiers of payers.
	pub tiers: HashMap<AccountId32, TierHistory>,
}

impl Pricing {
	/// The tier that the payer of a call had then; `None` if that is not known, or too long ago to be
	/// told.
	pub fn payers_tier(&self, leaf: &Leaf<AccountId32>) -> Option<Tier> {
		self.tiers.get(&leaf.account)?.told_at(call_time(&leaf.call_id), self.now)
	}

	/// The price that a call had to be charged at: that of its launch, if it was served against a quota,
	/// else the registry's. If there was none, says so in words; `None` if that is not known.
	fn price_of(&self, leaf: &Leaf<AccountId32>) -> Option<Result<Price, String>> {
		let (time, version) = (call_time(&leaf.call_id), leaf.price_version);
		if let Some(launch) = leaf.payment.quota() {
			let offer = self.offers.get(&launch)?.as_ref();
			let price = offer.and_then(|offer| offer.price_at(&leaf.model, version, time));
			let none = || {
				let wrong = "which did not offer its model then at price version";
				format!("names launch {launch}, {wrong} {version}")
			};
			return Some(price.ok_or_else(none));
		}
		let span = *self.prices.get(&(leaf.model.clone(), version))?;
		let price = span.filter(|span| span.is_in_force_at(time)).map(|span| span.price);
		let none = || format!("names price version {version}, which was not in force");
		Some(price.ok_or_else(none))
	}
}

/// The first batch of each call that has been seen so far.
pub type Seen = HashMap<CallId, u64>;

/// What is wrong with a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
	/// The relay does not show what the batch commits to. Nobody can prove that.
	Hidden(String),
	/// A call is wrong. It was not proven: one proof reverses the batch, and each takes all of a line.
	Found {
		/// In words.
		what: String,
		/// What a proof would show.
		fault: Fault,
	},
	/// The chain believes this.
	Proven {
		/// In words.
		what: String,
		/// The proof.
		fraud: Box<Fraud<AccountId32>>,
	},
}

/// What is wrong with a call, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// It is in the batch twice.
	Repeated {
		/// The one place.
		first: Place,
		/// The other.
		again: Place,
	},
	/// It was in an earlier batch already: the proof takes that batch too.
	Settled {
		/// Its place in this one.
		place: Place,
		/// The earlier batch's place.
		earlier: u64,
	},
	/// It is not of the batch's time.
	Time(Place),
	/// Its charge or its cost is another than by the registry.
	Price(Place),
}

impl Shown {
	/// All calls with their places.
	pub fn placed(&self) -> impl Iterator<Item = (Place, &Leaf<AccountId32>)> {
		(0..).zip(&self.calls).flat_map(|(line, calls)| {
			(0..).zip(calls).map(move |(index, leaf)| ((line, index), leaf))
		})
	}

	/// The calls that can be proven to be in this batch.
	pub fn sound_calls(&self) -> impl Iterator<Item = (Place, &Leaf<AccountId32>)> {
		self.calls_within(self.sound_lines())
	}

	/// The calls of the lines that are marked.
	fn calls_within(&self, marks: Vec<bool>) -> impl Iterator<Item = (Place, &Leaf<AccountId32>)> {
		self.placed().filter(move |((line, _), _)| {
			usize::try_from(*line).is_ok_and(|line| marks.get(line) == Some(&true))
		})
	}

	/// The call at a place.
	pub fn call(&self, (line, index): Place) -> Option<&Leaf<AccountId32>> {
		self.calls_of(line).get(usize::try_from(index).ok()?)
	}

	/// The proof that a call is in this batch.
	pub fn proof(&self, (line, index): Place) -> Option<CallProof<AccountId32>> {
		CallProof::new(&self.lines, line, self.calls_of(line), index)
	}

	fn calls_of(&self, line: u32) -> &[Leaf<AccountId32>] {
		let calls = usize::try_from(line).ok().and_then(|line| self.calls.get(line));
		calls.map_or(&[][..], Vec::as_slice)
	}

	/// Whether the lines are those that were signed.
	fn has_its_lines(&self) -> bool {
		root(self.lines.iter().map(Line::node).collect()) == Some(self.header.root)
	}

	/// Which lines were signed, and are the sums of their calls.
	fn sound_lines(&self) -> Vec<bool> {
		let has_its_lines = self.has_its_lines();
		let is_sound = |(index, line): (u32, &Line<AccountId32>)| {
			let calls = self.calls_of(index);
			let are_its = calls.iter().all(|call| line.is_of(call));
			has_its_lines && are_its && leaves_root(calls) == Some(line.total)
		};
		(0..).zip(&self.lines).map(is_sound).collect()
	}

	/// What is wrong with the lines of which these are `sound`.
	fn wrong_lines(&self, sound: &[bool]) -> Vec<Wrong> {
		if !self.has_its_lines() {
			return vec![Wrong::Hidden("its lines are not those that were signed".into())];
		}
		let unsound = (0..).zip(sound).filter(|(_, is_sound)| !**is_sound);
		unsound.filter_map(|(line, _)| self.wrong_sum(line)).collect()
	}

	/// What is wrong with a line that is not the sum of its calls.
	fn wrong_sum(&self, index: u32) -> Option<Wrong> {
		let Line { account, total, .. } = self.lines.get(usize::try_from(index).ok()?)?;
		let Some(found) = SumProof::find(&self.lines, index, self.calls_of(index)) else {
			let what = format!("the calls of {account} are others than signed");
			return Some(Wrong::Hidden(what));
		};
		let charge = Unit::Cred.of(total.charge);
		let what = format!("the {charge} charged to {account} are not the sum of its calls");
		Some(proven(what, Fraud::WrongSum(found)))
	}

	/// The proof of what is wrong with a call, if the batch alone shows it.
	fn prove(&self, wrong: &Wrong) -> Option<Wrong> {
		let Wrong::Found { what, fault } = wrong else { return None };
		let fraud = match *fault {
			Fault::Repeated { first, again } => {
				Fraud::RepeatedCall { call: self.proof(first)?, again: self.proof(again)? }
			},
			Fault::Time(place) => Fraud::WrongTime(self.proof(place)?),
			Fault::Price(place) => Fraud::WrongPrice(self.proof(place)?),
			Fault::Settled { .. } => return None,
		};
		Some(proven(what.clone(), fraud))
	}
}

/// Whether the chain believes that a batch is wrong.
pub fn is_proven(wrong: &[Wrong]) -> bool {
	wrong.iter().any(|wrong| matches!(wrong, Wrong::Proven { .. }))
}

/// Whether another look at a batch may prove that it is wrong, since the relay hides something now.
pub fn is_hidden(wrong: &[Wrong]) -> bool {
	!wrong.is_empty() && !is_proven(wrong)
}

/// Finds what is wrong with a batch. `seen` holds the calls of others, of which earlier ones count.
///
/// Each call is looked at once. Of those that are wrong the first is proven, unless that takes an
/// earlier batch.
pub fn examine(shown: &Shown, pricing: &Pricing, seen: &Seen) -> Vec<Wrong> {
	let sound = shown.sound_lines();
	let mut wrong = shown.wrong_lines(&sound);
	let mut places = HashMap::new();
	for (place, leaf) in shown.calls_within(sound) {
		let mut find = |what: &str, fault| {
			let what = format!("call {} {what}", name(&leaf.call_id));
			wrong.push(Wrong::Found { what, fault });
		};
		if let Some(first) = places.insert(leaf.call_id, place) {
			find("is in it twice", Fault::Repeated { first, again: place });
		}
		let first = seen.get(&leaf.call_id).copied();
		if let Some(earlier) = first.filter(|first| *first < shown.header.sequence) {
			find(&format!("was in batch {earlier} already"), Fault::Settled { place, earlier });
		}
		if !shown.header.spans(&leaf.call_id) {
			find("is not of the batch's time", Fault::Time(place));
		}
		if let Some(what) = wrong_price(leaf, pricing) {
			find(&what, Fault::Price(place));
		}
	}
	prove_one(shown, &mut wrong);
	wrong
}

/// Proves the first thing that the batch alone shows, unless something is proven already.
fn prove_one(shown: &Shown, wrong: &mut [Wrong]) {
	if is_proven(wrong) {
		return;
	}
	let first = wrong.iter_mut().find_map(|wrong| Some((shown.prove(wrong)?, wrong)));
	if let Some((proof, wrong)) = first {
		*wrong = proof;
	}
}

/// Notes the calls that a batch is proven to hold. Returns the later batches that have one of them
/// too: they were looked at while this one was hidden, and are wrong.
pub fn note(seen: &mut Seen, shown: &Shown) -> BTreeSet<u64> {
	let sequence = shown.header.sequence;
	let mut later = BTreeSet::new();
	for (_, leaf) in shown.sound_calls() {
		let first = seen.entry(leaf.call_id).or_insert(sequence);
		if *first > sequence {
			later.insert(*first);
			*first = sequence;
		}
	}
	later
}

/// Forgets the calls of a batch that the chain has no more: another may charge them.
pub fn forget(seen: &mut Seen, gone: u64) {
	seen.retain(|_, first| *first != gone);
}

/// What is wrong with the charge of a call, if anything is and what it is priced by is known.
pub fn wrong_price(leaf: &Leaf<AccountId32>, pricing: &Pricing) -> Option<String> {
	let price = match pricing.price_of(leaf)? {
		Ok(price) => price,
		Err(what) => return Some(what),
	};
	let right = (price.charge(&leaf.usage, leaf.tier), price.cost(&leaf.usage));
	if right == (Some(leaf.charge), Some(leaf.cost)) {
		return wrong_tier(leaf, pricing);
	}
	let amount = |units| Unit::Cred.of(units).to_string();
	let told = |units: Option<u128>| units.map_or("nothing".into(), amount);
	let whose = if leaf.payment.quota().is_some() { "launch's" } else { "registry's" };
	Some(format!(
		"charges {} at a cost of {}; by the {whose} price it is {} at {}",
		amount(leaf.charge),
		amount(leaf.cost),
		told(right.0),
		told(right.1),
	))
}

/// What is wrong with the tier that a call is charged at, if anything is.
fn wrong_tier(leaf: &Leaf<AccountId32>, pricing: &Pricing) -> Option<String> {
	let [charged, right] = [leaf.tier, pricing.payers_tier(leaf)?].map(name_of_tier);
	(charged != right).then(|| format!("is charged at tier {charged}, and its payer had {right}"))
}

fn proven(what: String, fraud: Fraud<AccountId32>) -> Wrong {
	Wrong::Proven { what, fraud: Box::new(fraud) }
}

/// A call's id as it is written everywhere.
pub fn name(call: &CallId) -> String {
	format!("0x{}", hex::encode(call))
}

#[cfg(test)]
mod tests;
