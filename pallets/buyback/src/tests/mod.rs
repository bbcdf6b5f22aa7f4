mod books;
mod fridays;
mod invariants;
mod random;
mod receipts;
mod slices;
