mod gone;
mod repeated;

use std::sync::Arc;

use lx_primitives::{
	call_log::{call_id, leaves_root},
	FormerTier, Payment, Price, Rates, Tier, Usage, TIER_MEMORY,
};
use sp_core::H256;

use super::{kept::Kept, *};

const NOW: u64 = 1_800_000_000_000;
const ALICE: AccountId32 = AccountId32::new([1; 32]);
const BOB: AccountId32 = AccountId32::new([2; 32]);

fn model() -> ModelId {
	b"model".to_vec().try_into().unwrap()
}

fn call(account: AccountId32, number: u8) -> Leaf<AccountId32> {
	Leaf {
		call_id: call_id(NOW, [number; 10]),
		account,
		payment: Payment::Purse,
		key: H256::zero(),
		model: model(),
		usage: Usage::Units(3),
		price_version: 2,
		tier: Tier::Lv1,
		charge: 30,
		cost: 15,
		estimated: false,
		request_hash: H256::zero(),
		response_hash: H256::zero(),
	}
}

fn pricing() -> Pricing {
	let price = Price { list: Rates::Unit(10), cost: Rates::Unit(5), active_from: NOW - 1_000 };
	let prices = [((model(), 2), Some(PriceSpan { price, replaced_at: None }))].into();
	let tiers = [ALICE, BOB].map(|account| (account, TierHistory::default())).into();
	Pricing { now: NOW, prices, tiers, ..Pricing::default() }
}

/// The batch of these calls, line by line, with sums that are right.
fn batch(calls: Vec<Vec<Leaf<AccountId32>>>) -> Shown {
	let line = |calls: &Vec<Leaf<AccountId32>>| Line {
		account: calls[0].account.clone(),
		payment: calls[0].payment,
		total: leaves_root(calls).unwrap(),
	};
	let lines = calls.iter().map(line).collect();
	sealed(Shown {
		header: Header { sequence: 7, oldest: NOW, time: NOW, ..Default::default() },
		lines,
		calls,
	})
}

fn sealed(mut shown: Shown) -> Shown {
	shown.header.root = root(shown.lines.iter().map(Line::node).collect()).unwrap();
	shown
}

fn honest() -> Shown {
	batch(vec![vec![call(ALICE, 1), call(ALICE, 2)], vec![call(BOB, 3)]])
}

fn found(shown: &Shown) -> Vec<Wrong> {
	examine(shown, &pricing(), &Seen::new())
}

/// The only thing that is wrong, in words and with its proof.
fn only(shown: &Shown) -> (String, Fraud<AccountId32>) {
	let mut found = found(shown);
	assert_eq!(found.len(), 1, "{found:?}");
	let Some(Wrong::Proven { what, fraud }) = found.pop() else { panic!("not proven") };
	(what, *fraud)
}

#[test]
fn nothing_is_wrong_with_an_honest_batch() {
	assert_eq!(found(&honest()), []);
}

#[test]
fn a_wrong_charge_is_proven() {
	let raised = Leaf { charge: 31, ..call(ALICE, 1) };
	let shown = batch(vec![vec![raised.clone(), call(ALICE, 2)], vec![call(BOB, 3)]]);
	let (what, fraud) = only(&shown);
	assert!(what.contains("charges 0.000031 CRED"), "{what}");
	assert!(what.contains("it is 0.00003 CRED"), "{what}");
	let Fraud::WrongPrice(proof) = fraud else { panic!() };
	assert!(proof.is_in(&shown.header.root, 2));
	assert_eq!(proof.leaf, raised);
}

#[test]
fn a_price_that_was_not_in_force_is_proven() {
	for (version, replaced_at) in [(1, None), (2, Some(NOW))] {
		let shown = batch(vec![vec![Leaf { price_version: version, ..call(ALICE, 1) }]]);
		let mut pricing = pricing();
		for span in pricing.prices.values_mut().flatten() {
			span.replaced_at = replaced_at;
		}
		// The registry does not have the first.
		pricing.prices.insert((model(), 1), None);
		let found = examine(&shown, &pricing, &Seen::new());
		assert!(matches!(&found[..], [Wrong::Proven { what, .. }] if what.contains("in force")));
	}
}

