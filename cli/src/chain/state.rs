//! What the chain knows, read from one block.

use anyhow::{Context, Result};
use codec::Decode;
use lx_primitives::{units::USDT_ASSET, Price, Rates};
use subxt::{
	dynamic::{self, Value},
	ext::{
		frame_decode::storage::{IntoDecodableValues, IntoEncodableValues},
		scale_decode::DecodeAsType,
	},
	utils::AccountId32,
};

use super::Block;
use crate::amount::{Amount, Unit};

/// The daily limit of a purse that has none.
pub const NO_LIMIT: u128 = u128::MAX;

/// What is prepaid for an account at one relay.
#[derive(Clone, Debug, Default, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Purse {
	/// The relay, which alone charges it.
	pub relay: u32,
	/// Whether the Ecosystem Fund has filled it, for free calls, and has back what is left.
	pub is_sponsored: bool,
	/// µCRED that calls are charged from.
	pub free: u128,
	/// µCRED on their way out, still chargeable.
	pub thawing: u128,
	/// When they have thawed, in ms since 1970.
	pub thaw_at: u64,
	/// µCRED charged by batches that are not final.
	pub pending: u128,
	/// The most µCRED that the relay may charge in a day; the highest number for no limit.
	pub daily_limit: u128,
	/// The day of the last charge.
	pub spent_day: u32,
	/// µCRED charged on that day.
	pub spent_today: u128,
}

impl Purse {
	/// The most µCRED that the relay may charge in a day; `None` for no limit.
	pub fn limit(&self) -> Option<u128> {
		(self.daily_limit < NO_LIMIT).then_some(self.daily_limit)
	}

	/// µCRED charged on the day `today`.
	pub fn spent_on(&self, today: u32) -> u128 {
		if self.spent_day >= today {
			self.spent_today
		} else {
			0
		}
	}
}

/// An account's prepaid balance for API calls.
#[derive(Clone, Debug, Default, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct ApiAccount {
	/// What it has at each relay.
	pub purses: Vec<Purse>,
	/// Counts how often all keys were revoked.
	pub key_epoch: u32,
}

impl ApiAccount {
	/// What it has prepaid itself, at each relay.
	pub fn own(&self) -> impl Iterator<Item = &Purse> {
		self.purses.iter().filter(|purse| !purse.is_sponsored)
	}

	/// What it has prepaid itself at `relay`.
	pub fn purse(&self, relay: u32) -> Option<&Purse> {
		self.own().find(|purse| purse.relay == relay)
	}

	/// Whether the Ecosystem Fund has prepaid calls at `relay`.
	pub fn has_free_calls(&self, relay: u32) -> bool {
		let mut here = self.purses.iter().filter(|purse| purse.relay == relay);
		here.any(|purse| purse.is_sponsored && purse.free > 0)
	}

	/// µCRED that batches which are not final have charged to it, at all relays. Free calls mine nothing,
	/// and are not counted.
	pub fn pending(&self) -> u128 {
		self.own().fold(0, |sum: u128, purse| sum.saturating_add(purse.pending))
	}
}

