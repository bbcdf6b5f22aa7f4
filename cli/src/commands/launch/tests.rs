use lx_math::allocation::Cut;
use lx_primitives::{Offer, Price};
use pallet_launchpad::{Claims, Tally};

use super::*;
use crate::chain::launches::Asked;

/// A launch that opens, closes and expires at these seconds after 1970.
fn launch(stage: Stage) -> pallet_launchpad::Launch {
	let price = Price { list: Rates::Unit(20), cost: Rates::Unit(10), active_from: 40_000 };
	let model = b"gpt-next".to_vec().try_into().unwrap();
	pallet_launchpad::Launch {
		offer: Offer { model, price, expires_at: 50_000 },
		total: 1_000,
		announced_at: 10_000,
		snapshot_at: 20_000,
		opens_at: 30_000,
		stage,
		tally: Tally { subscribers: 2, ..Tally::default() },
		redeemed: 5,
	}
}

#[test]
fn a_launch_says_what_can_be_done_in_it_and_until_when() {
	let open = Stage::Open { network: 1 };
	let cases = [
		(Stage::Announced, 10_000, "announced", "to 1970-01-01T00:00:20Z counts; can be"),
		(Stage::Announced, 19_999, "announced", "from 1970-01-01T00:00:30Z"),
		(open, 29_999, "waiting", "from 1970-01-01T00:00:30Z to 1970-01-01T00:00:40Z"),
		(open, 30_000, "open", "until 1970-01-01T00:00:40Z"),
		(open, 40_000, "dividing", "divided"),
		(Stage::Allocated(Cut::ALL), 49_999, "usable", "until 1970-01-01T00:00:50Z"),
		(Stage::Allocated(Cut::ALL), 50_000, "expired", "expired 1970-01-01T00:00:50Z"),
		(Stage::Over, 60_000, "expired", "expired 1970-01-01T00:00:50Z"),
		(Stage::Reoffered(3), 60_000, "expired", "in launch 3"),
	];
	for (at_stage, now, word, words) in cases {
		let (found, told) = stage(&launch(at_stage), now);
		assert_eq!(found, word);
		assert!(told.contains(words), "{told}");
	}
}

#[test]
fn a_launch_is_listed_with_its_price() {
	let expected = "launch 7           1000 units of gpt-next, 2 subscribers\n  \
		price            0.00002 CRED per unit\n  \
		now              can be subscribed until 1970-01-01T00:00:40Z";
	let found = (7, launch(Stage::Open { network: 1 }));
	assert_eq!(launch_text(&found, 30_000), expected);
	let json = launch_json(&found, 30_000);
	assert_eq!((&json["units"], &json["used"]), (&json!("1000"), &json!("5")));
	let (id, mut alone) = found;
	(alone.total, alone.tally.subscribers) = (1, 1);
	let alone = launch_text(&(id, alone), 30_000);
	assert!(alone.starts_with("launch 7           1 unit of gpt-next, 1 subscriber\n"), "{alone}");
	assert_eq!((&json["stage"], &json["closes_at"]), (&json!("open"), &json!(40_000)));
}

#[test]
fn a_part_is_shown_with_what_is_to_be_done() {
	let found = (7, launch(Stage::Allocated(Cut::ALL)));
	let asked = Some(Asked { units: 75, certain: 50 });
	let claims = Claims::truncate_from(vec![Claim { relay: 3, units: 45, used: 44 }]);
	let (given, unclaimed, deposit) = (Some(60), Some(15), 1_500_000_000_000);
	let part = Part { asked, given, unclaimed, claims, deposit };
	let expected = [
		"launch 7           gpt-next: quotas can be used until 1970-01-01T00:00:50Z",
		"  asked for        75 units, 50 of them certain",
		"  given            60 units",
		"  not claimed      15 units: `lx launch claim 7` takes them",
		"  at relay 3       45 units, 1 of them left",
		"  deposit          1.5 LCO",
	];
	assert_eq!(part_text(&found, &part, 40_000), expected.join("\n"));
	let json = part_json(&found, &part, 40_000);
	assert_eq!((&json["given"], &json["unclaimed"]), (&json!("60"), &json!("15")));
	assert_eq!(json["claims"], json!([{ "relay": 3, "units": "45", "used": "44" }]));
}

#[test]
fn what_can_be_claimed_is_the_rest_or_it_is_said_why_nothing() {
	let of = |stage, unclaimed, relays: &[RelayId]| {
		let claim = |relay: &RelayId| Claim { relay: *relay, units: 20, used: 0 };
		let claims = Claims::truncate_from(relays.iter().map(claim).collect());
		let part = Part { asked: None, given: unclaimed, unclaimed, claims, deposit: 1 };
		claimable(&(7, launch(stage)), &part, 40_000).map_err(|error| error.to_string())
	};
	let divided = Stage::Allocated(Cut::ALL);
	assert_eq!(of(divided, Some(60), &[]), Ok(60));
	assert_eq!(of(divided, Some(20), &[0, 3]), Ok(20));
	let said = |refused: Result<Units, String>, what: &str| {
		let problem = refused.unwrap_err();
		assert!(problem.contains(what), "{problem}");
	};
	said(of(divided, Some(0), &[0, 3]), "lx launch quota 7");
	said(of(divided, Some(0), &[]), "lx launch release 7");
	said(of(Stage::Open { network: 1 }, None, &[]), "is being divided");
}
