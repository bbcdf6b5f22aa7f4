//! What the pallet stores, and what it starts with.

use alloc::string::String;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use lx_primitives::Credits;
use scale_info::TypeInfo;

/// The most models that the registry holds, delisted ones included.
pub const MAX_MODELS: u32 = 1_000;

/// A model at genesis: its name, and its list price and provider cost, each in µCRED per 1,000,000
/// input, cached input and output tokens.
pub type GenesisModel = (String, [Credits; 3], [Credits; 3]);

/// A model of the registry.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct ModelInfo {
	/// The version of the price that applies, counted from 1.
	pub version: u32,
	/// Whether the model is offered.
	pub listed: bool,
}
