use proptest::prelude::*;
use sp_core::H256;

use super::*;
use crate::{
	call_log::{leaves_root, Payment},
	launch::LaunchId,
	merkle_sum::{prove, root, Domain},
	pricing::{Tier, Usage},
};

type Account = u64;

/// A batch: its lines with their leaves, and its root.
struct Log {
	leaves: Vec<Vec<Leaf<Account>>>,
	lines: Vec<Line<Account>>,
	root: Node,
}

/// Accounts pay in all ways, in turn.
fn payment_of(account: Account) -> Payment {
	match account % 3 {
		0 => Payment::Purse,
		1 => Payment::Perk,
		_ => Payment::Quota(5),
	}
}

fn payments() -> impl Strategy<Value = Payment> {
	let quota = any::<LaunchId>().prop_map(Payment::Quota);
	prop_oneof![Just(Payment::Purse), Just(Payment::Perk), quota]
}

fn leaf(account: Account, number: u32) -> Leaf<Account> {
	Leaf {
		call_id: (u128::from(account) << 32 | u128::from(number)).to_be_bytes(),
		account,
		payment: payment_of(account),
		key: H256::zero(),
		model: Default::default(),
		usage: Usage::Units(number + 1),
		price_version: 1,
		tier: Tier::Lv1,
		charge: u128::from(number) + 2,
		cost: 1,
		estimated: false,
		request_hash: H256::zero(),
		response_hash: H256::zero(),
	}
}

fn line_of(account: Account, total: Node) -> Line<Account> {
	Line { account, payment: payment_of(account), total }
}

fn log(counts: &[u32]) -> Log {
	let leaves: Vec<Vec<_>> = (0..)
		.zip(counts)
		.map(|(account, count)| (0..*count).map(|number| leaf(account, number)).collect())
		.collect();
	let lines: Vec<_> = (0..)
		.zip(&leaves)
		.map(|(account, leaves)| line_of(account, leaves_root(leaves).unwrap()))
		.collect();
	let root = root(lines.iter().map(Line::node).collect()).unwrap();
	Log { leaves, lines, root }
}

impl Log {
	fn count(&self) -> u32 {
		self.lines.len() as u32
	}

	fn line(&self, index: u32) -> LineProof<Account> {
		LineProof::new(&self.lines, index).unwrap()
	}

	fn call(&self, line: u32, index: u32) -> CallProof<Account> {
		CallProof::new(&self.lines, line, &self.leaves[line as usize], index).unwrap()
	}

	/// The way down to call `index` of a line, as far as `depth` steps or the call itself.
	fn way(&self, line: u32, index: u32, depth: usize) -> SumProof<Account> {
		let mut below = self.leaves[line as usize].as_slice();
		let mut place = index as usize;
		let mut steps = Vec::new();
		while below.len() > 1 && steps.len() < depth {
			let (low, high) = below.split_at(below.len().next_power_of_two() / 2);
			let is_right = place >= low.len();
			let (left, right) = (leaves_root(low).unwrap(), leaves_root(high).unwrap());
			steps.push(Step { left, right, is_right });
			(below, place) = if is_right { (high, place - low.len()) } else { (low, place) };
		}
		let opening = match below {
			[only] => Opening::Leaf(only.clone()),
			several => {
				let (low, high) = several.split_at(several.len().next_power_of_two() / 2);
				Opening::Inner(leaves_root(low).unwrap(), leaves_root(high).unwrap())
			},
		};
		SumProof { line: self.line(line), steps: steps.try_into().unwrap(), opening }
	}
}

/// Claims other sums for a node without changing what its hash commits to.
fn forgeries(node: Node) -> [Node; 7] {
	[
		Node { charge: node.charge + 1, ..node },
		Node { charge: node.charge - 1, ..node },
		Node { cost: node.cost + 1, ..node },
		Node { cost: node.cost - 1, ..node },
		Node { calls: node.calls + 1, ..node },
		Node { calls: node.calls - 1, ..node },
		Node { units: node.units + 1, ..node },
	]
}

fn counts() -> impl Strategy<Value = Vec<u32>> {
	prop::collection::vec(1u32..40, 1..12)
}

fn pick(log: &Log, line: u32, call: u32) -> (u32, u32) {
	let line = line % log.count();
	(line, call % log.leaves[line as usize].len() as u32)
}

