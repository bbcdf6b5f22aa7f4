//! What the chain knows, read from one block.

use anyhow::{Context, Result};
use lx_primitives::units::USDT_ASSET;
use subxt::{
	dynamic,
	ext::{
		frame_decode::storage::{IntoDecodableValues, IntoEncodableValues},
		scale_decode::DecodeAsType,
	},
	utils::AccountId32,
};

use super::Block;
use crate::amount::{Amount, Unit};

/// A relay that an account has named.
#[derive(Clone, Copy, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Authorisation {
	/// The relay.
	pub relay: u32,
	/// `None` while it stands; else when the relay may collect for the last time, in ms since 1970.
	pub until: Option<u64>,
}

/// An account's prepaid balance for API calls.
#[derive(Clone, Debug, Default, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct ApiAccount {
	/// µCRED that calls are charged from.
	pub free: u128,
	/// µCRED on their way out, still chargeable.
	pub thawing: u128,
	/// When they have thawed, in ms since 1970.
	pub thaw_at: u64,
	/// µCRED charged by batches that are not final.
	pub pending: u128,
	/// The relays that may charge, those that were taken off included.
	pub relays: Vec<Authorisation>,
	/// The most µCRED that they may charge in a day.
	pub daily_limit: u128,
	/// The day of the last charge.
	pub spent_day: u32,
	/// µCRED charged on that day.
	pub spent_today: u128,
	/// Counts how often all keys were revoked.
	pub key_epoch: u32,
}

impl ApiAccount {
	/// The relays that may charge what they serve from now on.
	pub fn standing(&self) -> Vec<u32> {
		let standing = self.relays.iter().filter(|held| held.until.is_none());
		standing.map(|held| held.relay).collect()
	}

	/// The relays that were taken off and may, at `now`, still collect what they served before:
	/// each with the last moment for it.
	pub fn leaving(&self, now: u64) -> Vec<(u32, u64)> {
		let leaving = self.relays.iter().filter_map(|held| Some((held.relay, held.until?)));
		leaving.filter(|(_, until)| now <= *until).collect()
	}
}

/// What a model's use costs, in µCRED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Rates {
	/// Per 1,000,000 tokens.
	Tokens {
		/// Input that the provider had not cached.
		input: u128,
		/// Input that the provider had cached.
		cached_input: u128,
		/// Output, reasoning included.
		output: u128,
	},
	/// Per unit, such as an image.
	Unit(u128),
}

/// A version of a model's price.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Price {
	/// What users pay.
	pub list: Rates,
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
			self.map("PriceRegistry", "Prices", (name.clone(), version)).await?;
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
	fn relays_stand_or_leave_until_their_time_is_over() {
		let relay = |relay, until| Authorisation { relay, until };
		let relays = vec![relay(0, None), relay(1, Some(10)), relay(2, Some(20))];
		let account = ApiAccount { relays, ..Default::default() };
		assert_eq!(account.standing(), [0]);
		assert_eq!(account.leaving(10), [(1, 10), (2, 20)]);
		assert_eq!(account.leaving(11), [(2, 20)]);
	}
}
