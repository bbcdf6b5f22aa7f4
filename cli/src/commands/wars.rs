//! `lx wars`: the week's board, where an account stands on it, and the champion's choice.

use anyhow::{Context, Result};
use lx_math::prizes;
use lx_primitives::{Perk, Reign};
use pallet_compute_wars::ClosedRound;
use serde_json::{json, Value};
use sp_core::crypto::AccountId32;
use subxt::ext::scale_decode::DecodeAsType;

use super::Session;
use crate::{
	advice::advise,
	amount::Unit,
	args::{self, PerkChoice},
	chain::{
		state::State,
		submit::submit,
		wars::{choose_perk, Wars},
	},
	clock,
	output::Reply,
};

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Chosen {
	free_calls: u128,
}

/// Shows the board, or chooses a perk.
pub async fn run(session: &Session, arguments: &args::Wars) -> Result<Reply> {
	match &arguments.choice {
		None => show(session, arguments.top).await,
		Some(PerkChoice::FreeCalls { at }) => {
			choose(session, Perk::FreeCalls { relay: at.relay }).await
		},
		Some(PerkChoice::NoLimit) => choose(session, Perk::NoConcurrencyLimit).await,
	}
}

async fn show(session: &Session, top: u32) -> Result<Reply> {
	let you = you(session);
	let block = session.chain.finalised().await?;
	let wars = State(&block).wars(session.wallet.account.0).await?;
	let wars = wars.ok_or_else(|| {
		advise("no week of the Compute Wars has begun", "try again in a few seconds")
	})?;
	Ok(Reply::new(text(&wars, &you, top), json(&wars, &you, top)))
}

async fn choose(session: &Session, perk: Perk) -> Result<Reply> {
	let call = choose_perk(perk);
	let signer = session.wallet.signer()?;
	let done = submit(&session.chain, signer, &call, None, &session.output).await?;
	let chosen: Option<Chosen> = done.find("ComputeWars", "PerkChosen")?;
	let chosen = chosen.context("the chain did not say what has happened; `lx wars` shows it")?;
	let free_calls = Unit::Cred.of(chosen.free_calls);
	let text = match perk {
		Perk::FreeCalls { relay } => {
			format!("the Ecosystem Fund pays {free_calls} of your calls at relay {relay} this week")
		},
		Perk::NoConcurrencyLimit => "relays do not limit your concurrency this week".into(),
	};
	let json = json!({ "perk": perk_json(perk), "free_calls": free_calls });
	Ok(Reply::done(text, &done, json))
}

fn you(session: &Session) -> AccountId32 {
	AccountId32::new(session.wallet.account.0)
}

fn text(wars: &Wars, you: &AccountId32, top: u32) -> String {
	let mut lines =
		vec![format!("week               {}, until {}", wars.week, clock::show(wars.ends_at))];
	lines.extend(ranks(wars, top).map(|(rank, entry)| {
		let marked = if entry.who == *you { " (you)" } else { "" };
		format!("  {rank:>3}              {} {}{marked}", entry.who, Unit::Cred.of(entry.score))
	}));
	lines.push(format!("you                {}", standing(wars, you)));
	lines
		.extend(wars.last.as_ref().map(|last| format!("last week          {}", result(last, you))));
	let rolled_over = Unit::Lco.of(wars.rolled_over);
	lines.push(format!("in the next prize  {rolled_over} that nobody got before"));
	let fund = Unit::Lco.of(wars.fund);
	lines.push(format!(
		"the fund has       {fund}, before the week's trading fees; a prize is no more"
	));
	lines.extend(
		wars.reign.as_ref().map(|reign| format!("champion           {}", rule(reign, you))),
	);
	lines.join("\n")
}

/// The first ranks.
fn ranks(
	wars: &Wars,
	top: u32,
) -> impl Iterator<Item = (u32, &pallet_compute_wars::Entry<AccountId32>)> {
	(1..=top).zip(wars.board.entries())
}

