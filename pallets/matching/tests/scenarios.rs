//! Every scenario of `scenarios/` comes out of a replay as it went in.

use std::{fs, path::Path};

use lx_matching::replay::{replay, Stopped, HELP};

/// What a replay writes.
fn replayed(input: &str, is_echo: bool) -> Result<String, Stopped> {
	let mut output = Vec::new();
	replay(input.as_bytes(), &mut output, is_echo)?;
	Ok(String::from_utf8(output).unwrap())
}

#[test]
fn each_scenario_does_what_it_says() {
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
	let mut scenarios: Vec<_> =
		fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
	scenarios.sort();
	assert!(scenarios.len() >= 18, "there are {} scenarios", scenarios.len());
	for scenario in scenarios {
		let text = fs::read_to_string(&scenario).unwrap();
		let output = replayed(&text, true).unwrap();
		assert!(output == text, "{} comes out as:\n{output}", scenario.display());
	}
}

#[test]
fn reports_alone_are_written_without_an_echo() {
	let output = replayed("sell ann 1 @ 5\n# so\nbuy bob 1 @ 5 # at once\n", false).unwrap();
	let expected = "-> accepted 1 ann sell 1\n-> rested 1 ann: 1 @ 5\n\
		-> accepted 2 bob buy 1\n-> filled 1 by 2: 1 @ 5, 0 left\n";
	assert_eq!(output, expected);
}

#[test]
fn a_line_that_says_nothing_stops_the_replay_with_its_number() {
	let Err(Stopped::Line { number, problem }) = replayed("time 5\nbuy ann 1 @\n", false) else {
		panic!("it goes on");
	};
	assert_eq!((number, problem.as_str()), (2, "a tick is missing"));
}

#[test]
fn a_line_that_is_no_text_stops_the_replay_with_its_number() {
	let mut output = Vec::new();
	let stopped = replay(&b"time 5\nbuy \xff 1 @ 1\n"[..], &mut output, false);
	let Err(Stopped::Line { number, problem }) = stopped else { panic!("it goes on") };
	assert_eq!((number, problem.as_str()), (2, "it is no text in UTF-8"));
}

#[test]
fn only_an_order_whose_time_is_over_expires() {
	let input = "buy ann 1 @ 5 gtt 10\nbuy bob 1 @ 5\ntime 9\nexpire 1\nexpire 2\nexpire 3\n\
		time 10\nexpire 1\n";
	let output = replayed(input, false).unwrap();
	let expired: Vec<_> = output.lines().skip(4).collect();
	let expected = [
		"-> rejected: its time is not over",
		"-> rejected: its time is not over",
		"-> rejected: there is no such order",
		"-> cancelled 1 ann: 1 @ 5, 0 left, expired",
	];
	assert_eq!(expired, expected);
}

/// Each kind of report that the help names is in it as it is written.
#[test]
fn the_help_shows_every_operation() {
	for operation in [
		"buy",
		"sell",
		"cancel",
		"expire",
		"amend",
		"time",
		"max-matches",
		"max-orders",
		"min-notional",
		"hold",
		"book",
	] {
		assert!(HELP.contains(&format!("\n  {operation} ")), "{operation} is missing");
	}
}

/// A stream of any length takes no more memory than what rests.
#[test]
fn a_long_stream_leaves_nothing_behind() {
	let mut input = String::new();
	for number in 0..50_000 {
		let tick = number * 331 % 16_000_000;
		let (buy, sell) = (2 * number + 1, 2 * number + 2);
		input += &format!(
			"buy a{number} 1 @ {tick}\ncancel {buy}\nsell b{number} 1 @ {tick}\ncancel {sell}\n"
		);
	}
	input += "book\n";
	let output = replayed(&input, false).unwrap();
	assert!(output.ends_with("-> empty\n"));
	assert_eq!(output.lines().count(), 6 * 50_000 + 1);
}
