//! Proving that a call of a batch was in an earlier one.

use std::{
	collections::{BTreeMap, HashMap},
	mem::take,
	sync::Arc,
};

use anyhow::Result;
use lx_primitives::CallId;
use pallet_compute::Fraud;
use sp_core::crypto::AccountId32;

use super::{is_proven, proven, Fault, Place, Shown, Wrong};

/// What there is of an earlier batch.
#[derive(Clone, Debug)]
pub enum Earlier {
	/// The chain has it no more. If it was reversed, its calls may be charged again; if it was
	/// forgotten, they are too old for that.
	Gone,
	/// The relay does not show it.
	Hidden,
	/// What the relay shows of it, or has shown before.
	Shown(Arc<Shown>),
}

/// Proves that a call was in an earlier batch, unless something is proven already. Each batch is looked
/// up once however many calls of it there are, and none after the first proof; the latest come first,
/// since they are the most likely to be kept.
pub async fn prove_settled(
	shown: &Shown,
	wrong: &mut Vec<Wrong>,
	mut look_up: impl AsyncFnMut(u64) -> Result<Earlier>,
) -> Result<()> {
	if is_proven(wrong) {
		return Ok(());
	}
	for (earlier, places) in settled(wrong).into_iter().rev() {
		let before = match look_up(earlier).await? {
			Earlier::Gone => {
				wrong.retain(|wrong| settled_in(wrong).is_none_or(|(_, batch)| batch != earlier));
				continue;
			},
			Earlier::Hidden => None,
			Earlier::Shown(before) => Some(before),
		};
		if let Some((place, fraud)) = before.and_then(|before| prove(shown, &places, &before)) {
			replace(wrong, place, fraud);
			return Ok(());
		}
		let what = format!("the relay does not show batch {earlier}, which has a call of it too");
		wrong.push(Wrong::Hidden(what));
	}
	Ok(())
}

/// The earlier batch without which the chain does not believe a proof, if it takes one.
pub fn needed(fraud: &Fraud<AccountId32>) -> Option<u64> {
	match fraud {
		Fraud::SettledCall { earlier, .. } => Some(*earlier),
		_ => None,
	}
}

/// The places of the calls that were in earlier batches, by those batches.
fn settled(wrong: &[Wrong]) -> BTreeMap<u64, Vec<Place>> {
	let mut by_batch = BTreeMap::<u64, Vec<Place>>::new();
	for (place, earlier) in wrong.iter().filter_map(settled_in) {
		by_batch.entry(earlier).or_default().push(place);
	}
	by_batch
}

/// The place of a call that was in an earlier batch, and that batch's.
fn settled_in(wrong: &Wrong) -> Option<(Place, u64)> {
	match wrong {
		Wrong::Found { fault: Fault::Settled { place, earlier }, .. } => Some((*place, *earlier)),
		_ => None,
	}
}

/// The first of the calls at these places that is in the batch `before`, with the proof. There is none
/// if the relay shows something else as that one than it has signed: the chain would not believe it,
/// and keep the stake.
fn prove(shown: &Shown, places: &[Place], before: &Shown) -> Option<(Place, Fraud<AccountId32>)> {
	let there: HashMap<CallId, Place> =
		before.sound_calls().map(|(place, leaf)| (leaf.call_id, place)).collect();
	let in_both = |place: &Place| Some((*place, *there.get(&shown.call(*place)?.call_id)?));
	let (place, first) = places.iter().find_map(in_both)?;
	let (call, earlier) = (shown.proof(place)?, before.header.sequence);
	let fraud = Fraud::SettledCall { call, earlier, before: before.proof(first)? };
	Some((place, fraud))
}

/// Puts the proof in the place of what it proves.
fn replace(wrong: &mut [Wrong], place: Place, fraud: Fraud<AccountId32>) {
	let is_it = |wrong: &&mut Wrong| settled_in(wrong).is_some_and(|(found, _)| found == place);
	if let Some(found) = wrong.iter_mut().find(is_it) {
		if let Wrong::Found { what, .. } = found {
			*found = proven(take(what), fraud);
		}
	}
}
