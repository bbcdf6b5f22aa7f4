//! The message that a wallet signs to create an API key.
//!
//! It is plain text, so that every wallet can show what is being signed. It names the chain, the
//! account and the relay, so it is worth nothing elsewhere, and holds only a hash of the key.

use alloc::{format, string::String, vec::Vec};
use sp_core::H256;
use sp_io::hashing::blake2_256;

use crate::{
	call_log::RelayId,
	units::{Credits, Moment},
};

/// What an API key may do, signed by the account that pays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Grant {
	/// The chain's genesis hash.
	pub genesis: H256,
	/// The paying account, SS58-encoded.
	pub account: String,
	/// The relay that may serve the key.
	pub relay: RelayId,
	/// Blake2-256 of the key's text.
	pub key_hash: H256,
	/// The models that the key may use; empty for all.
	pub models: Vec<String>,
	/// The most µCRED that the key may spend in all; `None` for no limit but the account's own.
	pub spending_cap: Option<Credits>,
	/// When the key stops working; `None` for never.
	pub expires_at: Option<Moment>,
	/// The account's key epoch: revoking all keys on chain raises it.
	pub key_epoch: u32,
	/// Distinguishes grants that are otherwise alike.
	pub nonce: u64,
}

/// The hash by which a grant names `key`.
pub fn key_hash(key: &str) -> H256 {
	H256(blake2_256(key.as_bytes()))
}

impl Grant {
	/// The text that the wallet signs.
	pub fn message(&self) -> String {
		let list = |models: &[String]| match models {
			[] => String::from("all"),
			some => some.join(", "),
		};
		let or = |value: Option<String>, none: &str| value.unwrap_or_else(|| none.into());
		format!(
			"L-Exchange API key\n\
			 genesis: {:?}\n\
			 account: {}\n\
			 relay: {}\n\
			 key hash: {:?}\n\
			 models: {}\n\
			 spending cap (µCRED): {}\n\
			 expires at (ms since 1970): {}\n\
			 key epoch: {}\n\
			 nonce: {}",
			self.genesis,
			self.account,
			self.relay,
			self.key_hash,
			list(&self.models),
			or(self.spending_cap.map(|cap| format!("{cap}")), "none"),
			or(self.expires_at.map(|at| format!("{at}")), "never"),
			self.key_epoch,
			self.nonce,
		)
	}

	/// The byte strings that count as signed: the message, and the message as browser wallets wrap
	/// it.
	pub fn signed_payloads(&self) -> [Vec<u8>; 2] {
		let message = self.message();
		let wrapped = format!("<Bytes>{message}</Bytes>");
		[message.into_bytes(), wrapped.into_bytes()]
	}
}
