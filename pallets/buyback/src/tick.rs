//! The work of each block: watching the price, and on a Friday closing the books, buying in slices, and
//! writing the receipt.

use frame_support::{
	pallet_prelude::Weight,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation},
		Get,
	},
	weights::WeightMeter,
};
use lx_matching::Tick;
use lx_math::{
	buyback,
	calendar::{self, FRIDAY},
};
use lx_primitives::{
	buyback::{Link, Receipt, Slice, MAX_SLICES},
	trading::{Bought, Purchase},
	traits::{Calendar, Exchange},
	Balance, Moment,
};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

use crate::{
	Config, CurrentRound, Event, Head, Pallet, PriceWatch, Receipts, Round, Skip, WeightInfo,
};

impl<T: Config> Pallet<T> {
	/// Does at most one thing beside watching the price, and nothing that the block has no weight for:
	/// the next one does it then.
	pub(crate) fn run(meter: &mut WeightMeter) {
		if meter.try_consume(T::WeightInfo::look()).is_err() {
			return;
		}
		let now = T::Calendar::now();
		let elapsed = Self::look(now);
		let today = T::Calendar::day();
		match CurrentRound::<T>::get() {
			Some(round) if round.day != today => {
				if meter.try_consume(T::WeightInfo::write_receipt()).is_ok() {
					Self::write_receipt(round);
				}
			},
			Some(round) if Self::is_drawn(&round, now, elapsed) => {
				if meter.can_consume(Self::slice_weight(T::MaxMatches::get())) {
					meter.consume(Self::run_slice(round));
				}
			},
			None if calendar::weekday(today) == FRIDAY => {
				if meter.try_consume(T::WeightInfo::open_round()).is_ok() {
					Self::open_round(today);
				}
			},
			Some(_) | None => {},
		}
	}

	/// Takes note of the market's price: how long it has stood.
	///
	/// The price is what the last buyer has paid, or less if somebody asks less by now. To raise it takes
	/// a trade that is that dear, and that all who ask less are bought out.
	fn look(now: Moment) -> Moment {
		let market = T::Market::get();
		let asked = T::Exchange::best_ask(market);
		let price =
			T::Exchange::last_price(market).map(|last| asked.map_or(last, |asked| last.min(asked)));
		PriceWatch::<T>::mutate(|watch| watch.look(price, now, T::AverageWindow::get()))
	}

	/// Whether a slice falls on the time that has passed since the last block.
	fn is_drawn(round: &Round, now: Moment, elapsed: Moment) -> bool {
		let end = calendar::end(round.day, T::DayLength::get());
		let remaining = end.saturating_sub(now).saturating_add(elapsed);
		buyback::is_drawn(T::Randomness::get(), round.slices, elapsed, remaining)
	}

	/// Closes the books, and divides what there is to spend into slices.
	pub(crate) fn open_round(day: u32) {
		let week = calendar::week(day);
		let start = Receipt::start(&Self::link(), week);
		let closed = with_storage_layer(|| Self::close_books(start.clone()));
		let receipt = closed.unwrap_or_else(|error| {
			Self::deposit_event(Event::BooksNotClosed { week, error });
			start
		});
		let Receipt { profit, loss, burning, prizes, left: budget, .. } = receipt;
		let most = T::Slices::get().min(MAX_SLICES);
		let slices = buyback::slices(budget, T::SmallestSlice::get(), most);
		CurrentRound::<T>::put(Round { day, slices, receipt });
		let event = Event::RoundOpened { week, profit, loss, burning, prizes, budget, slices };
		Self::deposit_event(event);
	}

	/// Runs the next slice: what it has weighed.
	fn run_slice(mut round: Round) -> Weight {
		let budget = buyback::slice(round.receipt.left, round.slices);
		round.slices = round.slices.saturating_sub(1);
		let worst = match Self::guard() {
			Ok(worst) => worst,
			Err(reason) => {
				Self::skip(round, reason);
				return Self::slice_weight(0);
			},
		};
		let purchase = Purchase { budget, worst, max_matches: T::MaxMatches::get() };
		match with_storage_layer(|| Self::buy(round.clone(), purchase)) {
			Ok(matches) => Self::slice_weight(matches),
			Err(error) => {
				Self::skip(round, Skip::Failed(error));
				// How far it got is undone, and not known.
				Self::slice_weight(purchase.max_matches)
			},
		}
	}

