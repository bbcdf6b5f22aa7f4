use frame_support::{
	derive_impl, parameter_types,
	traits::{fungible::UnionOf, fungibles::Inspect, AsEnsureOriginWithArg, ConstU128, ConstU64},
	PalletId,
};
use frame_system::{mocking::MockBlock, EnsureNever, EnsureRoot};
use lx_primitives::{
	trading::{SubAccount, TradingAccount, TradingId},
	traits::{CalendarOf, Clearing as _},
	units::{WhereAssetsLie, CRED, CRED_ASSET, LCO, LCO_ASSET},
	AssetId, Balance, Moment,
};
use sp_runtime::{
	traits::{Convert, IdentityLookup},
	AccountId32, BuildStorage,
};

pub type AccountId = AccountId32;

pub const ALICE: AccountId = AccountId::new([1; 32]);
pub const BOB: AccountId = AccountId::new([2; 32]);
pub const BOT: AccountId = AccountId::new([3; 32]);

/// What Alice and Bob have in their wallets, of LCO in LCO and of CRED in CRED.
pub const WEALTH: Balance = 1_000;

pub const LEAST_CRED: Balance = CRED / 10;
pub const LEAST_LCO: Balance = LCO;
pub const START: Moment = 1_000_000;
pub const MAX_SESSION: Moment = 1_000;

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
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(3)]
	pub type Clearing = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = MockBlock<Test>;
	type AccountId = AccountId;
	type Lookup = IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type ExistentialDeposit = ConstU128<{ LCO / 1_000 }>;
	type AccountStore = System;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
	type Balance = Balance;
	type AssetId = AssetId;
	type AssetIdParameter = AssetId;
	type Currency = Balances;
	type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
	type ForceOrigin = EnsureRoot<AccountId>;
}

pub struct Least;

impl Convert<AssetId, Option<Balance>> for Least {
	fn convert(asset: AssetId) -> Option<Balance> {
		match asset {
			LCO_ASSET => Some(LEAST_LCO),
			CRED_ASSET => Some(LEAST_CRED),
			_ => None,
		}
	}
}

parameter_types! {
	pub const ClearingId: PalletId = PalletId(*b"lx/clear");
	pub static Now: Moment = START;
}

impl crate::Config for Test {
	type Assets = UnionOf<Balances, Assets, WhereAssetsLie, AssetId, AccountId>;
	type SmallestHolding = Least;
	type Calendar = CalendarOf<Now>;
	type MaxSession = ConstU64<MAX_SESSION>;
	type PalletId = ClearingId;
	type WeightInfo = ();
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	let balances = [ALICE, BOB].map(|who| (who, WEALTH * LCO)).to_vec();
	let accounts = [ALICE, BOB].map(|who| (CRED_ASSET, who, WEALTH * CRED)).to_vec();
	let assets = vec![(CRED_ASSET, BOT, true, 1)];
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig { balances, ..Default::default() },
		assets: pallet_assets::GenesisConfig { assets, accounts, ..Default::default() },
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
		Clearing::do_try_state().unwrap();
	});
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn id(owner: AccountId, sub: SubAccount) -> TradingId<AccountId> {
	TradingId { owner, sub }
}

pub fn wallet(who: &AccountId, asset: AssetId) -> Balance {
	<<Test as crate::Config>::Assets as Inspect<_>>::balance(asset, who)
}

/// What an account has free and locked.
pub fn holding(owner: AccountId, sub: SubAccount, asset: AssetId) -> (Balance, Balance) {
	let holding = Clearing::account(owner, sub).map(|account| account.holding(asset));
	holding.map_or((0, 0), |holding| (holding.free, holding.locked))
}

/// Changes an account as a market does.
pub fn as_market(id: &TradingId<AccountId>, change: impl FnOnce(&mut TradingAccount<AccountId>)) {
	let mut account = <Clearing as lx_primitives::traits::Clearing<_>>::account(id);
	change(&mut account);
	Clearing::store(id, account);
}

pub fn last_event() -> crate::Event<Test> {
	System::read_events_for_pallet().pop().expect("something has happened")
}
