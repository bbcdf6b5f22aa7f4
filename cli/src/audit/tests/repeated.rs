use super::*;
use crate::audit::earlier::{prove_settled, Earlier};

/// The calls of these batches.
pub(super) fn seen_in(batches: &[Shown]) -> Seen {
	let mut seen = Seen::new();
	for batch in batches {
		note(&mut seen, batch);
	}
	seen
}

/// What is wrong with a batch if `look_up` has the earlier ones, and which of those were looked up.
pub(super) async fn found_with(
	shown: &Shown,
	seen: &Seen,
	look_up: impl Fn(u64) -> Earlier,
) -> (Vec<Wrong>, Vec<u64>) {
	let (mut wrong, mut asked) = (examine(shown, &pricing(), seen), Vec::new());
	let asking = async |earlier: u64| {
		asked.push(earlier);
		anyhow::Ok(look_up(earlier))
	};
	prove_settled(shown, &mut wrong, asking).await.unwrap();
	(wrong, asked)
}

pub(super) fn shows(batch: &Shown) -> Earlier {
	Earlier::Shown(Arc::new(batch.clone()))
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
