//! Closing rounds, paying prizes and removing old scores, in metered steps.

use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
		DefensiveSaturating, Get,
	},
	weights::{Weight, WeightMeter},
};
use lx_math::prizes;
use lx_primitives::{
	traits::{Calendar, Sponsorship, Takings},
	Balance, Perk, Reign,
};
use sp_runtime::traits::Zero;

use crate::{
	ClosedRound, Config, CurrentReign, Ended, Event, LastRound, LiveBoard, NextPrize, OldestScores,
	OpenRound, Pallet, Round, Scores, Unclaimed, WeightInfo, MAX_ENDED,
};

/// The most scores that a block removes.
pub(crate) const MAX_PRUNED: u32 = 500;

/// What is to be done.
enum Next {
	Nothing,
	/// Open the first round, of this week.
	Open(u32),
	/// Close this round, and open one of this week.
	Close(OpenRound, u32),
	/// Pay the prize of this place.
	Pay(u32),
}

impl<T: Config> Pallet<T> {
	/// Takes steps while there is something to be done and weight is left. Returns the weight used.
	pub(crate) fn turn() -> Weight {
		let mut meter = WeightMeter::with_limit(T::ClosingWeight::get().max(Self::largest_step()));
		while Self::step(&mut meter) {}
		meter.consumed()
	}

	/// The most that a step weighs.
	pub(crate) fn largest_step() -> Weight {
		T::WeightInfo::next_step()
			.saturating_add(Self::close_weight().max(T::WeightInfo::pay_prize()))
	}

	/// Takes a step, and says whether to go on.
	fn step(meter: &mut WeightMeter) -> bool {
		if meter.try_consume(T::WeightInfo::next_step()).is_err() {
			return false;
		}
		match Self::next_step() {
			Next::Nothing => false,
			Next::Open(week) if meter.try_consume(T::WeightInfo::close_round()).is_ok() => {
				OldestScores::<T>::put(week);
				Round::<T>::put(OpenRound { week, cutoff: 0 });
				false
			},
			Next::Close(round, week) if meter.try_consume(Self::close_weight()).is_ok() => {
				Self::close_round(round, week);
				true
			},
			Next::Pay(place) if meter.try_consume(T::WeightInfo::pay_prize()).is_ok() => {
				Self::pay_prize(place);
				true
			},
			Next::Open(_) | Next::Close(..) | Next::Pay(_) => false,
		}
	}

	fn next_step() -> Next {
		if let Some(place) = NextPrize::<T>::get() {
			return Next::Pay(place);
		}
		let week = T::Calendar::week();
		match Round::<T>::get() {
			Some(round) if round.week < week => Next::Close(round, week),
			// In the first block the clock has not been set yet.
			None if !T::Calendar::now().is_zero() => Next::Open(week),
			_ => Next::Nothing,
		}
	}

	/// The most that closing a round weighs.
	fn close_weight() -> Weight {
		T::WeightInfo::close_round()
			.saturating_add(T::Takings::collect_weight())
			.saturating_add(T::Sponsorship::end_weight())
			.saturating_add(T::Sponsorship::return_weight().saturating_mul(MAX_ENDED.into()))
	}

	/// Makes the board of `round` final and its first the champion, and opens the round of `week`.
	pub(crate) fn close_round(round: OpenRound, week: u32) {
		Self::return_free_calls();
		Self::end_reign();
		let board = LiveBoard::<T>::take();
		let champion = board.entries().first().map(|first| first.who.clone());
		CurrentReign::<T>::set(champion.clone().map(|champion| Reign {
			champion,
			week,
			perk: None,
		}));
		Round::<T>::put(OpenRound { week, cutoff: 0 });
		T::Takings::collect();
		let prize = Self::prize();
		Unclaimed::<T>::put(prize);
		Self::deposit_event(Event::RoundClosed { week: round.week, prize, champion });
		let is_won = !prize.is_zero() && board.winners().next().is_some();
		LastRound::<T>::put(ClosedRound { week: round.week, prize, board });
		if is_won {
			NextPrize::<T>::put(0);
		} else {
			Self::deposit_event(Event::RolledOver { week: round.week, amount: prize });
		}
	}

