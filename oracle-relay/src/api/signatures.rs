//! `POST /v1/batches/{id}/signatures`: an attestor hands in its signature.

use std::sync::Arc;

use axum::{
	extract::{rejection::PathRejection, Path, Request, State},
	http::StatusCode,
	response::{IntoResponse, Response},
};
use serde::Deserialize;
use sp_core::{sr25519, Pair};

use super::{batches::find, body, ApiError};
use crate::app::App;

/// Far more bytes than a signature needs, since anybody may send one.
const MAX_BYTES: u32 = 4 * 1024;

#[derive(Deserialize)]
struct Handed {
	attestor: u32,
	signature: String,
}

/// Keeps a signature of a member of the quorum over the open batch. It is on disk before this answers.
pub(super) async fn add(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
	request: Request,
) -> Result<Response, ApiError> {
	let bytes = body::read(&app, request.into_body(), MAX_BYTES).await?;
	let Handed { attestor, signature } = serde_json::from_slice(&bytes)
		.map_err(|error| ApiError::invalid(None, format!("The request is not valid: {error}.")))?;
	let signature = read_signature(&signature)?;
	let batch = find(&app, path).await?;
	let snapshot = app.chain.snapshot()?;
	let key = snapshot.head().quorum.members.get(&attestor);
	let key = key.ok_or_else(|| ApiError::not_in_quorum(attestor))?;
	if !sr25519::Pair::verify(&signature, batch.hash.as_bytes(), key) {
		return Err(ApiError::invalid_signature("The attestor did not sign this batch."));
	}
	if !app.ledger.add_signature(&batch.hash, &(attestor, signature)).await? {
		return Err(ApiError::conflict(
			"batch_not_open",
			"This batch needs no signature any more.",
		));
	}
	app.board.announce_signature();
	Ok(StatusCode::NO_CONTENT.into_response())
}

fn read_signature(text: &str) -> Result<sr25519::Signature, ApiError> {
	let digits = text.strip_prefix("0x").unwrap_or(text);
	let bytes = hex::decode(digits).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
	let message = "`signature` must be an sr25519 signature: 128 hexadecimal digits.";
	let bytes = bytes.ok_or_else(|| ApiError::invalid(Some("signature"), message))?;
	Ok(sr25519::Signature::from_raw(bytes))
}
