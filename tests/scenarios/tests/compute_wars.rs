//! The Compute Wars, week by week, on the real runtime.

use frame_support::traits::{fungible, fungibles, tokens::Preservation};
use l_exchange_runtime::{
	configs::{EcosystemFundAccount, RevenueAccount},
	AccountId, Assets, Balances, Calendar, ComputeWars, Mining, Runtime, RuntimeEvent,
};
use lx_primitives::{
	units::{Balance, CRED, CRED_ASSET, LCO},
	Leaf, Payment, Perk, Reign,
};
use pallet_compute_wars::{Call, Event, Scores};
use scenarios::{
	dispute::{Dispute, CALLERS},
	money::purse,
	whales::mine,
	Chain, PAST_THE_WINDOW,
};
use sp_keyring::Sr25519Keyring::{self, Dave};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	DispatchResult,
};

const EVE: Sr25519Keyring = CALLERS[0];
const ONE: Sr25519Keyring = CALLERS[1];

const FREE_CALLS: Perk = Perk::FreeCalls { relay: 0 };

/// Longer than balances thaw on a development chain, which is two minutes.
const PAST_THE_THAW: u64 = 130_000;

/// What the fund has.
const FUNDED: (Balance, Balance) = (4_000 * LCO, 100 * CRED);

/// A chain whose Ecosystem Fund has something to give, at the beginning of a week.
fn funded() -> Dispute {
	let mut dispute = Dispute::new();
	next_week(&mut dispute.chain);
	mine(&mut dispute.chain, Dave, 5_000);
	let (dave, fund) = (Dave.to_account_id(), EcosystemFundAccount::get());
	dispute.chain.with(|| {
		let (lco, cred) = FUNDED;
		let keep = Preservation::Preserve;
		<Balances as fungible::Mutate<_>>::transfer(&dave, &fund, lco, keep)
			.expect("Dave has mined it");
		<Assets as fungibles::Mutate<_>>::transfer(CRED_ASSET, &dave, &fund, cred, keep)
			.expect("Dave has bought it");
	});
	assert_eq!(fund_has(&mut dispute), FUNDED);
	dispute
}

fn fund_has(dispute: &mut Dispute) -> (Balance, Balance) {
	let fund = EcosystemFundAccount::get();
	(lco(&mut dispute.chain, &fund), dispute.credits(&fund))
}

/// What the fund gets on the Friday after so many calls: 2 % of the $4 that the platform earns by each.
fn share_of(calls: Balance) -> Balance {
	calls * 4 * CRED * 2 / 100
}

fn lco(chain: &mut Chain, who: &AccountId) -> Balance {
	chain.with(|| Balances::free_balance(who))
}

/// Posts these calls and waits until they are final.
fn settle(dispute: &mut Dispute, calls: &[Leaf<AccountId>]) {
	dispute.post(calls);
	dispute.chain.wait(PAST_THE_WINDOW);
}

/// Waits until the round is closed and its prizes are paid. Returns what that announced.
fn next_week(chain: &mut Chain) -> Vec<Event<Runtime>> {
	let week = chain.with(Calendar::week);
	while chain.with(Calendar::week) == week {
		chain.block(Vec::new());
	}
	chain.block(Vec::new());
	let announced = chain.events().iter().filter_map(|event| match event {
		RuntimeEvent::ComputeWars(event) => Some(event.clone()),
		_ => None,
	});
	announced.collect()
}

/// The board, as it is now.
fn board(chain: &mut Chain) -> Vec<(AccountId, Balance)> {
	let (_, board) = chain.with(ComputeWars::board).expect("a round is open");
	board.entries().iter().map(|entry| (entry.who.clone(), entry.score)).collect()
}

fn choose(chain: &mut Chain, who: Sr25519Keyring, perk: Perk) -> DispatchResult {
	let choose = Call::<Runtime>::choose_perk { perk };
	chain.submit(who, Some(CRED_ASSET), choose).expect("it is valid")
}

/// A call of $10 that the fund pays.
fn free_call(dispute: &mut Dispute, who: Sr25519Keyring) -> Leaf<AccountId> {
	Leaf { payment: Payment::Perk, ..dispute.call(who) }
}

/// What the chain says of a batch of these calls.
fn refusal(dispute: &mut Dispute, calls: &[Leaf<AccountId>]) -> TransactionValidityError {
	let batch = dispute.chain.with(|| dispute.relay.batch(calls));
	dispute.post_batch(batch).expect_err("it is refused")
}

