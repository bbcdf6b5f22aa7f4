//! The calls of a batch, and what they are charged.

use lx_primitives::{merkle_sum::Node, FormerTier, Leaf, Payment, Tier, TierHistory, Usage};
use sp_core::crypto::AccountId32;

use super::{first_verdict, objected, store, verdict};
use crate::attestor::{
	book::PriceSpan,
	case::{line_of, Case},
	fixtures::*,
	refusal::Refusal,
	store::Store,
};

/// An honest batch around one call that a test has changed.
fn with(change: impl FnOnce(&mut Leaf<AccountId32>)) -> Case {
	let mut changed = leaf(ALICE, 1, 5);
	change(&mut changed);
	case(vec![changed, leaf(BOB, 2, 9)])
}

#[tokio::test]
async fn a_line_is_the_sum_of_its_calls() {
	let book = FakeBook::new();
	let changes: [fn(&mut Node); 3] =
		[|total| total.charge += 1, |total| total.cost -= 1, |total| total.calls += 1];
	for change in changes {
		let mut wrong = case(vec![leaf(ALICE, 1, 0), leaf(ALICE, 2, 0)]);
		change(&mut wrong.offer.lines[0].total);
		seal(&mut wrong);
		let refusal = Some(Refusal::WrongLine(account(ALICE)));
		assert_eq!(first_verdict(&wrong, &book).await, refusal);
	}
}

#[tokio::test]
async fn a_node_above_calls_does_not_pass_for_a_call() {
	let book = FakeBook::new();
	let honest = case(vec![leaf(ALICE, 1, 0), leaf(ALICE, 2, 0), leaf(ALICE, 3, 0)]);
	let refusal = Some(Refusal::WrongLine(account(ALICE)));
	// The second and third are shown as one, with the sums of both.
	let mut merged = honest.clone();
	merged.calls[0].truncate(1);
	merged.calls[0].push(Leaf { charge: 2 * CHARGE, ..leaf(ALICE, 2, 0) });
	assert_eq!(first_verdict(&merged, &book).await, refusal);
	// The line stands on a node that no call is shown for.
	let mut hidden = honest;
	let [first, second] = [leaf(ALICE, 1, 0), leaf(ALICE, 2, 0)].map(|leaf| leaf.node());
	let third = leaf(ALICE, 3, 0).node();
	let inner = Node::join(&second, &third).unwrap();
	hidden.offer.lines[0].total = Node::join(&first, &inner).unwrap();
	hidden.calls[0].truncate(2);
	seal(&mut hidden);
	assert_eq!(first_verdict(&hidden, &book).await, refusal);
}

#[tokio::test]
async fn calls_that_are_withheld_or_of_others_are_not_signed_for() {
	let book = FakeBook::new();
	let mut withheld = case(vec![leaf(ALICE, 1, 0), leaf(BOB, 2, 0)]);
	withheld.calls.pop();
	let last = withheld.offer.lines[1].account.clone();
	assert_eq!(first_verdict(&withheld, &book).await, Some(Refusal::WrongLine(last)));
	let mut more = case(vec![leaf(ALICE, 1, 0)]);
	more.calls.push(vec![leaf(BOB, 2, 0)]);
	assert_eq!(first_verdict(&more, &book).await, Some(Refusal::CallsWithoutLine));
	let mut mixed = case(vec![leaf(ALICE, 1, 0)]);
	mixed.calls[0].push(leaf(BOB, 2, 0));
	assert_eq!(line_of(&mixed.calls[0]), None);
	let refusal = Some(Refusal::WrongLine(account(ALICE)));
	assert_eq!(first_verdict(&mixed, &book).await, refusal);
}

#[tokio::test]
async fn calls_are_of_the_batchs_time() {
	let book = FakeBook::new();
	let early = leaf(ALICE, 1, 5);
	let mut case = case(vec![early.clone(), leaf(BOB, 2, 0)]);
	case.offer.header.oldest += 1;
	resign(&mut case);
	assert_eq!(first_verdict(&case, &book).await, Some(Refusal::WrongTime(early.call_id)));
	case.offer.header.oldest -= 1;
	case.offer.header.time -= 1;
	resign(&mut case);
	let late = leaf(BOB, 2, 0).call_id;
	assert_eq!(first_verdict(&case, &book).await, Some(Refusal::WrongTime(late)));
}

