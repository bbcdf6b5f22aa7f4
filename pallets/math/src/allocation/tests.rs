//! The search against units given one by one, and the promises of the whitepaper.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::emission::CAP;

/// The most passes that any search takes: one for each bit of the highest level, and of an id.
const MOST_PASSES: usize = 64 + STEP_BITS as usize + 1 + 256;

fn id(number: u32) -> [u8; 32] {
	let mut id = [0; 32];
	id[..4].copy_from_slice(&number.to_be_bytes());
	id
}

/// The cut that gives out `units`, and after how many passes it was found.
fn search(units: u64, shares: &[Share]) -> (Cut, usize) {
	let least = shares.iter().map(|share| share.weight).min().unwrap();
	let mut search = Search::new(units, least);
	for passes in 1.. {
		shares.iter().for_each(|share| search.count(share));
		if let Some(cut) = search.turn() {
			return (cut, passes);
		}
	}
	unreachable!("a search has an end")
}

/// What each share gets of `units` in the second round.
fn fill(units: u64, shares: &[Share]) -> Vec<u64> {
	let wanted: u64 = shares.iter().map(|share| share.wanted).sum();
	let cut = if wanted <= units { Cut::ALL } else { search(units, shares).0 };
	shares.iter().map(|share| cut.given(share)).collect()
}

/// The same, each unit by itself: always the one that fills next.
fn fill_one_by_one(units: u64, shares: &[Share]) -> Vec<u64> {
	let mut given = vec![0u64; shares.len()];
	for _ in 0..units {
		let unsatisfied = (0..shares.len()).filter(|i| given[*i] < shares[*i].wanted);
		let next = unsatisfied.min_by(|i, j| {
			let level = |i: usize, j: usize| u128::from(given[i] + 1) * shares[j].weight;
			level(*i, *j).cmp(&level(*j, *i)).then(shares[*i].id.cmp(&shares[*j].id))
		});
		let Some(next) = next else { break };
		given[next] += 1;
	}
	given
}

/// Who asks for units in a launch: id, weight, units.
type Request = (u32, u128, u64);

/// What each gets of a quota, where the whole network has the weight `all`.
fn allocate(total: u64, all: u128, requests: &[Request]) -> Vec<u64> {
	let first = |(_, weight, units): &Request| proportion(total, *weight, all).min(*units);
	let firsts: Vec<u64> = requests.iter().map(first).collect();
	let shares: Vec<Share> = requests
		.iter()
		.zip(&firsts)
		.map(|((number, weight, units), first)| Share::new(id(*number), *weight, units - first))
		.collect();
	let seconds = fill(total - firsts.iter().sum::<u64>(), &shares);
	firsts.iter().zip(seconds).map(|(first, second)| first + second).collect()
}

fn weight_of(requests: &[Request]) -> u128 {
	requests.iter().map(|(_, weight, _)| weight).sum()
}

fn shares(of: &[(u128, u64)]) -> Vec<Share> {
	let numbered = (0..).zip(of);
	numbered.map(|(number, (weight, wanted))| Share::new(id(number), *weight, *wanted)).collect()
}

#[test]
fn all_the_planck_weigh_less_than_the_most() {
	const { assert!(3 * CAP < MAX_WEIGHT) };
	// Levels of two weights are never closer than a step.
	assert!(STEP_BITS >= 2 * MAX_WEIGHT.ilog2());
}

#[test]
fn a_proportion_is_rounded_down() {
	assert_eq!(proportion(10, 1, 3), 3);
	assert_eq!(proportion(10, 2, 3), 6);
	assert_eq!(proportion(10, 3, 3), 10);
	assert_eq!(proportion(10, 0, 3), 0);
	assert_eq!(proportion(0, 3, 3), 0);
	assert_eq!(proportion(10, 1, 0), 0);
	assert_eq!(proportion(10, 4, 3), 10);
	assert_eq!(proportion(u64::MAX, MAX_WEIGHT, MAX_WEIGHT), u64::MAX);
	assert_eq!(proportion(u64::MAX, u128::MAX, 1), u64::MAX);
}