#[test]
fn three_weeks_of_calls_prizes_and_perks() {
	let mut dispute = funded();
	let (eve, one) = (EVE.to_account_id(), ONE.to_account_id());

	// The first week: Eve pays 20 CRED, the other 10.
	let calls = [dispute.call(EVE), dispute.call(ONE), dispute.call(EVE)];
	settle(&mut dispute, &calls);
	let standings = [(eve.clone(), 20 * CRED), (one.clone(), 10 * CRED)];
	assert_eq!(board(&mut dispute.chain), standings);
	let before = [&eve, &one].map(|who| lco(&mut dispute.chain, who));
	let announced = next_week(&mut dispute.chain);
	assert!(announced.iter().any(|event| matches!(
		event,
		Event::RoundClosed { prize, champion: Some(champion), .. }
			if *prize == 1_000 * LCO && *champion == eve
	)));
	let after = [&eve, &one].map(|who| lco(&mut dispute.chain, who));
	assert_eq!(after, [before[0] + 300 * LCO, before[1] + 200 * LCO]);
	let credits = 100 * CRED + share_of(3);
	assert_eq!(fund_has(&mut dispute), (3_500 * LCO, credits));

	// The second week: Eve calls for free, which neither mines nor scores.
	choose(&mut dispute.chain, EVE, FREE_CALLS).expect("she is the champion");
	assert_eq!(fund_has(&mut dispute).1, 1, "the fund keeps its account");
	let prepaid = purse(&mut dispute.chain, &eve).free;
	let (minted, earned) = (dispute.chain.with(Mining::minted), platform_has(&mut dispute));
	let calls = [free_call(&mut dispute, EVE), dispute.call(ONE)];
	settle(&mut dispute, &calls);
	assert_eq!(purse(&mut dispute.chain, &eve).free, prepaid);
	assert_eq!(dispute.chain.with(Mining::minted), minted + 100 * LCO);
	assert_eq!(platform_has(&mut dispute), earned + 8 * CRED, "both were paid");
	assert_eq!(board(&mut dispute.chain), [(one.clone(), 10 * CRED)]);
	let before = lco(&mut dispute.chain, &one);
	next_week(&mut dispute.chain);
	assert_eq!(lco(&mut dispute.chain, &one), before + 450 * LCO, "30 % of 1,500 LCO");

	// The third week: nobody calls, and what is left of Eve's free calls returns.
	let perk = Perk::NoConcurrencyLimit;
	choose(&mut dispute.chain, ONE, perk).expect("it is the champion");
	let week = dispute.chain.with(Calendar::week);
	let reign = Reign { champion: one, week, perk: Some(perk) };
	assert_eq!(dispute.chain.with(ComputeWars::reign), Some(reign));
	let announced = next_week(&mut dispute.chain);
	let rolled_over = Event::RolledOver { week, amount: 2_050 * LCO };
	assert_eq!(announced.last(), Some(&rolled_over));
	// Of the two calls of the second week one was for free: the fund has paid its whole price.
	assert_eq!(fund_has(&mut dispute), (3_050 * LCO, credits - 10 * CRED + share_of(2)));
	dispute.chain.with(|| {
		assert_eq!(ComputeWars::reign(), None);
		assert_eq!(
			pallet_compute::Accounts::<Runtime>::get(&eve).map(|it| it.purses.len()),
			Some(1)
		);
	});

	// A few blocks later no score of a closed round is there.
	dispute.chain.wait(PAST_THE_WINDOW);
	assert_eq!(dispute.chain.with(|| Scores::<Runtime>::iter().count()), 0);
}

fn platform_has(dispute: &mut Dispute) -> Balance {
	dispute.credits(&RevenueAccount::get())
}

#[test]
fn free_calls_are_the_champions_and_end_with_its_week() {
	let no_purse = TransactionValidityError::Invalid(InvalidTransaction::Custom(16));
	let overcharge = TransactionValidityError::Invalid(InvalidTransaction::Custom(17));

	let mut dispute = funded();
	let call = dispute.call(EVE);
	settle(&mut dispute, &[call]);
	next_week(&mut dispute.chain);
	choose(&mut dispute.chain, EVE, FREE_CALLS).expect("she is the champion");
	next_week(&mut dispute.chain);
	// For two more minutes the relay collects what it served.
	let call = free_call(&mut dispute, EVE);
	dispute.post(&[call]);
	dispute.chain.wait(PAST_THE_THAW);
	let call = free_call(&mut dispute, EVE);
	assert_eq!(refusal(&mut dispute, &[call]), overcharge);

	let mut dispute = funded();
	let call = free_call(&mut dispute, ONE);
	assert_eq!(refusal(&mut dispute, &[call]), no_purse);
}

#[test]
fn who_is_not_champion_has_no_perk() {
	let mut dispute = funded();
	let calls = dispute.calls();
	settle(&mut dispute, &calls);
	let not_champion = pallet_compute_wars::Error::<Runtime>::NotChampion.into();
	assert_eq!(choose(&mut dispute.chain, EVE, FREE_CALLS), Err(not_champion));
	next_week(&mut dispute.chain);
	// Both have paid as much: the first line was Eve's, if her id is the lower one.
	let reign = dispute.chain.with(ComputeWars::reign).expect("somebody has called");
	let first = CALLERS.map(|who| who.to_account_id()).into_iter().min().expect("there are two");
	assert_eq!(reign.champion, first);
	let other = CALLERS.into_iter().find(|who| who.to_account_id() != first).expect("the other");
	assert_eq!(choose(&mut dispute.chain, other, FREE_CALLS), Err(not_champion));
	let elsewhere = Perk::FreeCalls { relay: 9 };
	let champion = CALLERS.into_iter().find(|who| *who != other).expect("the champion");
	let unknown = pallet_compute::Error::<Runtime>::UnknownRelay.into();
	assert_eq!(choose(&mut dispute.chain, champion, elsewhere), Err(unknown));
}
