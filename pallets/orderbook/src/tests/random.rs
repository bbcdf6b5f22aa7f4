//! Random operations of several accounts: the invariants hold after each, the events rebuild the book, and
//! a batch does what its operations do one by one.

use std::collections::BTreeMap;

use lx_matching::{CancelReason, Lots, SelfTrade, Side, Tick, TimeInForce};
use proptest::{collection::vec, prelude::*};

use crate::{mock::*, Amendment, Event, Operation, OrderName, OrderRequest};

fn operation() -> impl Strategy<Value = Operation> {
	let name = || (1u64..40).prop_map(OrderName::Id);
	prop_oneof![
		5 => order().prop_map(Operation::Place),
		2 => name().prop_map(Operation::Cancel),
		2 => (name(), order()).prop_map(|(name, order)| {
			let OrderRequest { tick, lots, time_in_force, self_trade, max_matches, .. } = order;
			Operation::Amend(name, Amendment { tick, lots, time_in_force, self_trade, max_matches })
		}),
	]
}

fn order() -> impl Strategy<Value = OrderRequest> {
	use SelfTrade::{CancelBoth, CancelMaker, CancelTaker, Decrement};
	use TimeInForce::{FillOrKill, GoodTilCancelled, GoodTilTime, ImmediateOrCancel, PostOnly};
	let side = prop_oneof![Just(Side::Bid), Just(Side::Ask)];
	let lives = prop_oneof![
		5 => Just(GoodTilCancelled),
		1 => (START..START + 40).prop_map(GoodTilTime),
		1 => Just(PostOnly),
		1 => Just(ImmediateOrCancel),
		1 => Just(FillOrKill),
	];
	let meets =
		prop_oneof![Just(CancelTaker), Just(CancelMaker), Just(CancelBoth), Just(Decrement)];
	(side, 19_998u32..20_003, 50u64..400, lives, meets, 0u32..6).prop_map(
		|(side, tick, lots, time_in_force, self_trade, max_matches)| OrderRequest {
			side,
			tick,
			lots,
			time_in_force,
			self_trade,
			reduce_only: false,
			client: None,
			max_matches,
		},
	)
}

fn run(who: &AccountId, operation: Operation) {
	let origin = signed(who.clone());
	// What is refused changes nothing, as `assert_noop` shows elsewhere.
	match operation {
		Operation::Place(order) => {
			let _ = Orderbook::place(origin, MARKET, None, 0, order);
		},
		Operation::Cancel(name) => {
			let _ = Orderbook::cancel(origin, MARKET, None, 0, name);
		},
		Operation::Amend(name, amendment) => {
			let _ = Orderbook::amend(origin, MARKET, None, 0, name, amendment);
		},
	}
}

/// A book as somebody has it who only reads events.
#[derive(Default)]
struct Mirror {
	orders: BTreeMap<u64, (Side, Tick, Lots)>,
}

impl Mirror {
	fn read(&mut self, event: Event<Test>) {
		match event {
			Event::OrderRested { order, side, tick, lots, .. } => {
				self.orders.insert(order, (side, tick, lots));
			},
			Event::OrderFilled { maker, maker_left, .. } => self.leave(maker, maker_left),
			// A new order that is cancelled was never in the book.
			Event::OrderCancelled { order, left, reason, .. }
				if reason != CancelReason::Unfilled =>
			{
				self.leave(order, left);
			},
			_ => {},
		}
	}

	fn leave(&mut self, order: u64, left: Lots) {
		if left == 0 {
			self.orders.remove(&order);
		} else if let Some((_, _, lots)) = self.orders.get_mut(&order) {
			*lots = left;
		}
	}

	fn depth(&self, wanted: Side) -> Vec<(Tick, Lots, u32)> {
		let mut levels = BTreeMap::<Tick, (Lots, u32)>::new();
		for (_, tick, lots) in self.orders.values().filter(|(side, ..)| *side == wanted) {
			let (sum, count) = levels.entry(*tick).or_default();
			(*sum, *count) = (*sum + lots, *count + 1);
		}
		let levels = levels.into_iter().map(|(tick, (lots, count))| (tick, lots, count));
		match wanted {
			Side::Bid => levels.rev().collect(),
			Side::Ask => levels.collect(),
		}
	}
}

const TRADERS: [AccountId; 3] = [ALICE, BOB, CAROL];

proptest! {
	#![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

	#[test]
	fn money_books_and_events_agree(
		steps in vec((0usize..3, operation(), 0u64..3), 1..60),
	) {
		new_test_ext().execute_with(|| {
			let mut mirror = Mirror::default();
			for (who, operation, passed) in steps {
				Now::set(Now::get() + passed);
				run(&TRADERS[who], operation);
				check_invariants();
				take_events().into_iter().for_each(|event| mirror.read(event));
				for side in [Side::Bid, Side::Ask] {
					prop_assert_eq!(depth(side), mirror.depth(side));
				}
			}
			Ok(())
		})?;
	}

	#[test]
	fn a_batch_does_what_its_operations_do(
		before in vec((0usize..3, operation()), 0..20),
		operations in vec(operation(), 1..20),
	) {
		let result = |is_batch: bool| new_test_ext().execute_with(|| {
			for (who, operation) in &before {
				run(&TRADERS[*who], *operation);
			}
			if is_batch {
				let operations = operations.clone().try_into().unwrap();
				Orderbook::batch(signed(ALICE), MARKET, None, 0, operations, false).unwrap();
			} else {
				operations.iter().for_each(|operation| run(&ALICE, *operation));
			}
			check_invariants();
			let accounts: BTreeMap<_, _> = pallet_clearing::Accounts::<Test>::iter()
				.map(|(owner, sub, account)| ((owner, sub), account))
				.collect();
			(depth(Side::Bid), depth(Side::Ask), format!("{accounts:?}"))
		});
		prop_assert_eq!(result(true), result(false));
	}
}
