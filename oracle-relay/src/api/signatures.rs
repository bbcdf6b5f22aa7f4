//! What attestors say of a batch: `POST /v1/batches/{id}/signatures`, that it is right, or
//! `POST /v1/batches/{id}/objections`, which calls are not.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
	extract::{rejection::PathRejection, Path, Request, State},
	http::StatusCode,
	response::{IntoResponse, Response},
};
use lx_primitives::CallId;
use serde::{de::DeserializeOwned, Deserialize};
use sp_core::{sr25519, Pair, H256};

use super::{batches::find, body, ApiError};
use crate::{
	app::App,
	attest::objections::{objection_hash, MAX_OBJECTIONS},
};

/// Far more bytes than a signature needs, since anybody may send one.
const MAX_SIGNATURE_BYTES: u32 = 4 * 1024;

/// Twice what [`MAX_OBJECTIONS`] need.
const MAX_OBJECTION_BYTES: u32 = 80 * 1024;

#[derive(Deserialize)]
struct Handed {
	attestor: u32,
	signature: String,
}

#[derive(Deserialize)]
struct Objected {
	attestor: u32,
	calls: Vec<String>,
	signature: String,
}

/// Keeps a signature of a member of the quorum over the open batch. It is on disk before this answers.
pub(super) async fn add(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
	request: Request,
) -> Result<Response, ApiError> {
	let Handed { attestor, signature } = read(&app, request, MAX_SIGNATURE_BYTES).await?;
	let signature = read_signature(&signature)?;
	let batch = find(&app, path).await?;
	ensure_member_signed(&app, attestor, &signature, &batch.hash)?;
	if !app.ledger.add_signature(&batch.hash, &(attestor, signature)).await? {
		return Err(not_open());
	}
	app.board.announce_signature();
	Ok(StatusCode::NO_CONTENT.into_response())
}

/// Notes which calls keep a member of the quorum from signing the open batch.
pub(super) async fn object(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
	request: Request,
) -> Result<Response, ApiError> {
	let Objected { attestor, calls, signature } = read(&app, request, MAX_OBJECTION_BYTES).await?;
	let signature = read_signature(&signature)?;
	let calls = calls.iter().map(|id| read_call(id)).collect::<Result<Vec<CallId>, _>>()?;
	if calls.is_empty() || calls.len() > MAX_OBJECTIONS {
		let message = format!("`calls` must name from 1 to {MAX_OBJECTIONS} calls.");
		return Err(ApiError::invalid(Some("calls"), message));
	}
	let batch = find(&app, path).await?;
	ensure_member_signed(&app, attestor, &signature, &objection_hash(&batch.hash, &calls))?;
	if batch.state != "OPEN" {
		return Err(not_open());
	}
	app.board.object(batch.hash, attestor, calls.into_iter().collect::<BTreeSet<_>>());
	Ok(StatusCode::NO_CONTENT.into_response())
}

fn not_open() -> ApiError {
	ApiError::conflict("batch_not_open", "This batch needs no signature any more.")
}

async fn read<T: DeserializeOwned>(app: &App, request: Request, most: u32) -> Result<T, ApiError> {
	let bytes = body::read(app, request.into_body(), most).await?;
	serde_json::from_slice(&bytes)
		.map_err(|error| ApiError::invalid(None, format!("The request is not valid: {error}.")))
}

fn ensure_member_signed(
	app: &App,
	attestor: u32,
	signature: &sr25519::Signature,
	hash: &H256,
) -> Result<(), ApiError> {
	let snapshot = app.chain.snapshot()?;
	let key = snapshot.head().quorum.members.get(&attestor);
	let key = key.ok_or_else(|| ApiError::not_in_quorum(attestor))?;
	if sr25519::Pair::verify(signature, hash.as_bytes(), key) {
		Ok(())
	} else {
		Err(ApiError::invalid_signature("The attestor did not sign this."))
	}
}

fn read_call(text: &str) -> Result<CallId, ApiError> {
	let bytes = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
	let message = "A call is named by `0x` and 32 hexadecimal digits.";
	bytes
		.and_then(|bytes| CallId::try_from(bytes).ok())
		.ok_or_else(|| ApiError::invalid(Some("calls"), message))
}

fn read_signature(text: &str) -> Result<sr25519::Signature, ApiError> {
	let digits = text.strip_prefix("0x").unwrap_or(text);
	let bytes = hex::decode(digits).ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
	let message = "`signature` must be an sr25519 signature: 128 hexadecimal digits.";
	let bytes = bytes.ok_or_else(|| ApiError::invalid(Some("signature"), message))?;
	Ok(sr25519::Signature::from_raw(bytes))
}
