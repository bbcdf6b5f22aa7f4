//! `GET /v1/batches` and what is below it: the call log, for anybody who wants to check it.

use std::{ops::Range, sync::Arc, time::Duration};

use axum::{
	extract::{
		rejection::{PathRejection, QueryRejection},
		Path, Query, State,
	},
	http::{HeaderMap, StatusCode},
	response::{IntoResponse, Response},
};
use codec::Encode;
use serde::Deserialize;
use serde_json::{json, Value};
use sp_core::H256;
use tokio::time::{timeout_at, Instant};

use super::{heavy, pages::Page, ApiError};
use crate::{
	app::App,
	attest::receipt::{payment, text, tier, ucred, usage},
	ledger::{batches::StoredBatch, log::PlacedLeaf, Ledger},
};

/// Batches to a page.
const MAX_BATCHES: u32 = 100;
const DEFAULT_BATCHES: u32 = 20;

/// Calls or grants to a page.
const MAX_ENTRIES: u32 = 5_000;
const DEFAULT_ENTRIES: u32 = 1_000;

/// The longest that a question for the open batch may wait, in milliseconds.
const MAX_WAIT: u64 = 30_000;

#[derive(Deserialize)]
pub(super) struct BatchPage {
	limit: Option<u32>,
	before: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct EntryPage {
	limit: Option<u32>,
	offset: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct OpenQuery {
	known: Option<String>,
	wait_ms: Option<u64>,
}

/// The batches that were signed, the newest first.
pub(super) async fn list(
	State(app): State<Arc<App>>,
	query: Result<Query<BatchPage>, QueryRejection>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let Query(page) = query?;
	let limit = limit(page.limit, DEFAULT_BATCHES, MAX_BATCHES)?;
	let _turn = heavy::queue(&app, &headers).admit().await?;
	let mut found = app.ledger.batches(page.before, limit.saturating_add(1)).await?;
	let has_more = truncate(&mut found, limit);
	let mut data = Vec::new();
	for batch in &found {
		data.push(describe(&app, batch).await?);
	}
	Ok(page_of(data, has_more))
}

/// A batch by its sequence or its hash, with its lines.
pub(super) async fn one(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let _turn = heavy::queue(&app, &headers).admit().await?;
	let batch = find(&app, path).await?;
	Ok(super::json(StatusCode::OK, &describe_whole(&app, &batch).await?))
}

/// The batch that waits for signatures, with its lines. With `known`, waits for another than that.
pub(super) async fn open(
	State(app): State<Arc<App>>,
	query: Result<Query<OpenQuery>, QueryRejection>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let Query(query) = query?;
	let known = query.known.as_deref().map(read_hash).transpose()?;
	let wait = Duration::from_millis(query.wait_ms.unwrap_or(0).min(MAX_WAIT));
	let leave = heavy::wait(&app, &headers);
	// Where too many wait already, what there is now is the answer.
	let deadline = Instant::now() + leave.as_ref().map_or(Duration::ZERO, |_| wait);
	let queue = heavy::queue(&app, &headers);
	let mut announced = app.board.batches();
	loop {
		let turn = queue.admit().await?;
		let open = app.ledger.batch_on_its_way().await?;
		if let Some(open) = open.filter(|open| Some(open.hash) != known) {
			return Ok(super::json(StatusCode::OK, &describe_whole(&app, &open).await?));
		}
		drop(turn);
		// The board lives as long as the relay, so either something is new or the time is over.
		if !matches!(timeout_at(deadline, announced.changed()).await, Ok(Ok(()))) {
			return Ok(StatusCode::NO_CONTENT.into_response());
		}
	}
}

/// The calls of a batch, in order.
pub(super) async fn leaves(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
	query: Result<Query<EntryPage>, QueryRejection>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let Query(page) = query?;
	let limit = limit(page.limit, DEFAULT_ENTRIES, MAX_ENTRIES)?;
	let queue = heavy::queue(&app, &headers);
	let turn = queue.admit().await?;
	let StoredBatch { id, batch, .. } = find(&app, path).await?;
	let all = batch.header.root.calls;
	let first = page.offset.unwrap_or(0).min(all);
	let count = limit.min(all.saturating_sub(first));
	let has_more = first.saturating_add(count) < all;
	let lines: Vec<u32> = batch.lines.iter().map(|line| line.total.calls).collect();
	let ledger = app.ledger.clone();
	let read = move |range: Range<u32>| {
		let ledger = ledger.clone();
		let from = place_of(&lines, first.saturating_add(range.start));
		async move {
			let most = range.end.saturating_sub(range.start);
			let found = ledger.leaves_of_batch(id, from, most).await?;
			Ok::<Vec<Value>, ApiError>(found.iter().map(describe_leaf).collect())
		}
	};
	Page::new(queue, count, has_more, read).send(turn).await
}

/// The line and the place in it of call `number` of a batch whose lines have so many calls.
fn place_of(lines: &[u32], number: u32) -> (u32, u32) {
	let mut position = number;
	for (line, calls) in (0..).zip(lines) {
		match position.checked_sub(*calls) {
			Some(further) => position = further,
			None => return (line, position),
		}
	}
	(u32::MAX, position)
}

/// What the wallets granted to the keys by which the calls of a batch were made.
pub(super) async fn grants(
	State(app): State<Arc<App>>,
	path: Result<Path<String>, PathRejection>,
	query: Result<Query<EntryPage>, QueryRejection>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let Query(page) = query?;
	let limit = limit(page.limit, DEFAULT_ENTRIES, MAX_ENTRIES)?;
	let queue = heavy::queue(&app, &headers);
	let turn = queue.admit().await?;
	let batch = find(&app, path).await?;
	let first = page.offset.unwrap_or(0);
	let mut keys = app.ledger.keys_of_batch(batch.id, first, limit.saturating_add(1)).await?;
	let has_more = truncate(&mut keys, limit);
	let count = u32::try_from(keys.len()).unwrap_or(u32::MAX);
	let ledger = app.ledger.clone();
	let read = move |range: Range<u32>| {
		let ledger = ledger.clone();
		let its = (0..).zip(&keys).filter(|(number, _)| range.contains(number));
		let its: Vec<H256> = its.map(|(_, key_hash)| *key_hash).collect();
		async move {
			let mut data = Vec::new();
			for key_hash in &its {
				data.push(describe_grant(&ledger, key_hash).await?);
			}
			Ok::<Vec<Value>, ApiError>(data)
		}
	};
	Page::new(queue, count, has_more, read).send(turn).await
}

async fn describe_grant(ledger: &Ledger, key_hash: &H256) -> Result<Value, ApiError> {
	let evidence = ledger.evidence(key_hash).await?.ok_or_else(ApiError::internal)?;
	let grant: Value = serde_json::from_str(&evidence.grant).map_err(|_| ApiError::internal())?;
	let signature = text(evidence.signature);
	Ok(json!({"key_hash": key_hash, "grant": grant, "signature": signature}))
}

/// A batch without its lines.
pub(super) async fn describe(app: &App, batch: &StoredBatch) -> Result<Value, ApiError> {
	let header = &batch.batch.header;
	let signatures = app.ledger.signatures(batch.id).await?;
	let signatures: Vec<Value> = signatures
		.iter()
		.map(|(attestor, signature)| json!({"attestor": attestor, "signature": text(signature.0)}))
		.collect();
	Ok(json!({
		"object": "lx.batch",
		"relay": header.relay,
		"sequence": header.sequence,
		"hash": batch.hash,
		"previous": header.previous,
		"time_ms": header.time,
		"oldest_ms": header.oldest,
		"state": if batch.state == "LOST" { "REPLACED" } else { batch.state.as_str() },
		"charge_ucred": ucred(header.root.charge),
		"cost_ucred": ucred(header.root.cost),
		"calls": header.root.calls,
		"line_count": batch.batch.lines.len(),
		"header": text(header.encode()),
		"relay_signature": text(batch.relay_signature.0),
		"signatures": signatures,
		"posted_in": batch.posted_in,
	}))
}

async fn describe_whole(app: &App, batch: &StoredBatch) -> Result<Value, ApiError> {
	let line = |line: &lx_primitives::Line<sp_core::crypto::AccountId32>| {
		json!({
			"account": line.account.to_string(),
			"payment": payment(line.payment),
			"quota": line.payment.quota(),
			"charge_ucred": ucred(line.total.charge),
			"cost_ucred": ucred(line.total.cost),
			"calls": line.total.calls,
			"units": line.total.units,
			"line": text(line.encode()),
		})
	};
	let mut described = describe(app, batch).await?;
	described["lines"] = batch.batch.lines.iter().map(line).collect();
	Ok(described)
}

fn describe_leaf(PlacedLeaf { line, position, leaf }: &PlacedLeaf) -> Value {
	json!({
		"line": line,
		"position": position,
		"call_id": text(leaf.call_id),
		"account": leaf.account.to_string(),
		"payment": payment(leaf.payment),
		"quota": leaf.payment.quota(),
		"model": String::from_utf8_lossy(&leaf.model),
		"key_hash": leaf.key,
		"charge_ucred": ucred(leaf.charge),
		"cost_ucred": ucred(leaf.cost),
		"estimated": leaf.estimated,
		"price_version": leaf.price_version,
		"tier": tier(leaf.tier),
		"usage": usage(&leaf.usage),
		"leaf": text(leaf.encode()),
	})
}

/// The batch that a path names by its sequence or its hash.
pub(super) async fn find(
	app: &App,
	path: Result<Path<String>, PathRejection>,
) -> Result<StoredBatch, ApiError> {
	let Path(id) = path?;
	let found = match id.parse::<u64>() {
		Ok(sequence) => app.ledger.batch_at(sequence).await?,
		Err(_) => app.ledger.batch_by_hash(&read_hash(&id)?).await?,
	};
	found.ok_or_else(|| ApiError::not_found("batch"))
}

fn read_hash(given: &str) -> Result<H256, ApiError> {
	let digits = given.strip_prefix("0x").map(hex::decode);
	match digits.map(|bytes| bytes.map(<[u8; 32]>::try_from)) {
		Some(Ok(Ok(hash))) => Ok(H256(hash)),
		_ => Err(ApiError::invalid(
			None,
			"A batch is named by its sequence, or by its hash: `0x` and 64 hexadecimal digits.",
		)),
	}
}

fn limit(asked: Option<u32>, default: u32, most: u32) -> Result<u32, ApiError> {
	match asked.unwrap_or(default) {
		limit if (1..=most).contains(&limit) => Ok(limit),
		_ => Err(ApiError::invalid(Some("limit"), format!("`limit` must be from 1 to {most}."))),
	}
}

/// Cuts a list to `limit` entries, and says whether there were more.
fn truncate<T>(entries: &mut Vec<T>, limit: u32) -> bool {
	let limit = usize::try_from(limit).unwrap_or(usize::MAX);
	let has_more = entries.len() > limit;
	entries.truncate(limit);
	has_more
}

fn page_of(data: Vec<Value>, has_more: bool) -> Response {
	super::json(StatusCode::OK, &json!({"object": "list", "data": data, "has_more": has_more}))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn calls_are_counted_line_by_line() {
		let lines = [2, 1, 3];
		let places = [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1), (2, 2)];
		for (number, place) in (0..).zip(places) {
			assert_eq!(place_of(&lines, number), place);
		}
		assert_eq!(place_of(&lines, 6), (u32::MAX, 0));
	}
}
