//! Three weeks on the real runtime: a buyback that moves the price, a week with a loss, and one that earns it.

use l_exchange_runtime::{
	configs::{BurnAddressAccount, BurnFundAccount, EcosystemFundAccount, RevenueAccount},
	AccountId, Assets, Balances, Buyback, Calendar, Mining, OrderBook, Runtime, RuntimeEvent,
};
use lx_matching::{Lots, SelfTrade, Side, Tick, TimeInForce};
use lx_math::calendar::FRIDAY;
use lx_primitives::{
	buyback::{Link, Receipt},
	units::{CRED, CRED_ASSET, USDT},
	Credits, Price,
};
use pallet_buyback::Event;
use pallet_orderbook::{Call, OrderRequest};
use pallet_whale_voting::Origin;
use scenarios::{
	money::{buy_credits, deposit, top_up},
	relay::{self, Relay, TEN_DOLLARS},
	Chain, PAST_THE_WINDOW,
};
use sp_keyring::Sr25519Keyring::{self, Eve, One};

const SATURDAY: u8 = FRIDAY + 1;

/// A chain on which Eve calls the relay and sells what she mines, and One buys.
struct Weeks {
	chain: Chain,
	relay: Relay,
	price: (u32, Price),
}

impl Weeks {
	fn new() -> Self {
		let mut chain = Chain::development();
		for (who, amount) in [(Eve, 2_000), (One, 200)] {
			deposit(&mut chain, who, amount * USDT, format!("for-{who}").as_bytes());
			buy_credits(&mut chain, who, (amount - 10) * USDT);
		}
		top_up(&mut chain, Eve, 1_000 * CRED);
		let price = relay::price(&mut chain);
		Self { chain, relay: Relay::default(), price }
	}

	/// Eve calls so many times for $10, of which $4 are the platform's; then that is final.
	fn call(&mut self, times: u32) {
		let now = self.chain.with(relay::now);
		let call = |_| self.relay.call(Eve.to_account_id(), self.price, TEN_DOLLARS, now);
		let calls: Vec<_> = (0..times).map(call).collect();
		let post = self.chain.with(|| relay::post(self.relay.batch(&calls), &[0, 1]));
		self.chain.submit_general(post).expect("it is valid").expect("it succeeds");
		self.chain.wait(PAST_THE_WINDOW);
	}

	fn place(&mut self, who: Sr25519Keyring, side: Side, tick: Tick, lots: Lots) {
		let order = OrderRequest {
			side,
			tick,
			lots,
			time_in_force: TimeInForce::GoodTilCancelled,
			self_trade: SelfTrade::CancelTaker,
			reduce_only: false,
			client: None,
			max_matches: 10,
		};
		let place = Call::<Runtime>::place { market: 0, owner: None, sub: 0, order };
		self.chain.submit(who, Some(CRED_ASSET), place).expect("it is valid").expect("it succeeds");
	}

	/// Makes blocks up to the first one of this day of the week.
	fn wait_for(&mut self, weekday: u8) {
		while self.chain.with(Calendar::weekday) != weekday {
			self.chain.block(Vec::new());
		}
	}

	/// Lets a Friday pass: its receipt.
	fn buy_back(&mut self) -> Receipt {
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

	fn credits(&mut self, who: &AccountId) -> Credits {
		self.chain.with(|| Assets::balance(CRED_ASSET, who))
	}

	fn best_ask(&mut self) -> Option<Tick> {
		self.chain.with(|| OrderBook::market(0)).and_then(|market| market.best_ask)
	}
}

/// Eve mines 4,000 LCO, trades one for a price that everybody knows, and offers more at and above it.
fn with_a_market() -> Weeks {
	let mut weeks = Weeks::new();
	weeks.call(40);
	weeks.place(Eve, Side::Ask, 20_000, 100);
	weeks.place(One, Side::Bid, 20_000, 100);
	for (tick, lots) in [(20_000, 500), (20_100, 500), (20_200, 5_000)] {
		weeks.place(Eve, Side::Ask, tick, lots);
	}
	weeks
}

#[test]
fn a_profit_a_loss_and_what_makes_it_good() {
	let mut weeks = with_a_market();
	let first = weeks.buy_back();
	assert_eq!(first.books.revenue - first.books.cost, 160 * CRED);
	assert_eq!((first.profit, first.burning), (160 * CRED, 32 * CRED));
	assert_eq!(first.prizes, 3_200_000);
	assert_eq!(weeks.credits(&EcosystemFundAccount::get()), first.prizes);
	assert_eq!(weeks.credits(&RevenueAccount::get()), 160 * CRED - first.burning - first.prizes);

	// Users get back more than the platform earns in this week.
	let user = One.to_account_id();
	let refund = || Buyback::refund(Origin::Major.into(), user.clone(), 10 * CRED);
	weeks.chain.with(refund).expect("the platform has so much");
	let second = weeks.buy_back();
	assert_eq!((second.profit, second.loss), (0, 10 * CRED));
	assert_eq!((second.burning, second.prizes, second.carried), (0, 0, first.left));

	weeks.call(10);
	let third = weeks.buy_back();
	assert_eq!((third.loss_before, third.profit, third.loss), (10 * CRED, 30 * CRED, 0));
	assert_eq!((third.burning, third.carried), (6 * CRED, second.left));
	assert_eq!((third.number, third.week), (2, first.week + 2));

	let mut link = Link::first(weeks.chain.with(relay::genesis_hash));
	for receipt in [&first, &second, &third] {
		assert_eq!(receipt.spent + receipt.left, receipt.carried + receipt.burning);
		assert_eq!(receipt.burned, receipt.bought);
		link = link.follow(receipt).expect("it follows");
	}
	assert_eq!(weeks.chain.with(Buyback::head), link);
	assert_eq!(weeks.credits(&BurnFundAccount::get()), link.left);
}

#[test]
fn a_buyback_moves_the_price_and_all_of_it_is_burned() {
	let mut weeks = with_a_market();
	assert_eq!(weeks.best_ask(), Some(20_000));
	let minted = weeks.chain.with(Mining::minted);
	assert_eq!(weeks.chain.with(Mining::burned), 0);
	let receipt = weeks.buy_back();

	assert_eq!(weeks.best_ask(), Some(20_200), "two prices are bought out");
	assert!(receipt.slices.len() > 10, "of 16 slices, one may fall on Friday's last moment");
	assert!(receipt.left < 6 * CRED);
	assert!(receipt.bought > 0 && receipt.burned == receipt.bought);
	let (burned, issuance) = weeks.chain.with(|| (Mining::burned(), Balances::total_issuance()));
	assert_eq!((burned, issuance), (receipt.burned, minted - receipt.burned));
	let ashes = BurnAddressAccount::get();
	assert_eq!(weeks.chain.with(|| Balances::free_balance(&ashes)), 0);
	// At 2 to 2.02 CRED each, before the market's fee of 0.2 %.
	assert!((2_004_000..2_024_100).contains(&receipt.average_price), "{}", receipt.average_price);
	let blocks: Vec<_> = receipt.slices.iter().map(|slice| slice.block).collect();
	assert!(blocks.windows(2).all(|pair| pair[0] < pair[1]), "one a block");
}

#[test]
fn a_chain_without_a_call_burns_nothing_and_says_so() {
	let mut weeks = Weeks::new();
	for number in 0..2 {
		let receipt = weeks.buy_back();
		assert_eq!((receipt.number, receipt.profit, receipt.loss), (number, 0, 0));
		assert_eq!((receipt.burned, receipt.left), (0, 0));
	}
}
