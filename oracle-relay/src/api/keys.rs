//! API keys: a wallet signs what a key may do; the relay only ever sees a hash of the key.

use std::sync::Arc;

use axum::{
	extract::{rejection::PathRejection, Path, Request, State},
	http::{HeaderMap, StatusCode},
	response::Response,
};
use lx_primitives::{grant::Grant, Credits};
use serde::Deserialize;
use serde_json::{json, Value};
use sp_core::{
	crypto::{AccountId32, Ss58Codec},
	H256,
};

use super::{
	auth::{authenticate, key_hash},
	body, ApiError,
};
use crate::{
	app::App,
	attest::receipt::ucred,
	grant::{is_signed, MAX_MODELS, MAX_NAME_BYTES},
	ledger::keys::{ApiKey, Evidence, MAX_KEYS, MAX_LIVE_KEYS},
	tasks::now,
};

/// The most bytes of a registration: far more than any grant needs, since anybody may send one.
const MAX_REGISTRATION_BYTES: u32 = 16 * 1024;

/// What the message calls a list of no models, so no model may be called that.
const ALL_MODELS: &str = "all";

#[derive(Deserialize)]
struct Registration {
	grant: Grant,
	signature: String,
}

/// Registers a key that a wallet granted.
pub(super) async fn register(
	State(app): State<Arc<App>>,
	request: Request,
) -> Result<Response, ApiError> {
	let body = body::read(&app, request.into_body(), MAX_REGISTRATION_BYTES).await?;
	let Registration { grant, signature } = serde_json::from_slice(&body)
		.map_err(|error| ApiError::invalid(None, format!("The request is not valid: {error}.")))?;
	let account = check_grant(&app, &grant)?;
	let signature = signature_bytes(&signature)?;
	if !is_signed(&grant, &signature, &account) {
		return Err(ApiError::invalid_signature("The account did not sign this grant."));
	}
	check_account(&app, &grant, &account).await?;
	store(&app, grant, signature, account).await
}

/// Checks what a grant says against this relay and its chain.
fn check_grant(app: &App, grant: &Grant) -> Result<AccountId32, ApiError> {
	let wrong = |field: &str, message: &str| {
		Err(ApiError::invalid(Some(&format!("grant.{field}")), message))
	};
	if grant.genesis != app.chain.snapshot()?.head().genesis {
		return wrong("genesis", "The grant is for another chain.");
	}
	if grant.relay != app.signer.id() {
		return wrong("relay", "The grant is for another relay.");
	}
	if grant.models.len() > MAX_MODELS || !grant.models.iter().all(|name| is_model_name(name)) {
		let message =
			"`models` must hold at most 16 names of models: letters, digits and `-._:/@+`.";
		return wrong("models", message);
	}
	if grant.spending_cap.is_some_and(|cap| cap > MAX_CAP) {
		let message = "`spending_cap` is above all that there can be; leave it out for no limit.";
		return wrong("spending_cap", message);
	}
	if grant.expires_at.is_some_and(|at| at <= now()) {
		return wrong("expires_at", "The grant has expired.");
	}
	AccountId32::from_ss58check(&grant.account)
		.or_else(|_| wrong("account", "`account` must be an SS58 address."))
}

/// The largest spending cap, in µCRED: what the ledger can hold, and any JSON reader an integer.
const MAX_CAP: Credits = i64::MAX as Credits;

/// Whether `name` cannot be mistaken for anything else in the text that was signed.
fn is_model_name(name: &str) -> bool {
	name != ALL_MODELS
		&& (1..=MAX_NAME_BYTES).contains(&name.len())
		&& name.chars().all(|c| c.is_ascii_alphanumeric() || "-._:/@+".contains(c))
}

fn signature_bytes(text: &str) -> Result<Vec<u8>, ApiError> {
	hex::decode(text.strip_prefix("0x").unwrap_or(text))
		.map_err(|_| ApiError::invalid(Some("signature"), "`signature` must be hexadecimal."))
}

