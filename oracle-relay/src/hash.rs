//! Blake2-256.

use blake2b_simd::{Params, State};
use sp_core::H256;

/// The hash of `bytes`.
pub fn blake2_256(bytes: &[u8]) -> H256 {
	Hasher::default().update(bytes).finish()
}

/// A hash that is fed piece by piece.
#[derive(Clone)]
pub struct Hasher(State);

impl Default for Hasher {
	fn default() -> Self {
		Self(Params::new().hash_length(H256::len_bytes()).to_state())
	}
}

impl Hasher {
	/// Feeds `bytes`.
	pub fn update(&mut self, bytes: &[u8]) -> &mut Self {
		self.0.update(bytes);
		self
	}

	/// The hash of everything fed so far.
	pub fn finish(&self) -> H256 {
		H256::from_slice(self.0.finalize().as_bytes())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_runtime::traits::{BlakeTwo256, Hash};

	#[test]
	fn it_is_the_chains_hash() {
		for bytes in [&b""[..], b"a", &[7; 300]] {
			assert_eq!(blake2_256(bytes), BlakeTwo256::hash(bytes));
		}
	}

	#[test]
	fn pieces_hash_as_the_whole() {
		assert_eq!(Hasher::default().update(b"ab").update(b"c").finish(), blake2_256(b"abc"));
	}
}