/// A call against Alice's quota of launch 4, at its price.
fn scarce_call(number: u8) -> Leaf<AccountId32> {
	Leaf {
		payment: Payment::Quota(4),
		price_version: 0,
		charge: 300,
		cost: 150,
		..call(ALICE, number)
	}
}

/// The same prices, and those of launch 4 until `expires_at`.
fn pricing_with_launch(expires_at: Moment) -> Pricing {
	let price = Price { list: Rates::Unit(100), cost: Rates::Unit(50), active_from: NOW };
	let offers = [(4, Some(Offer { model: model(), price, expires_at })), (5, None)].into();
	Pricing { offers, ..pricing() }
}

#[test]
fn a_call_against_a_quota_has_the_price_of_its_launch() {
	let honest = batch(vec![vec![call(ALICE, 1)], vec![scarce_call(2)]]);
	let open = pricing_with_launch(NOW + 1);
	assert_eq!(examine(&honest, &open, &Seen::new()), []);
	let raised = Leaf { cost: 151, ..scarce_call(2) };
	let found = examine(&batch(vec![vec![raised.clone()]]), &open, &Seen::new());
	let [Wrong::Proven { what, fraud }] = &found[..] else { panic!("{found:?}") };
	assert!(what.contains("by the launch's price it is 0.0003 CRED at 0.00015 CRED"), "{what}");
	assert!(matches!(&**fraud, Fraud::WrongPrice(proof) if proof.leaf == raised));
}

#[test]
fn a_call_against_the_quota_of_another_model_time_or_version_is_proven() {
	let other_model = Leaf { model: b"other".to_vec().try_into().unwrap(), ..scarce_call(1) };
	let cases = [
		(scarce_call(1), NOW),
		(other_model, NOW + 1),
		(Leaf { payment: Payment::Quota(5), ..scarce_call(1) }, NOW + 1),
		(Leaf { price_version: 1, ..scarce_call(1) }, NOW + 1),
	];
	for (leaf, expires_at) in cases {
		let shown = batch(vec![vec![leaf]]);
		let found = examine(&shown, &pricing_with_launch(expires_at), &Seen::new());
		let [Wrong::Proven { what, .. }] = &found[..] else { panic!("{found:?}") };
		assert!(what.contains("which did not offer its model then"), "{what}");
	}
	// What a launch offers that was not asked for is not judged.
	let unknown = batch(vec![vec![Leaf { payment: Payment::Quota(6), ..scarce_call(1) }]]);
	assert_eq!(examine(&unknown, &pricing_with_launch(NOW + 1), &Seen::new()), []);
}

#[test]
fn a_call_in_the_line_of_another_quota_is_proven() {
	let mut shown = batch(vec![vec![scarce_call(1)]]);
	shown.lines[0].payment = Payment::Quota(5);
	let (_, fraud) = only(&sealed(shown));
	assert!(matches!(fraud, Fraud::WrongSum(proof) if proof.line.index == 0));
}

#[test]
fn a_tier_that_the_payer_did_not_have_is_proven() {
	let shown = honest();
	let former = vec![FormerTier { tier: Tier::Lv4, until: NOW + 1 }];
	let mut pricing = pricing();
	pricing.tiers.insert(BOB, TierHistory { current: Tier::Lv1, former });
	let found = examine(&shown, &pricing, &Seen::new());
	let [Wrong::Proven { what, fraud }] = &found[..] else { panic!("{found:?}") };
	assert!(what.ends_with("is charged at tier Lv1, and its payer had Lv4"), "{what}");
	assert!(matches!(&**fraud, Fraud::WrongPrice(proof) if proof.leaf == call(BOB, 3)));
	// What is too long ago to be told is not judged.
	pricing.now = NOW + TIER_MEMORY;
	assert_eq!(examine(&shown, &pricing, &Seen::new()).len(), 1);
	pricing.now += 1;
	assert_eq!(examine(&shown, &pricing, &Seen::new()), []);
}

