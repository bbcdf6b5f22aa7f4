mod gone;

use std::sync::Arc;

use lx_primitives::{
	call_log::{call_id, leaves_root},
	Price, Rates, Tier, Usage,
};
use sp_core::H256;

use super::{
	earlier::{prove_settled, Earlier},
	kept::Kept,
	*,
};

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

fn prices() -> Prices {
	let price = Price { list: Rates::Unit(10), cost: Rates::Unit(5), active_from: NOW - 1_000 };
	[((model(), 2), Some(PriceSpan { price, replaced_at: None }))].into()
}

/// The batch of these calls, line by line, with sums that are right.
fn batch(calls: Vec<Vec<Leaf<AccountId32>>>) -> Shown {
	let line = |calls: &Vec<Leaf<AccountId32>>| Line {
		account: calls[0].account.clone(),
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
	examine(shown, &prices(), &Seen::new())
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
		let mut prices = prices();
		for span in prices.values_mut().flatten() {
			span.replaced_at = replaced_at;
		}
		// The registry does not have the first.
		prices.insert((model(), 1), None);
		let found = examine(&shown, &prices, &Seen::new());
		assert!(matches!(&found[..], [Wrong::Proven { what, .. }] if what.contains("in force")));
	}
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

/// The calls of these batches.
fn seen_in(batches: &[Shown]) -> Seen {
	let mut seen = Seen::new();
	for batch in batches {
		note(&mut seen, batch);
	}
	seen
}

/// What is wrong with a batch if `look_up` has the earlier ones, and which of those were looked up.
async fn found_with(
	shown: &Shown,
	seen: &Seen,
	look_up: impl Fn(u64) -> Earlier,
) -> (Vec<Wrong>, Vec<u64>) {
	let (mut wrong, mut asked) = (examine(shown, &prices(), seen), Vec::new());
	let asking = async |earlier: u64| {
		asked.push(earlier);
		anyhow::Ok(look_up(earlier))
	};
	prove_settled(shown, &mut wrong, asking).await.unwrap();
	(wrong, asked)
}

fn shows(batch: &Shown) -> Earlier {
	Earlier::Shown(Arc::new(batch.clone()))
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

#[tokio::test]
async fn calls_of_an_earlier_batch_are_proven_by_one_of_them_with_one_look_at_it() {
	let earlier = at(4, honest());
	let again = honest();
	let (wrong, asked) =
		found_with(&again, &seen_in(std::slice::from_ref(&earlier)), |_| shows(&earlier)).await;
	assert_eq!(asked, [4]);
	assert_eq!(wrong.len(), 3, "{wrong:?}");
	let told = |wrong: &Wrong| match wrong {
		Wrong::Found { what, .. } | Wrong::Proven { what, .. } => {
			what.contains("in batch 4 already")
		},
		Wrong::Hidden(_) => false,
	};
	assert!(wrong.iter().all(told), "{wrong:?}");
	let Fraud::SettledCall { call, earlier: 4, before } = proof(wrong) else { panic!() };
	assert!(call.is_in(&again.header.root, 2) && before.is_in(&earlier.header.root, 2));
	assert_eq!(call.leaf.call_id, before.leaf.call_id);
}

#[tokio::test]
async fn earlier_batches_are_looked_up_from_the_latest_to_the_first_proof() {
	let batches = [
		at(3, batch(vec![vec![call(ALICE, 1)]])),
		at(4, batch(vec![vec![call(ALICE, 2)]])),
		at(5, batch(vec![vec![call(BOB, 3)]])),
	];
	let look_up = |sequence| match sequence {
		5 => Earlier::Hidden,
		4 => shows(&batches[1]),
		_ => panic!("one proof is enough"),
	};
	let (wrong, asked) = found_with(&honest(), &seen_in(&batches), look_up).await;
	assert_eq!(asked, [5, 4]);
	assert!(!is_hidden(&wrong));
	assert!(matches!(proof(wrong), Fraud::SettledCall { earlier: 4, .. }));
}

#[tokio::test]
async fn no_earlier_batch_is_looked_up_for_one_that_is_proven_wrong_by_itself() {
	let seen = seen_in(&[at(4, honest())]);
	let raised = Leaf { charge: 31, ..call(ALICE, 2) };
	let shown = batch(vec![vec![call(ALICE, 1), raised], vec![call(BOB, 3)]]);
	let (wrong, asked) = found_with(&shown, &seen, |_| panic!("looked up")).await;
	assert!(asked.is_empty());
	assert_eq!(wrong.len(), 4, "{wrong:?}");
	assert!(matches!(proof(wrong), Fraud::WrongPrice(_)));
}

#[tokio::test]
async fn an_earlier_batch_that_is_hidden_or_not_what_was_signed_proves_nothing() {
	let earlier = at(4, batch(vec![vec![call(BOB, 3)]]));
	let mut other_call = earlier.clone();
	other_call.calls[0] = vec![Leaf { charge: 31, ..call(BOB, 3) }];
	let mut other_line = earlier.clone();
	other_line.lines[0].total.charge += 1;
	let another = at(4, batch(vec![vec![call(BOB, 9)]]));
	let seen = seen_in(&[earlier]);
	for before in [Earlier::Hidden, shows(&other_call), shows(&other_line), shows(&another)] {
		let shown = batch(vec![vec![call(BOB, 3)]]);
		let (wrong, _) = found_with(&shown, &seen, |_| before.clone()).await;
		assert!(is_hidden(&wrong));
		let [Wrong::Found { .. }, Wrong::Hidden(what)] = &wrong[..] else { panic!("{wrong:?}") };
		assert!(what.contains("batch 4"), "{what}");
	}
}

#[tokio::test]
async fn what_was_shown_once_proves_its_repetition_when_it_is_hidden() {
	let mut kept = Kept::default();
	let earlier = at(4, honest());
	kept.add(Arc::new(earlier.clone()));
	let look_up = |sequence| kept.get(sequence).map_or(Earlier::Hidden, Earlier::Shown);
	let (wrong, _) = found_with(&honest(), &seen_in(&[earlier]), look_up).await;
	assert!(matches!(proof(wrong), Fraud::SettledCall { earlier: 4, .. }));
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
	assert_eq!(examine(&honest(), &prices(), &seen), []);
	assert_eq!(examine(&at(6, honest()), &prices(), &seen), []);
	let repeated = examine(&at(8, honest()), &prices(), &seen);
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
fn a_price_that_is_not_known_is_not_judged() {
	assert_eq!(examine(&honest(), &Prices::new(), &Seen::new()), []);
	assert_eq!(wrong_price(&call(ALICE, 1), &Prices::new()), None);
	let missing = Prices::from([((model(), 2), None)]);
	assert!(wrong_price(&call(ALICE, 1), &missing).unwrap().contains("not in force"));
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
