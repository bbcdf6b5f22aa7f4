//! `GET /health`, `/metrics` and `/openapi.json`.

use std::sync::Arc;

use axum::{
	extract::State,
	http::{header::CONTENT_TYPE, StatusCode},
	response::{IntoResponse, Response},
};
use serde_json::json;

use super::{losses::Debtor, ApiError, OPENAPI};
use crate::{app::App, metrics::Gauges, tasks::now};

/// Whether calls can be served: the chain is there and lets this relay post. They are where attestors
/// keep batches waiting, which is said all the same.
pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
	let version = env!("CARGO_PKG_VERSION");
	let snapshot = match app.chain.snapshot() {
		Ok(snapshot) => snapshot,
		Err(error) => {
			let state = json!({
				"status": "chain_unreachable", "version": version, "reason": error.to_string(),
			});
			return super::json(StatusCode::SERVICE_UNAVAILABLE, &state);
		},
	};
	let head = snapshot.head();
	let is_active = head.relay.as_ref().is_some_and(|relay| relay.is_active);
	let wait = app.board.wait();
	let (code, status) = match &wait {
		_ if !is_active => (StatusCode::SERVICE_UNAVAILABLE, "relay_inactive"),
		Some(_) => (StatusCode::OK, "no_quorum"),
		None => (StatusCode::OK, "ok"),
	};
	let mut state = json!({
		"status": status,
		"version": version,
		"relay": app.signer.id(),
		"genesis": head.genesis,
		"finalised_block": head.number,
		"next_sequence": head.next_sequence(),
	});
	if let Some(reason) = wait {
		state["reason"] = reason.into();
	}
	super::json(code, &state)
}

/// Counters for Prometheus.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
	let (calls_open, calls_waiting) = app.ledger.backlog().await?;
	let head = app.chain.snapshot().ok().map(|snapshot| snapshot.head().number);
	let gauges = Gauges {
		calls_open,
		calls_waiting,
		head: head.unwrap_or(0),
		is_chain_up: head.is_some(),
		is_loss_alarming: app.losses.rest(&Debtor::All, now()).is_some(),
	};
	let content_type = [(CONTENT_TYPE, "text/plain; version=0.0.4")];
	Ok((content_type, app.metrics.render(&gauges)).into_response())
}

/// The description of this API.
pub(super) async fn openapi() -> Response {
	([(CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}
