//! The assets as the peg sees them.

use alloc::vec::Vec;
use core::marker::PhantomData;
#[cfg(feature = "runtime-benchmarks")]
use frame_support::traits::fungibles;
use frame_support::traits::{
	fungibles::{metadata, roles, Dust, Inspect, Mutate, Unbalanced},
	tokens::{
		DepositConsequence, Fortitude, Precision, Preservation, Provenance, WithdrawConsequence,
	},
	Get,
};
use lx_primitives::traits::MintGate;
use sp_runtime::DispatchError;

/// `Assets`, except that no `CredAsset` can be minted while `Gate` is closed.
///
/// Everything is passed on to `Assets`, also where a trait has a default, so that nothing differs
/// from using `Assets` directly but the creation of Credits. Redeeming burns Credits and transfers
/// USDT: the gate has no say in it.
pub struct ReserveBacked<Assets, Gate, CredAsset>(PhantomData<(Assets, Gate, CredAsset)>);

impl<Assets, Gate: MintGate, CredAsset> ReserveBacked<Assets, Gate, CredAsset> {
	fn ensure_mintable<AssetId: PartialEq>(asset: &AssetId) -> Result<(), DispatchError>
	where
		CredAsset: Get<AssetId>,
	{
		if *asset == CredAsset::get() {
			Gate::ensure_open()
		} else {
			Ok(())
		}
	}
}

impl<AccountId, Assets, Gate, CredAsset> Inspect<AccountId>
	for ReserveBacked<Assets, Gate, CredAsset>
where
	Assets: Inspect<AccountId>,
{
	type AssetId = Assets::AssetId;
	type Balance = Assets::Balance;

	fn total_issuance(asset: Self::AssetId) -> Self::Balance {
		Assets::total_issuance(asset)
	}

	fn active_issuance(asset: Self::AssetId) -> Self::Balance {
		Assets::active_issuance(asset)
	}

	fn minimum_balance(asset: Self::AssetId) -> Self::Balance {
		Assets::minimum_balance(asset)
	}

	fn total_balance(asset: Self::AssetId, who: &AccountId) -> Self::Balance {
		Assets::total_balance(asset, who)
	}

	fn balance(asset: Self::AssetId, who: &AccountId) -> Self::Balance {
		Assets::balance(asset, who)
	}

	fn reducible_balance(
		asset: Self::AssetId,
		who: &AccountId,
		preservation: Preservation,
		force: Fortitude,
	) -> Self::Balance {
		Assets::reducible_balance(asset, who, preservation, force)
	}

	fn can_deposit(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
		provenance: Provenance,
	) -> DepositConsequence {
		Assets::can_deposit(asset, who, amount, provenance)
	}

	fn can_withdraw(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
	) -> WithdrawConsequence<Self::Balance> {
		Assets::can_withdraw(asset, who, amount)
	}

	fn asset_exists(asset: Self::AssetId) -> bool {
		Assets::asset_exists(asset)
	}
}

impl<AccountId, Assets, Gate, CredAsset> Unbalanced<AccountId>
	for ReserveBacked<Assets, Gate, CredAsset>
where
	Assets: Unbalanced<AccountId>,
{
	fn handle_raw_dust(asset: Self::AssetId, amount: Self::Balance) {
		Assets::handle_raw_dust(asset, amount)
	}

	fn handle_dust(dust: Dust<AccountId, Self>) {
		Assets::handle_dust(Dust(dust.0, dust.1))
	}

	fn write_balance(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
	) -> Result<Option<Self::Balance>, DispatchError> {
		Assets::write_balance(asset, who, amount)
	}

	fn set_total_issuance(asset: Self::AssetId, amount: Self::Balance) {
		Assets::set_total_issuance(asset, amount)
	}

	fn decrease_balance(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
		precision: Precision,
		preservation: Preservation,
		force: Fortitude,
	) -> Result<Self::Balance, DispatchError> {
		Assets::decrease_balance(asset, who, amount, precision, preservation, force)
	}

	fn increase_balance(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
		precision: Precision,
	) -> Result<Self::Balance, DispatchError> {
		Assets::increase_balance(asset, who, amount, precision)
	}

	fn deactivate(asset: Self::AssetId, amount: Self::Balance) {
		Assets::deactivate(asset, amount)
	}

	fn reactivate(asset: Self::AssetId, amount: Self::Balance) {
		Assets::reactivate(asset, amount)
	}
}

