//! Amounts as people write them, kept as integers: no float ever touches money.

use std::fmt;

use lx_primitives::units::{CRED_ASSET, CRED_DECIMALS, LCO_DECIMALS, USDT_ASSET};
use serde::{ser::SerializeStruct, Serialize, Serializer};

/// What an amount is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
	/// L-Coin, the mined token.
	Lco,
	/// L-Credits, which pay for API calls.
	Cred,
	/// The on-chain receipt of custody USDT.
	Usdt,
}

impl Unit {
	/// The unit of an asset id; `None` for an asset this program does not know.
	pub fn of_asset(asset: u32) -> Option<Self> {
		match asset {
			CRED_ASSET => Some(Self::Cred),
			USDT_ASSET => Some(Self::Usdt),
			_ => None,
		}
	}

	/// The asset id; `None` for LCO, which is not an asset but the chain's own token.
	pub const fn asset_id(self) -> Option<u32> {
		match self {
			Self::Lco => None,
			Self::Cred => Some(CRED_ASSET),
			Self::Usdt => Some(USDT_ASSET),
		}
	}

	/// How many decimals the unit has.
	pub const fn decimals(self) -> u8 {
		match self {
			Self::Lco => LCO_DECIMALS,
			Self::Cred | Self::Usdt => CRED_DECIMALS,
		}
	}

	/// The name shown after an amount.
	pub const fn symbol(self) -> &'static str {
		match self {
			Self::Lco => "LCO",
			Self::Cred => "CRED",
			Self::Usdt => "USDT",
		}
	}

	/// `units` of the smallest unit as an amount.
	pub const fn of(self, units: u128) -> Amount {
		Amount { units, unit: self }
	}
}

/// An amount with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
	/// How many of the smallest unit: planck of LCO, µCRED, µUSDT.
	pub units: u128,
	/// What it is an amount of.
	pub unit: Unit,
}

impl fmt::Display for Amount {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{} {}", decimal(self.units, self.unit.decimals()), self.unit.symbol())
	}
}

/// Scripts get the exact integer as text, since JSON numbers lose digits beyond 2^53.
impl Serialize for Amount {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		let mut amount = serializer.serialize_struct("Amount", 3)?;
		amount.serialize_field("units", &self.units.to_string())?;
		amount.serialize_field("decimals", &self.unit.decimals())?;
		amount.serialize_field("symbol", self.unit.symbol())?;
		amount.end()
	}
}

/// `units` with `decimals` decimals, without trailing zeros.
fn decimal(units: u128, decimals: u8) -> String {
	let scale = 10u128.pow(u32::from(decimals));
	let (whole, part) = (units / scale, units % scale);
	if part == 0 {
		return whole.to_string();
	}
	let part = format!("{part:0width$}", width = usize::from(decimals));
	format!("{whole}.{}", part.trim_end_matches('0'))
}

/// Reads an amount of CRED or USDT, such as `100` or `0.25`, in millionths.
pub fn micro(text: &str) -> Result<u128, String> {
	parse_some(text, CRED_DECIMALS)
}

/// Reads an amount of LCO, such as `1000` or `0.5`, in planck.
pub fn lco(text: &str) -> Result<u128, String> {
	parse_some(text, LCO_DECIMALS)
}

/// Reads an amount that is not zero.
fn parse_some(text: &str, decimals: u8) -> Result<u128, String> {
	match parse(text, decimals)? {
		0 => Err("the amount must be more than zero".into()),
		units => Ok(units),
	}
}

/// Reads a limit of CRED in millionths: an amount, zero too, or `none` for the highest number.
pub fn micro_limit(text: &str) -> Result<u128, String> {
	match text {
		"none" => Ok(u128::MAX),
		_ => parse(text, CRED_DECIMALS),
	}
}

/// Reads a decimal number as a count of its smallest unit. Exact: what cannot be represented is an
/// error, never rounded.
fn parse(text: &str, decimals: u8) -> Result<u128, String> {
	let (whole, part) = text.split_once('.').unwrap_or((text, ""));
	let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
	if whole.is_empty() || !is_number(whole) || !is_number(part) || text.ends_with('.') {
		return Err("write an amount as digits with an optional point, such as 100 or 0.25".into());
	}
	let width = usize::from(decimals);
	if part.len() > width {
		return Err(format!("at most {decimals} digits can follow the point"));
	}
	format!("{whole}{part:0<width$}").parse().map_err(|_| "the amount is too large".into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn amounts_are_read_exactly() {
		assert_eq!(micro("100"), Ok(100_000_000));
		assert_eq!(micro("0.25"), Ok(250_000));
		assert_eq!(micro("0.000001"), Ok(1));
		// As a double this would be 9007199254740993 rounded to ...992.
		assert_eq!(micro("9007199254.740993"), Ok(9_007_199_254_740_993));
		assert_eq!(lco("1.5"), Ok(1_500_000_000_000));
	}

	#[test]
	fn what_is_not_an_amount_is_refused() {
		let wrong =
			["", ".", ".5", "5.", "-1", "+1", "1e3", "1,5", "1.2.3", " 1", "0x10", "٣", "NaN"];
		for text in wrong {
			assert!(micro(text).is_err(), "{text:?} was read as an amount");
		}
	}

	#[test]
	fn an_amount_that_cannot_be_represented_is_refused_not_rounded() {
		assert!(micro("0.0000001").is_err());
		assert!(micro("0").is_err());
		assert!(micro("0.000000").is_err());
		assert!(lco("0").is_err() && lco("0.0000000000001").is_err());
		assert!(micro("340282366920938463463374607431768211456").is_err());
	}

	#[test]
	fn amounts_are_shown_with_their_unit() {
		assert_eq!(Unit::Cred.of(1_500_000).to_string(), "1.5 CRED");
		assert_eq!(Unit::Usdt.of(1).to_string(), "0.000001 USDT");
		assert_eq!(Unit::Lco.of(10_000_000_000_000).to_string(), "10 LCO");
		assert_eq!(Unit::Lco.of(0).to_string(), "0 LCO");
	}

	#[test]
	fn scripts_get_the_exact_integer() {
		let json = serde_json::to_value(Unit::Lco.of(u128::MAX)).unwrap();
		assert_eq!(json["units"], u128::MAX.to_string());
		assert_eq!(json["decimals"], 12);
		assert_eq!(json["symbol"], "LCO");
	}

	proptest! {
		#[test]
		fn reading_what_was_shown_gives_it_back(units in 1u128.., decimals in 0u8..=12) {
			prop_assert_eq!(parse(&decimal(units, decimals), decimals), Ok(units));
		}
	}

	#[test]
	fn a_limit_can_be_nothing_or_none() {
		assert_eq!(micro_limit("0"), Ok(0));
		assert_eq!(micro_limit("2.5"), Ok(2_500_000));
		assert_eq!(micro_limit("none"), Ok(u128::MAX));
		assert!(micro_limit("-1").is_err());
	}
}
