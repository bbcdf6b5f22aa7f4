//! Random operations of several accounts: the invariants hold after each, the events rebuild the book, no
//! trigger is lost, and a batch does what its operations do one by one.

use std::collections::BTreeMap;

use frame_support::{dispatch::GetDispatchInfo, traits::UnfilteredDispatchable};
use lx_matching::{CancelReason, Lots, SelfTrade, Side, Tick, TimeInForce};
use proptest::{collection::vec, prelude::*};

use crate::{
	mock::*, Amendment, Call, DueMarkets, Event, Operation, OrderName, OrderRequest,
	TriggerRequest, WeightInfo, When,
};

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
		1 => (START..START + 60_000).prop_map(GoodTilTime),
		1 => Just(PostOnly),
		1 => Just(ImmediateOrCancel),
		1 => Just(FillOrKill),
	];
	let meets =
		prop_oneof![Just(CancelTaker), Just(CancelMaker), Just(CancelBoth), Just(Decrement)];
	(side, 19_998u32..20_003, 50u64..400, lives, meets, 0u32..6).prop_map(
		|(side, tick, lots, time_in_force, self_trade, max_matches)| OrderRequest {
			time_in_force,
			self_trade,
			..OrderRequest::limit(side, tick, lots, max_matches)
		},
	)
}

fn trigger() -> impl Strategy<Value = TriggerRequest> {
	let when = prop_oneof![
		(19_996u32..20_003).prop_map(When::AtOrBelow),
		(19_998u32..20_005).prop_map(When::AtOrAbove),
	];
	(when, order()).prop_map(|(when, order)| TriggerRequest { when, order })
}

/// What happens on the chain.
#[derive(Clone, Debug)]
enum Step {
	Operate(Operation),
	Set(TriggerRequest),
	Clear(u64),
	NextBlock,
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		10 => operation().prop_map(Step::Operate),
		4 => trigger().prop_map(Step::Set),
		1 => (1u64..20).prop_map(Step::Clear),
		3 => Just(Step::NextBlock),
	]
}

fn take(who: &AccountId, step: Step) {
	match step {
		Step::Operate(operation) => run(who, operation),
		// What is refused changes nothing, as `assert_noop` shows elsewhere.
		Step::Set(TriggerRequest { when, order }) => {
			let _ = set_trigger(who.clone(), when, order);
		},
		Step::Clear(id) => {
			let _ = clear_trigger(who.clone(), id);
		},
		Step::NextBlock => {
			assert!(next_block().all_lte(TriggerBudget::get()));
		},
	}
}

/// Runs an operation, which never weighs more than its call says before.
fn run(who: &AccountId, operation: Operation) {
	let (market, owner, sub) = (MARKET, None, 0);
	let call = match operation {
		Operation::Place(order) => Call::place { market, owner, sub, order },
		Operation::Cancel(order) => Call::cancel { market, owner, sub, order },
		Operation::Amend(order, amendment) => Call::amend { market, owner, sub, order, amendment },
	};
	dispatch(who, call);
}

fn dispatch(who: &AccountId, call: Call<Test>) {
	let most = call.get_dispatch_info().call_weight;
	// What is refused changes nothing, as `assert_noop` shows elsewhere.
	let done = call.dispatch_bypass_filter(signed(who.clone()));
	let info = done.unwrap_or_else(|failed| failed.post_info);
	let weight = info.actual_weight.expect("what was done is counted");
	assert!(weight.all_lte(most), "{weight} of {most}");
}

/// A book, and the triggers of a market, as somebody has them who only reads events.
#[derive(Default)]
struct Mirror {
	orders: BTreeMap<u64, (Side, Tick, Lots)>,
	/// What each has left to place.
	triggers: BTreeMap<u64, Lots>,
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
			Event::TriggerSet { trigger, request, .. } => {
				self.triggers.insert(trigger, request.order.lots);
			},
			Event::TriggerFired { trigger, left, .. } if left > 0 => {
				let before = self.triggers.insert(trigger, left);
				assert!(before.is_some_and(|before| before >= left), "it had so much");
			},
			Event::TriggerFired { trigger, .. }
			| Event::TriggerCleared { trigger, .. }
			| Event::TriggerFailed { trigger, .. } => {
				assert!(self.triggers.remove(&trigger).is_some(), "it ends once");
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

fn waiting() -> BTreeMap<u64, Lots> {
	let all = TRADERS.into_iter().flat_map(|who| Orderbook::triggers(who, 0));
	all.map(|view| (view.trigger, view.order.lots)).collect()
}

/// More blocks than any triggers take to fire.
const MANY_BLOCKS: u32 = 1_000;

proptest! {
	#![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

	#[test]
	fn money_books_and_events_agree(
		steps in vec((0usize..3, step(), 0u64..3_000), 1..60),
		fires_a_block in 1u64..4,
	) {
		new_test_ext().execute_with(|| {
			let least = <()>::next_trigger().saturating_add(Orderbook::largest_step());
			TriggerBudget::set(least.saturating_mul(fires_a_block));
			let mut mirror = Mirror::default();
			for (who, step, passed) in steps {
				Now::set(Now::get() + passed);
				take(&TRADERS[who], step);
				check_invariants();
				take_events().into_iter().for_each(|event| mirror.read(event));
				for side in [Side::Bid, Side::Ask] {
					prop_assert_eq!(depth(side), mirror.depth(side));
				}
				prop_assert_eq!(waiting(), mirror.triggers.clone());
			}
			// Each block fires one at least, which is gone then or has met somebody.
			for _ in 0..MANY_BLOCKS {
				if DueMarkets::<Test>::get().is_empty() {
					break;
				}
				next_block();
			}
			prop_assert!(DueMarkets::<Test>::get().is_empty());
			check_invariants();
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
				let (market, owner, sub, all_or_nothing) = (MARKET, None, 0, false);
				let operations = operations.clone().try_into().unwrap();
				dispatch(&ALICE, Call::batch { market, owner, sub, operations, all_or_nothing });
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
