#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

pub mod allocation;
pub mod buyback;
pub mod calendar;
pub mod charge;
pub mod emission;
pub mod prizes;
