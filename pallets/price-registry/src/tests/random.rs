//! Random sequences of operations keep the invariants, and every price.

use lx_primitives::{ModelId, Price, Rates};
use proptest::prelude::*;
use sp_runtime::DispatchResult;

use crate::{mock::*, Prices};

const NAMES: [&str; 3] = ["lx-demo-1", "image", "text"];

#[derive(Clone, Debug)]
enum Operation {
	SetPrice(usize, Rates, Rates),
	Delist(usize),
}

/// Half of the costs are too high.
fn cards() -> impl Strategy<Value = (Rates, Rates)> {
	let tokens =
		|rate: u128| Rates::Tokens { input: rate, cached_input: rate / 2, output: rate * 4 };
	prop_oneof![
		(0..1_000u128, 0..140u128)
			.prop_map(|(rate, percent)| (Rates::Unit(rate), Rates::Unit(rate * percent / 100))),
		(0..1_000u128, 0..140u128)
			.prop_map(move |(rate, percent)| (tokens(rate), tokens(rate * percent / 100))),
	]
}

fn operation() -> impl Strategy<Value = Operation> {
	let name = 0..NAMES.len();
	prop_oneof![
		3 => (name.clone(), cards())
			.prop_map(|(name, (list, cost))| Operation::SetPrice(name, list, cost)),
		1 => name.prop_map(Operation::Delist),
	]
}

fn perform(operation: &Operation) -> DispatchResult {
	let root = RuntimeOrigin::root();
	match *operation {
		Operation::SetPrice(name, list, cost) => {
			PriceRegistry::set_price(root, model(NAMES[name]), list, cost)
		},
		Operation::Delist(name) => PriceRegistry::delist_model(root, model(NAMES[name])),
	}
}

fn prices() -> Vec<(ModelId, u32, Price)> {
	Prices::<Test>::iter().collect()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	#[test]
	fn no_price_is_ever_lost_or_changed(
		operations in proptest::collection::vec(operation(), 1..50)
	) {
		new_test_ext().execute_with(|| {
			for operation in operations {
				let before = prices();
				let is_done = perform(&operation).is_ok();
				let after = prices();
				let is_new_price = is_done && matches!(operation, Operation::SetPrice(..));
				assert_eq!(after.len(), before.len() + usize::from(is_new_price));
				assert!(before.iter().all(|price| after.contains(price)), "{operation:?}");
				PriceRegistry::do_try_state().unwrap();
				wait(1);
			}
		});
	}
}
