use frame_support::{assert_noop, assert_ok};
use lx_primitives::{traits::Prices as _, Price, Rates};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{mock::*, Error, Event, ModelInfo, Models, Prices, MAX_MODELS};

fn unit(list: u128, cost: u128) -> (Rates, Rates) {
	(Rates::Unit(list), Rates::Unit(cost))
}

fn set(name: &str, (list, cost): (Rates, Rates)) -> DispatchResult {
	PriceRegistry::set_price(RuntimeOrigin::root(), model(name), list, cost)
}

#[test]
fn each_price_is_a_new_version_and_the_old_ones_stay() {
	build_and_execute(|| {
		assert_ok!(set("image", unit(100, 70)));
		wait(1);
		assert_ok!(set("image", unit(90, 60)));
		let (list, cost) = unit(90, 60);
		let second = Price { list, cost, active_from: START + 1 };
		assert_event(Event::PriceSet { model: model("image"), version: 2, price: second });
		assert_eq!(Prices::<Test>::get(model("image"), 2), Some(second));
		let first = Prices::<Test>::get(model("image"), 1).unwrap();
		assert_eq!((first.list, first.active_from), (Rates::Unit(100), START));
		assert_eq!(
			Models::<Test>::get(model("image")),
			Some(ModelInfo { version: 2, listed: true })
		);
	});
}

#[test]
fn no_model_is_sold_at_a_loss() {
	build_and_execute(|| {
		assert_ok!(set("image", unit(100, 70)));
		assert_noop!(set("image", unit(100, 71)), Error::<Test>::CostTooHigh);
		let tokens = Rates::Tokens { input: 100, cached_input: 100, output: 100 };
		let one_dear = Rates::Tokens { input: 70, cached_input: 71, output: 70 };
		assert_noop!(set("text", (tokens, one_dear)), Error::<Test>::CostTooHigh);
		assert_noop!(set("text", (tokens, Rates::Unit(1))), Error::<Test>::CostTooHigh);
	});
}

#[test]
fn a_model_has_a_readable_name() {
	build_and_execute(|| {
		assert_noop!(set("", unit(1, 0)), Error::<Test>::InvalidModelName);
		let unreadable = vec![0xff, 0xfe].try_into().unwrap();
		let (list, cost) = unit(1, 0);
		assert_noop!(
			PriceRegistry::set_price(RuntimeOrigin::root(), unreadable, list, cost),
			Error::<Test>::InvalidModelName
		);
	});
}

#[test]
fn a_delisted_model_is_not_offered_until_it_has_a_new_price() {
	build_and_execute(|| {
		let delist = |name| PriceRegistry::delist_model(RuntimeOrigin::root(), model(name));
		assert_ok!(delist("lx-demo-1"));
		assert_event(Event::ModelDelisted { model: model("lx-demo-1") });
		assert!(PriceRegistry::models().is_empty());
		assert_noop!(delist("lx-demo-1"), Error::<Test>::UnknownModel);
		assert_noop!(delist("nothing"), Error::<Test>::UnknownModel);
		assert_ok!(set("lx-demo-1", unit(10, 7)));
		let (list, cost) = unit(10, 7);
		let price = Price { list, cost, active_from: START };
		assert_eq!(PriceRegistry::models(), vec![(model("lx-demo-1"), 2, price)]);
	});
}

#[test]
fn the_registry_is_bounded() {
	build_and_execute(|| {
		for number in 1..MAX_MODELS {
			assert_ok!(set(&format!("model-{number}"), unit(1, 0)));
		}
		assert_eq!(PriceRegistry::models().len() as u32, MAX_MODELS);
		assert_noop!(set("one-more", unit(1, 0)), Error::<Test>::TooManyModels);
		assert_ok!(set("model-1", unit(2, 1)));
	});
}

#[test]
fn only_the_admin_sets_prices() {
	build_and_execute(|| {
		let (list, cost) = unit(1, 0);
		let alice = || RuntimeOrigin::signed(ALICE);
		assert_noop!(
			PriceRegistry::set_price(alice(), model("image"), list, cost),
			DispatchError::BadOrigin
		);
		assert_noop!(
			PriceRegistry::delist_model(alice(), model("lx-demo-1")),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn a_version_is_in_force_until_the_next_one() {
	build_and_execute(|| {
		let in_force =
			|version, time| PriceRegistry::price_at(&model("lx-demo-1"), version, time).is_some();
		wait(1_000);
		assert_ok!(set("lx-demo-1", unit(10, 7)));
		assert_ok!(set("lx-demo-1", unit(20, 14)));
		let set_at = START + 1_000;
		assert!(in_force(1, START) && in_force(1, set_at - 1) && !in_force(1, set_at));
		assert!(![set_at - 1, set_at, u64::MAX].into_iter().any(|time| in_force(2, time)));
		assert!(!in_force(3, set_at - 1) && in_force(3, set_at) && in_force(3, u64::MAX));
		assert!(!in_force(4, set_at) && !in_force(u32::MAX, set_at));
		assert_eq!(PriceRegistry::price_at(&model("nothing"), 1, set_at), None);
		assert_ok!(PriceRegistry::delist_model(RuntimeOrigin::root(), model("lx-demo-1")));
		assert!(in_force(3, u64::MAX), "what was served before it was delisted has a price");
	});
}

#[test]
fn a_model_that_was_delisted_is_still_known() {
	build_and_execute(|| {
		assert!(!PriceRegistry::knows(&model("image")));
		assert_ok!(set("image", unit(1, 0)));
		assert_ok!(PriceRegistry::delist_model(RuntimeOrigin::root(), model("image")));
		assert!(PriceRegistry::knows(&model("image")));
	});
}
