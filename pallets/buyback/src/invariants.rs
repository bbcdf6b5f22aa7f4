//! What must stay true.

use frame_support::{
	ensure,
	traits::{fungibles::Inspect, Get},
};
use lx_math::calendar::{self, FRIDAY};
use lx_primitives::{
	buyback::{Link, MAX_SLICES},
	Credits,
};
use sp_runtime::DispatchError;

use crate::{Average, Config, CurrentRound, Pallet, PriceWatch, Receipts, Round};

impl<T: Config> Pallet<T> {
	/// Checks that
	/// - the receipts are a whole chain, each of which follows from the one before, its books and its
	///   slices, and that no bought planck in them is unburned;
	/// - the round that is under way goes on from the last of them;
	/// - the fund holds what is left to spend.
	///
	/// It walks all of [`Receipts`], so it is for tests and for the `try_state` hook only.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let link = Self::check_receipts()?;
		let left = match CurrentRound::<T>::get() {
			Some(round) => Self::check_round(&link, &round)?,
			None => link.left,
		};
		let held = T::Assets::balance(T::CredAsset::get(), &T::BurnFund::get());
		ensure!(held >= left, "the fund holds less than it has to spend");
		let watch = PriceWatch::<T>::get();
		let is_past = |average: Average| average.since <= watch.seen_at;
		ensure!(watch.average.is_none_or(is_past), "a price is watched since a time to come");
		Ok(())
	}

	fn check_receipts() -> Result<Link, DispatchError> {
		let head = Self::link();
		let mut link = Link::first(Self::genesis_hash());
		for number in 0..head.number {
			let receipt = Receipts::<T>::get(number).ok_or("a receipt is missing")?;
			link = link.follow(&receipt)?;
		}
		ensure!(link == head, "the receipts do not lead to the last one");
		let count = Receipts::<T>::iter_keys().count();
		ensure!(count == head.number as usize, "a receipt is beyond the last one");
		Ok(link)
	}

	/// What a round has left to spend.
	fn check_round(link: &Link, round: &Round) -> Result<Credits, DispatchError> {
		let Round { day, slices, receipt } = round;
		let is_its_friday =
			calendar::weekday(*day) == FRIDAY && calendar::week(*day) == receipt.week;
		ensure!(is_its_friday, "a round is not on its week's Friday");
		ensure!(receipt.block == 0, "the receipt of a round is written");
		let done = receipt.slices.len();
		ensure!(done.saturating_add(*slices as usize) <= MAX_SLICES as usize, "too many slices");
		Ok(link.follow(receipt)?.left)
	}
}
