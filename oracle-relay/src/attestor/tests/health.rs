//! What an operator is told.

use std::sync::Arc;

use axum::{body::Body, http::Request};
use futures::StreamExt;
use tower::ServiceExt;

use super::{server::Server, store};
use crate::attestor::{
	client::RelayClient,
	fixtures::*,
	metrics::Metrics,
	serve::{router, Status},
	watch::Watched,
};

async fn get(status: &Arc<Status>, path: &str) -> (u16, String) {
	let request = Request::get(path).body(Body::empty()).unwrap();
	let response = router(status.clone()).oneshot(request).await.unwrap();
	let code = response.status().as_u16();
	let mut body = Vec::new();
	let mut pieces = response.into_body().into_data_stream();
	while let Some(piece) = pieces.next().await {
		body.extend_from_slice(&piece.unwrap());
	}
	(code, String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn it_is_well_when_the_chain_and_every_relay_are_there() {
	let (_folder, _store) = store().await;
	let server = Server::showing(&case(vec![leaf(ALICE, 1, 0)])).await;
	let client = RelayClient::new(&server.url).unwrap();
	let relay = Arc::new(Watched { client, chain: Default::default() });
	let metrics = Arc::<Metrics>::default();
	let status = Arc::new(Status { attestor: 2, relays: vec![relay.clone()], metrics });
	let (code, text) = get(&status, "/health").await;
	assert!(code == 503 && text.contains("\"relay_unreachable\""), "{code} {text}");
	assert_eq!(relay.client.id().await.unwrap(), RELAY);
	let (code, text) = get(&status, "/health").await;
	assert!(code == 503 && text.contains("\"chain_unreachable\""), "{code} {text}");
	let _ = relay.chain.set((RELAY, FakeChain::new(FakeBook::new())));
	let (code, text) = get(&status, "/health").await;
	assert_eq!(code, 200, "{text}");
	let told: serde_json::Value = serde_json::from_str(&text).unwrap();
	assert_eq!((&told["status"], &told["attestor"]), (&"ok".into(), &2.into()));
	assert_eq!((&told["relays"][0]["relay"], &told["finalised_block"]), (&RELAY.into(), &1.into()));
	let (code, text) = get(&status, "/metrics").await;
	assert!(code == 200 && text.contains("\nlx_attestor_relays_up 1\n"), "{code} {text}");
}
