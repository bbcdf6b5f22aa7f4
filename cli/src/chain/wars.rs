//! What the chain knows of the Compute Wars, and choosing a perk.

use anyhow::{Context, Result};
use codec::Encode;
use lx_math::calendar;
use lx_primitives::{Moment, Perk, Reign};
use pallet_compute_wars::{Board, ClosedRound, OpenRound};
use sp_core::crypto::AccountId32;
use subxt::{dynamic, tx::DynamicPayload, utils};

use super::{compute::Encoded, state::State};

const WARS: &str = "ComputeWars";

/// The Compute Wars at one block, as they concern an account.
pub struct Wars {
	/// The week.
	pub week: u32,
	/// When it ends.
	pub ends_at: Moment,
	/// Its board, as it is now.
	pub board: Board<AccountId32>,
	/// µCRED that the account has paid for final calls in it.
	pub score: u128,
	/// Who won the week before, and what was chosen for this one.
	pub reign: Option<Reign<AccountId32>>,
	/// The week that was closed last.
	pub last: Option<ClosedRound<AccountId32>>,
	/// Planck that are part of the next prize because nobody has got them.
	pub rolled_over: u128,
	/// Planck that the Ecosystem Fund has, which limits the prize.
	pub fund: u128,
}

impl State<'_> {
	/// The Compute Wars as they concern `account`; `None` before the first week has begun.
	pub async fn wars(&self, account: [u8; 32]) -> Result<Option<Wars>> {
		let round = self.shared(WARS, "Round", ()).await?;
		let Some(OpenRound { week, .. }) = round else { return Ok(None) };
		let day = self.value("Calendar", "DayLength").await?;
		let day = day.context("the chain has no calendar")?;
		let score = self.map(WARS, "Scores", (week, account)).await?;
		let rolled_over = self.value(WARS, "Unclaimed").await?;
		Ok(Some(Wars {
			week,
			ends_at: calendar::week_start(week.saturating_add(1), day),
			board: self.shared(WARS, "LiveBoard", ()).await?.unwrap_or_default(),
			score: score.unwrap_or_default(),
			reign: self.shared(WARS, "CurrentReign", ()).await?,
			last: self.shared(WARS, "LastRound", ()).await?,
			rolled_over: rolled_over.unwrap_or_default(),
			fund: self.prize_fund().await?,
		}))
	}

	/// Planck that the pocket holds which pays prizes.
	async fn prize_fund(&self) -> Result<u128> {
		let address = dynamic::constant::<utils::AccountId32>("Buyback", "PrizeFund");
		let fund = self.0.constants().entry(address)?;
		Ok(self.free_lco(&fund).await?.units)
	}
}

/// The call by which a champion chooses.
pub fn choose_perk(perk: Perk) -> DynamicPayload<Encoded> {
	dynamic::tx(WARS, "choose_perk", Encoded(perk.encode()))
}
