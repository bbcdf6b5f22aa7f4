//! A relay that shows what a test likes.

use std::{
	collections::{BTreeMap, HashMap},
	sync::{Arc, Mutex, MutexGuard},
};

use axum::{
	extract::{Path, Query, State},
	http::{HeaderMap, StatusCode},
	response::{IntoResponse, Response},
	routing::{get, post},
	Json, Router,
};
use codec::Encode;
use lx_primitives::CallId;
use serde_json::{json, Value};
use sp_core::{sr25519, H256};
use tokio::net::TcpListener;

use crate::{
	attest::question::ATTESTOR,
	attestor::{case::Case, fixtures::*, refusal::hex},
};

/// What the relay shows, and what it was told.
#[derive(Default)]
pub struct Shown {
	/// The open batch.
	pub open: Option<H256>,
	/// All batches.
	pub batches: BTreeMap<H256, Case>,
	/// Whether it answers questions for calls and grants.
	pub is_withholding: bool,
	/// How many of the next signatures it loses.
	pub loses: u32,
	/// How many entries a page has at most.
	pub page: usize,
	/// How many bytes it writes into each entry that mean nothing.
	pub padding: usize,
	/// How many zeros it writes behind each call.
	pub zeros: usize,
	/// By whom it was asked last for the open batch, in the asker's own words.
	pub asked_by: Option<String>,
	/// How often it was asked for calls.
	pub asked_for_calls: u32,
	/// The signatures that it was handed.
	pub signatures: Vec<(u32, sr25519::Signature)>,
	/// The objections that it was told.
	pub objections: Vec<(u32, Vec<CallId>, sr25519::Signature)>,
}

pub struct Server {
	pub url: String,
	shown: Arc<Mutex<Shown>>,
}

type Shared = State<Arc<Mutex<Shown>>>;
type Parameters = Query<HashMap<String, String>>;

impl Server {
	/// A relay that shows `case` as its open batch.
	pub async fn showing(case: &Case) -> Self {
		let shown = Arc::new(Mutex::new(Shown { page: 1, ..Shown::default() }));
		let router = Router::new()
			.route("/health", get(|| async { Json(json!({"relay": RELAY})) }))
			.route("/v1/batches/open", get(open))
			.route("/v1/batches/{id}", get(one))
			.route("/v1/batches/{id}/leaves", get(leaves))
			.route("/v1/batches/{id}/grants", get(grants))
			.route("/v1/batches/{id}/signatures", post(signatures))
			.route("/v1/batches/{id}/objections", post(objections))
			.with_state(shown.clone());
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}/", listener.local_addr().unwrap());
		drop(tokio::spawn(async move { axum::serve(listener, router).await }));
		let server = Self { url, shown };
		server.open(case);
		server
	}

	pub fn shown(&self) -> MutexGuard<'_, Shown> {
		self.shown.lock().unwrap()
	}

	/// Shows `case` as the open batch, and goes on to show the others.
	pub fn open(&self, case: &Case) {
		let hash = case.offer.header.hash(&GENESIS);
		let mut shown = self.shown();
		shown.batches.insert(hash, case.clone());
		shown.open = Some(hash);
	}
}

fn batch(case: &Case) -> Value {
	let lines: Vec<Value> =
		case.offer.lines.iter().map(|line| json!({"line": hex(line.encode())})).collect();
	json!({
		"header": hex(case.offer.header.encode()),
		"relay_signature": hex(case.offer.relay_signature.0),
		"lines": lines,
	})
}

fn error(status: StatusCode) -> Response {
	(status, Json(json!({"error": {"message": "the test says so"}}))).into_response()
}

async fn open(State(shown): Shared, Query(parameters): Parameters, headers: HeaderMap) -> Response {
	let mut shown = shown.lock().unwrap();
	shown.asked_by = headers.get(ATTESTOR).map(|by| by.to_str().unwrap().into());
	let known = parameters.get("known").unwrap();
	match shown.open.filter(|hash| format!("{hash:?}") != *known) {
		Some(hash) => Json(batch(&shown.batches[&hash])).into_response(),
		None => StatusCode::NO_CONTENT.into_response(),
	}
}

