//! Three weeks on the real runtime, with nothing given to anybody. What users pay makes a champion and a profit; the
//! profit buys LCO and moves the price; the exchange's fees and a share of the profit are the prizes and the
//! champion's free calls. Then users get back more than is earned, and a third week makes that good.

use frame_support::traits::fungible::Inspect;
use l_exchange_runtime::{
	configs::EcosystemFundAccount, Balances, Buyback, ComputeWars, Mining, Runtime,
};
use lx_primitives::{
	buyback::{Link, Receipt},
	units::{CRED, CRED_ASSET},
	Balance, Credits, Leaf, Payment, Perk, Usage,
};
use pallet_compute_wars::Call;
use pallet_whale_voting::Origin;
use scenarios::{money::purse, relay, weeks::Weeks};
use sp_keyring::Sr25519Keyring::{self, Eve, One};

/// A tenth of a million output tokens, which cost $1.
const ONE_DOLLAR: Usage = Usage::Tokens { input: 0, cached_input: 0, output: 100_000 };

/// What users get back in the second week.
const REFUND: Credits = 30 * CRED;

fn assert_champion(weeks: &mut Weeks, who: Sr25519Keyring) {
	let reign = weeks.chain.with(ComputeWars::reign).expect("somebody has called");
	assert_eq!(reign.champion, who.to_account_id());
}

/// What Eve and One have paid by 45 calls of $10 moves the price.
fn first_week(weeks: &mut Weeks) -> Receipt {
	weeks.call(Eve, 40);
	weeks.call(One, 5);
	weeks.open_market();
	assert_eq!(weeks.best_ask(), Some(20_000));
	let receipt = weeks.buy_back();
	assert_eq!(receipt.books.revenue, 450 * CRED);
	assert_eq!((receipt.profit, receipt.loss), (180 * CRED, 0));
	assert_eq!((receipt.burning, receipt.prizes), (36 * CRED, 3_600_000));
	assert!(receipt.bought > 0);
	assert_eq!(weeks.best_ask(), Some(20_200), "two prices are bought out");
	receipt
}

/// What the exchange has earned is the prize: there is no other LCO in the fund.
fn first_prizes(weeks: &mut Weeks, receipt: &Receipt) {
	let winners = [Eve, One].map(|who| who.to_account_id());
	let (lco, cred) = weeks.fees();
	let before = [weeks.lco(&winners[0]), weeks.lco(&winners[1])];
	weeks.next_week();
	assert_champion(weeks, Eve);
	let prize = lco - weeks.chain.with(<Balances as Inspect<_>>::minimum_balance);
	assert_eq!(weeks.chain.with(ComputeWars::last_round).map(|round| round.prize), Some(prize));
	let won = [weeks.lco(&winners[0]) - before[0], weeks.lco(&winners[1]) - before[1]];
	assert_eq!(won, [prize * 30 / 100, prize * 20 / 100]);
	assert_eq!(weeks.credits(&EcosystemFundAccount::get()), cred + receipt.prizes);
	assert_eq!(weeks.fees(), (0, 0));
}

/// The fund pays a call of Eve's, which neither mines nor scores; One pays itself.
fn second_week(weeks: &mut Weeks) {
	let eve = Eve.to_account_id();
	let choose = Call::<Runtime>::choose_perk { perk: Perk::FreeCalls { relay: 0 } };
	let chosen = weeks.chain.submit(Eve, Some(CRED_ASSET), choose).expect("it is valid");
	chosen.expect("she is the champion");
	let (own, minted) = (purse(&mut weeks.chain, &eve).free, weeks.chain.with(Mining::minted));
	let free = Leaf { payment: Payment::Perk, ..weeks.leaf(Eve, ONE_DOLLAR) };
	weeks.settle(&[free]);
	let after = (purse(&mut weeks.chain, &eve).free, weeks.chain.with(Mining::minted));
	assert_eq!(after, (own, minted));
	weeks.call(One, 1);
}

/// More is given back than the 4.40 CRED that the platform has earned of $11.
fn loss_week(weeks: &mut Weeks, before: &Receipt) -> Receipt {
	let user = One.to_account_id();
	let refund = || Buyback::refund(Origin::Major.into(), user, REFUND);
	weeks.chain.with(refund).expect("the platform has so much");
	let receipt = weeks.buy_back();
	assert_eq!(receipt.books.revenue, 11 * CRED, "what the fund has paid is earned too");
	assert_eq!((receipt.profit, receipt.loss), (0, REFUND - 4_400_000));
	assert_eq!((receipt.burning, receipt.prizes, receipt.carried), (0, 0, before.left));
	receipt
}

/// What is earned makes the loss good first.
fn third_week(weeks: &mut Weeks, before: &Receipt) -> Receipt {
	weeks.call(One, 20);
	let receipt = weeks.buy_back();
	let profit = 80 * CRED - before.loss;
	assert_eq!((receipt.loss_before, receipt.profit, receipt.loss), (before.loss, profit, 0));
	assert_eq!((receipt.burning, receipt.carried), (profit / 5, before.left));
	assert!(receipt.bought > 0);
	receipt
}

#[test]
fn three_weeks_of_calls_buybacks_and_prizes() {
	let mut weeks = Weeks::new();
	weeks.next_week();
	let first = first_week(&mut weeks);
	first_prizes(&mut weeks, &first);
	second_week(&mut weeks);
	let second = loss_week(&mut weeks, &first);
	weeks.next_week();
	assert_champion(&mut weeks, One);
	let third = third_week(&mut weeks, &second);

	let receipts = weeks.chain.with(|| Buyback::receipts(0, u32::MAX));
	assert!(receipts.ends_with(&[first, second, third]), "nothing was written between them");
	let start = Link::first(weeks.chain.with(relay::genesis_hash));
	let end = receipts.iter().try_fold(start, |link, receipt| link.follow(receipt));
	assert_eq!(end, Ok(weeks.chain.with(Buyback::head)));
	let burned = receipts.iter().map(|receipt| receipt.burned).sum::<Balance>();
	assert_eq!(weeks.chain.with(Mining::burned), burned);
}
