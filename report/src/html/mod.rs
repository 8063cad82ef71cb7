//! The report as one HTML file: no network access, light and dark, charts drawn by a built-in script.

mod assets;
mod chart;
mod density;
mod distribution;
mod failures;
mod health;
mod judgement;
mod load;
mod over_time;
mod page;
mod percentiles;
mod search;
mod speedup;
mod tasks;
mod thin;
mod view;
mod watched;

pub use assets::{CHART_SCRIPT, PAGE_STYLE};
pub use page::Html;
pub use thin::thin;
