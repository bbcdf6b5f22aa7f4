//! Scoring, and the champion's choice.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use lx_primitives::{traits::Sponsorship, Credits, Perk, RelayId};
use sp_runtime::{traits::Zero, DispatchError};

use crate::{
	Config, CurrentReign, Ended, Error, Event, LiveBoard, OpenRound, Pallet, Round, Scores,
};

impl<T: Config> Pallet<T> {
	/// Raises the score of `who` by `paid` µCRED.
	///
	/// Reads and writes the score, and reads the round. Beyond the cutoff it reads and writes the board
	/// too, and may write the round.
	pub(crate) fn score(who: &T::AccountId, paid: Credits) {
		let Some(round) = Round::<T>::get() else { return };
		// It must not lose its place among equals.
		if paid.is_zero() {
			return;
		}
		let score = Scores::<T>::mutate(round.week, who, |score| {
			*score = score.saturating_add(paid);
			*score
		});
		if score > round.cutoff {
			Self::rank(who, score, round);
		}
	}

	fn rank(who: &T::AccountId, score: Credits, round: OpenRound) {
		let cutoff = LiveBoard::<T>::mutate(|board| {
			board.raise(who.clone(), score);
			board.cutoff()
		});
		if cutoff != round.cutoff {
			Round::<T>::put(OpenRound { cutoff, ..round });
		}
	}

	pub(crate) fn do_choose_perk(who: T::AccountId, perk: Perk) -> DispatchResult {
		let reign = CurrentReign::<T>::get().filter(|reign| reign.champion == who);
		let mut reign = reign.ok_or(Error::<T>::NotChampion)?;
		ensure!(reign.perk.is_none(), Error::<T>::AlreadyChosen);
		let free_calls = match perk {
			Perk::FreeCalls { relay } => Self::open_free_calls(&who, relay)?,
			Perk::NoConcurrencyLimit => 0,
		};
		reign.perk = Some(perk);
		let week = reign.week;
		CurrentReign::<T>::put(reign);
		Self::deposit_event(Event::PerkChosen { week, champion: who, perk, free_calls });
		Ok(())
	}

	/// Lets the fund pay calls of `who` at `relay`. Returns how many µCRED at most.
	fn open_free_calls(who: &T::AccountId, relay: RelayId) -> Result<Credits, DispatchError> {
		let mut ended = Ended::<T>::get();
		// What is left there of an earlier reign goes on with this one.
		ended.retain(|(former, at)| (former, *at) != (who, relay));
		// There has to be a place for this one when it ends.
		ensure!(!ended.is_full(), Error::<T>::TooManyEnded);
		let most = T::FreeCallsCap::get();
		let free = T::Sponsorship::sponsor(&T::Fund::get(), who, relay, most)?;
		Ended::<T>::put(ended);
		Ok(free)
	}
}
