use frame_support::{
	derive_impl, parameter_types,
	traits::{
		fungibles::Inspect, AsEnsureOriginWithArg, ConstU128, ConstU32, ConstU64, OnInitialize,
	},
	BoundedVec, PalletId,
};
use frame_system::{mocking::MockBlock, EnsureNever, EnsureRoot, EnsureRootWithSuccess};
use lx_primitives::{
	traits::CalendarOf,
	units::{CRED_ASSET, USDT, USDT_ASSET},
	AssetId, Balance, Moment,
};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage, DispatchResult, Permill};

use crate::{Network, ReserveBacked, SetUpPeg};

pub type AccountId = AccountId32;

pub const ANN: AccountId = AccountId::new([1; 32]);
pub const BEN: AccountId = AccountId::new([2; 32]);
pub const CAT: AccountId = AccountId::new([3; 32]);
/// No custodian at genesis.
pub const DAN: AccountId = AccountId::new([4; 32]);
pub const USER: AccountId = AccountId::new([11; 32]);
pub const OTHER: AccountId = AccountId::new([12; 32]);
/// Owns the assets, and gets the peg's fees, which are zero.
pub const STEWARD: AccountId = AccountId::new([99; 32]);

pub const DAY: Moment = 86_400_000;
pub const HOUR: Moment = DAY / 24;
/// When the tests begin: noon of a day.
pub const START: Moment = 20_000 * DAY + DAY / 2;
pub const LIFETIME: Moment = DAY;
pub const TIMEOUT: Moment = 3 * DAY;
/// 0.01 USDT.
pub const MIN_BALANCE: Balance = 10_000;
pub const MIN_WITHDRAWAL: Balance = 10 * USDT;
pub const DAILY_CAP: Balance = 10_000 * USDT;
pub const MAX_CLAIMS: u32 = 4;
pub const MAX_WITHDRAWALS: u32 = 8;
pub const REFUNDS_PER_BLOCK: u32 = 2;

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
	pub type Psm = pallet_psm;
	#[runtime::pallet_index(4)]
	pub type Custody = crate;
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
	type ExistentialDeposit = ConstU128<1>;
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

parameter_types! {
	pub const PegId: PalletId = PalletId(*b"lx/peg00");
	pub const CredAsset: AssetId = CRED_ASSET;
	pub const NoDepositor: Option<AccountId> = None;
	pub static Now: Moment = START;
	pub static CurrentTimeout: Moment = TIMEOUT;
}

impl pallet_psm::Config for Test {
	type Fungibles = ReserveBacked<Assets, Custody, CredAsset>;
	type Consideration = ();
	type CreateOrigin = AsEnsureOriginWithArg<EnsureRootWithSuccess<AccountId, NoDepositor>>;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type AssetId = AssetId;
	type WeightInfo = ();
	type PalletId = PegId;
	type MaxExternals = ConstU32<1>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = NoAssets;
}

/// The peg's own benchmarks do not run here.
#[cfg(feature = "runtime-benchmarks")]
pub struct NoAssets;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_psm::BenchmarkHelper<AssetId, AccountId> for NoAssets {
	fn get_asset_id(index: u32) -> AssetId {
		index
	}
	fn create_asset(_: AssetId, _: &AccountId, _: u8) {}
}

pub struct Peg;

impl SetUpPeg for Peg {
	fn set_up() -> DispatchResult {
		let root = RuntimeOrigin::root;
		let admin = || Box::new(OriginCaller::system(frame_system::RawOrigin::Root));
		Psm::create_psm(root(), CRED_ASSET, admin(), admin(), STEWARD, Balance::MAX, 1)?;
		Psm::add_external_asset(root(), CRED_ASSET, USDT_ASSET)?;
		Psm::set_minting_fee(root(), CRED_ASSET, USDT_ASSET, Permill::zero())?;
		Psm::set_redemption_fee(root(), CRED_ASSET, USDT_ASSET, Permill::zero())?;
		Psm::set_asset_ceiling_weight(root(), CRED_ASSET, USDT_ASSET, Permill::one())
	}
}

impl crate::Config for Test {
	type Assets = Assets;
	type UsdtAsset = ConstU32<USDT_ASSET>;
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = CalendarOf<Now>;
	type MaxCustodians = ConstU32<5>;
	type MaxOpenClaims = ConstU32<MAX_CLAIMS>;
	type MaxOpenWithdrawals = ConstU32<MAX_WITHDRAWALS>;
	type ReportLifetime = ConstU64<LIFETIME>;
	type WithdrawalTimeout = CurrentTimeout;
	type MinWithdrawal = ConstU128<MIN_WITHDRAWAL>;
	type RefundsPerBlock = ConstU32<REFUNDS_PER_BLOCK>;
	type Peg = Peg;
	type WeightInfo = ();
}