	/// The highest price that may be paid, if somebody asks no more than that.
	fn guard() -> Result<Tick, Skip> {
		let highest = Self::highest_tick().ok_or(Skip::NoAverage)?;
		let asked = T::Exchange::best_ask(T::Market::get()).ok_or(Skip::NothingOffered)?;
		if asked > highest {
			return Err(Skip::TooDear { asked, highest });
		}
		Ok(highest)
	}

	/// Buys LCO for a slice: how many orders it has met.
	fn buy(round: Round, purchase: Purchase) -> Result<u32, DispatchError> {
		let bought = T::Exchange::buy(&T::BurnFund::get(), T::Market::get(), purchase)?;
		Self::finish_slice(round, bought)?;
		Ok(bought.matches)
	}

	/// Burns what a slice has bought, and enters it into the receipt.
	pub(crate) fn finish_slice(round: Round, bought: Bought) -> DispatchResult {
		let Bought { spent, bought, matches } = bought;
		if spent == 0 {
			// The time of all that was offered was over.
			Self::skip(Self::go_on(round, matches), Skip::NothingOffered);
			return Ok(());
		}
		let burned = Self::burn(bought)?;
		let slice = Slice { block: Self::block(), spent, bought, burned };
		let receipt = round.receipt.enter(slice).ok_or(ArithmeticError::Overflow)?;
		let week = receipt.week;
		CurrentRound::<T>::put(Self::go_on(Round { receipt, ..round }, matches));
		Self::deposit_event(Event::SliceBought { week, spent, bought, burned });
		Ok(())
	}

	/// A round after a slice that has met so many orders. One that has met as many as it may comes again, if
	/// there are room and money for it: so small offers, or those whose time is over, do not use slices up.
	pub(crate) fn go_on(round: Round, matches: u32) -> Round {
		let room = MAX_SLICES.saturating_sub(round.receipt.slices.len() as u32);
		let most = buyback::slices(round.receipt.left, T::SmallestSlice::get(), room);
		let comes_again = matches >= T::MaxMatches::get() && round.slices < most;
		Round { slices: round.slices.saturating_add(comes_again.into()), ..round }
	}

	/// Moves LCO of the fund to the burn address, and burns all that lies there: how much.
	fn burn(amount: Balance) -> Result<Balance, DispatchError> {
		let (fund, address) = (T::BurnFund::get(), T::BurnAddress::get());
		T::Currency::transfer(&fund, &address, amount, Preservation::Expendable)?;
		let all = T::Currency::balance(&address);
		T::Currency::burn_from(
			&address,
			all,
			Preservation::Expendable,
			Precision::Exact,
			Fortitude::Polite,
		)
	}

	/// Leaves the money of a slice to later ones.
	fn skip(round: Round, reason: Skip) {
		let week = round.receipt.week;
		CurrentRound::<T>::put(round);
		Self::deposit_event(Event::SliceSkipped { week, reason });
	}

	/// Ends a round for ever.
	pub(crate) fn write_receipt(round: Round) {
		let receipt = Receipt { block: Self::block(), ..round.receipt };
		let link = Link::after(&receipt);
		let Receipt { number, week, left: amount, .. } = receipt;
		Receipts::<T>::insert(number, receipt);
		Head::<T>::put(link);
		CurrentRound::<T>::kill();
		if amount > 0 {
			Self::deposit_event(Event::LeftOver { week, amount });
		}
		Self::deposit_event(Event::ReceiptWritten { number, week, hash: link.hash });
	}

	/// The most that a slice weighs that meets so many orders.
	pub(crate) fn slice_weight(matches: u32) -> Weight {
		T::WeightInfo::finish_slice().saturating_add(T::Exchange::buy_weight(matches))
	}
}
