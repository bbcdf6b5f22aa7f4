use frame_support::{derive_impl, parameter_types};
use frame_system::{mocking::MockBlock, EnsureRoot};
use lx_primitives::{traits::CalendarOf, ModelId, Moment};
use sp_runtime::BuildStorage;

pub type AccountId = u64;

pub const ALICE: AccountId = 1;
pub const DAY: Moment = 86_400_000;
/// Monday, 2024-01-01 00:00 UTC.
pub const START: Moment = 19_723 * DAY;

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
	pub type PriceRegistry = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
}

parameter_types! {
	pub static Now: Moment = START;
}

impl crate::Config for Test {
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = CalendarOf<Now>;
	type WeightInfo = ();
}

/// A chain with one model, at [`START`].
pub fn new_test_ext() -> sp_io::TestExternalities {
	Now::set(START);
	let models = vec![(
		"lx-demo-1".into(),
		[2_500_000, 1_250_000, 10_000_000],
		[1_500_000, 750_000, 6_000_000],
	)];
	let genesis = RuntimeGenesisConfig {
		price_registry: crate::GenesisConfig { models, ..Default::default() },
		..Default::default()
	};
	let mut ext = sp_io::TestExternalities::from(genesis.build_storage().unwrap());
	// Events are not stored in block 0.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs `test` on a new chain and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		PriceRegistry::do_try_state().unwrap();
	});
}

pub fn wait(time: Moment) {
	Now::mutate(|now| *now += time);
}

pub fn model(name: &str) -> ModelId {
	name.as_bytes().to_vec().try_into().unwrap()
}

pub fn assert_event(event: crate::Event<Test>) {
	System::assert_has_event(event.into());
}
