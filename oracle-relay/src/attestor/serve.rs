//! `GET /health` and `/metrics`.

use std::{sync::Arc, time::Duration};

use axum::{
	extract::State,
	http::{header::CONTENT_TYPE, StatusCode},
	response::{IntoResponse, Response},
	routing::get,
	Json, Router,
};
use serde_json::{json, Value};

use super::{
	metrics::{Gauges, Metrics},
	watch::Watched,
};

/// A relay that has not answered for so long cannot be reached: longer than a question for its open
/// batch may wait.
const LATELY: Duration = Duration::from_secs(60);

/// What is told about the attestor.
pub struct Status {
	/// Its id on the chain.
	pub attestor: u32,
	/// The relays that it watches.
	pub relays: Vec<Arc<Watched>>,
	/// Counters.
	pub metrics: Arc<Metrics>,
}

/// The attestor's HTTP service.
pub fn router(status: Arc<Status>) -> Router {
	Router::new().route("/health", get(health)).route("/metrics", get(metrics)).with_state(status)
}

/// How it stands with a relay.
struct Standing {
	/// The last finalised block, if the chain can be reached.
	head: Option<u64>,
	/// What hinders signing for it.
	problem: Option<&'static str>,
}

impl Standing {
	fn of(relay: &Watched) -> Self {
		let book = relay.chain.get().and_then(|(_, chain)| chain.book().ok());
		let problem = match &book {
			_ if !relay.client.has_answered_within(LATELY) => Some("relay_unreachable"),
			None => Some("chain_unreachable"),
			Some(_) => None,
		};
		Self { head: book.map(|book| book.number()), problem }
	}
}

/// Whether batches can be signed: every relay answers, and the chain is there.
async fn health(State(status): State<Arc<Status>>) -> Response {
	let standings: Vec<Standing> = status.relays.iter().map(|relay| Standing::of(relay)).collect();
	let problem = standings.iter().find_map(|standing| standing.problem);
	let relay = |(relay, standing): (&Arc<Watched>, &Standing)| -> Value {
		json!({
			"url": relay.client.url(),
			"relay": relay.chain.get().map(|(id, _)| id),
			"status": standing.problem.unwrap_or("ok"),
		})
	};
	let relays: Vec<Value> = status.relays.iter().zip(&standings).map(relay).collect();
	let code = match problem {
		Some(_) => StatusCode::SERVICE_UNAVAILABLE,
		None => StatusCode::OK,
	};
	let body = json!({
		"status": problem.unwrap_or("ok"),
		"version": env!("CARGO_PKG_VERSION"),
		"attestor": status.attestor,
		"finalised_block": standings.iter().filter_map(|standing| standing.head).max(),
		"relays": relays,
	});
	(code, Json(body)).into_response()
}

/// Counters for Prometheus.
async fn metrics(State(status): State<Arc<Status>>) -> Response {
	let standings: Vec<Standing> = status.relays.iter().map(|relay| Standing::of(relay)).collect();
	let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
	let gauges = Gauges {
		head: standings.iter().filter_map(|standing| standing.head).max().unwrap_or(0),
		relays: count(standings.len()),
		relays_up: count(standings.iter().filter(|standing| standing.problem.is_none()).count()),
	};
	let content_type = [(CONTENT_TYPE, "text/plain; version=0.0.4")];
	(content_type, status.metrics.render(&gauges)).into_response()
}
