use weir_results::{Phase, Report, fixture};

use super::*;
use crate::format::Format;

fn text(format: &dyn Format) -> String {
    let report = Report::new("weir load").with_load("load", "Mix", fixture::mix());
    String::from_utf8(format.render(&report).unwrap()).unwrap()
}

/// Checks that every line ends with `\r\n`, and returns the lines without it.
fn lines(text: &str) -> Vec<&str> {
    assert!(text.ends_with("\r\n") && text.matches('\n').count() == text.matches("\r\n").count());
    text.split_terminator("\r\n").collect()
}

#[test]
fn stats_have_rows_for_each_task_its_ttft_and_the_total() {
    insta::assert_snapshot!(lines(&text(&Stats)).join("\n"), @r"
    Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%
    POST,chain,548,0,449.791,466.274,160.768,1259.519,640.0,27.4,0.0,450,496,529,552,623,694,803,884,1260,1260,1260
    POST,chain stream,219,0,460.031,476.472,188.032,1125.375,640.0,10.95,0.0,460,507,541,565,637,714,812,887,1125,1125,1125
    POST,chain stream (TTFT),219,0,210.047,220.952,71.808,614.399,0.0,10.95,0.0,210,236,255,269,311,356,415,462,614,614,614
    POST,health,110,0,0.398,0.414,0.181,0.883,640.0,5.5,0.0,0,0,0,0,1,1,1,1,1,1,1
    POST,llm,334,5,380.159,393.678,146.304,986.623,630.419,16.7,0.25,380,419,446,466,526,586,675,740,987,987,987
    ,Aggregated,1211,5,416.767,405.83,0.181,1259.519,637.358,60.55,0.25,417,466,501,524,593,664,765,843,1125,1260,1260
    ");
}

#[test]
fn history_has_a_row_per_second_and_resets_after_warm_up() {
    let text = text(&History);
    let lines = lines(&text);
    assert_eq!(lines.len(), 1 + 23);
    insta::assert_snapshot!([lines[0], lines[1], lines[3], lines[4], lines[15], lines[23]].join("\n"), @r"
    Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size
    1795229170,33,,Aggregated,21.000000,0.000000,424,461,494,512,570,619,730,730,730,730,730,21,0,424.191,437.349,245.76,729.599,640.0
    1795229172,100,,Aggregated,41.666667,0.000000,424,469,500,520,590,652,742,799,873,873,873,125,0,424.191,439.634,210.944,872.959,640.0
    1795229173,100,,Aggregated,47.000000,0.000000,430,473,508,529,590,652,742,873,873,873,873,63,0,430.335,444.812,210.944,872.959,640.0
    1795229184,100,,Aggregated,60.600000,0.500000,410,453,484,504,566,631,738,803,893,893,893,726,5,409.855,423.684,190.464,893.439,635.592
    1795229192,100,,Aggregated,60.500000,0.000000,412,453,486,506,570,635,738,807,893,898,898,1211,5,411.903,425.56,190.464,897.535,637.358
    ");
}

#[test]
fn history_of_merged_runs_excludes_later_warm_ups() {
    let mut mix = fixture::mix();
    let last = mix.timeline.len() - 1;
    mix.timeline[last].phase = Phase::WarmUp;
    let report = Report::new("weir load").with_load("load", "Mix", mix);
    let text = String::from_utf8(History.render(&report).unwrap()).unwrap();
    let totals: Vec<&str> =
        lines(&text).iter().rev().take(3).map(|line| line.split(',').nth(17).unwrap()).collect();
    assert_eq!(totals[0], totals[1]);
    assert_ne!(totals[1], totals[2]);
}

#[test]
fn failures_have_first_and_last_occurrence() {
    insta::assert_snapshot!(lines(&text(&Failures)).join("\n"), @r"
    Method,Name,Error,Occurrences,First Seen,Last Seen
    POST,llm,http_503: 503 from POST /api/llm/claude: <overloaded>,4,2026-11-21T02:46:13Z,2026-11-21T02:46:26Z
    POST,llm,reset: the peer reset the connection,1,2026-11-21T02:46:13Z,2026-11-21T02:46:26Z
    ");
}

#[test]
fn exceptions_have_no_rows() {
    assert_eq!(text(&Exceptions), "Count,Message,Traceback,Nodes\r\n");
}

#[test]
fn stats_without_requests_have_no_percentiles() {
    let mut mix = fixture::mix();
    mix.tasks.clear();
    mix.all = weir_results::Figures::default();
    let report = Report::new("weir load").with_load("load", "Mix", mix);
    let text = String::from_utf8(Stats.render(&report).unwrap()).unwrap();
    let [_, all] = lines(&text)[..] else { panic!("{text}") };
    assert_eq!(
        all,
        ",Aggregated,0,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A,N/A"
    );
}

/// What scripts that check Locust's `_stats.csv` read: requests per second, p50, p95, p99 in milliseconds, and the share of
/// failures, of the row `Aggregated`.
fn benchmark_figures(stats: &str) -> [f64; 5] {
    let mut reader = csv::Reader::from_reader(stats.as_bytes());
    let head = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let total = rows.iter().find(|row| row.get(1) == Some("Aggregated")).unwrap();
    let figure = |column: &str| {
        let place = head.iter().position(|name| name == column).unwrap();
        total[place].parse::<f64>().unwrap()
    };
    let failed = figure("Failure Count") / figure("Request Count");
    [figure("Requests/s"), figure("50%"), figure("95%"), figure("99%"), failed]
}

#[test]
fn stats_are_read_by_scripts_that_check_thresholds() {
    let [rps, p50, p95, p99, failed] = benchmark_figures(&text(&Stats));
    assert_eq!([rps, p50, p95, p99], [60.55, 417.0, 664.0, 843.0]);
    assert!((failed - 5.0 / 1211.0).abs() < 1e-9, "{failed}");
    // The same figures as thresholds of Weir.
    let summary = fixture::mix();
    let failed = ["e2e.p50 <= 417ms", "e2e.p95 <= 665ms", "e2e.p99 <= 844ms", "errors <= 0.42%", "rps >= 60"]
        .map(|text| weir_results::Threshold::parse(text).unwrap().judge(&summary))
        .into_iter()
        .filter(|result| !result.passed())
        .map(|result| result.text);
    assert_eq!(failed.collect::<Vec<_>>(), [""; 0]);
}
