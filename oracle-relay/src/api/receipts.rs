//! `GET /v1/receipts/{call_id}` and `/v1/proofs/{call_id}`.

use std::{future::Future, sync::Arc};

use axum::{
	extract::{rejection::PathRejection, Path, State},
	http::{HeaderMap, StatusCode},
	response::Response,
};
use lx_primitives::CallId;
use serde_json::json;
use tokio::{sync::OwnedSemaphorePermit, task::spawn_blocking};

use super::{auth::authenticate, batches, heavy, ApiError};
use crate::{
	app::App,
	attest::{proof::Proof, receipt::receipt},
	ledger::{batches::StoredBatch, calls::Call},
};

/// The receipt of a call of the caller's account.
pub(super) async fn one(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let Path(id) = path?;
	let caller = authenticate(&app, &headers).await?;
	let unknown = || ApiError::not_found("call");
	let id = call_id(&id).ok_or_else(unknown)?;
	let call = app.ledger.call(&id).await?.filter(|call| call.account == caller.key.account);
	let call = call.ok_or_else(unknown)?;
	let batch = proven(&app, &id, heavy::strangers(&app).turn()).await?;
	let batch = batch.as_ref().map(|(batch, proof)| (batch, proof.clone()));
	let genesis = caller.snapshot.head().genesis;
	Ok(super::json(StatusCode::OK, &receipt(&app.signer, &genesis, &call, batch)))
}

/// The proof that a call is in its batch, for anybody.
pub(super) async fn proof(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
	let Path(text) = path?;
	let id = call_id(&text).ok_or_else(|| ApiError::not_found("call"))?;
	let Some((batch, proof)) = proven(&app, &id, heavy::strangers(&app).admit()).await? else {
		return Err(unproven(app.ledger.call(&id).await?.as_ref()));
	};
	let mut body = proof.to_json();
	body["object"] = "lx.proof".into();
	body["call_id"] = json!(format!("0x{}", hex::encode(id)));
	body["batch"] = batches::describe(&app, &batch).await?;
	Ok(super::json(StatusCode::OK, &body))
}

/// Why there is no proof of a call: it may never get one.
fn unproven(call: Option<&Call>) -> ApiError {
	match call.map(|call| call.state.as_str()) {
		None => ApiError::not_found("call"),
		Some("VOID") => ApiError::void_call(),
		Some(_) => ApiError::waiting_call(),
	}
}

fn call_id(text: &str) -> Option<CallId> {
	hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok()?.try_into().ok()
}

/// The batch that holds a call, with the proof of it, which takes all calls of its line.
async fn proven(
	app: &App,
	id: &CallId,
	turn: impl Future<Output = Result<OwnedSemaphorePermit, ApiError>>,
) -> Result<Option<(StoredBatch, Proof)>, ApiError> {
	let Some((batch, line, position)) = app.ledger.batch_of(id).await? else { return Ok(None) };
	let turn = turn.await?;
	let leaves = app.ledger.leaves_of_line(batch.id, line).await?;
	// The turn lasts as long as the work does, whether its client waits for it or not.
	let proving = spawn_blocking(move || {
		let proof = Proof::new(&batch, line, position, &leaves);
		drop(turn);
		proof.map(|proof| (batch, proof))
	});
	Ok(Some(proving.await.map_err(|_| ApiError::internal())??))
}
