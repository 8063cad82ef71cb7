//! A speedup on the page.

use super::chart::{Axis, Bar, Bars, Chart, Number, Rule, Tone, Unit};
use super::failures;
use super::view::{Cell, Charts, FigureView, Head, SectionView, Table, Tile};
use weir_results::{ArmFigures, Pair, SpeedupSummary, efficiency_in_words, units};

pub(super) fn section(title: &str, summary: &SpeedupSummary, charts: &mut Charts) -> SectionView {
    let mut tables = vec![pairs(summary)];
    tables.extend(failures::by_kind(&summary.failures));
    SectionView {
        title: title.to_owned(),
        about: about(summary),
        tiles: tiles(summary),
        figures: figures(summary, charts),
        tables,
    }
}

fn about(summary: &SpeedupSummary) -> String {
    format!(
        "Chain {}, its steps one after the other against its steps in parallel: {} of {} pairs of blocks, interleaved \
         in random order, {} at once in a block.",
        summary.chain,
        summary.pairs.len(),
        summary.pairs_planned,
        summary.at_once,
    )
}

fn tiles(summary: &SpeedupSummary) -> Vec<Tile> {
    let or_none = |value: Option<f64>, show: fn(f64) -> String| {
        value.map_or_else(|| units::NOT_AVAILABLE.to_owned(), show)
    };
    let interval = summary.interval.map_or_else(
        || "too few pairs for an interval".to_owned(),
        |interval| {
            format!("95 % interval {} to {}", units::figure(interval.low), units::figure(interval.high))
        },
    );
    vec![
        Tile::new("Speedup", or_none(summary.ratio, units::ratio), interval),
        Tile::new(
            "Ideal speedup",
            or_none(summary.ideal, units::ratio),
            "sum of steps / critical path of the same runs",
        ),
        Tile::new(
            "Efficiency",
            or_none(summary.efficiency.map(|share| share.min(1.0)), units::percent),
            summary.efficiency.map_or_else(String::new, |share| {
                format!("speedup / ideal speedup: {}", efficiency_in_words(share))
            }),
        ),
        arm("Sequential, median", &summary.sequential, "its steps sum up to"),
        arm("Parallel, median", &summary.parallel, "its critical path takes"),
    ]
}

fn arm(name: &'static str, arm: &ArmFigures, bound: &str) -> Tile {
    let runs = units::count(arm.wall.count());
    let note = arm.bound_ms.map_or_else(
        || format!("{runs} runs"),
        |bound_ms| format!("{runs} runs; {bound} {}", units::ms(bound_ms)),
    );
    Tile::new(name, units::time(arm.wall.quantile(0.5)), note)
}

fn figures(summary: &SpeedupSummary, charts: &mut Charts) -> Vec<FigureView> {
    let Some(ratio) = summary.ratio else { return Vec::new() };
    let rows = vec![Bar {
        name: "speedup",
        tone: Tone::Blue,
        value: Number(ratio),
        low: summary.interval.map(|interval| Number(interval.low)),
        high: summary.interval.map(|interval| Number(interval.high)),
        dots: summary.pairs.iter().map(|pair| Number(pair.ratio())).collect(),
    }];
    let ideal = summary.ideal.map(|ideal| Rule { value: Number(ideal), name: "ideal", row: None });
    let ratios = Bars {
        title: "Speedup, with its 95 % interval and the pairs behind it",
        x: Axis::linear(Unit::Ratio),
        rows,
        rules: ideal.into_iter().collect(),
    };
    let blocks = |of: fn(&Pair) -> f64| summary.pairs.iter().map(|pair| Number(of(pair))).collect();
    let walls = Bars {
        title: "Wall time, with the blocks behind it",
        x: Axis::linear(Unit::Ms),
        rows: vec![
            wall("sequential", Tone::Grey, &summary.sequential, blocks(|pair| pair.sequential_ms)),
            wall("parallel", Tone::Blue, &summary.parallel, blocks(|pair| pair.parallel_ms)),
        ],
        rules: bound(0, "sum of steps", &summary.sequential)
            .into_iter()
            .chain(bound(1, "critical path", &summary.parallel))
            .collect(),
    };
    vec![charts.frame(Chart::Bars(ratios)), charts.frame(Chart::Bars(walls))]
}

fn wall(name: &'static str, tone: Tone, arm: &ArmFigures, blocks: Vec<Number>) -> Bar {
    bar(name, tone, arm.wall.quantile(0.5).map_or(0.0, units::to_ms), blocks)
}

fn bar(name: &'static str, tone: Tone, value: f64, dots: Vec<Number>) -> Bar {
    Bar { name, tone, value: Number(value), low: None, high: None, dots }
}

fn bound(row: usize, name: &'static str, arm: &ArmFigures) -> Option<Rule> {
    arm.bound_ms.map(|bound_ms| Rule { value: Number(bound_ms), name, row: Some(row) })
}

fn pairs(summary: &SpeedupSummary) -> Table {
    let rows = summary
        .pairs
        .iter()
        .enumerate()
        .map(|(place, pair)| {
            let number = place + 1;
            vec![
                Cell::figure(number as f64, number.to_string()),
                Cell::words(pair.first.name()),
                Cell::ms(Some(pair.sequential_ms)),
                Cell::ms(Some(pair.parallel_ms)),
                Cell::figure(pair.ratio(), units::ratio(pair.ratio())),
            ]
        })
        .collect();
    let head = vec![
        Head::figures("pair"),
        Head::words("ran first"),
        Head::figures("sequential"),
        Head::figures("parallel"),
        Head::figures("speedup"),
    ];
    Table { caption: "Pairs", note: "medians of blocks".into(), head, rows }
}