/// A model on offer.
pub struct Model {
	/// Its name.
	pub name: String,
	/// The version of its price.
	pub version: u32,
	/// What users pay.
	pub list: Rates,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct ModelInfo {
	version: u32,
	listed: bool,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct SystemAccount {
	data: AccountData,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct AccountData {
	free: u128,
	reserved: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct AssetAccount {
	balance: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct AssetDetails {
	supply: u128,
}

/// What can be asked of a block.
pub struct State<'a>(pub &'a Block);

impl State<'_> {
	/// What `account` owns of `unit` outside its API balance.
	pub async fn balance(&self, account: &AccountId32, unit: Unit) -> Result<Amount> {
		let units = match unit.asset_id() {
			Some(asset) => self.asset_balance(asset, account).await?,
			None => self.lco_balance(account).await?,
		};
		Ok(unit.of(units))
	}

	async fn lco_balance(&self, account: &AccountId32) -> Result<u128> {
		let found: Option<SystemAccount> = self.map("System", "Account", (account.0,)).await?;
		Ok(found.map_or(0, |found| found.data.free.saturating_add(found.data.reserved)))
	}

	/// The LCO of `account` that nothing holds.
	pub async fn free_lco(&self, account: &AccountId32) -> Result<Amount> {
		let found: Option<SystemAccount> = self.map("System", "Account", (account.0,)).await?;
		Ok(Unit::Lco.of(found.map_or(0, |found| found.data.free)))
	}

	async fn asset_balance(&self, asset: u32, account: &AccountId32) -> Result<u128> {
		let found: Option<AssetAccount> = self.map("Assets", "Account", (asset, account.0)).await?;
		Ok(found.map_or(0, |found| found.balance))
	}

	/// The API balance of `account`; `None` if it never had one.
	pub async fn api_account(&self, account: &AccountId32) -> Result<Option<ApiAccount>> {
		self.map("Compute", "Accounts", (account.0,)).await
	}

	/// The models on offer, by name.
	pub async fn models(&self) -> Result<Vec<Model>> {
		let address = dynamic::storage::<(Vec<u8>,), ModelInfo>("PriceRegistry", "Models");
		let storage = self.0.storage();
		let mut entries = storage.iter(address, ()).await?;
		let mut models = Vec::new();
		while let Some(entry) = entries.next().await {
			let entry = entry?;
			let info = entry.value().decode()?;
			if info.listed {
				let (name,) = entry.key()?.decode()?;
				models.push(self.model(name, info.version).await?);
			}
		}
		models.sort_by(|one, other| one.name.cmp(&other.name));
		Ok(models)
	}

	async fn model(&self, name: Vec<u8>, version: u32) -> Result<Model> {
		let price: Option<Price> =
			self.shared("PriceRegistry", "Prices", (name.clone(), version)).await?;
		let name = String::from_utf8_lossy(&name).into_owned();
		let list = price.with_context(|| format!("{name} is listed without a price"))?.list;
		Ok(Model { name, version, list })
	}

	/// `C`: the µCRED that have ever been paid by final calls.
	pub async fn cumulative(&self) -> Result<u128> {
		Ok(self.value("Mining", "Cumulative").await?.unwrap_or_default())
	}

	/// Planck that `account` has mined and not yet received, being below the smallest balance.
	pub async fn unpaid(&self, account: &AccountId32) -> Result<u128> {
		Ok(self.map("Mining", "Unpaid", (account.0,)).await?.unwrap_or_default())
	}

	/// The time of the block, in ms since 1970.
	pub async fn now(&self) -> Result<u64> {
		Ok(self.value("Timestamp", "Now").await?.unwrap_or_default())
	}

	/// The day of the block, by the chain's calendar.
	pub async fn today(&self) -> Result<u32> {
		let length = self.value("Calendar", "DayLength").await?;
		let length = length.context("the chain has no calendar")?;
		Ok(lx_math::calendar::day(self.now().await?, length))
	}

	/// µUSDT that exist here.
	pub async fn usdt_supply(&self) -> Result<u128> {
		let found: Option<AssetDetails> = self.map("Assets", "Asset", (USDT_ASSET,)).await?;
		Ok(found.map_or(0, |found| found.supply))
	}

	/// The value of a storage item; `None` if it has none.
	pub async fn value<V: DecodeAsType>(&self, pallet: &str, item: &str) -> Result<Option<V>> {
		let address = dynamic::storage::<(), V>(pallet, item);
		let found = self.0.storage().try_fetch(address, ()).await?;
		Ok(found.map(|value| value.decode()).transpose()?)
	}

	/// The value of a storage item at a key, of a type that this program shares with the chain; `None` if
	/// it has none.
	pub async fn shared<K, V>(&self, pallet: &str, item: &str, keys: K) -> Result<Option<V>>
	where
		K: IntoEncodableValues + IntoDecodableValues,
		V: Decode,
	{
		let address = dynamic::storage::<K, Value>(pallet, item);
		let found = self.0.storage().try_fetch(address, keys).await?;
		let decoded = found.map(|value| V::decode(&mut value.bytes())).transpose();
		decoded.with_context(|| format!("this program does not know the chain's {pallet}.{item}"))
	}

	/// The value of a storage map at a key; `None` if it has none.
	pub async fn map<K, V>(&self, pallet: &str, item: &str, keys: K) -> Result<Option<V>>
	where
		K: IntoEncodableValues + IntoDecodableValues,
		V: DecodeAsType,
	{
		let address = dynamic::storage::<K, V>(pallet, item);
		let found = self.0.storage().try_fetch(address, keys).await?;
		Ok(found.map(|value| value.decode()).transpose()?)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_own_purse_is_found_by_its_relay_and_forgets_yesterday() {
		let purse = Purse { relay: 3, spent_day: 7, spent_today: 5, ..Default::default() };
		let free = Purse { relay: 3, is_sponsored: true, ..Default::default() };
		let account = ApiAccount { purses: vec![free, purse], key_epoch: 0 };
		assert!(account.purse(0).is_none());
		let purse = account.purse(3).unwrap();
		assert_eq!((purse.spent_on(7), purse.spent_on(8)), (5, 0));
		assert!(!account.has_free_calls(3), "they are used up");
		let free = Purse { relay: 4, is_sponsored: true, free: 1, ..Default::default() };
		let account = ApiAccount { purses: vec![free], key_epoch: 0 };
		assert!(account.has_free_calls(4) && account.purse(4).is_none());
	}

	#[test]
	fn what_is_pending_is_so_at_all_relays() {
		let purse = |pending| Purse { pending, ..Default::default() };
		let free = Purse { is_sponsored: true, ..purse(4) };
		let account = ApiAccount { purses: vec![purse(2), free, purse(3)], key_epoch: 0 };
		assert_eq!((account.pending(), ApiAccount::default().pending()), (5, 0));
	}

	#[test]
	fn the_highest_number_is_no_limit() {
		let limited = |daily_limit| Purse { daily_limit, ..Default::default() }.limit();
		assert_eq!([0, NO_LIMIT - 1, NO_LIMIT].map(limited), [Some(0), Some(NO_LIMIT - 1), None]);
	}
}
