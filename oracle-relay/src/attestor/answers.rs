//! What a relay answers, and reading it: what is kept of an answer takes so much memory as it may,
//! however the relay writes it.

use codec::{Decode, DecodeAll};
use lx_primitives::{grant::Grant, RelayId};
use serde::{de::DeserializeOwned, Deserialize};
use sp_core::sr25519;

use super::{
	case::{Offer, SignedGrant},
	client::ClientError,
};
use crate::grant::is_short;

#[derive(Deserialize)]
pub(super) struct HealthBody {
	pub relay: RelayId,
}

#[derive(Deserialize)]
pub(super) struct BatchBody {
	pub header: String,
	pub relay_signature: String,
	#[serde(default)]
	pub lines: Vec<LineBody>,
}

#[derive(Deserialize)]
pub(super) struct LineBody {
	pub line: String,
}

#[derive(Deserialize)]
pub(super) struct PageBody<T> {
	pub data: Vec<T>,
	#[serde(default)]
	pub has_more: bool,
}

#[derive(Deserialize)]
pub(super) struct LeafBody {
	pub line: usize,
	pub position: usize,
	pub leaf: String,
}

#[derive(Deserialize)]
pub(super) struct GrantBody {
	pub grant: Grant,
	pub signature: String,
}

/// An error, of which only the message is read: what else there is takes no memory.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
	pub error: Reason,
}

#[derive(Deserialize)]
pub(super) struct Reason {
	pub message: String,
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ClientError> {
	serde_json::from_slice(body).map_err(|_| ClientError::Unreadable("body"))
}

pub(super) fn read_offer(body: BatchBody) -> Result<Offer, ClientError> {
	let signature = bytes(&body.relay_signature, "signature")?;
	let signature =
		<[u8; 64]>::try_from(signature).map_err(|_| ClientError::Unreadable("signature"))?;
	let lines = body.lines.iter().map(|body| scale(&body.line, "line"));
	Ok(Offer {
		header: scale(&body.header, "header")?,
		relay_signature: sr25519::Signature::from_raw(signature),
		lines: lines.collect::<Result<_, _>>()?,
	})
}

pub(super) fn read_grant(body: GrantBody) -> Result<SignedGrant, ClientError> {
	let GrantBody { grant, signature } = body;
	let signature = bytes(&signature, "signature")?;
	// A short text may hold many names, and a long address takes long to read.
	if !is_short(&grant, &signature) {
		return Err(ClientError::LongGrant(grant.key_hash));
	}
	SignedGrant::new(grant, signature).ok_or(ClientError::Unreadable("account"))
}

/// A value from its whole encoding.
pub(super) fn scale<T: Decode>(text: &str, what: &'static str) -> Result<T, ClientError> {
	let bytes = bytes(text, what)?;
	T::decode_all(&mut &bytes[..]).map_err(|_| ClientError::Unreadable(what))
}

fn bytes(text: &str, what: &'static str) -> Result<Vec<u8>, ClientError> {
	let digits = text.strip_prefix("0x").ok_or(ClientError::Unreadable(what))?;
	::hex::decode(digits).map_err(|_| ClientError::Unreadable(what))
}