#[test]
fn a_call_that_is_there_twice_is_proven() {
	let shown = batch(vec![vec![call(ALICE, 1), call(ALICE, 1)]]);
	let (_, fraud) = only(&shown);
	let Fraud::RepeatedCall { call, again } = fraud else { panic!() };
	assert_eq!((call.place(), again.place()), ((0, 0), (0, 1)));
	assert!(call.is_in(&shown.header.root, 1) && again.is_in(&shown.header.root, 1));
}

#[test]
fn a_call_of_another_time_is_proven() {
	let early = Leaf { call_id: call_id(NOW - 1, [1; 10]), ..call(ALICE, 1) };
	let (_, fraud) = only(&batch(vec![vec![early]]));
	assert!(matches!(fraud, Fraud::WrongTime(_)));
}

/// The same batch at another place of the log.
fn at(sequence: u64, mut shown: Shown) -> Shown {
	shown.header.sequence = sequence;
	shown
}

/// The only proof.
fn proof(wrong: Vec<Wrong>) -> Fraud<AccountId32> {
	let mut proofs = wrong.into_iter().filter_map(|wrong| match wrong {
		Wrong::Proven { fraud, .. } => Some(*fraud),
		_ => None,
	});
	let first = proofs.next().expect("a proof");
	assert_eq!(proofs.next(), None, "a second proof");
	first
}

#[test]
fn as_much_is_kept_as_there_is_room_for() {
	// Each has two lines and three calls.
	let mut kept = Kept::with_room(10);
	let kept_now = |kept: &Kept| [3, 4, 5].map(|sequence| kept.get(sequence).is_some());
	for (sequence, now) in
		[(4, [false, true, false]), (5, [false, true, true]), (3, [false, true, true])]
	{
		kept.add(Arc::new(at(sequence, honest())));
		assert_eq!(kept_now(&kept), now);
	}
	kept.add(Arc::new(at(6, honest())));
	assert_eq!(kept_now(&kept), [false, false, true]);
}

#[test]
fn what_is_shown_later_replaces_nothing_that_proves_more() {
	let mut kept = Kept::with_room(10);
	let mut less = honest();
	less.calls.pop();
	for (shown, calls) in [(less.clone(), 2), (honest(), 3), (less, 3)] {
		kept.add(Arc::new(shown));
		assert_eq!(kept.get(7).unwrap().sound_calls().count(), calls);
	}
	// What was replaced takes no room.
	kept.add(Arc::new(at(8, honest())));
	assert!(kept.get(7).is_some() && kept.get(8).is_some());
}

#[test]
fn a_batch_is_no_repetition_of_itself_or_of_a_later_one() {
	let mut seen = Seen::new();
	assert!(note(&mut seen, &honest()).is_empty());
	assert_eq!(examine(&honest(), &pricing(), &seen), []);
	assert_eq!(examine(&at(6, honest()), &pricing(), &seen), []);
	let repeated = examine(&at(8, honest()), &pricing(), &seen);
	let [Wrong::Found { fault, .. }, _, _] = &repeated[..] else { panic!("{repeated:?}") };
	assert_eq!(*fault, Fault::Settled { place: (0, 0), earlier: 7 });
}

#[test]
fn a_batch_that_was_hidden_shows_which_later_one_repeats_it() {
	let mut seen = Seen::new();
	note(&mut seen, &at(8, batch(vec![vec![call(BOB, 3)]])));
	note(&mut seen, &at(9, batch(vec![vec![call(BOB, 4)]])));
	assert_eq!(note(&mut seen, &at(5, honest())), BTreeSet::from([8]));
	assert_eq!(seen[&call(BOB, 3).call_id], 5);
	assert!(note(&mut seen, &at(5, honest())).is_empty());
}