/// Where an account stands, in words.
fn standing(wars: &Wars, you: &AccountId32) -> String {
	let score = Unit::Cred.of(wars.score);
	match (wars.board.rank(you), wars.board.cutoff()) {
		(Some(rank), _) => format!("rank {rank}, with {score} of final calls"),
		(None, _) if wars.score == 0 => "no call of this week is final yet".into(),
		(None, cutoff) => {
			let cutoff = Unit::Cred.of(cutoff);
			format!("not on the board, with {score} of final calls; it takes more than {cutoff}")
		},
	}
}

/// How a week ended, in words.
fn result(last: &ClosedRound<AccountId32>, you: &AccountId32) -> String {
	let Some(first) = last.board.entries().first() else { return "nobody has called".into() };
	let (prize, score) = (Unit::Lco.of(last.prize), Unit::Cred.of(first.score));
	let told = format!("{} won with {score}; the prize was {prize}", first.who);
	match part_of(last, you) {
		0 => told,
		part => format!("{told}, and your part {}", Unit::Lco.of(part)),
	}
}

/// The planck of a prize that are an account's.
fn part_of(last: &ClosedRound<AccountId32>, who: &AccountId32) -> u128 {
	let place = last.board.winners().position(|winner| winner == who);
	place.map_or(0, |place| prizes::of_place(last.prize, place))
}

/// Whose week it is, in words.
fn rule(reign: &Reign<AccountId32>, you: &AccountId32) -> String {
	let Reign { champion, perk, .. } = reign;
	match perk {
		Some(Perk::FreeCalls { relay }) => format!("{champion}: free calls at relay {relay}"),
		Some(Perk::NoConcurrencyLimit) => format!("{champion}: no limit of concurrency"),
		None if champion == you => {
			"you: choose `lx wars free-calls` or `lx wars no-limit` for this week".into()
		},
		None => format!("{champion}, who has not chosen a perk"),
	}
}

fn json(wars: &Wars, you: &AccountId32, top: u32) -> Value {
	let entry = |who: &AccountId32, score| json!({ "account": who.to_string(), "score": score });
	let board = ranks(wars, top).map(|(rank, ranked)| {
		let mut entry = entry(&ranked.who, Unit::Cred.of(ranked.score));
		entry["rank"] = json!(rank);
		entry
	});
	let mut own = entry(you, Unit::Cred.of(wars.score));
	own["rank"] = json!(wars.board.rank(you));
	let last = wars.last.as_ref().map(|last| {
		let winners = last.board.winners().map(AccountId32::to_string).collect::<Vec<_>>();
		let [prize, part] = [last.prize, part_of(last, you)].map(|planck| Unit::Lco.of(planck));
		json!({ "week": last.week, "prize": prize, "winners": winners, "your_part": part })
	});
	let reign = wars.reign.as_ref().map(|reign| {
		let perk = reign.perk.map(perk_json);
		json!({ "account": reign.champion.to_string(), "week": reign.week, "perk": perk })
	});
	json!({
		"week": wars.week,
		"ends_at": wars.ends_at,
		"board": board.collect::<Vec<_>>(),
		"you": own,
		"last": last,
		"rolled_over": Unit::Lco.of(wars.rolled_over),
		"fund": Unit::Lco.of(wars.fund),
		"champion": reign,
	})
}

fn perk_json(perk: Perk) -> Value {
	match perk {
		Perk::FreeCalls { relay } => json!({ "kind": "free_calls", "relay": relay }),
		Perk::NoConcurrencyLimit => json!({ "kind": "no_concurrency_limit" }),
	}
}

#[cfg(test)]
mod tests {
	use pallet_compute_wars::Entry;

	use super::*;

	const YOU: AccountId32 = AccountId32::new([1; 32]);
	const OTHER: AccountId32 = AccountId32::new([2; 32]);

	fn wars(scores: &[(AccountId32, u128)]) -> Wars {
		let entry = |(who, score): &(AccountId32, u128)| Entry { who: who.clone(), score: *score };
		let score = scores.iter().find(|(who, _)| *who == YOU).map_or(0, |(_, score)| *score);
		Wars {
			week: 2_974,
			ends_at: 1_801_353_600_000,
			board: scores.iter().map(entry).collect(),
			score,
			reign: None,
			last: None,
			rolled_over: 500_000_000_000_000,
			fund: 900_000_000_000_000,
		}
	}

