//! Inputs from the field, and what is right: tables of cases, each a row with its input, the right values and its source.
//!
//! `load/*.toml`: what a load generator reads. A server sends the bytes of the row at their instants, a run of the load
//! generator reads them, and its figures are compared. The load generator's own tests compare the latencies of the same
//! rows in simulated time.
//!
//! `serve/*.toml`: what a server is asked. `tests/it` sends the rows over plain HTTP, `tests/sdk` through the SDKs.
//!
//! Adding a case is adding a row.

#![cfg(test)]

mod case;
mod load;

use weir_loadgen::Scenario;
