//! Compiles the runtime to WebAssembly.

use std::{env, path::Path, process::Command};

/// The rustup name under which the set-up links a compiler that has the target `wasm32v1-none`,
/// where the active toolchain cannot get it.
const LINKED_TOOLCHAIN: &str = "l-exchange-debian";

fn main() {
	#[cfg(feature = "std")]
	{
		hint_workspace();
		choose_toolchain();
		build();
	}
}

/// With a target folder outside the checkout, the builder does not find the lock file by itself.
fn hint_workspace() {
	let manifest = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
	if let Some(root) = Path::new(&manifest).parent() {
		set_unless_given("WASM_BUILD_WORKSPACE_HINT", &root.display().to_string());
	}
}

fn choose_toolchain() {
	let toolchains = Command::new("rustup").args(["toolchain", "list"]).output();
	let linked = toolchains.is_ok_and(|list| {
		String::from_utf8_lossy(&list.stdout).lines().any(|line| line.starts_with(LINKED_TOOLCHAIN))
	});
	if linked {
		set_unless_given("WASM_BUILD_TOOLCHAIN", LINKED_TOOLCHAIN);
	}
}

fn set_unless_given(name: &str, value: &str) {
	println!("cargo:rerun-if-env-changed={name}");
	if env::var_os(name).is_none() {
		env::set_var(name, value);
	}
}

#[cfg(all(feature = "std", not(feature = "metadata-hash")))]
fn build() {
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}

#[cfg(all(feature = "std", feature = "metadata-hash"))]
fn build() {
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_metadata_hash("LCO", 12)
		.build();
}
