//! The body of a request: a bounded number of bytes, in a bounded time.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use futures::StreamExt;
use tokio::time::timeout;

use super::ApiError;
use crate::app::App;

/// How much of a body that is not wanted is read and forgotten, and for how long. A client that is
/// still sending would otherwise see its connection break, and not the answer.
const DISCARD_BYTES: usize = 64 * 1024 * 1024;
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// Reads a body of at most `most` bytes.
pub(super) async fn read(app: &App, body: Body, most: u32) -> Result<Bytes, ApiError> {
	let mut arriving = body.into_data_stream();
	let reading = timeout(app.limits.body_timeout, collect(&mut arriving, most)).await;
	let read = reading.map_err(|_| ApiError::slow_body())?;
	if read.is_err() {
		forget(arriving).await;
	}
	read
}

async fn collect(arriving: &mut BodyDataStream, most: u32) -> Result<Bytes, ApiError> {
	let limit = usize::try_from(most).unwrap_or(usize::MAX);
	let mut bytes = Vec::new();
	while let Some(chunk) = arriving.next().await {
		let chunk =
			chunk.map_err(|_| ApiError::invalid(None, "The request body could not be read."))?;
		if bytes.len().saturating_add(chunk.len()) > limit {
			return Err(ApiError::too_large(most));
		}
		bytes.extend_from_slice(&chunk);
	}
	Ok(bytes.into())
}

/// Reads and forgets a body, for a client that is answered without it.
pub(super) async fn discard(body: Body) {
	forget(body.into_data_stream()).await;
}

async fn forget(mut arriving: BodyDataStream) {
	let forgetting = async {
		let mut forgotten = 0usize;
		while let Some(Ok(chunk)) = arriving.next().await {
			forgotten = forgotten.saturating_add(chunk.len());
			if forgotten > DISCARD_BYTES {
				break;
			}
		}
	};
	// What still comes after this time breaks the connection.
	let _ = timeout(DISCARD_TIME, forgetting).await;
}
