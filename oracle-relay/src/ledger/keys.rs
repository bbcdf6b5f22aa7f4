//! API keys.

use lx_primitives::units::{Credits, Moment};
use sp_core::{crypto::AccountId32, H256};
use sqlx::{sqlite::SqliteRow, Row};

use super::{array, credits, limit, moment, unsigned, Ledger, LedgerError};

/// The most keys of an account that work at the same time.
pub const MAX_LIVE_KEYS: u32 = 32;

/// The most keys that an account may register for one key epoch, revoked and expired ones included.
/// None is ever deleted, since a revoked key has to stay revoked, and calls refer to their keys. A
/// new epoch, which ends them all, costs a transaction on chain, which bounds what anybody stores.
pub const MAX_KEYS: u32 = 256;

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

/// The columns that [`read_key`] reads.
macro_rules! key_columns {
	() => {
		"key_hash, account, models, spending_cap, expires_at, key_epoch, revoked_at, held"
	};
}

impl Ledger {
	/// Stores a key. Returns false if it is there already, because a key never changes, or if its
	/// account has as many keys as it may have.
	pub async fn add_key(
		&self,
		key: &ApiKey,
		evidence: &Evidence,
		now: Moment,
	) -> Result<bool, LedgerError> {
		let account: &[u8] = key.account.as_ref();
		let models =
			serde_json::to_string(&key.models).map_err(|_| LedgerError::Corrupt("list"))?;
		let _turn = self.requested.lock().await;
		// Counted where it is stored, so that registrations in parallel keep the bounds. Keys of
		// another epoch do not work.
		let query = sqlx::query(
			"INSERT INTO keys (key_hash, account, models, spending_cap, expires_at, key_epoch,
				signed_grant, signature, created_at)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
			WHERE (SELECT COUNT(*) FROM keys WHERE account = ?2 AND key_epoch = ?6) < ?10
				AND (SELECT COUNT(*) FROM keys WHERE account = ?2 AND key_epoch = ?6
					AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?9)) < ?11
			ON CONFLICT DO NOTHING",
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
			.bind(MAX_KEYS)
			.bind(MAX_LIVE_KEYS)
			.execute(&self.writes)
			.await?;
		Ok(done.rows_affected() == 1)
	}

	/// A key by its hash.
	pub async fn key(&self, key_hash: &H256) -> Result<Option<ApiKey>, LedgerError> {
		let query =
			sqlx::query(concat!("SELECT ", key_columns!(), " FROM keys WHERE key_hash = ?"));
		let found = query.bind(key_hash.as_bytes()).fetch_optional(&self.reads).await?;
		found.as_ref().map(read_key).transpose()
	}

	/// The keys that an account has registered for a key epoch, at most [`MAX_KEYS`], the newest first.
	pub async fn keys_of(
		&self,
		account: &AccountId32,
		key_epoch: u32,
	) -> Result<Vec<ApiKey>, LedgerError> {
		let account: &[u8] = account.as_ref();
		let query = sqlx::query(concat!(
			"SELECT ",
			key_columns!(),
			" FROM keys WHERE account = ? AND key_epoch = ? ORDER BY created_at DESC, key_hash LIMIT ?"
		));
		let query = query.bind(account).bind(key_epoch).bind(MAX_KEYS);
		query.fetch_all(&self.reads).await?.iter().map(read_key).collect()
	}

	/// The signed evidence for a key.
	pub async fn evidence(&self, key_hash: &H256) -> Result<Option<Evidence>, LedgerError> {
		let query = sqlx::query("SELECT signed_grant, signature FROM keys WHERE key_hash = ?");
		let found = query.bind(key_hash.as_bytes()).fetch_optional(&self.reads).await?;
		let Some(row) = found else { return Ok(None) };
		Ok(Some(Evidence { grant: row.try_get(0)?, signature: row.try_get(1)? }))
	}

	/// Revokes a key for ever. Returns false if there is none or it is revoked already.
	pub async fn revoke_key(&self, key_hash: &H256, now: Moment) -> Result<bool, LedgerError> {
		let query =
			sqlx::query("UPDATE keys SET revoked_at = ? WHERE key_hash = ? AND revoked_at IS NULL");
		let query = query.bind(moment(now)?).bind(key_hash.as_bytes());
		let _turn = self.requested.lock().await;
		Ok(query.execute(&self.writes).await?.rows_affected() == 1)
	}
}

/// Reads the columns of `key_columns`.
fn read_key(row: &SqliteRow) -> Result<ApiKey, LedgerError> {
	let models: String = row.try_get("models")?;
	Ok(ApiKey {
		key_hash: H256(array(row.try_get("key_hash")?, "hash")?),
		account: AccountId32::new(array(row.try_get("account")?, "account")?),
		models: serde_json::from_str(&models).map_err(|_| LedgerError::Corrupt("list"))?,
		spending_cap: row.try_get::<Option<i64>, _>("spending_cap")?.map(credits).transpose()?,
		expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(unsigned).transpose()?,
		key_epoch: row.try_get("key_epoch")?,
		revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(unsigned).transpose()?,
		held: credits(row.try_get("held")?)?,
	})
}