proptest! {
	#[test]
	fn a_call_proves_its_place_and_no_other(
		counts in counts(), line in any::<u32>(), call in any::<u32>(), other in any::<u32>(),
	) {
		let log = log(&counts);
		let (line, call) = pick(&log, line, call);
		let proof = log.call(line, call);
		prop_assert!(proof.is_in(&log.root, log.count()));
		prop_assert_eq!(proof.place(), (line, call));
		if other != call {
			let moved = CallProof { index: other, ..proof.clone() };
			prop_assert!(!moved.is_in(&log.root, log.count()));
		}
		if other != line {
			let line = LineProof { index: other, ..proof.line.clone() };
			let moved = CallProof { line, ..proof.clone() };
			prop_assert!(!moved.is_in(&log.root, log.count()));
		}
	}

	#[test]
	fn a_call_that_is_changed_or_put_elsewhere_proves_nothing(
		counts in counts(), line in any::<u32>(), call in any::<u32>(), pick_line in any::<u32>(),
	) {
		let log = log(&counts);
		let (line, call) = pick(&log, line, call);
		let proof = log.call(line, call);
		let is_in = |proof: &CallProof<Account>| proof.is_in(&log.root, log.count());
		let mut changed = proof.clone();
		changed.leaf.charge += 1;
		prop_assert!(!is_in(&changed));
		let mut stranger = proof.clone();
		stranger.leaf.account += 1;
		prop_assert!(!is_in(&stranger));
		let mut paid_otherwise = proof.clone();
		paid_otherwise.line.line.payment = Payment::Quota(6);
		prop_assert!(!is_in(&paid_otherwise));
		let mut longer = proof.clone();
		if longer.siblings.try_push(proof.leaf.node()).is_ok() {
			prop_assert!(!is_in(&longer));
		}
		let mut shorter = proof.clone();
		if shorter.siblings.pop().is_some() {
			prop_assert!(!is_in(&shorter));
		}
		for sibling in 0..proof.siblings.len() {
			for forged in forgeries(proof.siblings[sibling]) {
				let mut cheaper = proof.clone();
				cheaper.siblings[sibling] = forged;
				prop_assert!(!is_in(&cheaper));
			}
		}
		let elsewhere = pick_line % log.count();
		if elsewhere != line {
			let moved = CallProof { line: log.line(elsewhere), ..proof.clone() };
			prop_assert!(!is_in(&moved));
		}
		for total in forgeries(proof.line.line.total) {
			let mut dearer = proof.clone();
			dearer.line.line.total = total;
			prop_assert!(!is_in(&dearer));
		}
	}

	#[test]
	fn every_node_of_an_honest_log_is_sound(
		counts in counts(), line in any::<u32>(), call in any::<u32>(), depth in 0usize..8,
	) {
		let log = log(&counts);
		let (line, call) = pick(&log, line, call);
		prop_assert_eq!(log.way(line, call, depth).judge(), SumVerdict::Sound);
	}

	#[test]
	fn a_forged_node_is_found_at_any_depth(
		count in 2u32..70, call in any::<u32>(), depth in 0usize..8, forgery in 0usize..7,
	) {
		let log = log(&[count]);
		let honest = log.way(0, call % count, depth);
		let depth = honest.steps.len();
		for at in 0..=depth {
			let mut proof = honest.clone();
			forge(&mut proof, at, forgery);
			prop_assert_eq!(proof.judge(), SumVerdict::Unsound, "forged at {}", at);
		}
	}
}

/// Claims another sum for the node `at` steps below the line, and rebuilds what is above it, as a
/// relay would that wants to charge it.
fn forge(proof: &mut SumProof<Account>, at: usize, forgery: usize) {
	let mut carried = match at.checked_sub(1) {
		None => {
			let total = &mut proof.line.line.total;
			*total = forgeries(*total)[forgery];
			return;
		},
		Some(above) => {
			let step = &mut proof.steps[above];
			let node = if step.is_right { &mut step.right } else { &mut step.left };
			*node = forgeries(*node)[forgery];
			Node::join(&step.left, &step.right).unwrap()
		},
	};
	for step in proof.steps[..at - 1].iter_mut().rev() {
		*(if step.is_right { &mut step.right } else { &mut step.left }) = carried;
		carried = Node::join(&step.left, &step.right).unwrap();
	}
	proof.line.line.total = carried;
}

#[test]
fn a_proof_that_does_not_fit_the_hashes_shows_nothing() {
	let log = log(&[5, 3]);
	let honest = log.way(0, 3, 9);
	let with = |opening| SumProof { opening, ..honest.clone() };
	let (leaf, stranger) = (log.leaves[0][2].clone(), log.leaves[1][0].clone());
	assert_eq!(with(Opening::Leaf(leaf.clone())).judge(), SumVerdict::Unfounded);
	assert_eq!(with(Opening::Leaf(stranger)).judge(), SumVerdict::Unfounded);
	let (left, right) = (leaf.node(), leaf.node());
	assert_eq!(with(Opening::Inner(left, right)).judge(), SumVerdict::Unfounded);
	let mut detour = honest.clone();
	detour.steps[1].left.charge += 1;
	assert_eq!(detour.judge(), SumVerdict::Unfounded);
	assert_eq!(honest.judge(), SumVerdict::Sound);
}

