//! `lx balance`: what an account owns and what mining costs.

use anyhow::Result;
use lx_math::emission;
use serde_json::{json, Value};

use super::{
	at_hand::{self, Told},
	Session,
};
use crate::{
	amount::{Amount, Unit},
	args::AtHand,
	chain::{
		staking::Staker,
		state::{ApiAccount, Purse, State},
	},
	clock,
	output::Reply,
};

struct Overview {
	account: String,
	lco: Amount,
	/// What of the LCO is staked.
	staker: Staker,
	unpaid: Amount,
	usdt: Amount,
	cred: Amount,
	api: ApiAccount,
	/// What a relay says of it.
	told: Option<Told>,
	today: u32,
	cumulative: u128,
}

/// Shows what the account owns and what mining costs.
pub async fn run(session: &Session, at_hand: &AtHand) -> Result<Reply> {
	let told = at_hand::ask(session, at_hand).await;
	let block = session.chain.finalised().await?;
	let overview = read(session, &State(&block), told).await?;
	Ok(Reply::new(text(&overview), json(&overview)))
}

async fn read(session: &Session, state: &State<'_>, told: Option<Told>) -> Result<Overview> {
	let account = &session.wallet.account;
	Ok(Overview {
		account: account.to_string(),
		lco: state.balance(account, Unit::Lco).await?,
		staker: state.staker(account.0).await?,
		unpaid: Unit::Lco.of(state.unpaid(account).await?),
		usdt: state.balance(account, Unit::Usdt).await?,
		cred: state.balance(account, Unit::Cred).await?,
		api: state.api_account(account).await?.unwrap_or_default(),
		told,
		today: state.today().await?,
		cumulative: state.cumulative().await?,
	})
}

impl Overview {
	/// µCRED that the relay of a purse has yet to post, if that is known.
	fn unposted(&self, purse: &Purse) -> Option<u128> {
		let is_its = |told: &&Told| told.relay == purse.relay && !purse.is_sponsored;
		let told = self.told.as_ref().filter(is_its);
		told.map(|told| told.balance.unposted.into())
	}
}

fn text(overview: &Overview) -> String {
	let Overview { account, lco, staker, unpaid, usdt, cred, api, today, cumulative, .. } =
		overview;
	let prepaid = api.own().fold(0, |sum: u128, purse| sum.saturating_add(purse.free));
	let mut lines = vec![
		format!("account            {account}"),
		format!("LCO                {lco}"),
		format!("USDT               {usdt}"),
		format!("Credits            {cred}"),
		format!("API balance        {}", Unit::Cred.of(prepaid)),
	];
	let mut of_lco = staked_text(staker);
	if unpaid.units > 0 {
		of_lco.push(format!("  mined, not paid  {unpaid} (below the smallest balance)"));
	}
	lines.splice(2..2, of_lco);
	let of_purse = |purse: &Purse| purse_text(purse, *today, overview.unposted(purse));
	lines.extend(api.purses.iter().flat_map(of_purse));
	let minted = Unit::Lco.of(emission::minted_at(*cumulative));
	lines.push(format!("mined by everyone  {minted} of {}", Unit::Lco.of(emission::CAP)));
	lines.push(match emission::parity(*cumulative) {
		Some(price) => format!("mining 1 LCO takes {} of API calls", Unit::Cred.of(price)),
		None => "nothing is left to mine".into(),
	});
	lines.join("\n")
}

/// What of an account's LCO is staked, and what is on its way back.
fn staked_text(staker: &Staker) -> Vec<String> {
	let mut lines = Vec::new();
	if staker.staked > 0 {
		lines.push(format!("  of it staked     {}", Unit::Lco.of(staker.staked)));
	}
	if !staker.unstaking.is_empty() {
		lines.push(format!("  unstaking        {}", Unit::Lco.of(unstaking(staker))));
	}
	lines
}

fn unstaking(staker: &Staker) -> u128 {
	staker.unstaking.iter().fold(0, |sum: u128, part| sum.saturating_add(part.amount))
}

