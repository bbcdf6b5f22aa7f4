//! `GET /v1/models`: what is listed on chain and served here.

use std::sync::Arc;

use axum::{
	extract::{rejection::PathRejection, Path, State},
	http::StatusCode,
	response::Response,
};
use lx_primitives::Rates;
use serde_json::{json, Value};

use super::ApiError;
use crate::{app::App, attest::receipt::ucred, pricing::Listing};

/// Every model that can be called.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
	let snapshot = app.chain.snapshot()?;
	let registry = &snapshot.head().registry;
	let models: Vec<Value> =
		registry.iter().filter_map(|(name, listing)| describe(&app, name, listing)).collect();
	Ok(super::json(StatusCode::OK, &json!({"object": "list", "data": models})))
}

/// One model.
pub(super) async fn one(
	path: Result<Path<String>, PathRejection>,
	State(app): State<Arc<App>>,
) -> Result<Response, ApiError> {
	let Path(name) = path?;
	let snapshot = app.chain.snapshot()?;
	let listing = snapshot.head().registry.get(&name);
	let model = listing.and_then(|listing| describe(&app, &name, listing));
	Ok(super::json(StatusCode::OK, &model.ok_or_else(|| ApiError::no_model(&name))?))
}

fn describe(app: &App, name: &str, listing: &Listing) -> Option<Value> {
	let (provider, _) = app.providers.find(name)?;
	Some(json!({
		"id": name,
		"object": "model",
		"created": listing.price.active_from / 1_000,
		"owned_by": provider.name(),
		"pricing": {"version": listing.version, "list": rates(&listing.price.list)},
	}))
}

fn rates(rates: &Rates) -> Value {
	match *rates {
		Rates::Tokens { input, cached_input, output } => json!({
			"input_ucred_per_1m": ucred(input),
			"cached_input_ucred_per_1m": ucred(cached_input),
			"output_ucred_per_1m": ucred(output),
		}),
		Rates::Unit(rate) => json!({"ucred_per_unit": ucred(rate)}),
	}
}
