//! The receipts of the buyback, and what blocks have said of it.

use anyhow::Result;
use lx_math::emission;
use lx_primitives::buyback::{Link, Receipt};
use sp_core::H256;
use subxt::{dynamic, events::Event, ext::scale_decode::DecodeAsType, utils::AccountId32};

use super::{state::State, Chain, LxConfig};
use crate::amount::Unit;

/// What a block's events say of the buyback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
	/// The purchases in it: what they have cost, brought and burned.
	pub slices: Vec<[u128; 3]>,
	/// The receipts that were written in it: their numbers and hashes.
	pub receipts: Vec<(u32, H256)>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct SliceBought {
	spent: u128,
	bought: u128,
	burned: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct ReceiptWritten {
	number: u32,
	hash: [u8; 32],
}

impl State<'_> {
	/// What the next receipt goes on from; `None` before the first.
	pub async fn last_receipt(&self) -> Result<Option<Link>> {
		self.shared("Buyback", "Head", ()).await
	}

	/// A receipt by its number.
	pub async fn receipt(&self, number: u32) -> Result<Option<Receipt>> {
		self.shared("Buyback", "Receipts", (number,)).await
	}

	/// The receipt of the Friday that is under way, as far as it is written.
	pub async fn receipt_under_way(&self) -> Result<Option<Receipt>> {
		let round: Option<(u32, u32, Receipt)> = self.shared("Buyback", "CurrentRound", ()).await?;
		Ok(round.map(|(_, _, receipt)| receipt))
	}

	/// µCRED that the fund holds which buys LCO.
	pub async fn burn_fund(&self) -> Result<u128> {
		let address = dynamic::constant::<AccountId32>("Buyback", "BurnFund");
		let fund = self.0.constants().entry(address)?;
		Ok(self.balance(&fund, Unit::Cred).await?.units)
	}

	/// Planck that were mined and exist no more, whoever has burned them.
	pub async fn burned(&self) -> Result<u128> {
		let issuance: u128 = self.value("Balances", "TotalIssuance").await?.unwrap_or_default();
		let unpaid: u128 = self.value("Mining", "TotalUnpaid").await?.unwrap_or_default();
		let minted = emission::minted_at(self.cumulative().await?);
		Ok(minted.saturating_sub(unpaid).saturating_sub(issuance))
	}
}

impl Chain {
	/// What the events of a block say of the buyback; `None` if the node does not keep its state.
	pub async fn told_of_buyback(&self, number: u32) -> Result<Option<Told>> {
		// Most nodes keep the states of some minutes only, and fail for any other.
		let Ok(block) = self.client.at_block(number).await else { return Ok(None) };
		let Ok(events) = block.events().fetch().await else { return Ok(None) };
		let mut told = Told::default();
		for event in events.iter() {
			told.hear(&event?)?;
		}
		Ok(Some(told))
	}
}

impl Told {
	fn hear(&mut self, event: &Event<'_, LxConfig>) -> Result<()> {
		match (event.pallet_name(), event.event_name()) {
			("Buyback", "SliceBought") => {
				let SliceBought { spent, bought, burned } = event.decode_fields_unchecked_as()?;
				self.slices.push([spent, bought, burned]);
			},
			("Buyback", "ReceiptWritten") => {
				let ReceiptWritten { number, hash } = event.decode_fields_unchecked_as()?;
				self.receipts.push((number, H256(hash)));
			},
			_ => {},
		}
		Ok(())
	}
}