fn purse_text(purse: &Purse, today: u32, unposted: Option<u128>) -> Vec<String> {
	let amount = |units| Unit::Cred.of(units);
	let spent = amount(purse.spent_on(today));
	let spent = match purse.limit() {
		Some(limit) => format!("spent {spent} of {} today", amount(limit)),
		None => format!("spent {spent} today"),
	};
	let place = format!("at relay {}", purse.relay);
	if purse.is_sponsored {
		let free = amount(purse.free);
		return vec![format!("  {place:<17}{free} of free calls, paid by the Ecosystem Fund")];
	}
	let mut lines = vec![format!("  {place:<17}{}, {spent}", amount(purse.free))];
	if purse.thawing > 0 {
		let until = clock::show(purse.thaw_at);
		lines.push(format!("    thawing        {} until {until}", amount(purse.thawing)));
	}
	if let Some(unposted) = unposted.filter(|unposted| *unposted > 0) {
		lines.push(format!("    unposted       {} (the relay has charged it)", amount(unposted)));
	}
	if purse.pending > 0 {
		lines.push(format!("    pending        {} (mines LCO when final)", amount(purse.pending)));
	}
	lines
}

fn json(overview: &Overview) -> Value {
	let Overview { account, lco, staker, unpaid, usdt, cred, api, today, cumulative, .. } =
		overview;
	let amount = |units| Unit::Cred.of(units);
	let purse = |purse: &Purse| {
		json!({
			"relay": purse.relay,
			"is_sponsored": purse.is_sponsored,
			"free": amount(purse.free),
			"thawing": amount(purse.thawing),
			"thaw_at": purse.thaw_at,
			"unposted": overview.unposted(purse).map(amount),
			"pending": amount(purse.pending),
			"daily_limit": purse.limit().map(amount),
			"spent_today": amount(purse.spent_on(*today)),
		})
	};
	json!({
		"account": account,
		"lco": lco,
		"lco_staked": Unit::Lco.of(staker.staked),
		"lco_unstaking": Unit::Lco.of(unstaking(staker)),
		"lco_unpaid": unpaid,
		"usdt": usdt,
		"credits": cred,
		"api": {
			"purses": api.purses.iter().map(purse).collect::<Vec<_>>(),
			"key_epoch": api.key_epoch,
		},
		"mined_by_everyone": Unit::Lco.of(emission::minted_at(*cumulative)),
		"price_of_mining_one_lco": emission::parity(*cumulative).map(amount),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain::{staking::Unstaking, state::NO_LIMIT};

	#[test]
	fn what_is_staked_is_shown_as_a_part_of_what_is_owned() {
		assert_eq!(staked_text(&Staker::default()), Vec::<String>::new());
		let part = |amount| Unstaking { amount, ready_at: 0 };
		let unstaking = vec![part(1_000_000_000_000), part(500_000_000_000)];
		let staker = Staker { staked: 20_000_000_000_000, unstaking, ..Default::default() };
		let expected = ["  of it staked     20 LCO", "  unstaking        1.5 LCO"];
		assert_eq!(staked_text(&staker), expected);
	}

	#[test]
	fn a_purse_shows_what_is_on_its_way_and_its_limit() {
		let quiet = Purse { relay: 0, free: 1, daily_limit: NO_LIMIT, ..Default::default() };
		let spent_nothing = "  at relay 0       0.000001 CRED, spent 0 CRED today";
		assert_eq!(purse_text(&quiet, 1, None), [spent_nothing]);
		assert_eq!(purse_text(&quiet, 1, Some(0)), [spent_nothing]);
		let sponsored = Purse { free: 5_000_000, is_sponsored: true, ..quiet };
		let paid = "  at relay 0       5 CRED of free calls, paid by the Ecosystem Fund";
		assert_eq!(purse_text(&sponsored, 1, None), [paid]);
		let busy = Purse {
			relay: 12,
			thawing: 5_000_000,
			thaw_at: 1_801_353_600_000,
			pending: 365,
			daily_limit: 2_000_000,
			spent_day: 1,
			spent_today: 365,
			..Default::default()
		};
		let expected = [
			"  at relay 12      0 CRED, spent 0.000365 CRED of 2 CRED today",
			"    thawing        5 CRED until 2027-01-31T00:00:00Z",
			"    unposted       0.00002 CRED (the relay has charged it)",
			"    pending        0.000365 CRED (mines LCO when final)",
		];
		assert_eq!(purse_text(&busy, 1, Some(20)), expected);
	}
}