impl<AccountId, Assets, Gate, CredAsset> Mutate<AccountId>
	for ReserveBacked<Assets, Gate, CredAsset>
where
	AccountId: Eq,
	Assets: Mutate<AccountId>,
	Gate: MintGate,
	CredAsset: Get<Assets::AssetId>,
{
	fn mint_into(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
	) -> Result<Self::Balance, DispatchError> {
		Self::ensure_mintable(&asset)?;
		Assets::mint_into(asset, who, amount)
	}

	fn burn_from(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
		preservation: Preservation,
		precision: Precision,
		force: Fortitude,
	) -> Result<Self::Balance, DispatchError> {
		Assets::burn_from(asset, who, amount, preservation, precision, force)
	}

	fn shelve(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
	) -> Result<Self::Balance, DispatchError> {
		Assets::shelve(asset, who, amount)
	}

	/// Creates the asset too, so the gate applies.
	fn restore(
		asset: Self::AssetId,
		who: &AccountId,
		amount: Self::Balance,
	) -> Result<Self::Balance, DispatchError> {
		Self::ensure_mintable(&asset)?;
		Assets::restore(asset, who, amount)
	}

	fn transfer(
		asset: Self::AssetId,
		source: &AccountId,
		dest: &AccountId,
		amount: Self::Balance,
		preservation: Preservation,
	) -> Result<Self::Balance, DispatchError> {
		Assets::transfer(asset, source, dest, amount, preservation)
	}

	/// Cannot fail: while the gate is closed, a balance can be lowered but stays as it is otherwise.
	fn set_balance(asset: Self::AssetId, who: &AccountId, amount: Self::Balance) -> Self::Balance {
		let balance = Assets::balance(asset.clone(), who);
		if amount > balance && Self::ensure_mintable(&asset).is_err() {
			return balance;
		}
		Assets::set_balance(asset, who, amount)
	}

	fn done_mint_into(asset: Self::AssetId, who: &AccountId, amount: Self::Balance) {
		Assets::done_mint_into(asset, who, amount)
	}

	fn done_burn_from(asset: Self::AssetId, who: &AccountId, amount: Self::Balance) {
		Assets::done_burn_from(asset, who, amount)
	}

	fn done_shelve(asset: Self::AssetId, who: &AccountId, amount: Self::Balance) {
		Assets::done_shelve(asset, who, amount)
	}

	fn done_restore(asset: Self::AssetId, who: &AccountId, amount: Self::Balance) {
		Assets::done_restore(asset, who, amount)
	}

	fn done_transfer(
		asset: Self::AssetId,
		source: &AccountId,
		dest: &AccountId,
		amount: Self::Balance,
	) {
		Assets::done_transfer(asset, source, dest, amount)
	}
}

impl<AccountId, Assets, Gate, CredAsset> metadata::Inspect<AccountId>
	for ReserveBacked<Assets, Gate, CredAsset>
where
	Assets: metadata::Inspect<AccountId>,
{
	fn name(asset: Self::AssetId) -> Vec<u8> {
		Assets::name(asset)
	}

	fn symbol(asset: Self::AssetId) -> Vec<u8> {
		Assets::symbol(asset)
	}

	fn decimals(asset: Self::AssetId) -> u8 {
		Assets::decimals(asset)
	}
}

impl<AccountId, Assets, Gate, CredAsset> roles::Inspect<AccountId>
	for ReserveBacked<Assets, Gate, CredAsset>
where
	Assets: roles::Inspect<AccountId>,
{
	fn owner(asset: Self::AssetId) -> Option<AccountId> {
		Assets::owner(asset)
	}

	fn issuer(asset: Self::AssetId) -> Option<AccountId> {
		Assets::issuer(asset)
	}

	fn admin(asset: Self::AssetId) -> Option<AccountId> {
		Assets::admin(asset)
	}

	fn freezer(asset: Self::AssetId) -> Option<AccountId> {
		Assets::freezer(asset)
	}
}

/// The peg's benchmarks create the assets that they swap.
#[cfg(feature = "runtime-benchmarks")]
impl<AccountId, Assets, Gate, CredAsset> fungibles::Create<AccountId>
	for ReserveBacked<Assets, Gate, CredAsset>
where
	Assets: fungibles::Create<AccountId>,
{
	fn create(
		id: Self::AssetId,
		admin: AccountId,
		is_sufficient: bool,
		min_balance: Self::Balance,
	) -> sp_runtime::DispatchResult {
		Assets::create(id, admin, is_sufficient, min_balance)
	}
}
