//! What operations do to the accounts that they concern.

use alloc::vec::Vec;
use frame_support::ensure;
use lx_matching::{end, CancelReason, Fill, Lots, OrderId, Place, Report, Side, Tick};
use lx_primitives::{
	trading::{ClientId, FundsError, MarketId, OpenOrder, TradingAccount, TradingId},
	traits::{Clearing, Tiers},
	AssetId, Balance, Moment,
};
use sp_runtime::traits::{Convert, Zero};

use crate::{
	drawer::Drawer, fee_of, fee_rate, triggers::Prices, Config, Error, Event, Pallet, Terms,
};

/// An account that was taken out, with its id.
pub(crate) struct Party<T: Config> {
	pub(crate) id: TradingId<T::AccountId>,
	pub(crate) account: TradingAccount<T::AccountId>,
}

impl<T: Config> Party<T> {
	pub(crate) fn take(id: TradingId<T::AccountId>) -> Self {
		let account = T::Clearing::account(&id);
		Self { id, account }
	}

	pub(crate) fn put(self) {
		T::Clearing::store(&self.id, self.account);
	}
}

/// Who asks for something, and when.
pub(crate) struct Asker<AccountId> {
	pub(crate) who: AccountId,
	pub(crate) now: Moment,
}

impl<AccountId: PartialEq> Asker<AccountId> {
	/// Whether that one owns an account, or holds a key to it.
	pub(crate) fn may_trade_for(
		&self,
		id: &TradingId<AccountId>,
		account: &TradingAccount<AccountId>,
	) -> bool {
		id.owner == self.who || account.is_trusted(&self.who, self.now)
	}
}

/// What an operation changes of a trade, as it was before.
pub(crate) struct Snapshot<T: Config> {
	account: TradingAccount<T::AccountId>,
	fees: [Balance; 2],
	prices: Option<Prices>,
}

/// The accounts between which operations move money: the one that asks for it, and the makers that it
/// meets. Nothing of it is in the state, and no event is there, before the operation was kept.
pub(crate) struct Trade<T: Config> {
	pub(crate) market: MarketId,
	pub(crate) terms: Terms,
	pub(crate) asker: Asker<T::AccountId>,
	pub(crate) taker: Party<T>,
	/// What the order that is being placed is called by its owner.
	pub(crate) client: Option<ClientId>,
	/// The prices of all trades.
	pub(crate) prices: Option<Prices>,
	/// How much of the new order the limit of matches has cut off.
	pub(crate) cut_off: Lots,
	makers: Drawer<TradingId<T::AccountId>, TradingAccount<T::AccountId>>,
	/// What the operation at hand has to tell.
	events: Vec<Event<T>>,
	/// Fees of base and of quote.
	fees: [Balance; 2],
	/// The percentage of fees that the taker's owner pays, once it was asked for.
	percent: Option<u8>,
}

impl<T: Config> Trade<T> {
	pub(crate) fn new(
		market: MarketId,
		terms: Terms,
		asker: Asker<T::AccountId>,
		taker: Party<T>,
	) -> Self {
		let (makers, events) = Default::default();
		Self {
			market,
			terms,
			asker,
			taker,
			client: None,
			prices: None,
			cut_off: 0,
			makers,
			events,
			fees: [0; 2],
			percent: None,
		}
	}

	/// What an operation may change, before it does.
	pub(crate) fn snapshot(&self) -> Snapshot<T> {
		Snapshot { account: self.taker.account.clone(), fees: self.fees, prices: self.prices }
	}

	/// The operation at hand has done its work.
	pub(crate) fn keep(&mut self) {
		self.makers.keep();
		self.events.drain(..).for_each(Pallet::<T>::deposit_event);
	}

	/// The operation at hand has failed: all is as it was.
	pub(crate) fn undo(&mut self, Snapshot { account, fees, prices }: Snapshot<T>) {
		self.makers.undo();
		self.events.clear();
		self.taker.account = account;
		self.fees = fees;
		self.prices = prices;
	}

	/// Stores all accounts, the fund's with the fees among them.
	pub(crate) fn finish(mut self) -> Result<(), Error<T>> {
		for (id, account) in self.makers.take_changes() {
			if let Some(account) = account {
				Party::<T> { id, account }.put();
			}
		}
		self.taker.put();
		if self.fees.iter().all(Balance::is_zero) {
			return Ok(());
		}
		pay_fees::<T>(self.market, &self.terms, self.fees)
	}

