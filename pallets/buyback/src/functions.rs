//! Books, money and receipts.

use alloc::vec::Vec;
use frame_support::{
	ensure,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::Preservation,
		Get,
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use lx_matching::Tick;
use lx_math::buyback;
use lx_primitives::{
	buyback::{Link, Receipt},
	Credits,
};
use sp_core::H256;
use sp_runtime::{
	traits::{EnsureAdd, Zero},
	ArithmeticError, DispatchError, DispatchResult, SaturatedConversion,
};

use crate::{Config, Error, Event, Head, OpenBooks, Pallet, PriceWatch, Receipts, MAX_RECEIPTS};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_refund(account: T::AccountId, amount: Credits) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::ZeroAmount);
		let platform = T::RevenueAccount::get();
		ensure!(account != platform, Error::<T>::ToThePlatform);
		let held = T::Assets::balance(T::CredAsset::get(), &platform);
		ensure!(held >= amount, Error::<T>::BeyondMeans);
		OpenBooks::<T>::try_mutate(|books| {
			books.refunds = books.refunds.ensure_add(amount)?;
			Ok::<_, ArithmeticError>(())
		})?;
		Self::pay(&account, amount)?;
		Self::deposit_event(Event::Refunded { account, amount });
		Ok(())
	}

	/// Enters what a batch has brought, and what it has cost.
	pub(crate) fn do_enter(revenue: Credits, cost: Credits) -> Result<(), ArithmeticError> {
		OpenBooks::<T>::try_mutate(|books| {
			books.revenue = books.revenue.ensure_add(revenue)?;
			books.cost = books.cost.ensure_add(cost)?;
			Ok(())
		})
	}

	/// Closes the books for a week, and pays both shares of its profit to the Ecosystem Fund.
	pub(crate) fn close_books(start: Receipt) -> Result<Receipt, DispatchError> {
		let closed = start.close(OpenBooks::<T>::take()).ok_or(ArithmeticError::Overflow)?;
		Self::pay(&T::BurnFund::get(), closed.burning)?;
		Self::pay(&T::PrizeFund::get(), closed.prizes)?;
		Ok(closed)
	}

	/// Moves money of the platform.
	fn pay(to: &T::AccountId, amount: Credits) -> DispatchResult {
		if amount.is_zero() {
			return Ok(());
		}
		let (cred, from) = (T::CredAsset::get(), T::RevenueAccount::get());
		T::Assets::transfer(cred, &from, to, amount, Preservation::Expendable).map(drop)
	}

	/// What the next receipt goes on from.
	pub(crate) fn link() -> Link {
		Head::<T>::get().unwrap_or_else(|| Link::first(Self::genesis_hash()))
	}

	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}

	/// The number of this block, as receipts name it.
	pub(crate) fn block() -> u32 {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	pub(crate) fn some_receipts(first: u32, most: u32) -> Vec<Receipt> {
		let end = first.saturating_add(most.min(MAX_RECEIPTS));
		(first..end).map_while(Receipts::<T>::get).collect()
	}

	pub(crate) fn average_tick() -> Option<Tick> {
		// At no premium.
		Some(buyback::highest(Self::average()?, 0))
	}

	pub(crate) fn highest_tick() -> Option<Tick> {
		Some(buyback::highest(Self::average()?, T::MostOverAverage::get()))
	}

	fn average() -> Option<u64> {
		PriceWatch::<T>::get().settled(T::AverageWindow::get())
	}
}