#[test]
fn a_leaf_of_another_account_in_a_line_is_found() {
	let stolen = leaf(7, 1);
	let line =
		LineProof { line: line_of(1, stolen.node()), index: 0, siblings: Default::default() };
	let root = line.line.node();
	assert!(line.is_in(&root, 1));
	let proof =
		SumProof { line: line.clone(), steps: Default::default(), opening: Opening::Leaf(stolen) };
	assert_eq!(proof.judge(), SumVerdict::Unsound);
	let Opening::Leaf(leaf) = proof.opening else { unreachable!() };
	let call = CallProof { leaf, index: 0, siblings: Default::default(), line };
	assert!(!call.is_in(&root, 1), "it is not a call of that account");
}

#[test]
fn an_inner_node_does_not_pass_for_a_call_nor_a_line() {
	let log = log(&[4, 1]);
	let way = log.way(0, 0, 1);
	let inner = way.steps[0].left;
	// The same bytes under another domain have another hash.
	let Node { charge, cost, calls, units, .. } = inner;
	assert_ne!(Node::entry(Domain::Leaf, &inner, charge, cost, calls, units), inner);
	assert_ne!(
		Node::entry(Domain::Line, &log.lines[0], 1, 1, 1, 1).hash,
		log.leaves[0][0].node().hash
	);
	// A line whose total is the root of all lines is not in the batch.
	let nested = LineProof { line: line_of(0, log.root), index: 0, siblings: Default::default() };
	assert!(!nested.is_in(&log.root, log.count()) && !nested.is_in(&log.root, 1));
}

#[test]
fn the_longest_proofs_are_of_the_largest_batch() {
	let deepest = |entries: u32| entries.next_power_of_two().ilog2();
	assert_eq!(deepest(crate::call_log::MAX_LINES), MAX_LINE_DEPTH);
	let nodes = vec![leaf(0, 0).node(); 1 << MAX_LEAF_DEPTH];
	assert_eq!(prove(nodes, 0).unwrap().len() as u32, MAX_LEAF_DEPTH);
}

#[test]
fn there_is_no_proof_of_what_is_not_there() {
	let log = log(&[2, 1]);
	assert!(LineProof::new(&log.lines, 2).is_none());
	assert!(CallProof::new(&log.lines, 0, &log.leaves[0], 2).is_none());
	assert!(CallProof::new(&log.lines, 2, &log.leaves[0], 0).is_none());
}

proptest! {
	#[test]
	fn a_line_that_claims_other_sums_is_found_out(
		counts in counts(), line in any::<u32>(), kind in 0usize..7,
	) {
		let mut log = log(&counts);
		let (line, _) = pick(&log, line, 0);
		let leaves = log.leaves[line as usize].clone();
		prop_assert_eq!(SumProof::find(&log.lines, line, &leaves), None);
		let total = &mut log.lines[line as usize].total;
		*total = forgeries(*total)[kind];
		let found = SumProof::find(&log.lines, line, &leaves).unwrap();
		prop_assert_eq!(found.judge(), SumVerdict::Unsound);
		prop_assert!(found.line.is_in(&root(log.lines.iter().map(Line::node).collect()).unwrap(), log.count()));
	}

	#[test]
	fn a_call_of_another_account_is_found_out(
		counts in counts(), line in any::<u32>(), call in any::<u32>(),
	) {
		let mut log = log(&counts);
		let (line, call) = pick(&log, line, call);
		let leaves = &mut log.leaves[line as usize];
		leaves[call as usize].account += 1_000;
		log.lines[line as usize].total = leaves_root(leaves).unwrap();
		let found = SumProof::find(&log.lines, line, leaves).unwrap();
		prop_assert_eq!(found.judge(), SumVerdict::Unsound);
	}

	#[test]
	fn a_call_that_is_paid_in_another_way_is_found_out(
		counts in counts(), line in any::<u32>(), call in any::<u32>(), other in payments(),
	) {
		let mut log = log(&counts);
		let (line, call) = pick(&log, line, call);
		prop_assume!(other != payment_of(line.into()));
		let leaves = &mut log.leaves[line as usize];
		leaves[call as usize].payment = other;
		log.lines[line as usize].total = leaves_root(leaves).unwrap();
		let found = SumProof::find(&log.lines, line, leaves).unwrap();
		prop_assert_eq!(found.judge(), SumVerdict::Unsound);
		let proof = CallProof::new(&log.lines, line, leaves, call).unwrap();
		let root = root(log.lines.iter().map(Line::node).collect()).unwrap();
		prop_assert!(!proof.is_in(&root, log.count()));
	}

	#[test]
	fn calls_that_a_line_does_not_commit_to_prove_nothing(
		counts in counts(), line in any::<u32>(), call in any::<u32>(),
	) {
		let mut log = log(&counts);
		let (line, call) = pick(&log, line, call);
		let leaves = &mut log.leaves[line as usize];
		leaves[call as usize].charge += 1;
		prop_assert_eq!(SumProof::find(&log.lines, line, leaves), None);
	}
}
