//! `GET /v1/models`: what is listed or launched on chain and served here.

use std::sync::Arc;

use axum::{
	extract::{rejection::PathRejection, Path, State},
	http::StatusCode,
	response::Response,
};
use lx_primitives::{Offer, Price, Rates};
use serde_json::{json, Value};

use super::ApiError;
use crate::{
	app::App,
	attest::receipt::ucred,
	pricing::{Launched, Listing},
};

/// Every model that can be called.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
	let snapshot = app.chain.snapshot()?;
	let head = snapshot.head();
	let listed = head.registry.iter().filter_map(|(name, listing)| listed(&app, name, listing));
	let launches = head.launches.iter();
	// One that is listed too is open to everybody.
	let scarce = launches.filter(|(name, _)| head.registry.get(name).is_none());
	let launched = scarce.filter_map(|(name, launches)| launched(&app, name, launches));
	let models: Vec<Value> = listed.chain(launched).collect();
	Ok(super::json(StatusCode::OK, &json!({"object": "list", "data": models})))
}

/// One model.
pub(super) async fn one(
	path: Result<Path<String>, PathRejection>,
	State(app): State<Arc<App>>,
) -> Result<Response, ApiError> {
	let Path(name) = path?;
	let snapshot = app.chain.snapshot()?;
	let head = snapshot.head();
	let model = match head.registry.get(&name) {
		Some(listing) => listed(&app, &name, listing),
		None => launched(&app, &name, head.launches.of(&name)),
	};
	Ok(super::json(StatusCode::OK, &model.ok_or_else(|| ApiError::no_model(&name))?))
}

fn listed(app: &App, name: &str, Listing { version, price }: &Listing) -> Option<Value> {
	describe(app, name, price, *version)
}

/// A model that is served against quotas of these launches, at the price of the one that expires first.
fn launched(app: &App, name: &str, launches: &[Launched]) -> Option<Value> {
	let mut model = describe(app, name, &launches.first()?.price, Offer::PRICE_VERSION)?;
	let launch = |Launched { launch, price, expires_at }: &Launched| {
		json!({
			"launch": launch,
			"list": rates(&price.list),
			"expires_at_ms": expires_at,
		})
	};
	model["launches"] = launches.iter().map(launch).collect();
	Some(model)
}

fn describe(app: &App, name: &str, price: &Price, version: u32) -> Option<Value> {
	let (provider, _) = app.providers.find(name)?;
	Some(json!({
		"id": name,
		"object": "model",
		"created": price.active_from / 1_000,
		"owned_by": provider.name(),
		"pricing": {"version": version, "list": rates(&price.list)},
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
