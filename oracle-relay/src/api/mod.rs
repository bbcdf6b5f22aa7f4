//! HTTP: what OpenAI clients speak, and what belongs to the chain beside it.

mod auth;
mod balance;
mod batches;
pub(crate) mod body;
mod call;
mod chat;
mod error;
pub(crate) mod heavy;
mod idempotency;
mod keys;
pub mod losses;
mod models;
pub mod pace;
mod pages;
pub mod places;
mod receipts;
mod shortage;
mod signatures;
mod status;
mod stream;
mod terms;
mod whole;

use std::sync::Arc;

use axum::{
	extract::{Request, State},
	http::{
		header::{HeaderName, RETRY_AFTER},
		HeaderValue, StatusCode,
	},
	middleware::{self, Next},
	response::{IntoResponse, Response},
	routing::{delete, get, post, MethodRouter},
	Router,
};
use tower_http::cors::CorsLayer;

pub use error::ApiError;

use crate::app::App;

/// Identifies a request, for support.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Identifies a call, for its receipt.
pub const CALL_ID: HeaderName = HeaderName::from_static("x-lx-call-id");

/// What a call was charged, in µCRED.
pub const CHARGE: HeaderName = HeaderName::from_static("x-lx-charge-ucred");

/// How a call is paid: `purse`, or `perk` if the Ecosystem Fund pays it.
pub const PAYMENT: HeaderName = HeaderName::from_static("x-lx-payment");

/// Tells OpenAI's clients whether to try again.
pub const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Marks an answer that was given before, to the same idempotency key.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The description of this API.
pub const OPENAPI: &str = include_str!("openapi.json");

/// A path, its methods, and what handles them.
type Route = (&'static str, &'static [&'static str], MethodRouter<Arc<App>>);

/// Every route. The OpenAPI document is checked against it.
fn routes() -> Vec<Route> {
	vec![
		("/v1/chat/completions", &["post"], post(chat::completions)),
		("/v1/models", &["get"], get(models::list)),
		("/v1/models/{id}", &["get"], get(models::one)),
		("/v1/keys", &["get", "post"], get(keys::list).post(keys::register)),
		("/v1/keys/{key_hash}", &["delete"], delete(keys::revoke)),
		("/v1/balance", &["get"], get(balance::balance)),
		("/v1/receipts/{call_id}", &["get"], get(receipts::one)),
		("/v1/proofs/{call_id}", &["get"], get(receipts::proof)),
		("/v1/batches", &["get"], get(batches::list)),
		("/v1/batches/open", &["get"], get(batches::open)),
		("/v1/batches/{id}", &["get"], get(batches::one)),
		("/v1/batches/{id}/leaves", &["get"], get(batches::leaves)),
		("/v1/batches/{id}/grants", &["get"], get(batches::grants)),
		("/v1/batches/{id}/signatures", &["post"], post(signatures::add)),
		("/v1/batches/{id}/objections", &["post"], post(signatures::object)),
		("/health", &["get"], get(status::health)),
		("/metrics", &["get"], get(status::metrics)),
		("/openapi.json", &["get"], get(status::openapi)),
	]
}

/// The relay's HTTP service.
pub fn router(app: Arc<App>) -> Router {
	// What a client in a browser may read, beside the body.
	let exposed = [
		REQUEST_ID,
		CALL_ID,
		CHARGE,
		PAYMENT,
		SHOULD_RETRY,
		REPLAYED,
		RETRY_AFTER,
		pace::LIMIT,
		pace::REMAINING,
		pace::RESET,
	];
	let mut router = Router::new();
	for (path, _, handler) in routes() {
		router = router.route(path, handler);
	}
	router
		.fallback(|| async { ApiError::unknown_route() })
		.method_not_allowed_fallback(|| async { ApiError::wrong_method() })
		.layer(middleware::from_fn_with_state(app.clone(), identify))
		.layer(CorsLayer::permissive().expose_headers(exposed))
		.with_state(app)
}

/// Gives the request an id.
async fn identify(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
	app.metrics.requests.add(1);
	let id = format!("req_{}", hex::encode(rand::random::<[u8; 16]>()));
	let (method, path) = (request.method().clone(), request.uri().path().to_string());
	let mut response = next.run(request).await;
	tracing::debug!(%id, %method, path, status = response.status().as_u16(), "served");
	if let Ok(id) = HeaderValue::from_str(&id) {
		response.headers_mut().insert(REQUEST_ID, id);
	}
	response
}

fn json(status: StatusCode, value: &serde_json::Value) -> Response {
	let content_type = [(axum::http::header::CONTENT_TYPE, "application/json")];
	(status, content_type, value.to_string()).into_response()
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	#[test]
	fn the_openapi_document_has_every_route_and_no_other() {
		let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
		let mut described = BTreeSet::new();
		for (path, operations) in document["paths"].as_object().unwrap() {
			for (method, operation) in operations.as_object().unwrap() {
				assert!(operation["responses"].is_object(), "{method} {path}");
				described.insert((path.clone(), method.clone()));
			}
		}
		let served: BTreeSet<_> = routes()
			.into_iter()
			.flat_map(|(path, methods, _)| {
				methods.iter().map(move |method| (path.to_string(), method.to_string()))
			})
			.collect();
		assert_eq!(described, served);
	}

	#[test]
	fn every_reference_in_the_openapi_document_resolves() {
		fn check(value: &serde_json::Value, document: &serde_json::Value) {
			if let Some(reference) = value.get("$ref").and_then(|value| value.as_str()) {
				let pointer = reference.trim_start_matches('#');
				assert!(document.pointer(pointer).is_some(), "{reference}");
			}
			match value {
				serde_json::Value::Array(items) => items.iter().for_each(|i| check(i, document)),
				serde_json::Value::Object(map) => map.values().for_each(|i| check(i, document)),
				_ => {},
			}
		}
		let document: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
		check(&document, &document);
	}
}