#[test]
fn calls_that_are_not_those_signed_are_not_noted() {
	let mut shown = honest();
	shown.calls[1] = vec![call(BOB, 4)];
	let mut seen = Seen::new();
	note(&mut seen, &shown);
	assert_eq!(seen.len(), 2);
	assert!(!seen.contains_key(&call(BOB, 4).call_id));
}

#[test]
fn only_what_is_hidden_and_not_proven_wrong_is_looked_at_again() {
	assert!(!is_hidden(&found(&honest())));
	let mut hidden = honest();
	hidden.calls.pop();
	assert!(is_hidden(&found(&hidden)));
	let raised = Leaf { charge: 31, ..call(ALICE, 1) };
	let mut hidden_and_wrong = batch(vec![vec![raised], vec![call(BOB, 3)]]);
	hidden_and_wrong.calls.pop();
	assert!(!is_hidden(&found(&hidden_and_wrong)));
}

#[test]
fn a_line_that_claims_more_than_its_calls_is_proven() {
	let mut shown = honest();
	shown.lines[0].total.charge += 1;
	let shown = sealed(shown);
	let (what, fraud) = only(&shown);
	assert!(what.contains("0.000061 CRED"), "{what}");
	assert!(matches!(fraud, Fraud::WrongSum(proof) if proof.line.index == 0));
}

#[test]
fn what_the_relay_hides_is_told_and_not_proven() {
	let mut other_lines = honest();
	other_lines.lines[0].total.charge += 1;
	let mut other_calls = honest();
	other_calls.calls[1] = vec![call(BOB, 4)];
	let mut no_calls = honest();
	no_calls.calls.pop();
	for shown in [other_lines, other_calls, no_calls] {
		let found = found(&shown);
		assert!(matches!(&found[..], [Wrong::Hidden(_)]), "{found:?}");
	}
}

#[test]
fn what_is_not_known_is_not_judged() {
	let nothing = Pricing::default();
	assert_eq!(examine(&honest(), &nothing, &Seen::new()), []);
	assert_eq!(wrong_price(&call(ALICE, 1), &nothing), None);
	let missing = Pricing { prices: [((model(), 2), None)].into(), ..Default::default() };
	assert!(wrong_price(&call(ALICE, 1), &missing).unwrap().contains("not in force"));
	let as_whale = Leaf { tier: Tier::Whale, charge: 15, ..call(ALICE, 1) };
	assert!(wrong_price(&as_whale, &pricing()).unwrap().contains("its payer had Lv1"));
	let no_tiers = Pricing { tiers: HashMap::new(), ..pricing() };
	assert_eq!(wrong_price(&as_whale, &no_tiers), None);
}

/// To prove every call would take hours: each proof takes all of its line.
#[test]
fn a_line_of_very_many_calls_is_looked_at_in_no_time() {
	let mut calls: Vec<_> = (0..60_000u32)
		.map(|number| {
			let mut random = [0; 10];
			random[..4].copy_from_slice(&number.to_be_bytes());
			Leaf { call_id: call_id(NOW, random), ..call(ALICE, 1) }
		})
		.collect();
	assert_eq!(found(&batch(vec![calls.clone()])), []);
	calls[59_999].charge += 1;
	let (_, fraud) = only(&batch(vec![calls.clone()]));
	let Fraud::WrongPrice(last) = fraud else { panic!() };
	assert_eq!(last.place(), (0, 59_999));
	for call in &mut calls {
		call.charge = 31;
	}
	let wrong = found(&batch(vec![calls]));
	assert_eq!(wrong.len(), 60_000);
	let Fraud::WrongPrice(first) = proof(wrong) else { panic!() };
	assert_eq!(first.place(), (0, 0));
}
