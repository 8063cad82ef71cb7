//! The page's own parts, which the live page shares.

/// The script that draws charts: `weirChart(figure, spec)`, where `figure` is an empty `<figure>`. Its head documents
/// the specs. It needs [`PAGE_STYLE`], and nothing from anywhere.
pub const CHART_SCRIPT: &str = include_str!("assets/chart.js");

/// The styles of every page: tiles, charts, tables, light and dark, on screen and on paper.
pub const PAGE_STYLE: &str = include_str!("assets/page.css");

/// The page that the report is put into.
pub(super) const TEMPLATE: &str = include_str!("assets/report.html");

/// What makes the report's page come alive.
pub(super) const PAGE_SCRIPT: &str = include_str!("assets/page.js");