#[tokio::test]
async fn a_call_is_once_in_a_batch() {
	let book = FakeBook::new();
	let id = leaf(ALICE, 1, 5).call_id;
	let same_line = case(vec![leaf(ALICE, 1, 5), leaf(ALICE, 1, 5)]);
	assert_eq!(first_verdict(&same_line, &book).await, Some(Refusal::Repeated(id)));
	let two_lines = case(vec![leaf(ALICE, 1, 5), leaf(BOB, 1, 5)]);
	assert_eq!(first_verdict(&two_lines, &book).await, Some(Refusal::Repeated(id)));
}

#[tokio::test]
async fn a_call_is_in_one_batch_also_after_a_restart() {
	let (folder, store) = store().await;
	let mut book = FakeBook::new();
	let first = case(vec![leaf(ALICE, 1, 5), leaf(BOB, 2, 5)]);
	assert_eq!(verdict(&first, &book, &store).await, None);
	book.take(&first.offer.header, SECOND);
	let second = |leaves| {
		let mut case = case(leaves);
		case.offer.header.sequence = NEXT + 1;
		case.offer.header.previous = first.offer.header.hash(&GENESIS);
		resign(&mut case);
		case
	};
	let again = second(vec![leaf(ALICE, 3, 5), leaf(BOB, 2, 5)]);
	let refusal = Some(Refusal::Settled(leaf(BOB, 2, 5).call_id));
	assert_eq!(verdict(&again, &book, &store).await, refusal);
	store.close().await;
	let store = Store::open(folder.path()).await.unwrap();
	assert_eq!(verdict(&again, &book, &store).await, refusal);
	let new = second(vec![leaf(ALICE, 3, 5), leaf(BOB, 4, 5)]);
	assert_eq!(verdict(&new, &book, &store).await, None);
}

#[tokio::test]
async fn a_charge_or_a_cost_that_is_off_by_one_is_refused() {
	let book = FakeBook::new();
	let right = leaf(ALICE, 1, 5);
	let call = right.call_id;
	assert_eq!((right.charge, right.cost), (CHARGE, 2_100));
	for charge in [CHARGE - 1, CHARGE + 1] {
		let case = with(|leaf| leaf.charge = charge);
		let refusal = Refusal::WrongCharge { call, charge, right: CHARGE };
		assert_eq!(first_verdict(&case, &book).await, Some(refusal));
	}
	for cost in [2_099, 2_101] {
		let case = with(|leaf| leaf.cost = cost);
		let refusal = Refusal::WrongCost { call, cost, right: 2_100 };
		assert_eq!(first_verdict(&case, &book).await, Some(refusal));
	}
}

#[tokio::test]
async fn the_version_of_the_price_is_the_one_in_force() {
	let mut book = FakeBook::new();
	let call = leaf(ALICE, 1, 5).call_id;
	for version in [0, 1, 3] {
		let case = with(|leaf| leaf.price_version = version);
		let refusal = Refusal::WrongVersion { call, version };
		assert_eq!(first_verdict(&case, &book).await, Some(refusal));
	}
	let unknown = with(|leaf| leaf.model = model("other"));
	let refusal = Refusal::WrongVersion { call, version: 2 };
	assert_eq!(first_verdict(&unknown, &book).await, Some(refusal));
	// Version 3 comes into force one millisecond after the call, and then with it.
	let replaced_at = Some(NOW - 4);
	book.prices.insert((model("model"), 2), PriceSpan { price: price(), replaced_at });
	let one = case(vec![leaf(ALICE, 1, 5)]);
	assert_eq!(first_verdict(&one, &book).await, None);
	let replaced_at = Some(NOW - 5);
	book.prices.insert((model("model"), 2), PriceSpan { price: price(), replaced_at });
	let refusal = Refusal::WrongVersion { call, version: 2 };
	assert_eq!(first_verdict(&one, &book).await, Some(refusal));
}

