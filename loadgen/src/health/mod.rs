//! Whether the load generator itself is reliable.

mod cpu;
mod lag;
mod validity;
mod worst;

pub(crate) use cpu::thread_cpu_time;
pub(crate) use lag::LagProbe;
pub(crate) use validity::{Delays, Health, Judged, health};
pub(crate) use worst::WorstSeconds;
