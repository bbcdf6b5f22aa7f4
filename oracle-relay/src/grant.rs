//! How long a signed grant may be, and whether a wallet has signed it.

use codec::Decode;
use lx_primitives::grant::Grant;
use sp_core::{crypto::AccountId32, ecdsa, ed25519, sr25519};
use sp_runtime::{traits::Verify, MultiSignature};

/// The most models that a key may name. Its grant is kept for ever.
pub const MAX_MODELS: usize = 16;

/// The most bytes of a model's name.
pub const MAX_NAME_BYTES: usize = 64;

/// More bytes than any address has.
const MAX_ADDRESS_BYTES: usize = 64;

/// The most bytes of a signature: the longest kind, named.
const MAX_SIGNATURE_BYTES: usize = 66;

/// Whether a grant and its signature are no longer than those that relays register.
pub fn is_short(grant: &Grant, signature: &[u8]) -> bool {
	let Grant { account, models, .. } = grant;
	account.len() <= MAX_ADDRESS_BYTES
		&& models.len() <= MAX_MODELS
		&& models.iter().all(|name| name.len() <= MAX_NAME_BYTES)
		&& signature.len() <= MAX_SIGNATURE_BYTES
}

/// Whether `signature` is the account's over the grant, as the text or as wallets wrap it. Wallets
/// send signatures with or without a first byte that names the kind.
pub fn is_signed(grant: &Grant, signature: &[u8], account: &AccountId32) -> bool {
	let candidates = candidates(signature);
	let payloads = grant.signed_payloads();
	payloads.iter().any(|payload| {
		candidates.iter().any(|signature| signature.verify(payload.as_slice(), account))
	})
}

fn candidates(bytes: &[u8]) -> Vec<MultiSignature> {
	let mut candidates = Vec::new();
	if let Ok(plain) = <[u8; 64]>::try_from(bytes) {
		candidates.push(sr25519::Signature::from_raw(plain).into());
		candidates.push(ed25519::Signature::from_raw(plain).into());
	}
	if let Ok(plain) = <[u8; 65]>::try_from(bytes) {
		candidates.push(ecdsa::Signature::from_raw(plain).into());
	}
	let mut rest = bytes;
	if let (Ok(named), true) = (MultiSignature::decode(&mut rest), rest.is_empty()) {
		candidates.push(named);
	}
	candidates
}

#[cfg(test)]
mod tests {
	use super::*;
	use sp_core::{Pair, H256};
	use sp_runtime::traits::IdentifyAccount;

	fn grant() -> Grant {
		Grant {
			genesis: H256::repeat_byte(1),
			account: "account".into(),
			relay: 0,
			key_hash: H256::repeat_byte(2),
			models: Vec::new(),
			spending_cap: None,
			expires_at: None,
			key_epoch: 0,
			nonce: 0,
		}
	}

	fn named(kind: u8, signature: &[u8]) -> Vec<u8> {
		[&[kind], signature].concat()
	}

	#[test]
	fn every_kind_of_signature_verifies_plain_named_and_wrapped() {
		let seed = [7u8; 32];
		let (sr, ed, ec) = (
			sr25519::Pair::from_seed(&seed),
			ed25519::Pair::from_seed(&seed),
			ecdsa::Pair::from_seed(&seed),
		);
		let account = |signer: sp_runtime::MultiSigner| signer.into_account();
		for payload in grant().signed_payloads() {
			for (kind, account, signature) in [
				(0, account(ed.public().into()), ed.sign(&payload).0.to_vec()),
				(1, account(sr.public().into()), sr.sign(&payload).0.to_vec()),
				(2, account(ec.public().into()), ec.sign(&payload).0.to_vec()),
			] {
				assert!(is_signed(&grant(), &signature, &account), "{kind}");
				assert!(is_signed(&grant(), &named(kind, &signature), &account), "{kind}");
				let other = Grant { nonce: 1, ..grant() };
				assert!(!is_signed(&other, &signature, &account), "{kind}");
				assert!(!is_signed(&grant(), &signature, &AccountId32::new([9; 32])), "{kind}");
			}
		}
	}

	#[test]
	fn no_part_of_a_signed_grant_may_be_longer_than_a_relay_registers_it() {
		let of =
			|models: usize, bytes| Grant { models: vec!["m".repeat(bytes); models], ..grant() };
		let longest = named(2, &[0; 65]);
		assert!(is_short(&of(MAX_MODELS, MAX_NAME_BYTES), &longest));
		assert!(!is_short(&of(MAX_MODELS + 1, 0), &longest));
		assert!(!is_short(&of(1, MAX_NAME_BYTES + 1), &longest));
		let long_address = Grant { account: "1".repeat(MAX_ADDRESS_BYTES + 1), ..grant() };
		assert!(!is_short(&long_address, &longest));
		assert!(!is_short(&grant(), &[0; MAX_SIGNATURE_BYTES + 1]));
	}

	#[test]
	fn bytes_that_are_no_signature_never_verify() {
		for bytes in [&[][..], &[1; 10], &[0; 64], &[0; 65], &[1; 66], &[0; 67]] {
			assert!(!is_signed(&grant(), bytes, &AccountId32::new([9; 32])));
		}
	}
}
