//! Who asks: an attestor signs its questions, so that whatever else a relay is asked, it answers those
//! whose signatures it waits for.
//!
//! A question names the relay that it is for. Another that hears it can ask there in the attestor's place
//! only if it passed for that relay, and then the attestor signs nothing of its own.

use codec::Encode;
use lx_primitives::{units::Moment, RelayId};
use sp_core::{sr25519, Pair, H256};

use crate::hash::blake2_256;

/// The header that says so: the attestor's id, the time in ms, and the signature in hexadecimal, with
/// points between them.
pub const ATTESTOR: &str = "x-lx-attestor";

/// How far the clocks of an attestor and a relay may be apart, in ms.
const TOLERANCE: Moment = 60_000;

/// Whom a question is for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
	/// The chain's genesis hash.
	pub genesis: H256,
	/// The relay's id on the chain.
	pub relay: RelayId,
}

/// The header's value for a question asked at `now`.
pub fn sign(attestor: u32, pair: &sr25519::Pair, asked: &Asked, now: Moment) -> String {
	let signature = pair.sign(hash(attestor, asked, now).as_bytes());
	format!("{attestor}.{now}.{}", hex::encode(signature.0))
}

/// The attestor that asks, if its key `key_of` has signed the question for `asked` about `now`.
pub fn asker(
	value: &str,
	key_of: impl FnOnce(u32) -> Option<sr25519::Public>,
	asked: &Asked,
	now: Moment,
) -> Option<u32> {
	let mut parts = value.splitn(3, '.');
	let (attestor, time) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
	let signature: [u8; 64] = hex::decode(parts.next()?).ok()?.try_into().ok()?;
	let signature = sr25519::Signature::from_raw(signature);
	let hash = hash(attestor, asked, time);
	let is_signed = now.abs_diff(time) <= TOLERANCE
		&& sr25519::Pair::verify(&signature, hash.as_bytes(), &key_of(attestor)?);
	is_signed.then_some(attestor)
}

fn hash(attestor: u32, asked: &Asked, time: Moment) -> H256 {
	(b"lx/question", asked.genesis, asked.relay, attestor, time).using_encoded(blake2_256)
}

#[cfg(test)]
mod tests {
	use super::*;

	const NOW: Moment = 1_767_571_200_000;
	const ASKED: Asked = Asked { genesis: H256::repeat_byte(1), relay: 5 };

	fn pair() -> sr25519::Pair {
		sr25519::Pair::from_seed(&[7; 32])
	}

	/// Who asks with `value` at `now`, where attestor 3 is the only one.
	fn asks(value: &str, now: Moment) -> Option<u32> {
		asks_of(&ASKED, value, now)
	}

	fn asks_of(asked: &Asked, value: &str, now: Moment) -> Option<u32> {
		asker(value, |id| (id == 3).then(|| pair().public()), asked, now)
	}

	#[test]
	fn an_attestor_is_known_by_its_signature() {
		let value = sign(3, &pair(), &ASKED, NOW);
		assert_eq!(asks(&value, NOW), Some(3));
		assert_eq!(asks(&value, NOW + TOLERANCE), Some(3));
		assert_eq!(asks(&value, NOW - TOLERANCE), Some(3));
		assert_eq!(asks(&value, NOW + TOLERANCE + 1), None);
	}

	#[test]
	fn nobody_else_passes_for_one() {
		let value = sign(3, &pair(), &ASKED, NOW);
		let other = sr25519::Pair::from_seed(&[8; 32]);
		for forged in [
			sign(3, &other, &ASKED, NOW),
			sign(4, &pair(), &ASKED, NOW),
			value.replacen("3.", "4.", 1),
			value.replacen(&NOW.to_string(), &(NOW + 1).to_string(), 1),
			String::new(),
			"3".into(),
			format!("3.{NOW}.00"),
			format!("{value}.1"),
		] {
			assert_eq!(asks(&forged, NOW), None, "{forged}");
		}
	}

	#[test]
	fn a_question_that_was_heard_is_worth_nothing_elsewhere() {
		let heard = sign(3, &pair(), &ASKED, NOW);
		for elsewhere in [
			Asked { relay: ASKED.relay + 1, ..ASKED },
			Asked { genesis: H256::repeat_byte(2), ..ASKED },
		] {
			assert_eq!(asks_of(&elsewhere, &heard, NOW), None, "{elsewhere:?}");
		}
	}
}
