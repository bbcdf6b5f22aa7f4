//! What an account has on the exchange: its money, its open orders, and the keys that trade for it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use lx_matching::{Place, Tick};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

use crate::units::{AssetId, Balance, Moment};

/// Identifies a market.
pub type MarketId = u32;

/// Identifies one of an owner's trading accounts. 0 is the one for spot trading.
pub type SubAccount = u16;

/// An id that an owner gives an order, unique among the account's open ones.
pub type ClientId = u64;

/// The most assets that one trading account holds.
pub const MAX_HOLDINGS: u32 = 8;

/// The most open orders of one trading account.
pub const MAX_OPEN_ORDERS: u32 = 128;

/// The most keys that may trade for one trading account.
pub const MAX_SESSIONS: u32 = 4;

/// A trading account: its owner's, with a number.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Hash,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct TradingId<AccountId> {
	/// The owner.
	pub owner: AccountId,
	/// Which of his accounts.
	pub sub: SubAccount,
}

/// How much of an asset an account holds.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Holding {
	/// The asset.
	pub asset: AssetId,
	/// What may be used for anything, in the asset's smallest unit.
	pub free: Balance,
	/// What open orders and triggers may need.
	pub locked: Balance,
	/// How many open orders, or markets whose fees it receives, may bring more of it: their place is
	/// kept, though nothing may be there.
	pub awaited_by: u16,
}

impl Holding {
	/// Both together.
	pub fn total(&self) -> Balance {
		// Both are parts of one asset's issuance, which does not overflow.
		self.free.saturating_add(self.locked)
	}
}

/// Where what an order needs may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
	/// From what is free in the account alone: a session key asks for it.
	Account,
	/// What is not free there from the wallet of the account's owner, who asks for it himself.
	Wallet,
}

/// What is to be bought at once, at the prices that are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
	/// The most that it may cost, in the quote's smallest unit.
	pub budget: Balance,
	/// The highest price that is paid.
	pub worst: Tick,
	/// How many orders it may meet.
	pub max_matches: u32,
}

/// What a purchase has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bought {
	/// What was paid, in the quote's smallest unit.
	pub spent: Balance,
	/// What was received for it, after fees, in the base's smallest unit.
	pub bought: Balance,
	/// How many orders were met.
	pub matches: u32,
}

/// An order in a book, as its account knows it.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct OpenOrder {
	/// Its market.
	pub market: MarketId,
	/// Where it is in the market's book.
	pub place: Place,
	/// What its owner calls it.
	pub client: Option<ClientId>,
	/// What it pays of what it receives, in hundredths of a basis point: what its owner paid when it
	/// was placed.
	pub maker_fee: u32,
}

/// A key that may place and cancel orders for an account, and nothing else.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Session<AccountId> {
	/// The key.
	pub key: AccountId,
	/// From when on it may not.
	pub expires_at: Moment,
}

/// All of a trading account: one value, so that a fill touches one for each side.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TradingAccount<AccountId> {
	/// What it holds, none of it nothing but where more is awaited.
	pub holdings: BoundedVec<Holding, ConstU32<MAX_HOLDINGS>>,
	/// Its orders in the books.
	pub orders: BoundedVec<OpenOrder, ConstU32<MAX_OPEN_ORDERS>>,
	/// Who may trade for it.
	pub sessions: BoundedVec<Session<AccountId>, ConstU32<MAX_SESSIONS>>,
}

impl<AccountId> Default for TradingAccount<AccountId> {
	fn default() -> Self {
		let (holdings, orders, sessions) = Default::default();
		Self { holdings, orders, sessions }
	}
}

/// Why money cannot be moved. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FundsError {
	/// There is not so much of it.
	Insufficient,
	/// The account holds as many assets as it may.
	TooManyAssets,
	/// There would be more than can be counted.
	Overflow,
}

