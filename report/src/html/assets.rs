//! Scripts and styles, which the live page uses too.

/// The script that draws charts: `weirChart(figure, spec)`, where `figure` is an empty `<figure>`. Its head documents
/// the specs. It needs [`PAGE_STYLE`] and no external resource.
pub const CHART_SCRIPT: &str = include_str!("assets/chart.js");

/// The styles of every page: tiles, charts, tables, light and dark, on screen and on paper.
pub const PAGE_STYLE: &str = include_str!("assets/page.css");

/// The template of the report's page.
pub(super) const TEMPLATE: &str = include_str!("assets/report.html");

/// The script of the report's page.
pub(super) const PAGE_SCRIPT: &str = include_str!("assets/page.js");
