use frame_support::traits::GetStorageVersion;
use lx_primitives::{Price, Rates};
use sp_runtime::BuildStorage;

use crate::{mock::*, GenesisConfig, GenesisModel};

fn build(models: Vec<GenesisModel>) {
	let price_registry = GenesisConfig::<Test> { models, ..Default::default() };
	RuntimeGenesisConfig { price_registry, ..Default::default() }.build_storage().unwrap();
}

#[test]
fn genesis_lists_the_first_models() {
	build_and_execute(|| {
		let price = Price {
			list: Rates::Tokens { input: 2_500_000, cached_input: 1_250_000, output: 10_000_000 },
			cost: Rates::Tokens { input: 1_500_000, cached_input: 750_000, output: 6_000_000 },
			active_from: START,
		};
		assert_eq!(PriceRegistry::models(), vec![(model("lx-demo-1"), 1, price)]);
		assert_eq!(PriceRegistry::on_chain_storage_version(), 1);
	});
}

#[test]
fn genesis_reads_as_json() {
	let json = serde_json::json!({
		"models": [
			["lx-demo-1", [2_500_000, 1_250_000, 10_000_000], [1_500_000, 750_000, 6_000_000]],
		],
	});
	let genesis: GenesisConfig<Test> = serde_json::from_value(json.clone()).unwrap();
	assert_eq!(serde_json::to_value(&genesis).unwrap(), json);
	build(genesis.models);
}

#[test]
#[should_panic(expected = "lossy")]
fn genesis_refuses_a_model_sold_at_a_loss() {
	build(vec![("lossy".into(), [10; 3], [8; 3])]);
}

#[test]
#[should_panic(expected = "too long")]
fn genesis_refuses_a_name_that_does_not_fit() {
	build(vec![("m".repeat(65), [10; 3], [7; 3])]);
}
