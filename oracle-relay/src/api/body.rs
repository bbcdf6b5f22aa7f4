//! The body of a request: a bounded number of bytes, in a bounded time. The bodies of calls that are
//! on their way in together have a bounded number of bytes too, of which an account has its share.

use std::{sync::Arc, time::Duration};

use axum::body::{Body, BodyDataStream, Bytes};
use futures::StreamExt;
use sp_core::crypto::AccountId32;
use tokio::time::timeout;

use super::{
	places::{Full, Part, Room},
	ApiError,
};
use crate::{app::App, config::Limits};

/// How much of a body that is not wanted is read and forgotten, and for how long. A client that is
/// still sending would otherwise see its connection break, and not the answer.
const DISCARD_BYTES: usize = 64 * 1024 * 1024;
const DISCARD_TIME: Duration = Duration::from_secs(5);

/// What is counted of a body, in bytes.
const UNIT: u64 = 1024;

/// What a body counts at least, in units: about what its connection takes.
const LEAST: u32 = 16;

/// An account's share is one in so many.
const SHARES: u32 = 32;

/// Room for the bodies of calls that are on their way in. Each counts by what has come of it, so that
/// one that comes slowly keeps hardly anybody out.
pub fn room(limits: &Limits) -> Arc<Room> {
	Room::new(all(limits))
}

/// The largest body must find room.
fn all(limits: &Limits) -> u32 {
	units(limits.max_arriving_bytes).max(largest(limits))
}

/// An account's share of it.
fn share(limits: &Limits) -> u32 {
	(all(limits) / SHARES).max(largest(limits))
}

fn largest(limits: &Limits) -> u32 {
	units(limits.max_body_bytes.into()).max(LEAST)
}

fn units(bytes: u64) -> u32 {
	u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

/// Reads a body of at most `most` bytes.
pub(super) async fn read(app: &App, body: Body, most: u32) -> Result<Bytes, ApiError> {
	Ok(receive(app, body, most, None).await?.0)
}

/// Reads the body of a call of `account`. It takes room until what comes with it is dropped.
pub(super) async fn read_call(
	app: &App,
	body: Body,
	account: &AccountId32,
) -> Result<(Bytes, Option<Part>), ApiError> {
	let (most, share) = (app.limits.max_body_bytes, share(&app.limits));
	match app.arriving.take(account, share, LEAST) {
		Ok(part) => receive(app, body, most, Some(part)).await,
		Err(full) => {
			discard(body).await;
			Err(refused(full, share))
		},
	}
}

async fn receive(
	app: &App,
	body: Body,
	most: u32,
	part: Option<Part>,
) -> Result<(Bytes, Option<Part>), ApiError> {
	let mut arriving = body.into_data_stream();
	let collected = collect(&mut arriving, most, part, share(&app.limits));
	let read = timeout(app.limits.body_timeout, collected).await;
	let read = read.map_err(|_| ApiError::slow_body())?;
	if read.is_err() {
		forget(arriving).await;
	}
	read
}

/// Holds the `part` as long as it holds the bytes.
async fn collect(
	arriving: &mut BodyDataStream,
	most: u32,
	mut part: Option<Part>,
	share: u32,
) -> Result<(Bytes, Option<Part>), ApiError> {
	let mut bytes = Vec::new();
	while let Some(chunk) = arriving.next().await {
		let chunk =
			chunk.map_err(|_| ApiError::invalid(None, "The request body could not be read."))?;
		let length = u64::try_from(bytes.len().saturating_add(chunk.len())).unwrap_or(u64::MAX);
		if length > u64::from(most) {
			return Err(ApiError::too_large(most));
		}
		if let Some(part) = &mut part {
			part.grow_to(units(length)).map_err(|full| refused(full, share))?;
		}
		bytes.extend_from_slice(&chunk);
	}
	Ok((bytes.into(), part))
}

fn refused(full: Full, share: u32) -> ApiError {
	match full {
		Full::ForAll => ApiError::too_much_arriving(),
		Full::ForAccount => ApiError::sending_too_much(u64::from(share).saturating_mul(UNIT)),
	}
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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::config::Config;
	use clap::Parser;

	#[test]
	fn the_largest_body_finds_room_whatever_the_limits_are() {
		let limits = Config::parse_from(["oracle-relay"]).limits();
		assert_eq!(share(&limits), 32 * 1024);
		for (max_body_bytes, max_arriving_bytes) in [(8 << 20, 1), (8 << 20, 64 << 20), (1, 1)] {
			let limits = Limits { max_body_bytes, max_arriving_bytes, ..limits.clone() };
			let account = AccountId32::new([1; 32]);
			let mut part = room(&limits).take(&account, share(&limits), LEAST).unwrap();
			assert_eq!(part.grow_to(units(max_body_bytes.into())), Ok(()));
		}
	}
}
