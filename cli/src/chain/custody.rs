//! Custody: who may attest deposits, what they have attested, and what they must cover.

use anyhow::{Context, Result};
use subxt::{
	dynamic,
	ext::scale_decode::DecodeAsType,
	tx::{DynamicPayload, Payload},
	utils::AccountId32,
};

use super::state::State;

/// A custodian's word about the USDT that custody holds.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Report {
	/// At least so much, in µUSDT.
	pub amount: u128,
	/// When it was said, in ms since 1970.
	pub at: u64,
}

/// A custodian in office.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Custodian {
	/// The account that signs.
	pub account: AccountId32,
	/// The appointment.
	pub seat: u32,
	/// Its last word about the reserves.
	pub report: Option<Report>,
}

/// The custodians and how many of them must agree.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Quorum {
	/// The custodians.
	pub members: Vec<Custodian>,
	/// How many must agree.
	pub threshold: u32,
}

/// What a custodian says of a deposit.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Claim {
	network: Vec<u8>,
	reference: Vec<u8>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct WithdrawalQueue {
	amount: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Totals {
	paid_out: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct DayTotal {
	day: u32,
	amount: u128,
}

/// The transaction that brought USDT to custody.
#[derive(Clone, Debug)]
pub struct Transfer {
	/// The network it was sent on.
	pub network: String,
	/// Its name on that network.
	pub reference: String,
}

impl Transfer {
	fn key(&self) -> (Vec<u8>, Vec<u8>) {
		(self.network.clone().into_bytes(), self.reference.clone().into_bytes())
	}

	fn is_of(&self, claim: &Claim) -> bool {
		claim.network == self.network.as_bytes() && claim.reference == self.reference.as_bytes()
	}

	/// A custodian's word that it brought `amount` for `account`.
	pub fn attestation(&self, account: &AccountId32, amount: u128) -> impl Payload {
		let (network, reference) = self.key();
		dynamic::tx("Custody", "attest_deposit", (network, reference, account.0, amount))
	}
}

/// A custodian's word that custody held `amount` at a block at which `paid_out` had been paid out.
pub fn report_reserves(amount: u128, paid_out: u128) -> DynamicPayload<(u128, u128)> {
	dynamic::tx("Custody", "report_reserves", (amount, paid_out))
}

impl State<'_> {
	/// The custodians.
	pub async fn custodians(&self) -> Result<Quorum> {
		self.value("Custody", "Custodians").await?.context("the chain has no custodians")
	}

	/// µUSDT that custody must hold: what exists here, and what is on its way out.
	pub async fn owed_by_custody(&self) -> Result<u128> {
		let queue: Option<WithdrawalQueue> = self.value("Custody", "Queue").await?;
		let leaving = queue.map_or(0, |queue| queue.amount);
		Ok(self.usdt_supply().await?.saturating_add(leaving))
	}

	/// µUSDT that custody has ever paid out, as far as this block knows.
	pub async fn paid_out(&self) -> Result<u128> {
		let totals: Option<Totals> = self.value("Custody", "Ledger").await?;
		Ok(totals.map_or(0, |totals| totals.paid_out))
	}

	/// Whether a deposit has been credited.
	pub async fn is_credited(&self, transfer: &Transfer) -> Result<bool> {
		let found: Option<()> = self.map("Custody", "Credited", (transfer.key(),)).await?;
		Ok(found.is_some())
	}

	/// How many custodians have attested a deposit that is not credited yet.
	pub async fn attestations(&self, transfer: &Transfer) -> Result<usize> {
		let mut count = 0;
		for member in self.custodians().await?.members {
			let claims: Option<Vec<Claim>> = self.map("Custody", "Claims", (member.seat,)).await?;
			let claims = claims.unwrap_or_default();
			count += usize::from(claims.iter().any(|claim| transfer.is_of(claim)));
		}
		Ok(count)
	}

	/// µUSDT that can still be credited today.
	pub async fn creditable_today(&self) -> Result<u128> {
		let cap: u128 = self.value("Custody", "DailyCap").await?.unwrap_or_default();
		let credited: Option<DayTotal> = self.value("Custody", "CreditedOn").await?;
		let today = self.today().await?;
		let used = credited.filter(|total| total.day == today).map_or(0, |total| total.amount);
		Ok(cap.saturating_sub(used))
	}
}
