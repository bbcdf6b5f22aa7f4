//! Three weeks on the real runtime: a buyback that moves the price, a week with a loss, and one that earns it.

use l_exchange_runtime::{
	configs::{BurnAddressAccount, BurnFundAccount, EcosystemFundAccount, RevenueAccount},
	Balances, Buyback, Mining,
};
use lx_primitives::{buyback::Link, units::CRED};
use pallet_whale_voting::Origin;
use scenarios::{relay, weeks::Weeks};
use sp_keyring::Sr25519Keyring::{Eve, One};

/// Eve has mined 4,000 LCO, and offers some.
fn with_a_market() -> Weeks {
	let mut weeks = Weeks::new();
	weeks.call(Eve, 40);
	weeks.open_market();
	weeks
}

#[test]
fn a_profit_a_loss_and_what_makes_it_good() {
	let mut weeks = with_a_market();
	let (_, fees) = weeks.fees();
	let first = weeks.buy_back();
	assert_eq!(first.books.revenue - first.books.cost, 160 * CRED);
	assert_eq!((first.profit, first.burning), (160 * CRED, 32 * CRED));
	assert_eq!(first.prizes, 3_200_000);
	// The fees of the first trade have come in on Monday.
	assert_eq!(weeks.credits(&EcosystemFundAccount::get()), fees + first.prizes);
	assert_eq!(weeks.credits(&RevenueAccount::get()), 160 * CRED - first.burning - first.prizes);

	// Users get back more than the platform earns in this week.
	let user = One.to_account_id();
	let refund = || Buyback::refund(Origin::Major.into(), user.clone(), 10 * CRED);
	weeks.chain.with(refund).expect("the platform has so much");
	let second = weeks.buy_back();
	assert_eq!((second.profit, second.loss), (0, 10 * CRED));
	assert_eq!((second.burning, second.prizes, second.carried), (0, 0, first.left));

	weeks.call(Eve, 10);
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
