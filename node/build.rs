//! Records the commit in the node's version.

use std::process::Command;

fn main() {
	let commit = Command::new("git").args(["rev-parse", "--short=11", "HEAD"]).output();
	let commit = commit
		.ok()
		.filter(|output| output.status.success())
		.and_then(|output| String::from_utf8(output.stdout).ok())
		.unwrap_or_else(|| "unknown".into());
	println!("cargo:rustc-env=LX_VERSION={}-{}", env!("CARGO_PKG_VERSION"), commit.trim());
	println!("cargo:rerun-if-changed=../.git/HEAD");
}
