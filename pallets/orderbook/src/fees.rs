//! Fees on their way to the wallet of the fund that they are for.

use frame_support::{ensure, pallet_prelude::DispatchResult, storage::with_storage_layer};
use lx_primitives::{trading::MarketId, traits::Clearing, AssetId, Balance};
use sp_runtime::traits::Zero;

use crate::{trade::Party, Config, Error, Event, Market, Pallet};

impl<T: Config> Pallet<T> {
	/// Brings the fees of a market into the wallet of the fund. What that cannot take, such as less than the
	/// existential deposit, waits for more.
	///
	/// It weighs no more than [`WeightInfo::collect_fees`](crate::WeightInfo::collect_fees).
	pub fn bring_fees_in(market: MarketId) -> DispatchResult {
		let Market { terms, .. } = Self::stored_market(market).ok_or(Error::<T>::UnknownMarket)?;
		let mut fund = Party::<T>::take(Self::fund_of(market));
		let (base, quote) = (fund.give_back(terms.base), fund.give_back(terms.quote));
		ensure!(!base.is_zero() || !quote.is_zero(), Error::<T>::NothingToCollect);
		fund.put();
		Self::deposit_event(Event::FeesCollected { market, base, quote });
		Ok(())
	}
}

impl<T: Config> Party<T> {
	/// Takes all that is free of an asset back to the owner's wallet, if that can take it: how much.
	fn give_back(&mut self, asset: AssetId) -> Balance {
		let mut account = self.account.clone();
		let free = account.holding(asset).free;
		let give = || T::Clearing::give_back(&self.id, &mut account, asset, free);
		if free.is_zero() || with_storage_layer(give).is_err() {
			return Balance::zero();
		}
		self.account = account;
		free
	}
}
