//! Repeated requests: the same idempotency key and body from the same API key are the same call.

use axum::{
	http::{header::CONTENT_TYPE, HeaderMap, HeaderValue},
	response::{IntoResponse, Response},
};
use sp_core::H256;

use super::{
	call::{name, tell_charge, tell_payment},
	ApiError, REPLAYED, SHOULD_RETRY,
};
use crate::{app::App, hash::blake2_256, ledger::calls::Call};

const HEADER: &str = "idempotency-key";
const MAX_LENGTH: usize = 255;

/// What identifies a repeated request.
pub(super) struct Idempotency {
	pub key: String,
	pub body_hash: H256,
}

impl Idempotency {
	/// Reads the header, if there is one.
	pub fn read(headers: &HeaderMap, body: &[u8]) -> Result<Option<Self>, ApiError> {
		let Some(value) = headers.get(HEADER) else { return Ok(None) };
		let key = value.to_str().ok().filter(|key| (1..=MAX_LENGTH).contains(&key.len()));
		let message = "`Idempotency-Key` must be 1 to 255 printable ASCII characters.";
		let key = key.ok_or_else(|| ApiError::invalid(Some("Idempotency-Key"), message))?;
		Ok(Some(Self { key: key.into(), body_hash: blake2_256(body) }))
	}

	/// The answer of the call that used this key before, if one did.
	pub async fn replay(&self, app: &App, key_hash: &H256) -> Result<Option<Response>, ApiError> {
		let Some(call) = app.ledger.repeated(key_hash, &self.key).await? else { return Ok(None) };
		if call.body_hash != self.body_hash {
			return Err(ApiError::reused_idempotency_key());
		}
		replayed(app, &call).await.map(Some)
	}
}

async fn replayed(app: &App, call: &Call) -> Result<Response, ApiError> {
	if matches!(call.state.as_str(), "RESERVED" | "SENT") {
		let message = "The call with this idempotency key is still under way.";
		return Err(ApiError::conflict("call_in_progress", message));
	}
	let Some(outcome) = app.ledger.outcome(&call.call_id).await? else {
		let message =
			"The call with this idempotency key was charged, and its answer was not kept.";
		return Err(ApiError::conflict("answer_not_kept", message));
	};
	let mut response = outcome.body.into_response();
	let headers = response.headers_mut();
	name(headers, &call.call_id);
	tell_charge(headers, call.held);
	if let Some(leaf) = &call.leaf {
		tell_payment(headers, leaf.payment);
	}
	headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
	headers.insert(REPLAYED, HeaderValue::from_static("true"));
	if let Ok(content_type) = HeaderValue::from_str(&outcome.content_type) {
		headers.insert(CONTENT_TYPE, content_type);
	}
	Ok(response)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn read(value: &str) -> Result<Option<Idempotency>, ApiError> {
		let mut headers = HeaderMap::new();
		headers.insert(HEADER, HeaderValue::from_str(value).unwrap());
		Idempotency::read(&headers, b"body")
	}

	#[test]
	fn the_header_is_optional_and_bounded() {
		assert!(Idempotency::read(&HeaderMap::new(), b"").unwrap().is_none());
		assert_eq!(read("a").unwrap().unwrap().key, "a");
		assert!(read("").is_err());
		assert!(read(&"a".repeat(255)).is_ok());
		assert!(read(&"a".repeat(256)).is_err());
	}
}
