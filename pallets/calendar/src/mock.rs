use frame_support::derive_impl;
use frame_system::mocking::MockBlock;
use lx_primitives::Moment;
use sp_runtime::BuildStorage;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Calendar = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
}

#[derive_impl(pallet_timestamp::config_preludes::TestDefaultConfig)]
impl pallet_timestamp::Config for Test {}

impl crate::Config for Test {
	type Time = Timestamp;
}

/// Runs `test` on a chain whose days last `day_ms`, and checks the invariants after it.
pub fn build_and_execute(day_ms: Moment, test: impl FnOnce()) {
	let genesis = RuntimeGenesisConfig {
		calendar: crate::GenesisConfig { day_ms, ..Default::default() },
		..Default::default()
	};
	sp_io::TestExternalities::from(genesis.build_storage().unwrap()).execute_with(|| {
		test();
		Calendar::do_try_state().unwrap();
	});
}