	/// Goes along with what the engine has done.
	pub(crate) fn hear(&mut self, report: Report<TradingId<T::AccountId>>) -> Result<(), Error<T>> {
		match report {
			Report::Accepted { .. } => Ok(()),
			Report::Filled(fill) => self.fill(fill),
			Report::Rested { place, lots, expires_at, reduce_only, .. } => {
				self.rest(place, lots, end(expires_at), reduce_only)
			},
			Report::TakerCancelled { id, lots, reason } => {
				if reason == CancelReason::MatchLimit {
					self.cut_off = lots;
				}
				self.tell_cancelled(id, self.taker.id.clone(), (lots, 0), reason);
				Ok(())
			},
			Report::MakerCancelled { place, owner, lots, left, reason } => {
				if reason == CancelReason::SelfTrade {
					self.ensure_may_take_out(&owner)?;
				}
				self.release(&owner, place, lots, left)?;
				self.tell_cancelled(place.id, owner, (lots, left), reason);
				Ok(())
			},
		}
	}

	fn fill(&mut self, fill: Fill<TradingId<T::AccountId>>) -> Result<(), Error<T>> {
		let Fill { maker, lots, .. } = fill;
		let terms = self.terms;
		let taker_side = maker.side.opposite();
		// What the maker gives, and what it gets.
		let gives = self.gives(maker.side, maker.tick, lots)?;
		let gets = self.gives(taker_side, maker.tick, lots)?;
		let market = self.market;
		let account = self.maker(&fill.maker_owner)?;
		let maker_rate = maker_rate_of(account, market, maker.id)?;
		let maker_fee = fee_of(gets.1, maker_rate).ok_or(FundsError::Overflow)?;
		account.spend(gives.0, gives.1)?;
		account.credit(gets.0, gets.1.saturating_sub(maker_fee))?;
		if fill.maker_left.is_zero() {
			forget(account, market, &terms, maker)?;
		}
		let taker_rate = self.rate(terms.taker_fee);
		let taker_fee = fee_of(gives.1, taker_rate).ok_or(FundsError::Overflow)?;
		self.taker.account.debit(gets.0, gets.1)?;
		self.taker.account.credit(gives.0, gives.1.saturating_sub(taker_fee))?;
		self.add_fee(gets.0, maker_fee)?;
		self.add_fee(gives.0, taker_fee)?;
		self.prices = Some(Prices::and(self.prices, maker.tick));
		self.events.push(Event::OrderFilled {
			market,
			maker: maker.id,
			maker_account: fill.maker_owner,
			maker_left: fill.maker_left,
			maker_fee,
			taker: fill.taker,
			taker_account: self.taker.id.clone(),
			taker_client: self.client,
			taker_side,
			taker_fee,
			tick: maker.tick,
			lots,
		});
		Ok(())
	}

	/// What an order of a side gives at a price, before fees.
	fn gives(&self, side: Side, tick: Tick, lots: Lots) -> Result<(AssetId, Balance), Error<T>> {
		Ok(self.terms.gives(side, tick, lots).ok_or(FundsError::Overflow)?)
	}

	/// What the taker's owner pays of a fee in basis points.
	pub(crate) fn rate(&mut self, basis_points: u16) -> u32 {
		let Self { percent, taker, .. } = self;
		// Only who trades or rests is asked for his tier, and once.
		let percent = percent.get_or_insert_with(|| {
			let tier = T::Tiers::tier(&taker.id.owner);
			T::FeePercent::convert(tier)
		});
		fee_rate(basis_points, *percent)
	}

	fn add_fee(&mut self, asset: AssetId, fee: Balance) -> Result<(), Error<T>> {
		let [base, quote] = &mut self.fees;
		let sum = if asset == self.terms.base { base } else { quote };
		*sum = sum.checked_add(fee).ok_or(FundsError::Overflow)?;
		Ok(())
	}

	/// The rest of the new order is in the book. Its account keeps a place for what it receives: whoever
	/// meets the order must not fail for want of one.
	fn rest(
		&mut self,
		place: Place,
		lots: Lots,
		expires_at: Option<Moment>,
		reduce_only: bool,
	) -> Result<(), Error<T>> {
		let (asset, amount) = self.gives(place.side, place.tick, lots)?;
		self.taker.account.lock(asset, amount)?;
		self.taker.account.await_asset(self.terms.receives(place.side))?;
		let client = self.client;
		let maker_fee = self.rate(self.terms.maker_fee);
		let order = OpenOrder { market: self.market, place, client, maker_fee };
		self.taker.account.orders.try_push(order).map_err(|_| Error::<T>::TooManyOrders)?;
		self.events.push(Event::OrderRested {
			market: self.market,
			order: place.id,
			account: self.taker.id.clone(),
			client,
			side: place.side,
			tick: place.tick,
			lots,
			expires_at,
			reduce_only,
		});
		Ok(())
	}

