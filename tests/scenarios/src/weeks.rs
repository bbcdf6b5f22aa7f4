//! Weeks in which Eve and One call the relay, Eve sells what she mines, and One buys.

use l_exchange_runtime::{
	configs::EcosystemFundAccount, AccountId, Assets, Balances, Buyback, Calendar, Clearing,
	OrderBook, Runtime, RuntimeEvent,
};
use lx_matching::{Lots, Side, Tick};
use lx_math::calendar::FRIDAY;
use lx_primitives::{
	buyback::Receipt,
	trading::MarketId,
	units::{Balance, CRED, CRED_ASSET, LCO_ASSET, USDT},
	Credits, Leaf, Price, Usage,
};
use pallet_buyback::Event;
use pallet_orderbook::{Call, OrderRequest};
use sp_keyring::Sr25519Keyring::{self, Eve, One};

use crate::{
	money::{buy_credits, deposit, top_up},
	relay::{self, Relay, TEN_DOLLARS},
	Chain, PAST_THE_WINDOW,
};

/// The market that a chain begins with.
const LCO_FOR_CRED: MarketId = 0;

const MONDAY: u8 = 0;
const SATURDAY: u8 = FRIDAY + 1;

/// A chain, and its relay's log.
pub struct Weeks {
	/// The chain.
	pub chain: Chain,
	relay: Relay,
	price: (u32, Price),
}

impl Weeks {
	/// Nobody has called or traded yet.
	#[allow(clippy::new_without_default)]
	pub fn new() -> Self {
		let mut chain = Chain::development();
		for (who, amount, purse) in [(Eve, 2_000, 1_000), (One, 600, 300)] {
			deposit(&mut chain, who, amount * USDT, format!("for-{who}").as_bytes());
			buy_credits(&mut chain, who, (amount - 10) * USDT);
			top_up(&mut chain, who, purse * CRED);
		}
		let price = relay::price(&mut chain);
		Self { chain, relay: Relay::default(), price }
	}

	/// A call by `who`, made now.
	pub fn leaf(&mut self, who: Sr25519Keyring, usage: Usage) -> Leaf<AccountId> {
		let now = self.chain.with(relay::now);
		self.relay.call(who.to_account_id(), self.price, usage, now)
	}

	/// Posts a batch of `calls`, and waits until it is final.
	pub fn settle(&mut self, calls: &[Leaf<AccountId>]) {
		let post = self.chain.with(|| relay::post(self.relay.batch(calls), &[0, 1]));
		self.chain.submit_general(post).expect("it is valid").expect("it succeeds");
		self.chain.wait(PAST_THE_WINDOW);
	}

	/// `who` calls so many times for $10, of which $4 are the platform's; then that is final.
	pub fn call(&mut self, who: Sr25519Keyring, times: u32) {
		let calls: Vec<_> = (0..times).map(|_| self.leaf(who, TEN_DOLLARS)).collect();
		self.settle(&calls);
	}

	/// `who` places an order that stays until it is filled.
	pub fn place(
		&mut self,
		market: MarketId,
		who: Sr25519Keyring,
		side: Side,
		tick: Tick,
		lots: Lots,
	) {
		let order = OrderRequest::limit(side, tick, lots, 10);
		let place = Call::<Runtime>::place { market, owner: None, sub: 0, order };
		self.chain.submit(who, Some(CRED_ASSET), place).expect("it is valid").expect("it succeeds");
	}

	/// Eve, who has mined, trades one LCO for a price that everybody knows, and offers more at and above it.
	pub fn open_market(&mut self) {
		self.place(LCO_FOR_CRED, Eve, Side::Ask, 20_000, 100);
		self.place(LCO_FOR_CRED, One, Side::Bid, 20_000, 100);
		for (tick, lots) in [(20_000, 500), (20_100, 500), (20_200, 5_000)] {
			self.place(LCO_FOR_CRED, Eve, Side::Ask, tick, lots);
		}
	}

	/// The lowest price that is asked.
	pub fn best_ask(&mut self) -> Option<Tick> {
		self.chain.with(|| OrderBook::market(LCO_FOR_CRED)).and_then(|market| market.best_ask)
	}

	/// Makes blocks up to the first one of this day of the week.
	fn wait_for(&mut self, weekday: u8) {
		while self.chain.with(Calendar::weekday) != weekday {
			self.chain.block(Vec::new());
		}
	}

	/// Lets a Friday pass: its receipt.
	pub fn buy_back(&mut self) -> Receipt {
		self.wait_for(FRIDAY);
		self.wait_for(SATURDAY);
		let written = self.chain.events().iter().find_map(|event| match event {
			RuntimeEvent::Buyback(Event::ReceiptWritten { number, hash, .. }) => {
				Some((*number, *hash))
			},
			_ => None,
		});
		let (number, hash) = written.expect("it is written in the first block of Saturday");
		let receipt = self.chain.with(|| Buyback::receipts(number, 1)).remove(0);
		assert_eq!(receipt.hash(), hash);
		receipt
	}

	/// Waits until a week is over, its round is closed, and its prizes are paid.
	pub fn next_week(&mut self) {
		self.wait_for(MONDAY);
		// The round is closed before the block's time is known.
		self.chain.block(Vec::new());
	}

	/// The CRED in a wallet.
	pub fn credits(&mut self, who: &AccountId) -> Credits {
		self.chain.with(|| Assets::balance(CRED_ASSET, who))
	}

	/// The LCO in a wallet.
	pub fn lco(&mut self, who: &AccountId) -> Balance {
		self.chain.with(|| Balances::free_balance(who))
	}

	/// The fees that have not come into the Ecosystem Fund's wallet: of LCO, and of CRED.
	pub fn fees(&mut self) -> (Balance, Credits) {
		let fund = self.chain.with(|| Clearing::account(EcosystemFundAccount::get(), 0));
		let fund = fund.expect("the market has kept it a place");
		(fund.holding(LCO_ASSET).free, fund.holding(CRED_ASSET).free)
	}
}
