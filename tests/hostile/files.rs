//! Files that users write or that a run has written.

use weir_chains::Catalog;
use weir_loadgen::Scenario;
use weir_results::{Report, SavedReport, fixture, merge};
use weir_server::{Config, RawConfig};

use crate::{corpus, outcome, runner::fuzz, text};

#[test]
fn fuzz_scenario() {
    let env = |name: &str| Some(format!("value of {name}"));
    let mut seeds = corpus::files("config/scenarios");
    seeds.push(corpus::file("loadgen/src/scenario/tests/full.toml"));
    fuzz("scenario", seeds, &|input, _| outcome(Scenario::parse("fuzz", "fuzz.toml", &text(input), &env)));
}

#[test]
fn fuzz_chains() {
    fuzz("chains", corpus::files("config/chains"), &|input, _| {
        let catalog = Catalog::parse(&text(input), "fuzz.toml").map_err(|error| error.to_string())?;
        outcome(catalog.check())?;
        for plan in catalog.iter() {
            plan.critical_path(|step| step.expected().unwrap_or_default());
        }
        Ok(())
    });
}

#[test]
fn fuzz_models() {
    let embedded = weir_model::Catalog::embedded().unwrap();
    fuzz("models", corpus::files("config/models"), &|input, _| {
        outcome(embedded.clone().add(&text(input), "fuzz.toml"))
    });
}

#[test]
fn fuzz_settings() {
    let backends = weir_reference::backends();
    fuzz("settings", vec![corpus::file("config/server.toml")], &|input, _| {
        let raw = RawConfig::from_toml(&text(input), "fuzz.toml", backends.tables());
        let raw = raw.map_err(|error| error.to_string())?;
        let defaults = RawConfig::defaults(backends.tables()).map_err(|error| error.to_string())?;
        outcome(Config::try_from(raw.over(defaults)))
    });
}

/// A saved report that can be read can be merged, and shown in all formats.
#[test]
fn fuzz_summary() {
    let searched = Report::new("search").with_search("limit", "limit", fixture::search());
    let reports = [fixture::bench(), fixture::judged(), searched];
    let saved = reports.iter().map(|report| serde_json::to_vec(report).unwrap()).collect();
    fuzz("summary", saved, &|input, _| {
        let saved = SavedReport::read("fuzz.json", input).map_err(|error| error.to_string())?;
        for format in weir_report::files(&saved.report) {
            format.render(&saved.report).map_err(|error| error.to_string())?;
        }
        // Not every report can be merged.
        let error = outcome(merge(&[saved.clone(), saved])).err().unwrap_or_default();
        assert!(!error.chars().any(char::is_control), "{error:?}");
        Ok(())
    });
}