fn find(shown: &Shown, id: &str) -> Option<Case> {
	shown.batches.iter().find(|(hash, _)| format!("{hash:?}") == id).map(|(_, case)| case.clone())
}

async fn one(State(shown): Shared, Path(id): Path<String>) -> Response {
	match find(&shown.lock().unwrap(), &id) {
		Some(case) => Json(batch(&case)).into_response(),
		None => error(StatusCode::NOT_FOUND),
	}
}

/// A page of a list.
fn page(shown: &Shown, parameters: &HashMap<String, String>, mut all: Vec<Value>) -> Response {
	let offset: usize = parameters["offset"].parse().unwrap();
	all.iter_mut().for_each(|entry| entry["padding"] = " ".repeat(shown.padding).into());
	let data: Vec<&Value> = all.iter().skip(offset).take(shown.page).collect();
	let has_more = offset + data.len() < all.len();
	Json(json!({"object": "list", "data": data, "has_more": has_more})).into_response()
}

async fn leaves(
	State(shown): Shared,
	Path(id): Path<String>,
	Query(parameters): Parameters,
) -> Response {
	let mut shown = shown.lock().unwrap();
	shown.asked_for_calls += 1;
	let Some(case) = find(&shown, &id).filter(|_| !shown.is_withholding) else {
		return error(StatusCode::NOT_FOUND);
	};
	let mut all = Vec::new();
	for (line, calls) in case.calls.iter().enumerate() {
		for (position, leaf) in calls.iter().enumerate() {
			let leaf = hex(leaf.encode()) + &"0".repeat(shown.zeros);
			all.push(json!({"line": line, "position": position, "leaf": leaf}));
		}
	}
	page(&shown, &parameters, all)
}

async fn grants(
	State(shown): Shared,
	Path(id): Path<String>,
	Query(parameters): Parameters,
) -> Response {
	let shown = shown.lock().unwrap();
	let Some(case) = find(&shown, &id).filter(|_| !shown.is_withholding) else {
		return error(StatusCode::NOT_FOUND);
	};
	let used = case.leaves().map(|leaf| leaf.key).collect::<std::collections::BTreeSet<_>>();
	let shown_grant = |key: &H256| {
		let granted = &case.grants[key];
		json!({"grant": granted.grant, "signature": hex(&granted.signature)})
	};
	page(&shown, &parameters, used.iter().map(shown_grant).collect())
}

async fn signatures(
	State(shown): Shared,
	Path(id): Path<String>,
	Json(body): Json<Value>,
) -> Response {
	let mut shown = shown.lock().unwrap();
	if shown.loses > 0 {
		shown.loses -= 1;
		return error(StatusCode::BAD_GATEWAY);
	}
	if shown.open.map(|hash| format!("{hash:?}")) != Some(id) {
		return error(StatusCode::CONFLICT);
	}
	let signature = sr25519::Signature::from_raw(bytes(&body["signature"]));
	shown.signatures.push((body["attestor"].as_u64().unwrap() as u32, signature));
	StatusCode::NO_CONTENT.into_response()
}

async fn objections(State(shown): Shared, Json(body): Json<Value>) -> Response {
	let signature = sr25519::Signature::from_raw(bytes(&body["signature"]));
	let calls = body["calls"].as_array().unwrap().iter().map(bytes).collect();
	let attestor = body["attestor"].as_u64().unwrap() as u32;
	shown.lock().unwrap().objections.push((attestor, calls, signature));
	StatusCode::NO_CONTENT.into_response()
}

fn bytes<const N: usize>(text: &Value) -> [u8; N] {
	let digits = text.as_str().unwrap().strip_prefix("0x").unwrap();
	::hex::decode(digits).unwrap().try_into().unwrap()
}
