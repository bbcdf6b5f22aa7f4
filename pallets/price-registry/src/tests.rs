mod genesis;
mod invariants;
mod models;
mod random;
