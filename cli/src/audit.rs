//! Looking for what is wrong with a batch, in what its relay shows of it, and proving it.

pub mod again;

use std::collections::{BTreeSet, HashMap};

use lx_primitives::{
	call_log::{call_time, leaves_root},
	merkle_sum::root,
	proof::{CallProof, SumProof},
	CallId, Header, Leaf, Line, ModelId,
};
use oracle_relay::attestor::{book::PriceSpan, case::CallsByLine};
use pallet_compute::Fraud;
use sp_core::crypto::AccountId32;

use crate::amount::Unit;

/// A batch with its calls, as its relay shows them.
#[derive(Clone, Debug)]
pub struct Shown {
	/// What was signed.
	pub header: Header,
	/// What it charges to each account.
	pub lines: Vec<Line<AccountId32>>,
	/// The calls, line by line.
	pub calls: CallsByLine,
}

/// Versions of models' prices; `None` for those that the registry does not have.
pub type Prices = HashMap<(ModelId, u32), Option<PriceSpan>>;

/// The first batch of each call that has been seen so far.
pub type Seen = HashMap<CallId, u64>;

/// What is wrong with a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrong {
	/// The relay does not show what the batch commits to. Nobody can prove that.
	Hidden(String),
	/// The chain believes this.
	Proven {
		/// In words.
		what: String,
		/// The proof.
		fraud: Box<Fraud<AccountId32>>,
	},
	/// A call was in an earlier batch already: the proof takes that batch too.
	Settled {
		/// The call's line and its place in it.
		place: (u32, u32),
		/// The earlier batch's place.
		earlier: u64,
	},
}

impl Shown {
	/// All calls with their line and their place in it.
	pub fn placed(&self) -> impl Iterator<Item = ((u32, u32), &Leaf<AccountId32>)> {
		(0..).zip(&self.calls).flat_map(|(line, calls)| {
			(0..).zip(calls).map(move |(index, leaf)| ((line, index), leaf))
		})
	}

	/// The proof that a call is in this batch.
	pub fn proof(&self, (line, index): (u32, u32)) -> Option<CallProof<AccountId32>> {
		let calls = self.calls.get(usize::try_from(line).ok()?)?;
		CallProof::new(&self.lines, line, calls, index)
	}

	/// What is wrong with the lines and their sums, and which lines are the sums of their calls: those
	/// calls can be proven to be in the batch.
	fn check_sums(&self) -> (Vec<Wrong>, Vec<bool>) {
		let mut sound = vec![false; self.lines.len()];
		if root(self.lines.iter().map(Line::node).collect()) != Some(self.header.root) {
			let what = "its lines are not those that were signed";
			return (vec![Wrong::Hidden(what.into())], sound);
		}
		let mut wrong = Vec::new();
		for ((index, line), is_sound) in (0..).zip(&self.lines).zip(&mut sound) {
			let calls = usize::try_from(index).ok().and_then(|index| self.calls.get(index));
			let calls = calls.map_or(&[][..], Vec::as_slice);
			let account = &line.account;
			let are_its = calls.iter().all(|call| call.account == *account);
			*is_sound = are_its && leaves_root(calls) == Some(line.total);
			if *is_sound {
				continue;
			}
			if let Some(found) = SumProof::find(&self.lines, index, calls) {
				let charge = Unit::Cred.of(line.total.charge);
				let what =
					format!("the {charge} charged to {account} are not the sum of its calls");
				wrong.push(proven(what, Fraud::WrongSum(found)));
			} else {
				wrong.push(Wrong::Hidden(format!("the calls of {account} are others than signed")));
			}
		}
		(wrong, sound)
	}
}

/// Whether something of a batch is hidden and nothing is proven of it, so that another look at it
/// may find more. Of one that is proven wrong there is nothing more to find.
pub fn is_hidden(wrong: &[Wrong]) -> bool {
	let is_proven = wrong.iter().any(|wrong| matches!(wrong, Wrong::Proven { .. }));
	!is_proven && wrong.iter().any(|wrong| matches!(wrong, Wrong::Hidden(_)))
}

