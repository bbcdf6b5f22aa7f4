//! Batches that repeat one which the chain has no more.

use super::{
	repeated::{found_with, seen_in, shows},
	*,
};
use crate::audit::earlier::{needed, Earlier};

#[tokio::test]
async fn a_batch_that_the_chain_has_no_more_was_repeated_by_nobody() {
	let seen = seen_in(&[at(4, honest())]);
	let (wrong, asked) = found_with(&honest(), &seen, |_| Earlier::Gone).await;
	assert_eq!((wrong, asked), (vec![], vec![4]));
}

#[tokio::test]
async fn what_repeats_a_reversed_batch_is_right_and_what_repeats_that_is_proven() {
	let [first, second, third] = [4, 5, 6].map(|sequence| at(sequence, honest()));
	let mut seen = seen_in(&[first]);
	forget(&mut seen, 4);
	assert_eq!(examine(&second, &pricing(), &seen), []);
	assert!(note(&mut seen, &second).is_empty());
	let (wrong, asked) = found_with(&third, &seen, |_| shows(&second)).await;
	assert_eq!(asked, [5]);
	assert!(matches!(proof(wrong), Fraud::SettledCall { earlier: 5, .. }));
}

#[test]
fn what_was_taken_for_a_repetition_of_a_reversed_batch_shows_what_repeats_it() {
	let [first, second, third] = [4, 5, 6].map(|sequence| at(sequence, honest()));
	let mut seen = seen_in(&[first, second.clone()]);
	forget(&mut seen, 4);
	// A new one is looked at before that one is looked at again.
	assert!(note(&mut seen, &third).is_empty());
	assert_eq!(note(&mut seen, &second), BTreeSet::from([6]));
}

#[test]
fn only_the_calls_of_the_batch_that_is_gone_are_forgotten() {
	let mut seen = seen_in(&[at(3, batch(vec![vec![call(BOB, 9)]])), at(4, honest())]);
	forget(&mut seen, 4);
	assert_eq!(seen, Seen::from([(call(BOB, 9).call_id, 3)]));
}

#[tokio::test]
async fn only_the_proof_that_takes_an_earlier_batch_needs_it() {
	let earlier = at(4, honest());
	let seen = seen_in(std::slice::from_ref(&earlier));
	let (wrong, _) = found_with(&honest(), &seen, |_| shows(&earlier)).await;
	assert_eq!(needed(&proof(wrong)), Some(4));
	let (_, by_itself) = only(&batch(vec![vec![call(ALICE, 1), call(ALICE, 1)]]));
	assert_eq!(needed(&by_itself), None);
}
