//! Pages that are read and sent piece by piece, so that a client that takes one slowly keeps no more
//! of it in memory than a piece, and nobody else from reading.

use std::{future::Future, io, ops::Range};

use axum::{
	body::{Body, Bytes},
	http::header::CONTENT_TYPE,
	response::{IntoResponse, Response},
};
use futures::{future::ready, stream, StreamExt, TryStreamExt};
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use super::{heavy::Queue, ApiError};

/// Entries to a piece.
const PIECE: u32 = 100;

/// A page of a list, as far as it is not sent.
pub(super) struct Page<F> {
	queue: Queue,
	read: F,
	/// The entries that are left.
	left: Range<u32>,
	has_more: bool,
	is_sent: bool,
}

impl<F, R> Page<F>
where
	F: Fn(Range<u32>) -> R + Send + Sync + 'static,
	R: Future<Output = Result<Vec<Value>, ApiError>> + Send + 'static,
{
	/// A page of `count` entries, of which `read` reads some. `has_more` tells whether more follow it.
	pub(super) fn new(queue: Queue, count: u32, has_more: bool, read: F) -> Self {
		Self { queue, read, left: 0..count, has_more, is_sent: false }
	}

	/// Sends the page: its first piece within this turn, and each further one, when the client has
	/// taken those before, within a turn of its own.
	pub(super) async fn send(self, turn: OwnedSemaphorePermit) -> Result<Response, ApiError> {
		let (first, rest) = self.piece(turn).await?;
		let rest = stream::try_unfold(rest, |page| async move {
			if page.is_sent {
				return Ok(None);
			}
			let turn = page.queue.turn().await?;
			page.piece(turn).await.map(Some)
		});
		// The status is out: all that tells of an error now is that the answer breaks off.
		let pieces = stream::once(ready(Ok(first))).chain(rest);
		let body =
			Body::from_stream(pieces.map_err(|error: ApiError| io::Error::other(error.message)));
		Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
	}

	/// The next piece as text, and what is left.
	async fn piece(mut self, turn: OwnedSemaphorePermit) -> Result<(Bytes, Self), ApiError> {
		let Range { start, end } = self.left;
		let until = start.saturating_add(PIECE).min(end);
		let reading = (self.read)(start..until);
		let entries = reading.await?;
		drop(turn);
		// Whatever is missing would pass for not being there.
		if entries.len() != (start..until).len() {
			return Err(ApiError::internal());
		}
		let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
		let mut text = String::from(if start == 0 { r#"{"data":["# } else { "," });
		text += &entries.join(",");
		self.left = until..end;
		self.is_sent = until == end;
		if self.is_sent {
			text += &format!(r#"],"has_more":{},"object":"list"}}"#, self.has_more);
		}
		Ok((text.into(), self))
	}
}
