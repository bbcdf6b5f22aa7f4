use frame_support::{
	derive_impl,
	traits::{fungible::Inspect, ConstU128},
};
use frame_system::mocking::MockBlock;
use lx_primitives::{traits::OnUsageSettled, Balance, Credits};
use sp_runtime::BuildStorage;

pub type AccountId = u64;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
/// 0.001 LCO, as on the real chain: 100 µCRED mine it in epoch 0.
pub const EXISTENTIAL_DEPOSIT: Balance = 1_000_000_000;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Mining = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

// Dust is dropped by the default `DustRemoval`, which burns it.
#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type AccountStore = System;
}

impl crate::Config for Test {
	type Currency = Balances;
	type WeightInfo = ();
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut ext =
		sp_io::TestExternalities::from(RuntimeGenesisConfig::default().build_storage().unwrap());
	// Events are not stored in block 0.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs `test` on a new chain and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		Mining::do_try_state().unwrap();
	});
}

pub fn settle(who: AccountId, paid: Credits) {
	Mining::on_usage_settled(&who, paid).unwrap();
}

pub fn lco(who: AccountId) -> Balance {
	<Balances as Inspect<_>>::balance(&who)
}

pub fn issuance() -> Balance {
	<Balances as Inspect<AccountId>>::total_issuance()
}

/// The events of this pallet since the last call of this function.
pub fn take_events() -> Vec<crate::Event<Test>> {
	let events = System::read_events_for_pallet();
	System::reset_events();
	events
}
