mod funds;
mod invariants;
mod market;
mod random;
mod sessions;