/// Ann, Ben and Cat, of whom two must agree.
pub fn genesis() -> RuntimeGenesisConfig {
	RuntimeGenesisConfig {
		assets: AssetsConfig {
			assets: vec![
				(CRED_ASSET, STEWARD, true, MIN_BALANCE),
				(USDT_ASSET, STEWARD, true, MIN_BALANCE),
			],
			metadata: vec![
				(CRED_ASSET, b"L-Credit".to_vec(), b"CRED".to_vec(), 6),
				(USDT_ASSET, b"Tether USD".to_vec(), b"USDT".to_vec(), 6),
			],
			..Default::default()
		},
		custody: CustodyConfig {
			custodians: vec![ANN, BEN, CAT],
			threshold: 2,
			daily_cap: DAILY_CAP,
		},
		..Default::default()
	}
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	Now::set(START);
	CurrentTimeout::set(TIMEOUT);
	let mut ext = sp_io::TestExternalities::from(genesis().build_storage().unwrap());
	// Events are not stored in block 0.
	ext.execute_with(|| System::set_block_number(1));
	ext
}

/// Runs `test` on a new chain and checks the invariants after it.
pub fn build_and_execute(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		test();
		Custody::do_try_state().unwrap();
	});
}

/// As [`build_and_execute`], after every custodian has reported ample reserves.
pub fn with_reserves(test: impl FnOnce()) {
	build_and_execute(|| {
		report_all(1_000_000 * USDT);
		System::reset_events();
		test();
	});
}

pub fn bytes<const N: u32>(text: &str) -> BoundedVec<u8, ConstU32<N>> {
	BoundedVec::truncate_from(text.as_bytes().to_vec())
}

pub fn tron() -> Network {
	bytes("tron")
}

pub fn attest(
	custodian: AccountId,
	reference: &str,
	who: AccountId,
	amount: Balance,
) -> DispatchResult {
	let origin = RuntimeOrigin::signed(custodian);
	transactional(|| Custody::attest_deposit(origin, tron(), bytes(reference), who, amount))
}

/// Ann and Ben attest a deposit.
pub fn deposit(reference: &str, who: AccountId, amount: Balance) {
	attest(ANN, reference, who.clone(), amount).unwrap();
	attest(BEN, reference, who, amount).unwrap();
}

/// Reports what is in custody by the state of the chain as it is.
pub fn report(custodian: AccountId, amount: Balance) -> DispatchResult {
	report_as_of(custodian, amount, paid_out())
}

/// Reports what was in custody when so much had been paid out.
pub fn report_as_of(custodian: AccountId, amount: Balance, paid_out: Balance) -> DispatchResult {
	Custody::report_reserves(RuntimeOrigin::signed(custodian), amount, paid_out)
}

pub fn report_all(amount: Balance) {
	for custodian in [ANN, BEN, CAT] {
		report(custodian, amount).unwrap();
	}
}

pub fn withdraw(who: AccountId, amount: Balance) -> DispatchResult {
	let origin = RuntimeOrigin::signed(who);
	transactional(|| Custody::request_withdrawal(origin, amount, tron(), bytes("TAddress")))
}

pub fn payout(custodian: AccountId, id: u64, reference: &str) -> DispatchResult {
	let origin = RuntimeOrigin::signed(custodian);
	transactional(|| Custody::attest_payout(origin, id, bytes(reference)))
}

pub fn appoint(members: &[AccountId], threshold: u32) -> DispatchResult {
	let members = BoundedVec::truncate_from(members.to_vec());
	transactional(|| Custody::set_custodians(RuntimeOrigin::root(), members, threshold))
}

/// A call that fails changes nothing, as when it is dispatched.
fn transactional(call: impl FnOnce() -> DispatchResult) -> DispatchResult {
	frame_support::storage::with_storage_layer(call)
}

/// Lets time pass and begins a block.
pub fn pass(time: Moment) {
	Now::mutate(|now| *now += time);
	next_block();
}

pub fn next_block() {
	System::set_block_number(System::block_number() + 1);
	Custody::on_initialize(System::block_number());
}

pub fn usdt(who: AccountId) -> Balance {
	Assets::balance(USDT_ASSET, who)
}

pub fn cred(who: AccountId) -> Balance {
	Assets::balance(CRED_ASSET, who)
}

pub fn issuance() -> Balance {
	<Assets as Inspect<AccountId>>::total_issuance(USDT_ASSET)
}

pub fn pending() -> Balance {
	crate::Queue::<Test>::get().amount
}

pub fn paid_out() -> Balance {
	crate::Ledger::<Test>::get().paid_out
}

/// Stops `who` from receiving USDT, or lets it again.
pub fn block(who: &AccountId) {
	Assets::block(RuntimeOrigin::signed(STEWARD), USDT_ASSET, who.clone()).unwrap();
}

pub fn unblock(who: &AccountId) {
	Assets::thaw(RuntimeOrigin::signed(STEWARD), USDT_ASSET, who.clone()).unwrap();
}

/// The events of this pallet since the last call of this function.
pub fn take_events() -> Vec<crate::Event<Test>> {
	let events = System::read_events_for_pallet();
	System::reset_events();
	events
}
