//! `Compute.post_batch` as a general transaction: authorised by what it carries, so it has no
//! signer, no nonce and no fee.

use codec::{Compact, Encode};
use subxt::Metadata;

use super::{ChainError, Posting};

/// Marks extrinsic format 5, general transaction.
const GENERAL_TRANSACTION: u8 = 0b0100_0101;

const EXTENSION_VERSION: u8 = 0;

/// The encoded transaction for `posting`.
pub(super) fn post_batch(metadata: &Metadata, posting: &Posting) -> Result<Vec<u8>, ChainError> {
	let mut body = vec![GENERAL_TRANSACTION, EXTENSION_VERSION];
	for extension in extensions(metadata)? {
		body.extend(extension);
	}
	body.extend(call_index(metadata)?);
	posting.batch.encode_to(&mut body);
	posting.relay_signature.encode_to(&mut body);
	posting.signatures.encode_to(&mut body);
	let length = u32::try_from(body.len())
		.map_err(|_| ChainError::Refused("the batch is too large".into()))?;
	Ok([Compact(length).encode(), body].concat())
}

fn call_index(metadata: &Metadata) -> Result<[u8; 2], ChainError> {
	let missing = || ChainError::Incompatible("it has no call Compute.post_batch".into());
	let pallet = metadata.pallet_by_name("Compute").ok_or_else(missing)?;
	let call = pallet.call_variant_by_name("post_batch").ok_or_else(missing)?;
	Ok([pallet.call_index(), call.index])
}

/// What each of the runtime's transaction extensions needs in a transaction without a signer.
fn extensions(metadata: &Metadata) -> Result<Vec<&'static [u8]>, ChainError> {
	metadata
		.extrinsic()
		.transaction_extensions_by_version(EXTENSION_VERSION)
		.ok_or_else(|| ChainError::Incompatible("it has no transaction extensions".into()))?
		.map(|extension| extension_bytes(extension.identifier()))
		.collect()
}

fn extension_bytes(identifier: &str) -> Result<&'static [u8], ChainError> {
	Ok(match identifier {
		"AuthorizeCall"
		| "CheckNonZeroSender"
		| "CheckSpecVersion"
		| "CheckTxVersion"
		| "CheckGenesis"
		| "CheckWeight"
		| "WeightReclaim"
		| "StorageWeightReclaim" => &[],
		// Immortal: the batch itself says for which place in the relay's log it is good.
		"CheckMortality" => &[0],
		"CheckNonce" => &[0],
		// No tip and no fee asset.
		"ChargeAssetTxPayment" => &[0, 0],
		"ChargeTransactionPayment" => &[0],
		// No hash of the metadata is checked.
		"CheckMetadataHash" => &[0],
		other => {
			let message = format!("it has an unknown transaction extension, {other}");
			return Err(ChainError::Incompatible(message));
		},
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_extension_that_is_not_known_is_not_guessed() {
		assert!(extension_bytes("CheckSomethingNew").is_err());
	}

	#[test]
	fn a_general_transaction_is_of_format_five() {
		assert_eq!(GENERAL_TRANSACTION, 0x45);
	}
}
