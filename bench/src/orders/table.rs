//! What was measured, as a table.

/// A full block.
#[derive(Clone, Copy)]
pub struct Sample {
	/// How many calls it has.
	pub calls: usize,
	/// How long executing it took, in seconds.
	pub seconds: f64,
	/// How long its weight says that it takes at most, in seconds.
	pub weight: f64,
	/// How often it read the state.
	pub reads: f64,
	/// How many values of the state it changed.
	pub writes: f64,
}

/// Full blocks of one kind, and the blocks of transfers that came between them.
#[derive(Default)]
pub struct Measured {
	/// The blocks of what is measured.
	pub blocks: Vec<Sample>,
	/// The blocks of transfers.
	pub transfers: Vec<Sample>,
	/// How many calls were made, also in a block that was not full.
	pub calls: usize,
}

/// What one of something takes.
struct Cost {
	micros: f64,
	transfers: f64,
	reads: f64,
	writes: f64,
}

/// What is claimed: so many transfers at most.
pub type Target = Option<f64>;

impl Measured {
	/// The transfers of all these, as if they were what is measured.
	pub fn transfers_of(all: &[&Self]) -> Self {
		let transfers: Vec<_> =
			all.iter().flat_map(|measured| measured.transfers.iter().copied()).collect();
		let calls = transfers.iter().map(|block| block.calls).sum();
		Self { blocks: transfers.clone(), transfers, calls }
	}

	/// What these blocks take, and what they say that they take.
	pub fn told(&self) -> String {
		let micros = 1e6 * median(&self.blocks, |block| block.seconds);
		let weight = 1e6 * median(&self.blocks, |block| block.weight);
		format!("{micros:.0} µs, weight {weight:.0} µs")
	}

	/// A row of the table, for one of so many equal `parts` of a call.
	pub fn print(&self, what: &str, parts: u32, target: Target) {
		let calls = median(&self.blocks, |block| block.calls as f64);
		let blocks = format!("{calls:.0} × {}", self.blocks.len());
		let covered = median(&self.blocks, |block| block.weight / block.seconds);
		self.cost().part(parts).print(what, &blocks, target, &format!("{covered:.2}"));
	}

	/// A row for each of the `parts` that these calls have more than `others`.
	pub fn print_further(&self, others: &Self, what: &str, parts: u32, target: Target) {
		self.cost().beyond(&others.cost()).part(parts).print(what, "", target, "");
	}

	/// What a call takes.
	fn cost(&self) -> Cost {
		let seconds = median(&self.blocks, each_takes);
		Cost {
			micros: seconds * 1e6,
			transfers: seconds / median(&self.transfers, each_takes),
			reads: median(&self.blocks, |block| block.reads / block.calls as f64),
			writes: median(&self.blocks, |block| block.writes / block.calls as f64),
		}
	}
}

impl Cost {
	fn part(self, parts: u32) -> Self {
		let parts = f64::from(parts);
		Self {
			micros: self.micros / parts,
			transfers: self.transfers / parts,
			reads: self.reads / parts,
			writes: self.writes / parts,
		}
	}

	fn beyond(self, other: &Self) -> Self {
		Self {
			micros: self.micros - other.micros,
			transfers: self.transfers - other.transfers,
			reads: self.reads - other.reads,
			writes: self.writes - other.writes,
		}
	}

	fn print(&self, what: &str, blocks: &str, target: Target, covered: &str) {
		let Self { micros, transfers, reads, writes } = self;
		let target = target.map(|most| format!("≤ {most}")).unwrap_or_default();
		let costs = format!("{micros:.1} | {transfers:.2} | {target}");
		println!("| {what} | {blocks} | {costs} | {covered} | {reads:.1} | {writes:.1} |");
	}
}

/// The table's head.
pub fn print_head() {
	let columns = "calls × blocks | µs | × transfer | target | weight ÷ time | reads | writes";
	println!("| in full blocks | {columns} |");
	println!("|---|---|---|---|---|---|---|---|");
}

fn each_takes(block: &Sample) -> f64 {
	block.seconds / block.calls as f64
}

fn median(blocks: &[Sample], value: impl Fn(&Sample) -> f64) -> f64 {
	let mut values: Vec<_> = blocks.iter().map(value).collect();
	values.sort_by(f64::total_cmp);
	values[values.len() / 2]
}