	/// A key for one account does nothing to the orders of its owner's others, unless they trust it too.
	fn ensure_may_take_out(&mut self, owner: &TradingId<T::AccountId>) -> Result<(), Error<T>> {
		let Self { asker, taker, makers, .. } = self;
		if *owner == taker.id {
			return Ok(());
		}
		let account = makers.get(owner, || T::Clearing::account(owner).into());
		let account = account.ok_or(Error::<T>::Corrupt)?;
		ensure!(asker.may_trade_for(owner, account), Error::<T>::NotTrusted);
		Ok(())
	}

	/// A resting order, or a part of it, is gone: what it needed is free again.
	fn release(
		&mut self,
		owner: &TradingId<T::AccountId>,
		place: Place,
		lots: Lots,
		left: Lots,
	) -> Result<(), Error<T>> {
		let (asset, amount) = self.gives(place.side, place.tick, lots)?;
		let (market, terms) = (self.market, self.terms);
		let account = self.account_of(owner)?;
		account.unlock(asset, amount)?;
		if left.is_zero() {
			forget(account, market, &terms, place)?;
		}
		Ok(())
	}

	fn account_of(
		&mut self,
		owner: &TradingId<T::AccountId>,
	) -> Result<&mut TradingAccount<T::AccountId>, Error<T>> {
		if *owner == self.taker.id {
			return Ok(&mut self.taker.account);
		}
		self.maker(owner)
	}

	fn maker(
		&mut self,
		owner: &TradingId<T::AccountId>,
	) -> Result<&mut TradingAccount<T::AccountId>, Error<T>> {
		let found = self.makers.get_mut(owner, || T::Clearing::account(owner).into());
		found.ok_or(Error::<T>::Corrupt)
	}

	fn tell_cancelled(
		&mut self,
		order: OrderId,
		account: TradingId<T::AccountId>,
		(lots, left): (Lots, Lots),
		reason: CancelReason,
	) {
		let market = self.market;
		self.events.push(Event::OrderCancelled { market, order, account, lots, left, reason });
	}
}

/// Adds fees of base and of quote to the fund. It has kept places for both assets since the market was
/// opened, so it cannot fail for want of one.
pub(crate) fn pay_fees<T: Config>(
	market: MarketId,
	terms: &Terms,
	fees: [Balance; 2],
) -> Result<(), Error<T>> {
	let mut fund = Party::<T>::take(Pallet::<T>::fund_of(market));
	for (asset, fee) in [terms.base, terms.quote].into_iter().zip(fees) {
		fund.account.credit(asset, fee)?;
	}
	fund.put();
	Ok(())
}

/// Takes an order out of its account's list, and gives up the place for what it would have received.
fn forget<T, AccountId>(
	account: &mut TradingAccount<AccountId>,
	market: MarketId,
	terms: &Terms,
	place: Place,
) -> Result<(), Error<T>> {
	let index = account.orders.iter().position(|order| is_it(order, market, place.id));
	account.orders.swap_remove(index.ok_or(Error::<T>::Corrupt)?);
	let asset = terms.receives(place.side);
	account.no_longer_await(asset).map_err(|_| Error::<T>::Corrupt)
}

fn maker_rate_of<T, AccountId>(
	account: &TradingAccount<AccountId>,
	market: MarketId,
	id: OrderId,
) -> Result<u32, Error<T>> {
	let order = account.orders.iter().find(|order| is_it(order, market, id));
	Ok(order.ok_or(Error::<T>::Corrupt)?.maker_fee)
}

fn is_it(order: &OpenOrder, market: MarketId, id: OrderId) -> bool {
	order.market == market && order.place.id == id
}

/// All of an account's orders in a market, of one side or of both.
pub(crate) fn orders_of<AccountId>(
	account: &TradingAccount<AccountId>,
	market: MarketId,
	side: Option<Side>,
) -> Vec<Place> {
	let its = account.orders.iter().filter(|order| order.market == market);
	its.map(|order| order.place)
		.filter(|place| side.is_none_or(|side| place.side == side))
		.collect()
}