impl<AccountId> TradingAccount<AccountId> {
	/// What it holds of an asset.
	pub fn holding(&self, asset: AssetId) -> Holding {
		let found = self.holdings.iter().find(|holding| holding.asset == asset);
		found.copied().unwrap_or(Holding { asset, ..Holding::default() })
	}

	/// Adds free money.
	pub fn credit(&mut self, asset: AssetId, amount: Balance) -> Result<(), FundsError> {
		let holding = self.holding(asset);
		let free = holding.free.checked_add(amount).ok_or(FundsError::Overflow)?;
		self.set(Holding { free, ..holding })
	}

	/// Takes free money.
	pub fn debit(&mut self, asset: AssetId, amount: Balance) -> Result<(), FundsError> {
		let holding = self.holding(asset);
		let free = holding.free.checked_sub(amount).ok_or(FundsError::Insufficient)?;
		self.set(Holding { free, ..holding })
	}

	/// Sets free money aside for an order.
	pub fn lock(&mut self, asset: AssetId, amount: Balance) -> Result<(), FundsError> {
		let holding = self.holding(asset);
		let free = holding.free.checked_sub(amount).ok_or(FundsError::Insufficient)?;
		let locked = holding.locked.checked_add(amount).ok_or(FundsError::Overflow)?;
		self.set(Holding { free, locked, ..holding })
	}

	/// Makes money free that was set aside.
	pub fn unlock(&mut self, asset: AssetId, amount: Balance) -> Result<(), FundsError> {
		let holding = self.holding(asset);
		let locked = holding.locked.checked_sub(amount).ok_or(FundsError::Insufficient)?;
		let free = holding.free.checked_add(amount).ok_or(FundsError::Overflow)?;
		self.set(Holding { free, locked, ..holding })
	}

	/// Takes money that was set aside: an order is filled.
	pub fn spend(&mut self, asset: AssetId, amount: Balance) -> Result<(), FundsError> {
		let holding = self.holding(asset);
		let locked = holding.locked.checked_sub(amount).ok_or(FundsError::Insufficient)?;
		self.set(Holding { locked, ..holding })
	}

	/// Keeps a place for an asset that somebody else may bring: it must not be in his way later that
	/// the account holds too many.
	pub fn await_asset(&mut self, asset: AssetId) -> Result<(), FundsError> {
		let holding = self.holding(asset);
		let awaited_by = holding.awaited_by.checked_add(1).ok_or(FundsError::Overflow)?;
		self.set(Holding { awaited_by, ..holding })
	}

	/// Undoes one [`TradingAccount::await_asset`].
	pub fn no_longer_await(&mut self, asset: AssetId) -> Result<(), FundsError> {
		let holding = self.holding(asset);
		let awaited_by = holding.awaited_by.checked_sub(1).ok_or(FundsError::Insufficient)?;
		self.set(Holding { awaited_by, ..holding })
	}

	/// Whether `who` has a key for it that is not expired.
	pub fn is_trusted(&self, who: &AccountId, now: Moment) -> bool
	where
		AccountId: PartialEq,
	{
		self.sessions.iter().any(|session| session.key == *who && now < session.expires_at)
	}

	/// Whether nothing is in it that pays for its place. Keys alone do not.
	pub fn is_empty(&self) -> bool {
		self.holdings.is_empty() && self.orders.is_empty()
	}

