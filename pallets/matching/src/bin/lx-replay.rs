//! `lx-replay`: runs order book operations from standard input and prints what they do.

use std::{
	env,
	io::{self, BufWriter, IsTerminal, LineWriter, Write},
	process::ExitCode,
};

use lx_matching::replay::{replay, Stopped, HELP};

fn main() -> ExitCode {
	let arguments: Vec<_> = env::args().skip(1).collect();
	let is_echo = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
		[] => false,
		["--echo"] => true,
		["--help" | "-h"] => {
			print!("{HELP}");
			return ExitCode::SUCCESS;
		},
		_ => return fail("unknown arguments; `lx-replay --help` shows how it is used"),
	};
	match run(is_echo) {
		Ok(()) => ExitCode::SUCCESS,
		Err(Stopped::Line { number, problem }) => fail(&format!("line {number}: {problem}")),
		// Whoever reads has seen enough.
		Err(Stopped::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
		Err(Stopped::Io(error)) => fail(&error.to_string()),
	}
}

fn run(is_echo: bool) -> Result<(), Stopped> {
	let (input, output) = (io::stdin().lock(), io::stdout());
	if output.is_terminal() {
		return replay(input, LineWriter::new(output), is_echo);
	}
	let mut output = BufWriter::new(output);
	let done = replay(input, &mut output, is_echo);
	output.flush()?;
	done
}

fn fail(problem: &str) -> ExitCode {
	eprintln!("lx-replay: {problem}");
	ExitCode::FAILURE
}