	#[test]
	fn the_board_shows_ranks_and_where_you_are() {
		let wars = wars(&[(OTHER, 5_000_000), (YOU, 1)]);
		let text = text(&wars, &YOU, 10);
		let lines: Vec<_> = text.lines().collect();
		assert_eq!(lines[0], "week               2974, until 2027-01-31T00:00:00Z");
		assert_eq!(lines[1], format!("    1              {OTHER} 5 CRED"));
		assert_eq!(lines[2], format!("    2              {YOU} 0.000001 CRED (you)"));
		assert_eq!(lines[3], "you                rank 2, with 0.000001 CRED of final calls");
		assert_eq!(lines[4], "in the next prize  500 LCO that nobody got before");
		assert!(lines[5].starts_with("the fund has       900 LCO, before"), "{}", lines[5]);
		assert_eq!(ranks(&wars, 1).count(), 1);
	}

	#[test]
	fn who_is_not_on_the_board_is_told_what_it_takes() {
		assert_eq!(standing(&wars(&[]), &YOU), "no call of this week is final yet");
		let below = Wars { score: 7, ..wars(&[(OTHER, 9)]) };
		let told = standing(&below, &YOU);
		assert!(
			told.contains("with 0.000007 CRED") && told.ends_with("more than 0 CRED"),
			"{told}"
		);
	}

	#[test]
	fn a_winner_is_told_its_part_of_the_prize() {
		let told = |scores: &[(AccountId32, u128)], prize| {
			let last = ClosedRound { week: 2_973, prize, board: wars(scores).board };
			(part_of(&last, &YOU), result(&last, &YOU))
		};
		let (part, text) = told(&[(OTHER, 9), (YOU, 4)], 10_000_000_000_000);
		assert_eq!(part, 2_000_000_000_000);
		assert!(text.ends_with("the prize was 10 LCO, and your part 2 LCO"), "{text}");
		let (part, text) = told(&[(OTHER, 9)], 10_000_000_000_000);
		assert!(part == 0 && text.ends_with("the prize was 10 LCO"), "{text}");
		let (part, text) = told(&[(YOU, 9)], 0);
		assert!(part == 0 && text.ends_with("the prize was 0 LCO"), "{text}");
		assert_eq!(told(&[], 10), (0, "nobody has called".into()));
	}

	#[test]
	fn the_champion_is_asked_to_choose() {
		let reign = |perk| Reign { champion: YOU, week: 1, perk };
		assert!(rule(&reign(None), &YOU).contains("lx wars free-calls"));
		assert!(rule(&reign(None), &OTHER).ends_with("who has not chosen a perk"));
		let free = Perk::FreeCalls { relay: 3 };
		assert!(rule(&reign(Some(free)), &OTHER).ends_with("free calls at relay 3"));
	}

	#[test]
	fn scripts_get_ranks_scores_and_the_perk() {
		let perk = Some(Perk::FreeCalls { relay: 3 });
		let reign = Some(Reign { champion: OTHER, week: 2_974, perk });
		let last = ClosedRound { week: 2_973, prize: 7, board: wars(&[(OTHER, 4)]).board };
		let wars = Wars { reign, last: Some(last), ..wars(&[(OTHER, 5), (YOU, 1)]) };
		let json = json(&wars, &YOU, 1);
		assert_eq!(json["board"].as_array().unwrap().len(), 1);
		assert_eq!(json["board"][0]["score"]["units"], "5");
		assert_eq!(
			(&json["you"]["rank"], &json["you"]["score"]["units"]),
			(&json!(2), &json!("1"))
		);
		assert_eq!(json["last"]["winners"], json!([OTHER.to_string()]));
		assert_eq!(json["last"]["your_part"]["units"], "0");
		assert_eq!(json["fund"]["units"], "900000000000000");
		assert_eq!(json["champion"]["perk"], json!({ "kind": "free_calls", "relay": 3 }));
	}
}
