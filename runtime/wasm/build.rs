//! Compiles the runtime to WebAssembly, with those of its features that this crate has too.

use std::{
	env,
	path::{Path, PathBuf},
	process::Command,
};

use substrate_wasm_builder::WasmBuilder;

/// The rustup name under which the set-up links a compiler that has the target `wasm32v1-none`,
/// where the active toolchain cannot get it.
const LINKED_TOOLCHAIN: &str = "l-exchange-debian";

fn main() {
	let runtime = folder_above(Path::new(env!("CARGO_MANIFEST_DIR")));
	hint_workspace(folder_above(runtime));
	choose_toolchain();
	build(runtime.join("Cargo.toml"));
}

/// Named as cargo names it, without `..`: the builder compares paths.
fn folder_above(folder: &Path) -> &Path {
	folder.parent().expect("this crate lies in the runtime's folder, in the workspace")
}

/// With a target folder outside the checkout, the builder does not find the lock file by itself.
fn hint_workspace(root: &Path) {
	set_unless_given("WASM_BUILD_WORKSPACE_HINT", &root.display().to_string());
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

fn build(manifest: PathBuf) {
	let builder = WasmBuilder::new()
		.with_project(manifest)
		.expect("the runtime's manifest is beside this crate")
		.import_memory()
		.export_heap_base();
	#[cfg(feature = "next-version")]
	let builder = builder.set_file_name("next_version");
	#[cfg(feature = "metadata-hash")]
	let builder = builder.enable_metadata_hash("LCO", 12);
	builder.build();
}
