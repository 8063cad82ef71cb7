//! The report as one HTML file: no network, light and dark, charts drawn by a script of our own.

mod chart;
mod density;
mod load;
mod page;
mod percentiles;
mod search;
mod speedup;
mod thin;
mod view;

pub use page::Html;
