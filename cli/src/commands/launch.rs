//! `lx launch`: launches of scarce models, and the quotas that they give.

use anyhow::{Context, Result};
use lx_primitives::{Claim, LaunchId, Moment, Rates, RelayId, Units};
use pallet_launchpad::Stage;
use serde_json::{json, Value};
use subxt::{
	dynamic,
	ext::{
		scale_decode::{DecodeAsFields, DecodeAsType},
		scale_encode::EncodeAsFields,
	},
};

use super::{
	models::{price_json, price_text},
	Session,
};
use crate::{
	advice::advise,
	amount::Unit,
	args::Launch,
	chain::{
		launches::Part,
		state::State,
		submit::{submit, Done},
		Chain,
	},
	clock,
	output::{count, Reply},
};

/// A launch as the chain keeps it, with its number.
type Found = (LaunchId, pallet_launchpad::Launch);

/// Lists the launches that have not expired.
pub async fn list(chain: &Chain) -> Result<Reply> {
	let block = chain.finalised().await?;
	let state = State(&block);
	let now = state.now().await?;
	let mut launches = state.launches().await?;
	launches.retain(|(_, launch)| now < launch.offer.expires_at);
	if launches.is_empty() {
		return Ok(Reply::new("no launch is announced or open", json!([])));
	}
	let text: Vec<String> = launches.iter().map(|launch| launch_text(launch, now)).collect();
	let json: Vec<Value> = launches.iter().map(|launch| launch_json(launch, now)).collect();
	Ok(Reply::new(text.join("\n"), json!(json)))
}

/// Does what concerns the account.
pub async fn run(session: &Session, command: &Launch) -> Result<Reply> {
	match *command {
		Launch::List => list(&session.chain).await,
		Launch::Subscribe { launch, units } => subscribe(session, launch, units).await,
		Launch::Claim { launch, units, at } => claim(session, launch, units, at.relay).await,
		Launch::Quota { launch } => quota(session, launch).await,
		Launch::Release { launch } => release(session, launch).await,
	}
}

fn launch_text((id, launch): &Found, now: Moment) -> String {
	let price = match launch.offer.price.list {
		tokens @ Rates::Tokens { .. } => format!("{} per 1,000,000 tokens", price_text(tokens)),
		unit @ Rates::Unit(_) => price_text(unit),
	};
	let title = format!("launch {id}");
	format!(
		"{title:<19}{} of {}, {}\n  price            {price}\n  now              {}",
		count(launch.total, "unit", "units"),
		model(launch),
		count(launch.tally.subscribers, "subscriber", "subscribers"),
		stage(launch, now).1,
	)
}

fn launch_json((id, launch): &Found, now: Moment) -> Value {
	json!({
		"launch": id,
		"model": model(launch),
		"units": launch.total.to_string(),
		"used": launch.redeemed.to_string(),
		"subscribers": launch.tally.subscribers,
		"price": price_json(launch.offer.price.list),
		"stage": stage(launch, now).0,
		"announced_at": launch.announced_at,
		"snapshot_at": launch.snapshot_at,
		"opens_at": launch.opens_at,
		"closes_at": launch.closes_at(),
		"expires_at": launch.offer.expires_at,
	})
}

fn model(launch: &pallet_launchpad::Launch) -> String {
	String::from_utf8_lossy(&launch.offer.model).into_owned()
}

