//! The table of all models.

use weir_model::{Price, Profile};
use weir_results::units;

use crate::chains::{Column, Table};

/// A line for each model.
pub(super) fn table<'a>(profiles: impl Iterator<Item = &'a Profile>) -> String {
    let mut table = Table::new([
        Column::Words("model"),
        Column::Figures("TTFT p50"),
        Column::Figures("tokens/s"),
        Column::Figures("$/M in"),
        Column::Figures("$/M out"),
        Column::Words("figures"),
    ]);
    for profile in profiles {
        let price =
            |of: fn(Price) -> f64| profile.price.map(|price| units::dollars(of(price))).unwrap_or_default();
        table.row([
            profile.name.to_string(),
            units::duration(profile.median_visible_ttft()),
            speed(profile),
            price(|price| price.input_per_million),
            price(|price| price.output_per_million),
            figures(profile),
        ]);
    }
    table.text()
}

/// The mean speed in tokens per second.
pub(super) fn speed(profile: &Profile) -> String {
    profile.tokens_per_second().map_or_else(|| "no limit".to_owned(), units::figure)
}

/// What the figures are based on, in a few words.
fn figures(profile: &Profile) -> String {
    let source = profile.source.split(": ").next().unwrap_or(&profile.source);
    match (&profile.estimated, profile.inherits.first()) {
        (Some(_), Some(parent)) => format!("estimated, as {parent}"),
        (Some(_), None) if source == "estimated" => source.to_owned(),
        (Some(_), None) => format!("{source}, partly estimated"),
        (None, _) => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use weir_model::Catalog;

    use super::*;

    #[test]
    fn table_has_expected_figures_and_their_origin() {
        let models = Catalog::embedded().unwrap();
        let names =
            ["gpt-4o-mini", "gpt-4.1", "o3", "claude-sonnet-4-6", "llama-3.3-70b-speculative", "instant"];
        insta::assert_snapshot!(table(names.iter().map(|name| &**models.get(name).unwrap())), @"
          model                      TTFT p50  tokens/s  $/M in  $/M out  figures
          gpt-4o-mini                  645 ms       105  $0.150   $0.600  jonathanwrede.de, 7 days of probes through one router, 2025
          gpt-4.1                      390 ms      81.0   $2.00    $8.00  estimated, as gpt-4o
          o3                           9.87 s      81.0   $2.00    $8.00  estimated, as gpt-4o
          claude-sonnet-4-6            2.12 s      44.0                   published medians of 17 samples, 2026 (weak), partly estimated
          llama-3.3-70b-speculative   97.0 ms      53.5                   estimated, as llama-3.3-70b
          instant                        0 µs  no limit                   invented
        ");
    }
}
