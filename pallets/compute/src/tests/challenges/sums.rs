//! A line is not the sum of its calls.

use lx_primitives::{
	merkle_sum::{prove, Node},
	proof::{LineProof, Opening, Step, SumProof},
	units::CRED,
	Line, Payment,
};

use super::{assert_proven, set_up, UNITS};
use crate::{mock::*, Fraud};

/// The way down from Alice's line, which has this total, to what `opening` shows.
fn sum_proof(
	total: Node,
	steps: Vec<Step>,
	opening: Opening<AccountId>,
) -> (Vec<Line<AccountId>>, Fraud<AccountId>) {
	let lines = vec![Line { account: ALICE, payment: Payment::Purse, total }, line(BOB, CRED)];
	let siblings = prove(lines.iter().map(Line::node).collect(), 0).unwrap();
	let siblings = siblings.try_into().unwrap();
	let line = LineProof { line: lines[0].clone(), index: 0, siblings };
	(lines, Fraud::WrongSum(SumProof { line, steps: steps.try_into().unwrap(), opening }))
}

fn assert_wrong_sum(total: Node, steps: Vec<Step>, opening: Opening<AccountId>) {
	build_and_execute(|| {
		set_up();
		let (lines, fraud) = sum_proof(total, steps, opening);
		assert_proven(batch(lines), fraud);
	});
}

/// What a relay could claim without changing what the node's hash commits to.
fn forgeries(node: Node) -> [Node; 5] {
	[
		Node { charge: node.charge + 1, ..node },
		Node { charge: node.charge - 1, ..node },
		Node { cost: node.cost + 1, ..node },
		Node { cost: node.cost - 1, ..node },
		Node { calls: node.calls + 1, ..node },
	]
}

fn join(left: Node, right: Node) -> Node {
	Node::join(&left, &right).unwrap()
}

#[test]
fn a_line_that_is_not_the_sum_of_its_only_call() {
	let only = call(ALICE, UNITS);
	for total in forgeries(only.node()) {
		assert_wrong_sum(total, vec![], Opening::Leaf(only.clone()));
	}
}

#[test]
fn a_line_that_is_not_the_sum_of_its_halves() {
	let [left, right] = [1, 2].map(|times| call(ALICE, times * UNITS).node());
	for total in forgeries(join(left, right)) {
		assert_wrong_sum(total, vec![], Opening::Inner(left, right));
	}
}

#[test]
fn a_node_below_a_line_that_is_not_the_sum_of_its_calls() {
	let [a, b, c, d] = [1, 2, 3, 4].map(|times| call(ALICE, times * UNITS / 4).node());
	for left in forgeries(join(a, b)) {
		let right = join(c, d);
		let step = Step { left, right, is_right: false };
		assert_wrong_sum(join(left, right), vec![step], Opening::Inner(a, b));
	}
	for right in forgeries(join(c, d)) {
		let left = join(a, b);
		let step = Step { left, right, is_right: true };
		assert_wrong_sum(join(left, right), vec![step], Opening::Inner(c, d));
	}
}

#[test]
fn a_leafs_node_that_is_not_its_calls() {
	let [low, high] = [1, 2].map(|times| call(ALICE, times * UNITS));
	for right in forgeries(high.node()) {
		let left = low.node();
		let step = Step { left, right, is_right: true };
		assert_wrong_sum(join(left, right), vec![step], Opening::Leaf(high.clone()));
	}
}

#[test]
fn a_line_whose_calls_are_not_in_their_places() {
	// A tree of three has two on its left: none of these could be proven in its place.
	let [a, b, c] = [1, 2, 3].map(|times| call(ALICE, times * UNITS).node());
	let right = join(b, c);
	assert_wrong_sum(join(a, right), vec![], Opening::Inner(a, right));
}

#[test]
fn a_line_that_charges_the_call_of_another() {
	let of_bob = call(BOB, UNITS);
	assert_wrong_sum(of_bob.node(), vec![], Opening::Leaf(of_bob.clone()));
	let (left, right) = (call(ALICE, UNITS).node(), of_bob.node());
	let step = Step { left, right, is_right: true };
	assert_wrong_sum(join(left, right), vec![step], Opening::Leaf(of_bob));
}
