//! The chains that a node can join. What they start from are the runtime's genesis presets.

use l_exchange_runtime_wasm::WASM_BINARY;
use sc_chain_spec::{ChainType, GenericChainSpec, Properties};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

/// A chain and what starts it.
pub type ChainSpec = GenericChainSpec;

/// The runtime's preset that a public chain fills in.
const PRODUCTION_PRESET: &str = "production";

/// The chain called `id`, or the one in the file of that name.
pub fn load(id: &str) -> Result<Box<dyn sc_chain_spec::ChainSpec>, String> {
	let spec = match id {
		"dev" => {
			preset("L-Exchange Development", "lx_dev", ChainType::Development, DEV_RUNTIME_PRESET)
		},
		"" | "local" => {
			preset("L-Exchange Local", "lx_local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)
		},
		"production-template" => preset("L-Exchange", "lx", ChainType::Live, PRODUCTION_PRESET),
		path => ChainSpec::from_json_file(path.into()),
	}?;
	Ok(Box::new(spec))
}

fn preset(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
	let wasm = WASM_BINARY.ok_or(
		"this node was built without its runtime: unset SKIP_WASM_BUILD and build it again",
	)?;
	Ok(ChainSpec::builder(wasm, None)
		.with_name(name)
		.with_id(id)
		.with_chain_type(chain_type)
		.with_protocol_id("lx")
		.with_properties(properties())
		.with_genesis_config_preset_name(preset)
		.build())
}

fn properties() -> Properties {
	[
		("tokenSymbol".to_owned(), "LCO".into()),
		("tokenDecimals".to_owned(), lx_primitives::units::LCO_DECIMALS.into()),
		("ss58Format".to_owned(), 42.into()),
	]
	.into_iter()
	.collect()
}
