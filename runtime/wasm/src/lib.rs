//! The runtime as WebAssembly. It is apart from the runtime's own crate so that the node, which only
//! carries the code to the chain, neither compiles it natively nor waits for that.

#![no_std]
// The builder writes the constants and does not document them.
#![allow(missing_docs)]

#[cfg(not(feature = "next-version"))]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));
#[cfg(feature = "next-version")]
include!(concat!(env!("OUT_DIR"), "/next_version"));
