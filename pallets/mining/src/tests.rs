mod claim;
mod invariants;
mod settle;
mod supply;