	/// The prize of the round that is closed now: no more than the fund can pay.
	fn prize() -> Balance {
		let (keep, polite) = (Preservation::Preserve, Fortitude::Polite);
		let fund = T::Currency::reducible_balance(&T::Fund::get(), keep, polite);
		Unclaimed::<T>::get().saturating_add(T::WeeklyPrize::get()).min(fund)
	}

	/// Lets the champion's free calls end.
	fn end_reign() {
		let Some(Reign { champion, perk: Some(Perk::FreeCalls { relay }), .. }) =
			CurrentReign::<T>::take()
		else {
			return;
		};
		T::Sponsorship::end_sponsorship(&champion, relay);
		Ended::<T>::mutate(|ended| {
			if ended.try_push((champion, relay)).is_err() {
				defensive!("a place was kept for it");
			}
		});
	}

	/// Returns to the fund what is left of free calls that have ended, as far as it may.
	fn return_free_calls() {
		let fund = T::Fund::get();
		Ended::<T>::mutate(|ended| {
			ended.retain(|(who, relay)| !T::Sponsorship::return_to_sponsor(&fund, who, *relay));
		});
	}

	/// Pays the prize of a place on the last round's board, and goes on to the next one.
	pub(crate) fn pay_prize(place: u32) {
		let Some(ClosedRound { week, prize, board }) = LastRound::<T>::get() else {
			NextPrize::<T>::kill();
			return;
		};
		let index = place as usize;
		if let Some(winner) = board.winners().nth(index) {
			let rank = place.saturating_add(1);
			Self::award(week, rank, winner, prizes::of_place(prize, index));
		}
		if board.winners().nth(index.saturating_add(1)).is_some() {
			NextPrize::<T>::put(place.saturating_add(1));
		} else {
			NextPrize::<T>::kill();
			Self::deposit_event(Event::RolledOver { week, amount: Unclaimed::<T>::get() });
		}
	}

	/// Pays `amount` to the winner of a rank. What cannot be paid rolls over.
	fn award(week: u32, rank: u32, who: &T::AccountId, amount: Balance) {
		if amount.is_zero() {
			return;
		}
		let fund = T::Fund::get();
		let paid = with_storage_layer(|| {
			T::Currency::transfer(&fund, who, amount, Preservation::Preserve)
		});
		let who = who.clone();
		match paid {
			Ok(_) => {
				Unclaimed::<T>::mutate(|left| *left = left.defensive_saturating_sub(amount));
				Self::deposit_event(Event::PrizePaid { week, rank, who, amount });
			},
			Err(error) => {
				Self::deposit_event(Event::PrizeNotPaid { week, rank, who, amount, error });
			},
		}
	}

	/// Removes some scores of the oldest closed round that has any. Returns the weight used.
	///
	/// At most once a block: what was removed in a block would be walked over again in it.
	pub(crate) fn prune(remaining: Weight) -> Weight {
		let most = Self::affordable_scores(remaining);
		if most.is_zero() {
			return Weight::zero();
		}
		let oldest = OldestScores::<T>::get();
		if Round::<T>::get().is_none_or(|round| oldest >= round.week) {
			return T::WeightInfo::prune(0);
		}
		let removed = Scores::<T>::clear_prefix(oldest, most, None);
		if removed.maybe_cursor.is_none() {
			OldestScores::<T>::put(oldest.saturating_add(1));
		}
		T::WeightInfo::prune(removed.unique)
	}

	/// How many scores may be removed with this weight.
	fn affordable_scores(remaining: Weight) -> u32 {
		let base = T::WeightInfo::prune(0);
		let per_score = T::WeightInfo::prune(1).saturating_sub(base);
		let Some(left) = remaining.checked_sub(&base) else { return 0 };
		let scores = left.checked_div_per_component(&per_score).unwrap_or(u64::MAX);
		scores.min(MAX_PRUNED.into()) as u32
	}
}
