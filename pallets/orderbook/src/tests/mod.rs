mod amend;
mod batch;
mod fills;
mod markets;
mod place;
mod random;
mod views;
