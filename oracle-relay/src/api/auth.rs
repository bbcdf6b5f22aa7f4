//! Who calls.

use std::sync::Arc;

use axum::http::{header::AUTHORIZATION, HeaderMap};
use lx_primitives::{Perk, RelayId};
use sp_core::H256;

use super::ApiError;
use crate::{
	app::App,
	chain::{ApiAccount, Snapshot},
	hash::blake2_256,
	ledger::keys::ApiKey,
	tasks::now,
};

/// A caller whose key is good at the finalised block of `snapshot`.
pub(super) struct Caller {
	pub key: ApiKey,
	pub account: ApiAccount,
	pub snapshot: Arc<dyn Snapshot>,
}

impl Caller {
	/// The perk that its account has this week.
	pub fn perk(&self) -> Option<Perk> {
		self.snapshot.head().perk_of(&self.key.account)
	}

	/// Whether the Ecosystem Fund pays its calls at `relay`, as far as it has prepaid them.
	pub fn has_free_calls(&self, relay: RelayId) -> bool {
		self.snapshot.head().are_calls_free(&self.key.account, relay)
	}
}

/// Finds the caller and checks the key: here, and against what the account says on chain.
pub(super) async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, ApiError> {
	let key_hash = key_hash(headers)?;
	let unknown = || ApiError::invalid_key("Incorrect API key provided.");
	let key = app.ledger.key(&key_hash).await?.ok_or_else(unknown)?;
	if key.revoked_at.is_some() {
		return Err(ApiError::invalid_key("This API key was revoked."));
	}
	let snapshot = app.chain.snapshot()?;
	// Calls carry the chain's time, and attestors check it; it may be ahead of this clock.
	if key.expires_at.is_some_and(|at| at <= now().max(snapshot.head().time)) {
		return Err(ApiError::invalid_key("This API key has expired."));
	}
	let account = snapshot.account(&key.account).await?.unwrap_or_default();
	if account.key_epoch != key.key_epoch {
		return Err(ApiError::invalid_key("The account has revoked this API key on chain."));
	}
	Ok(Caller { key, account, snapshot })
}

/// The hash of the bearer's key. The key itself is not kept.
pub(super) fn key_hash(headers: &HeaderMap) -> Result<H256, ApiError> {
	let missing =
		|| ApiError::invalid_key("You must provide an API key: `Authorization: Bearer YOUR_KEY`.");
	let value = headers.get(AUTHORIZATION).ok_or_else(missing)?;
	let (scheme, key) =
		value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(missing)?;
	let key = key.trim();
	if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() {
		return Err(missing());
	}
	Ok(blake2_256(key.as_bytes()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use axum::http::HeaderValue;

	fn hash_of(value: &'static str) -> Result<H256, ApiError> {
		let mut headers = HeaderMap::new();
		headers.insert(AUTHORIZATION, HeaderValue::from_static(value));
		key_hash(&headers)
	}

	#[test]
	fn the_scheme_is_bearer_in_any_case() {
		let expected = blake2_256(b"lx-1");
		assert_eq!(hash_of("Bearer lx-1"), Ok(expected));
		assert_eq!(hash_of("bearer  lx-1 "), Ok(expected));
	}

	#[test]
	fn anything_else_is_no_key() {
		for value in ["", "lx-1", "Basic lx-1", "Bearer", "Bearer  "] {
			assert!(hash_of(value).is_err(), "{value}");
		}
		assert!(key_hash(&HeaderMap::new()).is_err());
	}
}