	fn set(&mut self, holding: Holding) -> Result<(), FundsError> {
		let place = self.holdings.iter().position(|other| other.asset == holding.asset);
		let is_nothing = holding.total() == 0 && holding.awaited_by == 0;
		match place {
			Some(place) if is_nothing => {
				self.holdings.swap_remove(place);
			},
			Some(place) => {
				if let Some(known) = self.holdings.get_mut(place) {
					*known = holding;
				}
			},
			None if is_nothing => {},
			None => {
				self.holdings.try_push(holding).map_err(|_| FundsError::TooManyAssets)?;
			},
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::units::{CRED_ASSET, LCO_ASSET};
	use proptest::{collection::vec, prelude::*};

	type Account = TradingAccount<u64>;

	/// What is done: an amount of one of two assets.
	type Change = fn(&mut Account, AssetId, Balance) -> Result<(), FundsError>;

	const CHANGES: [Change; 5] =
		[Account::credit, Account::debit, Account::lock, Account::unlock, Account::spend];

	proptest! {
		/// Money comes in by credits and goes out by debits and spending; nothing else changes how
		/// much there is, and what fails changes nothing.
		#[test]
		fn money_is_kept(steps in vec((0usize..5, 0u32..2, 0u128..20), 0..60)) {
			let mut account = Account::default();
			let mut expected = [0u128; 2];
			for (change, asset, amount) in steps {
				let before = account.clone();
				let done = CHANGES[change](&mut account, asset, amount);
				match (change, done) {
					(_, Err(_)) => prop_assert_eq!(&account, &before),
					(0, _) => expected[asset as usize] += amount,
					(1 | 4, _) => expected[asset as usize] -= amount,
					_ => {},
				}
				let total = [0, 1].map(|asset| account.holding(asset).total());
				prop_assert_eq!(total, expected);
				prop_assert!(account.holdings.iter().all(|holding| holding.total() > 0));
			}
		}
	}

	#[test]
	fn what_is_not_there_cannot_be_moved() {
		let mut account = Account::default();
		account.credit(CRED_ASSET, 5).unwrap();
		assert_eq!(account.debit(CRED_ASSET, 6), Err(FundsError::Insufficient));
		assert_eq!(account.debit(LCO_ASSET, 1), Err(FundsError::Insufficient));
		account.lock(CRED_ASSET, 5).unwrap();
		assert_eq!(account.debit(CRED_ASSET, 1), Err(FundsError::Insufficient));
		assert_eq!(account.unlock(CRED_ASSET, 6), Err(FundsError::Insufficient));
		assert_eq!(account.spend(CRED_ASSET, 6), Err(FundsError::Insufficient));
		account.spend(CRED_ASSET, 5).unwrap();
		assert!(account.is_empty());
	}

	#[test]
	fn an_account_holds_so_many_assets_and_no_more() {
		let mut account = Account::default();
		for asset in 0..MAX_HOLDINGS {
			account.credit(asset, 1).unwrap();
		}
		assert_eq!(account.credit(MAX_HOLDINGS, 1), Err(FundsError::TooManyAssets));
		account.debit(3, 1).unwrap();
		account.credit(MAX_HOLDINGS, 1).unwrap();
		assert_eq!(account.credit(MAX_HOLDINGS, Balance::MAX), Err(FundsError::Overflow));
	}

	#[test]
	fn a_place_is_kept_for_what_is_awaited() {
		let mut account = Account::default();
		account.await_asset(CRED_ASSET).unwrap();
		account.await_asset(CRED_ASSET).unwrap();
		for asset in 10..10 + MAX_HOLDINGS - 1 {
			account.credit(asset, 1).unwrap();
		}
		assert_eq!(account.await_asset(LCO_ASSET), Err(FundsError::TooManyAssets));
		account.credit(CRED_ASSET, 5).unwrap();
		account.debit(CRED_ASSET, 5).unwrap();
		account.no_longer_await(CRED_ASSET).unwrap();
		assert_eq!(account.credit(LCO_ASSET, 1), Err(FundsError::TooManyAssets));
		account.no_longer_await(CRED_ASSET).unwrap();
		assert_eq!(account.no_longer_await(CRED_ASSET), Err(FundsError::Insufficient));
		account.await_asset(LCO_ASSET).unwrap();
		assert_eq!(account.holdings.len(), MAX_HOLDINGS as usize);
	}

	#[test]
	fn a_session_ends_at_its_moment() {
		let mut account = Account::default();
		account.sessions.try_push(Session { key: 7, expires_at: 100 }).unwrap();
		assert!(account.is_trusted(&7, 99));
		assert!(!account.is_trusted(&7, 100));
		assert!(!account.is_trusted(&8, 99));
	}
}
