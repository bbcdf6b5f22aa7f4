//! API keys.

use lx_primitives::units::{Credits, Moment};
use sp_core::{crypto::AccountId32, H256};
use sqlx::Row;

use super::{array, credits, limit, moment, unsigned, Ledger, LedgerError};

/// An API key: what its wallet granted, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
	/// Hash of the key's text.
	pub key_hash: H256,
	/// Who pays.
	pub account: AccountId32,
	/// The models that it may use; empty for all.
	pub models: Vec<String>,
	/// The most µCRED that it may spend in all.
	pub spending_cap: Option<Credits>,
	/// When it stops working.
	pub expires_at: Option<Moment>,
	/// The account's key epoch that it belongs to.
	pub key_epoch: u32,
	/// When it was revoked at this relay.
	pub revoked_at: Option<Moment>,
	/// µCRED that its calls were charged or have reserved.
	pub held: Credits,
}

/// The signed evidence for a key, as it is shown to attestors.
#[derive(Clone, Debug)]
pub struct Evidence {
	/// The grant as JSON.
	pub grant: String,
	/// The wallet's signature.
	pub signature: Vec<u8>,
}

impl Ledger {
	/// Stores a key. Returns false if it is there already: a key never changes.
	pub async fn add_key(
		&self,
		key: &ApiKey,
		evidence: &Evidence,
		now: Moment,
	) -> Result<bool, LedgerError> {
		let account: &[u8] = key.account.as_ref();
		let models =
			serde_json::to_string(&key.models).map_err(|_| LedgerError::Corrupt("list"))?;
		let query = sqlx::query(
			"INSERT INTO keys (key_hash, account, models, spending_cap, expires_at, key_epoch,
				signed_grant, signature, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		);
		let done = query
			.bind(key.key_hash.as_bytes())
			.bind(account)
			.bind(models)
			.bind(key.spending_cap.map(limit))
			.bind(key.expires_at.map(|at| i64::try_from(at).unwrap_or(i64::MAX)))
			.bind(key.key_epoch)
			.bind(&evidence.grant)
			.bind(&evidence.signature)
			.bind(moment(now)?)
			.execute(&self.writes)
			.await?;
		Ok(done.rows_affected() == 1)
	}

	/// A key by its hash.
	pub async fn key(&self, key_hash: &H256) -> Result<Option<ApiKey>, LedgerError> {
		let query = sqlx::query(
			"SELECT account, models, spending_cap, expires_at, key_epoch, revoked_at, held
			FROM keys WHERE key_hash = ?",
		);
		let found = query.bind(key_hash.as_bytes()).fetch_optional(&self.reads).await?;
		let Some(row) = found else { return Ok(None) };
		let models: String = row.try_get(1)?;
		Ok(Some(ApiKey {
			key_hash: *key_hash,
			account: AccountId32::new(array(row.try_get(0)?, "account")?),
			models: serde_json::from_str(&models).map_err(|_| LedgerError::Corrupt("list"))?,
			spending_cap: row.try_get::<Option<i64>, _>(2)?.map(credits).transpose()?,
			expires_at: row.try_get::<Option<i64>, _>(3)?.map(unsigned).transpose()?,
			key_epoch: row.try_get(4)?,
			revoked_at: row.try_get::<Option<i64>, _>(5)?.map(unsigned).transpose()?,
			held: credits(row.try_get(6)?)?,
		}))
	}

	/// How many keys `account` has registered, revoked ones included.
	pub async fn keys_of(&self, account: &AccountId32) -> Result<u64, LedgerError> {
		let account: &[u8] = account.as_ref();
		let query = sqlx::query("SELECT COUNT(*) FROM keys WHERE account = ?").bind(account);
		unsigned(query.fetch_one(&self.reads).await?.try_get(0)?)
	}

	/// Revokes a key for ever. Returns false if there is none or it is revoked already.
	pub async fn revoke_key(&self, key_hash: &H256, now: Moment) -> Result<bool, LedgerError> {
		let query =
			sqlx::query("UPDATE keys SET revoked_at = ? WHERE key_hash = ? AND revoked_at IS NULL");
		let query = query.bind(moment(now)?).bind(key_hash.as_bytes());
		Ok(query.execute(&self.writes).await?.rows_affected() == 1)
	}
}