fn is_sound(sound: &[bool], line: u32) -> bool {
	usize::try_from(line).ok().and_then(|line| sound.get(line)).copied().unwrap_or_default()
}

/// Finds what is wrong with a batch. `seen` holds the calls of others, of which earlier ones count.
///
/// Each call is looked at once; only what is wrong is proven, since a proof takes all of its line.
pub fn examine(shown: &Shown, prices: &Prices, seen: &Seen) -> Vec<Wrong> {
	let (mut wrong, sound) = shown.check_sums();
	let mut places = HashMap::new();
	for (place, leaf) in shown.placed().filter(|((line, _), _)| is_sound(&sound, *line)) {
		let call = name(&leaf.call_id);
		if let Some(other) = places.insert(leaf.call_id, place) {
			let both = shown.proof(other).zip(shown.proof(place));
			wrong.extend(both.map(|(call_there, again)| {
				let what = format!("call {call} is in it twice");
				proven(what, Fraud::RepeatedCall { call: call_there, again })
			}));
		}
		let earlier = seen.get(&leaf.call_id).filter(|first| **first < shown.header.sequence);
		if let Some(earlier) = earlier {
			wrong.push(Wrong::Settled { place, earlier: *earlier });
		}
		if !shown.header.spans(&leaf.call_id) {
			let what = format!("call {call} is not of the batch's time");
			wrong.extend(shown.proof(place).map(|proof| proven(what, Fraud::WrongTime(proof))));
		}
		if let Some(what) = wrong_price(leaf, prices) {
			let what = format!("call {call} {what}");
			wrong.extend(shown.proof(place).map(|proof| proven(what, Fraud::WrongPrice(proof))));
		}
	}
	wrong
}

/// Notes the calls that a batch is proven to hold. Returns the later batches that have one of them
/// too: they were looked at while this one was hidden, and are wrong.
pub fn note(seen: &mut Seen, shown: &Shown) -> BTreeSet<u64> {
	let sequence = shown.header.sequence;
	let (_, sound) = shown.check_sums();
	let mut later = BTreeSet::new();
	for (_, leaf) in shown.placed().filter(|((line, _), _)| is_sound(&sound, *line)) {
		let first = seen.entry(leaf.call_id).or_insert(sequence);
		if *first > sequence {
			later.insert(*first);
			*first = sequence;
		}
	}
	later
}

/// The proof that a call of a batch was in an earlier one. There is none if the relay shows something
/// else as that one than it has signed: the chain would not believe it, and keep the stake.
pub fn settled(shown: &Shown, place: (u32, u32), before: (u64, &Shown)) -> Option<Wrong> {
	let call = shown.proof(place)?;
	let (earlier, batch) = before;
	let id = call.leaf.call_id;
	let lines = u32::try_from(batch.lines.len()).ok()?;
	let (place, _) = batch.placed().find(|(_, leaf)| leaf.call_id == id)?;
	let before = batch.proof(place).filter(|proof| proof.is_in(&batch.header.root, lines))?;
	let what = format!("call {} was in batch {earlier} already", name(&id));
	Some(proven(what, Fraud::SettledCall { call, earlier, before }))
}

/// What is wrong with the charge of a call, if anything is.
pub fn wrong_price(leaf: &Leaf<AccountId32>, prices: &Prices) -> Option<String> {
	let version = leaf.price_version;
	let span = prices.get(&(leaf.model.clone(), version)).copied().flatten();
	let time = call_time(&leaf.call_id);
	let Some(PriceSpan { price, .. }) = span.filter(|span| span.is_in_force_at(time)) else {
		return Some(format!("names price version {version}, which was not in force"));
	};
	let right = (price.charge(&leaf.usage, leaf.tier), price.cost(&leaf.usage));
	if right == (Some(leaf.charge), Some(leaf.cost)) {
		return None;
	}
	let amount = |units| Unit::Cred.of(units).to_string();
	let told = |units: Option<u128>| units.map_or("nothing".into(), amount);
	Some(format!(
		"charges {} at a cost of {}; by the registry's price it is {} at {}",
		amount(leaf.charge),
		amount(leaf.cost),
		told(right.0),
		told(right.1),
	))
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
