//! What must stay true.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::ensure;
use lx_math::prizes;
use lx_primitives::{Balance, Credits, Perk, Reign};
use sp_runtime::DispatchError;

use crate::{
	Board, Config, CurrentReign, Ended, LastRound, LiveBoard, NextPrize, OldestScores, Pallet,
	Round, Scores, Unclaimed,
};

impl<T: Config> Pallet<T> {
	/// Checks that the board holds the highest scores of the round in their order, that what is to be
	/// paid of a prize is there, that no scores are left behind, and that a reign's free calls have not
	/// ended.
	///
	/// It walks over all [`Scores`], so it is for tests and for the `try_state` hook only.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::ensure_ranked_right()?;
		Self::ensure_scores_in_order()?;
		Self::ensure_prize_kept()?;
		Self::ensure_reign_sound()
	}

	fn ensure_ranked_right() -> Result<(), DispatchError> {
		let board = LiveBoard::<T>::get();
		let Some(round) = Round::<T>::get() else {
			ensure!(board == Board::default(), "a board belongs to no round");
			return Ok(());
		};
		ensure!(round.cutoff == board.cutoff(), "the cutoff is not that of the board");
		let mut scores = Scores::<T>::iter_prefix(round.week).collect::<BTreeMap<_, _>>();
		let mut last = Credits::MAX;
		for entry in board.entries() {
			ensure!(entry.score <= last, "the board is out of order");
			last = entry.score;
			let score = scores.remove(&entry.who).unwrap_or_default();
			ensure!(score == entry.score && score > 0, "the board shows another score");
		}
		ensure!(
			scores.into_values().all(|score| score <= round.cutoff),
			"a score above the cutoff is not on the board"
		);
		Ok(())
	}

	fn ensure_scores_in_order() -> Result<(), DispatchError> {
		let newest = Round::<T>::get().map_or(0, |round| round.week);
		let kept = OldestScores::<T>::get()..=newest;
		ensure!(
			Scores::<T>::iter_keys().all(|(week, _)| kept.contains(&week)),
			"scores are left of a week that is not looked at"
		);
		Ok(())
	}

	fn ensure_prize_kept() -> Result<(), DispatchError> {
		let Some(last) = LastRound::<T>::get() else {
			ensure!(!NextPrize::<T>::exists(), "a prize is due of no round");
			return Ok(());
		};
		let Some(next) = NextPrize::<T>::get() else { return Ok(()) };
		let winners = last.board.winners().count();
		ensure!((next as usize) < winners, "a prize is due of an empty rank");
		let due = (next as usize..winners).map(|place| prizes::of_place(last.prize, place));
		ensure!(due.sum::<Balance>() <= Unclaimed::<T>::get(), "more is due than is left");
		Ok(())
	}

	fn ensure_reign_sound() -> Result<(), DispatchError> {
		let ended = Ended::<T>::get();
		let mut purses = ended.iter().collect::<Vec<_>>();
		purses.sort_unstable();
		purses.dedup();
		ensure!(purses.len() == ended.len(), "a purse has ended twice");
		let Some(Reign { champion, week, perk }) = CurrentReign::<T>::get() else { return Ok(()) };
		let round = Round::<T>::get().map(|round| round.week);
		ensure!(round == Some(week), "the reign is of another week");
		if let Some(Perk::FreeCalls { relay }) = perk {
			ensure!(!ended.contains(&(champion, relay)), "free calls have ended and go on");
			ensure!(!ended.is_full(), "there is no place for free calls to end");
		}
		Ok(())
	}
}