#[tokio::test]
async fn usage_that_the_price_does_not_meter_is_refused() {
	let case = with(|leaf| leaf.usage = Usage::Units(1));
	let refusal = Refusal::NotMetered(leaf(ALICE, 1, 5).call_id);
	assert_eq!(first_verdict(&case, &FakeBook::new()).await, Some(refusal));
}

#[tokio::test]
async fn the_tier_is_the_payers() {
	let mut book = FakeBook::new();
	let reduced = with(|leaf| {
		leaf.tier = Tier::Lv4;
		leaf.charge = price().charge(&leaf.usage, Tier::Lv4).unwrap();
	});
	let call = leaf(ALICE, 1, 5).call_id;
	let refusal = Refusal::WrongTier { call, tier: Tier::Lv4, right: Tier::Lv1 };
	assert_eq!(first_verdict(&reduced, &book).await, Some(refusal));
	book.set_tier(ALICE, Tier::Lv4);
	assert_eq!(first_verdict(&reduced, &book).await, None);
}

#[tokio::test]
async fn the_tier_is_the_one_that_was_in_force_at_the_calls_time() {
	let mut book = FakeBook::new();
	let as_whale = with(|leaf| {
		leaf.tier = Tier::Whale;
		leaf.charge = price().charge(&leaf.usage, Tier::Whale).unwrap();
	});
	let call = leaf(ALICE, 1, 5).call_id;
	let mut whale_until = |until| {
		let former = vec![FormerTier { tier: Tier::Whale, until }];
		let tiers = TierHistory { current: Tier::Lv2, former };
		book.tiers.insert(account(ALICE), tiers);
		book.clone()
	};
	// She has unstaked a millisecond after the call, and then with it.
	let after = whale_until(NOW - 4);
	assert_eq!(first_verdict(&as_whale, &after).await, None);
	let with_it = whale_until(NOW - 5);
	let refusal = Refusal::WrongTier { call, tier: Tier::Whale, right: Tier::Lv2 };
	assert_eq!(first_verdict(&as_whale, &with_it).await, Some(refusal));
	// What a whale pays is the cost.
	let whale = leaf(ALICE, 1, 5);
	assert_eq!(price().charge(&whale.usage, Tier::Whale), Some(whale.cost));
}

#[tokio::test]
async fn a_sponsored_line_is_covered_by_what_the_sponsor_has_prepaid() {
	let mut book = FakeBook::new();
	let free = |random| Leaf { payment: Payment::Perk, ..leaf(ALICE, random, 0) };
	let case = case(vec![leaf(ALICE, 1, 0), free(2), free(3)]);
	assert_eq!(case.offer.lines.len(), 2);
	book.payer_mut(ALICE).sponsored = 2 * CHARGE;
	assert_eq!(first_verdict(&case, &book).await, None);
	let most = 2 * CHARGE - 1;
	book.payer_mut(ALICE).sponsored = most;
	let refusal = Refusal::NotCovered { account: account(ALICE), charge: 2 * CHARGE, most };
	assert_eq!(first_verdict(&case, &book).await, Some(refusal));
	assert_eq!(objected(&case, &book).await, [free(2).call_id, free(3).call_id]);
}

#[tokio::test]
async fn a_call_is_in_the_line_of_its_payment() {
	let book = FakeBook::new();
	let mut mixed = case(vec![leaf(ALICE, 1, 0), leaf(ALICE, 2, 0)]);
	mixed.calls[0][1].payment = Payment::Perk;
	let refusal = Some(Refusal::WrongLine(account(ALICE)));
	assert_eq!(first_verdict(&mixed, &book).await, refusal);
}

#[tokio::test]
async fn a_line_is_covered_by_what_the_chain_lets_the_relay_charge() {
	let mut book = FakeBook::new();
	let case = case(vec![leaf(ALICE, 1, 0), leaf(ALICE, 2, 0)]);
	book.payer_mut(ALICE).chargeable = 2 * CHARGE;
	assert_eq!(first_verdict(&case, &book).await, None);
	book.payer_mut(ALICE).chargeable = 2 * CHARGE - 1;
	let refusal =
		Refusal::NotCovered { account: account(ALICE), charge: 2 * CHARGE, most: 2 * CHARGE - 1 };
	assert_eq!(first_verdict(&case, &book).await, Some(refusal));
}