/// How far a launch has come at `now`: for scripts and for people. The chain may be a few blocks behind
/// its plan.
fn stage(launch: &pallet_launchpad::Launch, now: Moment) -> (&'static str, String) {
	let [since, snapshot] = [launch.announced_at, launch.snapshot_at].map(clock::show);
	let [opens, closes] = [launch.opens_at, launch.closes_at()].map(clock::show);
	let expires = clock::show(launch.offer.expires_at);
	match launch.stage {
		Stage::Reoffered(again) => {
			("expired", format!("expired {expires}; the rest is offered in launch {again}"))
		},
		_ if now >= launch.offer.expires_at => ("expired", format!("expired {expires}")),
		Stage::Announced => {
			let counts = format!("what is staked from {since} to {snapshot} counts");
			("announced", format!("{counts}; can be subscribed from {opens} to {closes}"))
		},
		Stage::Open { .. } if now < launch.opens_at => {
			("waiting", format!("can be subscribed from {opens} to {closes}"))
		},
		Stage::Open { .. } if now < launch.closes_at() => {
			("open", format!("can be subscribed until {closes}"))
		},
		Stage::Open { .. } | Stage::Filling(_) => ("dividing", "is being divided".into()),
		Stage::Allocated(_) | Stage::Expired { .. } | Stage::Over => {
			("usable", format!("quotas can be used until {expires}"))
		},
	}
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Subscribed {
	first: Units,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Released {
	deposit: u128,
}

async fn subscribe(session: &Session, launch: LaunchId, units: Units) -> Result<Reply> {
	let done = send(session, "subscribe", (launch, units)).await?;
	let Subscribed { first } = event(&done, "Subscribed")?;
	let asked = count(units, "unit", "units");
	let text = format!(
		"you have asked for {asked} of launch {launch}, and {first} of them are certain\n\
		 what you get is known when it has closed: then `lx launch claim {launch}` takes it"
	);
	let (units, certain) = (units.to_string(), first.to_string());
	let json = json!({ "launch": launch, "units": units, "certain": certain });
	Ok(Reply::done(text, &done, json))
}

async fn claim(
	session: &Session,
	launch: LaunchId,
	units: Option<Units>,
	relay: RelayId,
) -> Result<Reply> {
	let units = match units {
		Some(units) => units,
		None => unclaimed(session, launch).await?,
	};
	let done = send(session, "claim", (launch, relay, units)).await?;
	let text = format!(
		"{units} units of launch {launch} are yours to use at relay {relay}, and at no other: call its \
		 model there"
	);
	let json = json!({ "launch": launch, "relay": relay, "units": units.to_string() });
	Ok(Reply::done(text, &done, json))
}

/// All that the account was given of a launch and has not claimed.
async fn unclaimed(session: &Session, id: LaunchId) -> Result<Units> {
	let block = session.chain.finalised().await?;
	let state = State(&block);
	let launch = known(&state, id).await?;
	let part = state.part(id, &launch, session.wallet.account.0).await?;
	let part = part.ok_or_else(|| no_part(Some(id)))?;
	let now = state.now().await?;
	claimable(&(id, launch), &part, now)
}

/// What can be claimed of a launch that the account takes part in, or why nothing can be.
fn claimable(found: &Found, part: &Part, now: Moment) -> Result<Units> {
	let (id, launch) = found;
	match part.unclaimed {
		Some(0) if part.claims.is_empty() => Err(advise(
			format!("you were given nothing of launch {id}"),
			format!("`lx launch release {id}` returns your deposit"),
		)),
		Some(0) => Err(advise(
			format!("you have claimed all that you were given of launch {id}"),
			format!("`lx launch quota {id}` shows at which relays"),
		)),
		Some(units) => Ok(units),
		None => Err(advise(
			format!("nothing of launch {id} can be claimed; now: {}", stage(launch, now).1),
			"`lx launch list` shows the launches, and what can be done in them when",
		)),
	}
}

async fn release(session: &Session, launch: LaunchId) -> Result<Reply> {
	let done = send(session, "release", (launch, session.wallet.account.0)).await?;
	let Released { deposit } = event(&done, "Released")?;
	let deposit = Unit::Lco.of(deposit);
	let text = format!("{deposit} that you had deposited for launch {launch} are free again");
	Ok(Reply::done(text, &done, json!({ "launch": launch, "deposit": deposit })))
}

async fn quota(session: &Session, only: Option<LaunchId>) -> Result<Reply> {
	let block = session.chain.finalised().await?;
	let state = State(&block);
	let now = state.now().await?;
	let launches = match only {
		Some(id) => vec![(id, known(&state, id).await?)],
		None => state.launches().await?,
	};
	let (mut text, mut json) = (Vec::new(), Vec::new());
	for found in &launches {
		let (id, launch) = found;
		if let Some(part) = state.part(*id, launch, session.wallet.account.0).await? {
			text.push(part_text(found, &part, now));
			json.push(part_json(found, &part, now));
		}
	}
	if text.is_empty() {
		return Err(no_part(only));
	}
	Ok(Reply::new(text.join("\n"), json!(json)))
}

fn no_part(only: Option<LaunchId>) -> anyhow::Error {
	advise(
		only.map_or("you take part in no launch".into(), |id| {
			format!("you take no part in launch {id}")
		}),
		"`lx launch list` shows the launches, and when one can subscribe",
	)
}

async fn known(state: &State<'_>, id: LaunchId) -> Result<pallet_launchpad::Launch> {
	state.launch(id).await?.ok_or_else(|| {
		advise(format!("there is no launch {id}"), "`lx launch list` shows the launches")
	})
}

fn part_text(found: &Found, part: &Part, now: Moment) -> String {
	let (id, launch) = found;
	let title = format!("launch {id}");
	let mut lines = vec![format!("{title:<19}{}: {}", model(launch), stage(launch, now).1)];
	lines.extend(part.asked.map(|asked| {
		let units = count(asked.units, "unit", "units");
		format!("  asked for        {units}, {} of them certain", asked.certain)
	}));
	lines.extend(
		part.given.map(|given| format!("  given            {}", count(given, "unit", "units"))),
	);
	lines.extend(part.unclaimed.filter(|units| *units > 0).map(|units| {
		let units = count(units, "unit", "units");
		format!("  not claimed      {units}: `lx launch claim {id}` takes them")
	}));
	lines.extend(part.claims.iter().map(|claim| {
		let place = format!("at relay {}", claim.relay);
		format!("  {place:<17}{} units, {} of them left", claim.units, claim.left())
	}));
	lines.push(format!("  deposit          {}", Unit::Lco.of(part.deposit)));
	lines.join("\n")
}

fn part_json(found: &Found, part: &Part, now: Moment) -> Value {
	let (id, launch) = found;
	let text = |units: Units| units.to_string();
	json!({
		"launch": id,
		"model": model(launch),
		"stage": stage(launch, now).0,
		"asked": part.asked.map(|asked| text(asked.units)),
		"certain": part.asked.map(|asked| text(asked.certain)),
		"given": part.given.map(text),
		"unclaimed": part.unclaimed.map(text),
		"claims": part.claims.iter().map(claim_json).collect::<Vec<_>>(),
		"deposit": Unit::Lco.of(part.deposit),
		"expires_at": launch.offer.expires_at,
	})
}

fn claim_json(claim: &Claim) -> Value {
	json!({
		"relay": claim.relay,
		"units": claim.units.to_string(),
		"used": claim.used.to_string(),
	})
}

fn event<E: DecodeAsFields>(done: &Done, name: &str) -> Result<E> {
	done.find("Launchpad", name)?
		.context("the chain did not say what has happened; `lx launch quota` shows what you have")
}

async fn send<Arguments: EncodeAsFields>(
	session: &Session,
	call: &str,
	arguments: Arguments,
) -> Result<Done> {
	let call = dynamic::tx("Launchpad", call, arguments);
	submit(&session.chain, session.wallet.signer()?, &call, None, &session.output).await
}

#[cfg(test)]
mod tests;
