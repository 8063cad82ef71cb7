//! `histograms.hlog`: an HdrHistogram interval log, which any HdrHistogram viewer reads.

use std::time::Duration;

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, IntervalLogWriterError, Tag};

use super::format::{Format, RenderError};
use weir_results::{Figures, Histogram, Measured, Report, Section, Summary};

/// Values are microseconds; the log's column of maxima is in milliseconds.
const MAX_VALUE_DIVISOR: f64 = 1e3;

/// One histogram for each figure of each task, tagged `section/figure` or `section/task/figure`. Its interval is
/// the measured window (of a speedup, the whole run), in seconds since the section's run began.
#[derive(Clone, Copy, Debug)]
pub struct HistogramLog;

/// One entry of the log.
struct Entry<'a> {
    tag: String,
    start: Duration,
    length: Duration,
    histogram: &'a Histogram,
}

impl Format for HistogramLog {
    fn file_name(&self) -> &'static str {
        "histograms.hlog"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut entries: Vec<Entry<'_>> = report.sections.iter().flat_map(entries_of_section).collect();
        // Readers expect intervals in the order of their start times.
        entries.sort_by_key(|entry| entry.start);
        write_log(report, &entries)
    }
}

fn write_log(report: &Report, entries: &[Entry<'_>]) -> Result<Vec<u8>, RenderError> {
    let mut bytes = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut builder = IntervalLogWriterBuilder::new();
    builder.add_comment(&format!("{} by weir {}", report.title, report.weir));
    builder.add_comment(
        "values in microseconds; timestamps in seconds since the beginning of the tag's section",
    );
    for section in &report.sections {
        builder.add_comment(&format!("{} began {}", section.name, section.started()));
    }
    builder.with_max_value_divisor(MAX_VALUE_DIVISOR);
    let failed = |tag: &str, reason: String| RenderError::Histogram { tag: tag.to_owned(), reason };
    let mut log = builder
        .begin_log_with(&mut bytes, &mut serializer)
        .map_err(|error| failed("head", error.to_string()))?;
    for entry in entries {
        let Some(hdr) = entry.histogram.as_hdr() else { continue };
        log.write_histogram(hdr, entry.start, entry.length, Tag::new(&entry.tag)).map_err(|error| {
            failed(
                &entry.tag,
                match error {
                    IntervalLogWriterError::IoError(error) => error.to_string(),
                    IntervalLogWriterError::SerializeError(error) => format!("{error:?}"),
                },
            )
        })?;
    }
    Ok(bytes)
}

fn entries_of_section(section: &Section) -> Vec<Entry<'_>> {
    match &section.measured {
        Measured::Load(summary) => entries_of_load(&section.name, summary),
        Measured::Speedup(speedup) => [&speedup.sequential, &speedup.parallel]
            .into_iter()
            .zip(["sequential", "parallel"])
            .map(|(arm, name)| Entry {
                tag: tag(&[&section.name, name, "wall"]),
                start: Duration::ZERO,
                length: seconds(speedup.run_s),
                histogram: &arm.wall,
            })
            .collect(),
        Measured::Search(search) => {
            search.best.as_deref().map(|best| entries_of_load(&section.name, best)).unwrap_or_default()
        }
    }
}

fn entries_of_load<'a>(section: &str, summary: &'a Summary) -> Vec<Entry<'a>> {
    let start = seconds(summary.window.warm_up_s);
    let length = seconds(summary.window.measured_s);
    let entry = |tag, histogram| Entry { tag, start, length, histogram };
    let mut entries: Vec<Entry<'a>> = histograms(&summary.all)
        .into_iter()
        .map(|(name, histogram)| entry(tag(&[section, name]), histogram))
        .collect();
    for task in &summary.tasks {
        let of_task = histograms(&task.figures).into_iter();
        entries.extend(of_task.map(|(name, histogram)| entry(tag(&[section, &task.name, name]), histogram)));
    }
    entries.push(entry(tag(&[section, "generator", "lateness"]), &summary.generator.lateness));
    entries.push(entry(tag(&[section, "generator", "loop_lag"]), &summary.generator.loop_lag));
    entries
}

fn histograms(figures: &Figures) -> Vec<(&'static str, &Histogram)> {
    let mut found = vec![
        ("e2e", &figures.e2e),
        ("response_time", &figures.response_time),
        ("ttfb", &figures.ttfb),
        ("ttft", &figures.ttft),
        ("ttft_scheduled", &figures.ttft_scheduled),
        ("ttfo", &figures.ttfo),
        ("itl", &figures.itl),
        ("itl_per_token", &figures.itl_per_token),
        ("tpot", &figures.tpot),
        ("turn_time", &figures.turn_time),
        ("rate_limited_e2e", &figures.rate_limited_e2e),
    ];
    if let Some(truth) = &figures.ground_truth {
        found.extend([
            ("planned_ttft", &truth.planned_ttft),
            ("delivered_ttft", &truth.delivered_ttft),
            ("planned_total", &truth.planned_total),
            ("delivered_total", &truth.delivered_total),
            ("queue", &truth.queue),
        ]);
    }
    found
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)
}

/// Joins the parts with `/`; a tag must not contain commas or white space.
fn tag(parts: &[&str]) -> String {
    parts.join("/").replace(|character: char| character == ',' || character.is_whitespace(), "_")
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;
    use weir_results::fixture;

    /// (tag, start, length, histogram) of each entry, read by hdrhistogram's own reader.
    fn read(log: &[u8]) -> Vec<(String, Duration, Duration, hdrhistogram::Histogram<u64>)> {
        IntervalLogIterator::new(log)
            .filter_map(|entry| match entry.unwrap() {
                LogEntry::Interval(interval) => Some(interval),
                LogEntry::StartTime(_) | LogEntry::BaseTime(_) => None,
            })
            .map(|interval| {
                let bytes = STANDARD.decode(interval.encoded_histogram()).unwrap();
                let histogram = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
                let tag = interval.tag().unwrap().as_str().to_owned();
                (tag, interval.start_timestamp(), interval.duration(), histogram)
            })
            .collect()
    }

    #[test]
    fn render_is_parsed_by_the_hdrhistogram_reader() {
        let log = HistogramLog.render(&fixture::bench()).unwrap();
        let entries = read(&log);
        let tags: Vec<&str> = entries.iter().map(|(tag, ..)| tag.as_str()).collect();
        for expected in [
            "mix/e2e",
            "mix/chain_stream/e2e",
            "streaming/itl",
            "streaming/planned_ttft",
            "speedup/parallel/wall",
        ] {
            assert!(tags.contains(&expected), "{expected} in {tags:?}");
        }
        assert!(!tags.contains(&"mix/chain/ttft"), "an empty histogram is left out");
        assert!(entries.is_sorted_by_key(|(_, start, ..)| *start));

        let (_, start, length, itl) = entries.iter().find(|(tag, ..)| tag == "streaming/itl").unwrap();
        assert_eq!((*start, *length), (Duration::from_secs(3), Duration::from_secs(20)));
        let ours = fixture::streaming().all.itl;
        assert_eq!(itl.len(), ours.count());
        assert_eq!(Duration::from_micros(itl.value_at_quantile(0.5)), ours.quantile(0.5).unwrap());
    }

    #[test]
    fn tag_of_any_name_has_no_separator() {
        assert_eq!(tag(&["mix", "long, odd\tname", "e2e"]), "mix/long__odd_name/e2e");
    }
}