#[test]
fn the_level_rises_until_the_units_are_gone() {
	// Those who want little have it; the others get as much for each weight.
	let of = shares(&[(1, 2), (1, 100), (2, 100), (4, 8)]);
	assert_eq!(fill(40, &of), [2, 10, 20, 8]);
	assert_eq!(fill(0, &of), [0, 0, 0, 0]);
	assert_eq!(fill(1, &of), [0, 0, 0, 1]);
	assert_eq!(fill(209, &of), [2, 99, 100, 8]);
	assert_eq!(fill(210, &of), [2, 100, 100, 8]);
	assert_eq!(fill(u64::MAX, &of), [2, 100, 100, 8]);
}

#[test]
fn what_fills_at_one_level_goes_by_the_ids() {
	let equal = shares(&[(7, 5); 4]);
	assert_eq!(fill(10, &equal), [3, 3, 2, 2]);
	let mut reversed = equal.clone();
	reversed.reverse();
	assert_eq!(fill(10, &reversed), [2, 2, 3, 3]);
	// The third unit of 3 fills with the first of 1.
	let of = shares(&[(1, 9), (3, 9)]);
	assert_eq!([3, 4].map(|units| fill(units, &of)), [[1, 2], [1, 3]]);
	let greatest = [Share::new([0xff; 32], 1, 2), Share::new([0; 32], 1, 2)];
	assert_eq!([1, 2, 3].map(|units| fill(units, &greatest)), [[0, 1], [1, 1], [1, 2]]);
}

#[test]
fn extremes_add_up() {
	let most = MAX_WEIGHT - 1;
	for (weights, wanted) in [
		([most, most, most], u64::MAX / 4),
		([1, 1, most], u64::MAX / 4),
		([most, most - 1, most - 2], u64::MAX / 4),
		([1, 2, 3], u64::MAX / 4),
		([1, most, most - 1], 1),
	] {
		let of = shares(&weights.map(|weight| (weight, wanted)));
		for units in [1, 2, 3 * wanted - 1] {
			let (cut, passes) = search(units, &of);
			assert_eq!(of.iter().map(|share| cut.given(share)).sum::<u64>(), units);
			assert!(passes <= MOST_PASSES, "{passes}");
		}
	}
}

#[test]
fn a_hundred_thousand_equal_shares_are_cut_in_few_passes() {
	let many = shares(&vec![(10_000_000_000_000_000, 1_000_000); 100_000]);
	let (cut, passes) = search(12_345_678_901, &many);
	let given: Vec<u64> = many.iter().map(|share| cut.given(share)).collect();
	assert_eq!(given.iter().sum::<u64>(), 12_345_678_901);
	assert_eq!((given[0], given[78_900], given[78_901]), (123_457, 123_457, 123_456));
	assert!(passes < 180, "{passes}");
}

#[test]
fn whoever_weighs_enough_gets_his_proportion() {
	// Half of the network does not take part: its part is divided by weight.
	let requests = [(1, 10, 1_000), (2, 20, 1_000), (3, 20, 1)];
	assert_eq!(allocate(100, 100, &requests), [33, 66, 1]);
}

fn small_share() -> impl Strategy<Value = (u128, u64)> {
	let weight = prop_oneof![1..6u128, 1..1_000u128];
	let wanted = prop_oneof![0..5u64, 0..60u64];
	(weight, wanted)
}

fn any_weight() -> impl Strategy<Value = u128> {
	const LV3: u128 = 10_000_000_000_000_000;
	prop_oneof![Just(LV3), Just(15 * LV3), LV3..30 * LV3, LV3..MAX_WEIGHT, 1..MAX_WEIGHT,]
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
	let units = prop_oneof![0..20u64, 0..1_000_000u64, 0..1u64 << 50];
	vec((any_weight(), units), 1..24).prop_map(|asked| {
		(1..).zip(asked).map(|(number, (weight, units))| (10 * number, weight, units)).collect()
	})
}

