//! `lx balance`: what an account owns and what mining costs.

use anyhow::Result;
use lx_math::emission;
use serde_json::{json, Value};

use super::Session;
use crate::{
	amount::{Amount, Unit},
	chain::state::{ApiAccount, State},
	clock,
	output::Reply,
};

struct Overview {
	account: String,
	lco: Amount,
	unpaid: Amount,
	usdt: Amount,
	cred: Amount,
	api: ApiAccount,
	now: u64,
	spent_today: Amount,
	cumulative: u128,
}

/// Shows what the account owns and what mining costs.
pub async fn run(session: &Session) -> Result<Reply> {
	let block = session.chain.finalised().await?;
	let overview = read(session, &State(&block)).await?;
	Ok(Reply::new(text(&overview), json(&overview)))
}

async fn read(session: &Session, state: &State<'_>) -> Result<Overview> {
	let account = &session.wallet.account;
	let api = state.api_account(account).await?.unwrap_or_default();
	let spent = if api.spent_day == state.today().await? { api.spent_today } else { 0 };
	Ok(Overview {
		account: account.to_string(),
		lco: state.balance(account, Unit::Lco).await?,
		unpaid: Unit::Lco.of(state.unpaid(account).await?),
		usdt: state.balance(account, Unit::Usdt).await?,
		cred: state.balance(account, Unit::Cred).await?,
		spent_today: Unit::Cred.of(spent),
		api,
		now: state.now().await?,
		cumulative: state.cumulative().await?,
	})
}

fn text(overview: &Overview) -> String {
	let Overview { account, lco, unpaid, usdt, cred, api, now, spent_today, cumulative } = overview;
	let amount = |units| Unit::Cred.of(units);
	let mut lines = vec![
		format!("account            {account}"),
		format!("LCO                {lco}"),
		format!("USDT               {usdt}"),
		format!("Credits            {cred}"),
		format!("API balance        {}", amount(api.free)),
	];
	if unpaid.units > 0 {
		lines.insert(2, format!("  mined, not paid  {unpaid} (below the smallest balance)"));
	}
	if api.thawing > 0 {
		let until = clock::show(api.thaw_at);
		lines.push(format!("  thawing          {} until {until}", amount(api.thawing)));
	}
	if api.pending > 0 {
		lines.push(format!("  charged, pending {} (mines LCO when final)", amount(api.pending)));
	}
	if let Some(relays) = relays(api, *now) {
		let limit = amount(api.daily_limit);
		lines.push(format!("  relays           {relays}, spent {spent_today} of {limit} today"));
	}
	let minted = Unit::Lco.of(emission::minted_at(*cumulative));
	lines.push(format!("mined by everyone  {minted} of {}", Unit::Lco.of(emission::CAP)));
	lines.push(match emission::parity(*cumulative) {
		Some(price) => format!("mining 1 LCO takes {} of API calls", amount(price)),
		None => "nothing is left to mine".into(),
	});
	lines.join("\n")
}

/// The relays that stand, and those that still collect; `None` if there are none of either.
fn relays(api: &ApiAccount, now: u64) -> Option<String> {
	let (standing, leaving) = (api.standing(), api.leaving(now));
	if standing.is_empty() && leaving.is_empty() {
		return None;
	}
	let leaving = leaving
		.into_iter()
		.map(|(relay, until)| format!(", {relay} (may collect until {})", clock::show(until)));
	Some(format!("{standing:?}{}", leaving.collect::<String>()))
}

fn json(overview: &Overview) -> Value {
	let Overview { account, lco, unpaid, usdt, cred, api, now, spent_today, cumulative } = overview;
	let amount = |units| Unit::Cred.of(units);
	let leaving = api.leaving(*now).into_iter();
	let leaving = leaving.map(|(relay, until)| json!({ "relay": relay, "until": until }));
	json!({
		"account": account,
		"lco": lco,
		"lco_unpaid": unpaid,
		"usdt": usdt,
		"credits": cred,
		"api": {
			"free": amount(api.free),
			"thawing": amount(api.thawing),
			"thaw_at": api.thaw_at,
			"pending": amount(api.pending),
			"relays": api.standing(),
			"relays_leaving": leaving.collect::<Vec<_>>(),
			"daily_limit": amount(api.daily_limit),
			"spent_today": spent_today,
			"key_epoch": api.key_epoch,
		},
		"mined_by_everyone": Unit::Lco.of(emission::minted_at(*cumulative)),
		"price_of_mining_one_lco": emission::parity(*cumulative).map(amount),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain::state::Authorisation;

	#[test]
	fn relays_that_still_collect_are_shown_beside_those_that_stand() {
		let until = 1_801_353_600_000;
		let stands = Authorisation { relay: 0, until: None };
		let leaves = Authorisation { relay: 1, until: Some(until) };
		let shown = |held: &[Authorisation], now| {
			relays(&ApiAccount { relays: held.to_vec(), ..Default::default() }, now)
		};
		assert_eq!(shown(&[stands], 0).unwrap(), "[0]");
		let both = "[0], 1 (may collect until 2027-01-31T00:00:00Z)";
		assert_eq!(shown(&[stands, leaves], until).unwrap(), both);
		assert_eq!(shown(&[leaves], until + 1), None);
	}
}