async fn check_account(app: &App, grant: &Grant, account: &AccountId32) -> Result<(), ApiError> {
	let found = app.chain.snapshot()?.account(account).await?.unwrap_or_default();
	if !found.has_purse && found.sponsored.free == 0 {
		return Err(ApiError::no_purse(grant.relay));
	}
	if found.key_epoch != grant.key_epoch {
		let message = format!("The account's key epoch is {}.", found.key_epoch);
		return Err(ApiError::invalid(Some("grant.key_epoch"), message));
	}
	Ok(())
}

async fn store(
	app: &App,
	grant: Grant,
	signature: Vec<u8>,
	account: AccountId32,
) -> Result<Response, ApiError> {
	let text = serde_json::to_string(&grant).map_err(|_| ApiError::internal())?;
	let evidence = Evidence { grant: text, signature };
	let key = ApiKey {
		key_hash: grant.key_hash,
		account,
		models: grant.models,
		spending_cap: grant.spending_cap,
		expires_at: grant.expires_at,
		key_epoch: grant.key_epoch,
		revoked_at: None,
		held: 0,
	};
	if app.ledger.add_key(&key, &evidence, now()).await? {
		return Ok(super::json(StatusCode::CREATED, &describe(&key)));
	}
	let known = app.ledger.key(&key.key_hash).await?.ok_or_else(too_many_keys)?;
	if known.revoked_at.is_some() {
		return Err(ApiError::conflict("key_revoked", "This key was revoked; make a new one."));
	}
	if known.account != key.account || known.key_epoch != key.key_epoch {
		return Err(ApiError::conflict("key_exists", "This key is registered already."));
	}
	Ok(super::json(StatusCode::OK, &describe(&known)))
}

fn too_many_keys() -> ApiError {
	let message = format!(
		"An account may have {MAX_LIVE_KEYS} keys here at a time, and register {MAX_KEYS} for one \
		 key epoch. Revoke a key, or raise the account's key epoch on chain \
		 (Compute.revoke_keys), which ends all its keys."
	);
	ApiError::conflict("too_many_keys", message)
}

fn describe(key: &ApiKey) -> Value {
	json!({
		"object": "lx.api_key",
		"key_hash": key.key_hash,
		"account": key.account.to_string(),
		"models": key.models,
		"spending_cap_ucred": key.spending_cap.map(ucred),
		"spent_ucred": ucred(key.held),
		"expires_at_ms": key.expires_at,
		"revoked_at_ms": key.revoked_at,
		"key_epoch": key.key_epoch,
	})
}

/// Lists the keys that the caller's account has registered since it last revoked all of them on chain.
pub(super) async fn list(
	State(app): State<Arc<App>>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let ApiKey { account, key_epoch, .. } = authenticate(&app, &headers).await?.key;
	let keys = app.ledger.keys_of(&account, key_epoch).await?;
	let data: Vec<Value> = keys.iter().map(describe).collect();
	Ok(super::json(StatusCode::OK, &json!({"object": "list", "data": data})))
}

/// Revokes a key, by whoever holds it.
pub(super) async fn revoke(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let Path(hash) = path?;
	let held = key_hash(&headers)?;
	let asked = hex::decode(hash.strip_prefix("0x").unwrap_or(&hash)).unwrap_or_default();
	if asked != held.as_bytes() {
		return Err(ApiError::invalid_key("A key is revoked with the key itself as the bearer."));
	}
	if !app.ledger.revoke_key(&held, now()).await? {
		return Err(ApiError::invalid_key("Incorrect API key provided."));
	}
	Ok(super::json(StatusCode::OK, &deleted(&held)))
}

fn deleted(key_hash: &H256) -> Value {
	json!({"object": "lx.api_key.deleted", "key_hash": key_hash, "deleted": true})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_name_cannot_pass_for_a_list_or_for_all_models() {
		for name in ["gpt-4o", "lx-demo-1", "org/model:tag"] {
			assert!(is_model_name(name), "{name}");
		}
		for name in ["", "all", "a, b", "a,b", "a b", "a\nnonce: 1", "\"", &"a".repeat(65)] {
			assert!(!is_model_name(name), "{name}");
		}
	}
}