proptest! {
	#[test]
	fn the_cut_gives_what_one_by_one_gives(
		of in vec(small_share(), 1..12),
		units in 0..400u64,
	) {
		let of = shares(&of);
		prop_assert_eq!(fill(units, &of), fill_one_by_one(units, &of));
	}

	#[test]
	fn neither_order_nor_pieces_matter(
		of in vec((any_weight(), 0..1u64 << 40), 1..20),
		units in 0..1u64 << 42,
		turned in any::<prop::sample::Index>(),
	) {
		let of = shares(&of);
		let mut rotated = of.clone();
		rotated.rotate_left(turned.index(of.len()));
		let mut given = fill(units, &rotated);
		given.rotate_right(turned.index(of.len()));
		prop_assert_eq!(given, fill(units, &of));
	}

	#[test]
	fn all_is_given_out_and_nobody_gets_more_than_he_asked_for(
		requests in requests(),
		total in prop_oneof![1..40u64, 1..1u64 << 50],
		others in 0..MAX_WEIGHT,
	) {
		let all = weight_of(&requests) + others;
		let given = allocate(total, all, &requests);
		let asked: u64 = requests.iter().map(|(_, _, units)| units).sum();
		prop_assert_eq!(given.iter().sum::<u64>(), total.min(asked));
		for ((_, weight, units), given) in requests.iter().zip(given) {
			prop_assert!(given <= *units);
			prop_assert!(given >= proportion(total, *weight, all).min(*units));
		}
	}

	/// Whoever has more weight and asks for as much gets no less.
	#[test]
	fn weight_never_harms(
		requests in requests(),
		total in prop_oneof![1..40u64, 1..1u64 << 50],
	) {
		let given = allocate(total, weight_of(&requests), &requests);
		for (i, (first, weight, units)) in requests.iter().enumerate() {
			for (j, (second, lesser, fewer)) in requests.iter().enumerate() {
				let is_before = (weight, second) > (lesser, first) && units >= fewer;
				prop_assert!(!is_before || given[i] >= given[j]);
			}
		}
	}

	/// An account that moves parts of its weight and of its request to other accounts.
	#[test]
	fn splitting_never_gains(
		mut requests in requests(),
		total in prop_oneof![1..40u64, 1..1u64 << 50],
		others in 0..MAX_WEIGHT,
		parts in vec((1..100u128, 0..100u64, any::<u32>()), 1..6),
	) {
		let all = weight_of(&requests) + others;
		let whole = allocate(total, all, &requests)[0];
		let (number, mut weight, mut units) = requests[0];
		let mut split = Vec::new();
		for (percent, of_units, other) in parts {
			let moved = weight * percent / 100;
			let asked = units * of_units / 100;
			let is_new = [&requests[..], &split[..]].concat().iter().all(|(id, _, _)| *id != other);
			if is_new && moved > 0 && moved < weight {
				(weight, units) = (weight - moved, units - asked);
				split.push((other, moved, asked));
			}
		}
		requests[0] = (number, weight, units);
		let last = requests.len();
		requests.extend(split);
		let given = allocate(total, all, &requests);
		let parts = given[0] + given[last..].iter().sum::<u64>();
		prop_assert!(parts <= whole, "{parts} instead of {whole}");
	}

	#[test]
	fn a_search_ends_in_time(
		of in vec((1..MAX_WEIGHT, 1..u64::MAX / 32), 1..16),
		part in 0..u64::MAX,
	) {
		let of = shares(&of);
		let wanted: u64 = of.iter().map(|share| share.wanted).sum();
		let (cut, passes) = search(part % wanted, &of);
		let given: u64 = of.iter().map(|share| cut.given(share)).sum();
		prop_assert_eq!(given, part % wanted);
		prop_assert!(passes <= MOST_PASSES);
	}
}
