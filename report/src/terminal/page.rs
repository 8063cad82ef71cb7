//! The whole report on the terminal.

use super::super::remarks::{self, Level};
use super::super::verdict;
use super::lines::{headed, wrapped};
use super::paint::{Page, Style};
use super::{load, search, speedup};
use weir_results::{Measured, Report, Section};

/// Recommendations shown; the others are in the files.
const RECOMMENDATIONS_MAX: usize = 3;

/// The report for a terminal, in lines that fit the page (except for longer words): figures with their expected values,
/// the measurement error, recommendations, and warnings last. Ends with a line feed.
pub fn terminal(report: &Report, page: Page) -> String {
    // Before lines are painted: afterwards, escapes of a text could not be distinguished from those of the painting.
    let report = &report.clone().with_visible_texts();
    let mut lines = headed(&report.title, &facts(report, page), page);
    for section in &report.sections {
        lines.push(String::new());
        lines.extend(of_section(section, page));
    }
    let advice = verdict::advice(report);
    if !advice.is_empty() {
        lines.push(String::new());
    }
    for recommendation in advice.iter().take(RECOMMENDATIONS_MAX) {
        lines.extend(wrapped(page, "> ", &recommendation.text));
    }
    for remark in remarks::of_report(report) {
        let (mark, paint): (_, fn(Style, &str) -> String) = match remark.level {
            Level::Note => ("- ", Style::faint),
            Level::Warning => ("! ", Style::warn),
            Level::Invalid => ("! ", Style::error),
        };
        lines.extend(wrapped(page, mark, &remark.text).iter().map(|line| paint(page.style, line)));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Returns the facts of the report, with the machine and the command line as far as they fit on the same line.
fn facts(report: &Report, page: Page) -> String {
    let Some(first) = report.sections.first() else { return report.weir.clone() };
    let mut facts =
        format!("{} · {} · seed {} · {}", report.weir, first.target(), first.seed(), first.started());
    for fact in [&report.machine, &report.command].into_iter().flatten() {
        let longer = format!("{facts} · {fact}");
        if report.title.chars().count() + 2 + longer.chars().count() <= page.width() {
            facts = longer;
        }
    }
    facts
}

fn of_section(section: &Section, page: Page) -> Vec<String> {
    match &section.measured {
        Measured::Load(summary) => load::lines(&section.title, summary, page),
        Measured::Speedup(summary) => speedup::lines(&section.title, summary, page),
        Measured::Search(summary) => search::lines(&section.title, summary, page),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use weir_results::FailureCount;
    use weir_results::fixture;

    const WIDTH: usize = Page::USUAL_WIDTH;

    fn plain() -> Page {
        Page::new(Style::Plain, WIDTH)
    }

    #[test]
    fn terminal_of_each_width_fits_it() {
        let reports = [fixture::bench(), fixture::judged()];
        let search = Report::new("weir load").with_search("search", "Search", fixture::search());
        for report in reports.iter().chain([&search]) {
            for width in [60, 70, 80, 100, 120, 140, 160, 200] {
                let text = terminal(report, Page::new(Style::Plain, width));
                let longest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
                assert!(longest.chars().count() <= width, "{width}: {longest}");
            }
        }
    }

    #[test]
    fn terminal_of_narrow_page_has_fewer_columns() {
        let report = Report::new("weir load").with_load("mix", "Mixed load", fixture::mix());
        let head = |width| {
            let text = terminal(&report, Page::new(Style::Plain, width));
            let heads =
                text.lines().filter(|line| line.starts_with("  latency") || line.starts_with("  task "));
            heads
                .map(|head| head.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>()
                .join("\n")
        };
        insta::assert_snapshot!(head(80), @"
        latency mean p50 p95 p99 p99.9 max
        task requests failed req/s p50 p95 p99
        ");
        insta::assert_snapshot!(head(120), @"
        latency mean p50 p90 p95 p99 p99.9 max samples
        task requests failed req/s mean p50 plan p50 p95 p99 max
        ");
        insta::assert_snapshot!(head(200), @"
        latency mean p50 p75 p90 p95 p99 p99.9 max samples
        task requests failed req/s tokens/s mean p50 plan p50 p95 p99 max TTFT p50 TTFT p95
        ");
    }

    #[test]
    fn terminal_of_bench_fits_one_screen() {
        let text = terminal(&fixture::bench(), plain());
        assert!(text.lines().count() <= 40, "{} lines", text.lines().count());
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        insta::assert_snapshot!(text, @"
        weir bench  0.1.0 · http://127.0.0.1:41873 · seed 42 · 2026-11-21T02:46:09Z

        Mixed load  chain-backend · 100 users · 20 s measured after 3 s of warm-up
          throughput         60.3 req/s   99.8 % of 60.4 = 100 users / (1.25 s think + 406 ms answer)
          tokens             657 tokens/s   13 140 in all, counted from events
          failures           5 of 1 211 (0.41 %)   peak 65.0 req/s, sustained 61.2 req/s (10 s)
            4 × http_503: 503 from POST /api/llm/claude: <overloaded>
            1 × reset: the peer reset the connection
          latency                 mean       p50       p90       p95       p99     p99.9       max
          e2e                   406 ms    417 ms    593 ms    664 ms    843 ms    1.13 s    1.26 s
            planned             406 ms    417 ms    593 ms    664 ms    843 ms    1.13 s    1.26 s
          TTFT                  221 ms    210 ms    311 ms    356 ms    462 ms       n/a    614 ms
          task                requests    failed     req/s       p50  plan p50       p95       p99       max
          chain                    548         0      27.4    450 ms    450 ms    694 ms    884 ms    1.26 s
          llm                      329         5      16.4    380 ms    380 ms    586 ms    740 ms    987 ms
          chain stream             219         0      10.9    460 ms    460 ms    714 ms    887 ms    1.13 s
          health                   110         0      5.50    398 µs    398 µs    616 µs    750 µs    883 µs
          measurement error  e2e p50 95 µs p99 360 µs   of 1 206 answers

        Streaming  chat-streaming · 50 users · 20 s measured after 3 s of warm-up
          throughput         36.9 req/s   98.7 % of 37.4 = 50 users / 1.34 s answer
          tokens             2 362 tokens/s   47 232 in all, counted from usage
          cost               $0.0297   $0.0402 for 1 000 requests   8 856 input tokens, 25.0 % cached
          failures           0 of 738   peak 40.0 req/s, sustained 37.6 req/s (10 s)
          latency                 mean       p50       p90       p95       p99     p99.9       max
          e2e                   1.34 s    1.29 s    1.78 s    1.99 s    2.53 s       n/a    3.77 s
            planned             1.34 s    1.29 s    1.78 s    1.99 s    2.53 s       n/a    3.77 s
          TTFT                  685 ms    646 ms    978 ms    1.13 s    1.53 s       n/a    2.55 s
            planned             685 ms    646 ms    978 ms    1.13 s    1.53 s       n/a    2.55 s
          ITL                  9.76 ms   9.60 ms   12.0 ms   12.9 ms   15.2 ms   19.2 ms   30.1 ms
          TPOT                 10.4 ms   10.4 ms   11.1 ms   11.4 ms   11.9 ms       n/a   12.9 ms
          measurement error  e2e p50 94 µs p99 365 µs, TTFT p50 79 µs p99 307 µs   of 738 answers

        Parallel speedup  parallel_processing · 8 interleaved pairs of blocks · 2 runs at once
          sequential         2.46 s median of 16 runs   sum of steps 2.45 s
          parallel           861 ms median of 16 runs   critical path 850 ms
          speedup            2.85 ×   95 % interval 2.81 to 2.90   ideal 2.88 ×, efficiency 99.0 %
          measurement error  p50 176 µs p99 n/a   of 32 runs
        - streaming: a prompt cache served this run: 25.0 % of the input tokens came from it
        ! generator and target shared this machine's cores: each slowed the other down
        ");
    }

    #[test]
    fn terminal_of_known_origin_has_what_fits_on_the_first_line() {
        let report = Report {
            machine: Some("a CPU, 2 cores, linux x86_64".into()),
            command: Some("weir bench --seed 42".into()),
            ..fixture::bench()
        };
        let first_line = |width| {
            let text = terminal(&report, Page::new(Style::Plain, width));
            assert_eq!(
                text.lines().count(),
                terminal(&fixture::bench(), Page::new(Style::Plain, width)).lines().count()
            );
            text.lines().next().unwrap().to_owned()
        };
        assert!(first_line(90).ends_with("2026-11-21T02:46:09Z"), "{}", first_line(90));
        assert!(first_line(100).ends_with("09Z · weir bench --seed 42"), "{}", first_line(100));
        assert!(first_line(120).ends_with("Z · a CPU, 2 cores, linux x86_64"), "{}", first_line(120));
        assert!(first_line(200).ends_with("linux x86_64 · weir bench --seed 42"), "{}", first_line(200));
    }

    #[test]
    fn terminal_of_late_open_loop_is_invalid() {
        let report = Report {
            weir: "0.1.0".into(),
            ..Report::new("weir load").with_load("chat", "chat", fixture::open_loop())
        };
        insta::assert_snapshot!(terminal(&report, plain()), @"
        weir load  0.1.0 · http://127.0.0.1:41873 · seed 42 · 2026-11-21T02:46:09Z

        chat  poisson arrivals at 200/s · 20 s measured after 3 s of warm-up
          throughput         200 req/s   100 % of 200 = the requested rate
          failures           0 of 4 000   peak 213 req/s, sustained 202 req/s (10 s)
          latency                 mean       p50       p90       p95       p99     p99.9       max
          e2e                  18.7 ms   18.0 ms   24.9 ms   27.7 ms   35.3 ms   48.9 ms   67.5 ms
            planned            18.7 ms   18.0 ms   24.9 ms   27.7 ms   35.3 ms   48.9 ms   67.5 ms
          from schedule        18.7 ms   18.0 ms   24.9 ms   27.7 ms   35.3 ms   48.9 ms   67.5 ms
          measurement error  e2e p50 94 µs p99 365 µs   of 4 000 answers

        > run the generator on a separate machine, or reduce the load: it was the bottleneck (p99 of
          schedule lateness was 31 ms; at most 10 ms is allowed)
        > the target cannot sustain this rate, or `max_in_flight` is too low for it: 21 of 4 021 arrivals
          were never started (0.52 %)
        ! generator and target shared this machine's cores: each slowed the other down
        ! of 4 021 arrivals, 310 started late, 45 had to queue (at most 12 at once), 21 were never started
        ! INVALID, the generator was the bottleneck: p99 of schedule lateness was 31 ms; at most 10 ms is
          allowed
        ");
    }

    #[test]
    fn terminal_of_search_lists_every_probe() {
        let report = Report {
            weir: "0.1.0".into(),
            ..Report::new("weir load").with_search("search", "Search", fixture::search())
        };
        let text = terminal(&report, plain());
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        insta::assert_snapshot!(text, @r"
        weir load  0.1.0 · http://127.0.0.1:41873 · seed 42 · 2026-11-21T02:46:52Z

        Search  chat · 10 to 1 000 users · 20 s a probe after 5 s to settle
          highest load       36 users   confirmed once   the limits fail at 38 users
          limits             e2e.p95 < 2s, errors < 1%
          probe                  users     req/s       p50       p95  TTFT p95    errors    limits
          raise                     10      9.00    305 ms    610 ms       n/a    0.00 %      held
          raise                     20      18.0    490 ms    980 ms       n/a    0.00 %      held
          raise                     40      36.0    2.10 s    4.21 s       n/a    1.20 %    FAILED
          narrow down               28      25.2    660 ms    1.32 s       n/a    0.00 %      held
          narrow down               33      29.7    805 ms    1.61 s       n/a    0.00 %      held
          narrow down               36      32.4    935 ms    1.87 s       n/a    0.00 %      held
          narrow down               38      34.2    1.38 s    2.76 s       n/a    1.20 %    FAILED
          confirm                   36      32.4    920 ms    1.84 s       n/a    0.00 %      held
        ! generator and target shared this machine's cores: each slowed the other down
        ");
    }

    #[test]
    fn terminal_of_judged_load_lists_failures_first() {
        let text = terminal(&fixture::judged(), plain());
        let judged = text.split_once("measurement error").unwrap().1;
        insta::assert_snapshot!(judged.split_once('\n').unwrap().1, @r#"
          thresholds         1 of 3 held
            FAILED  errors < 0.4%                   0.41 %, ended the run after 12 s
            FAILED  task("chain").ttft.p99 < 500ms  not measured: 40 samples, 100 are needed
            ok      e2e.p95 < 5s                    664 ms
          rating             acceptable: e2e.p95 664 ms (acceptable), errors 0.41 % (good)
        ! generator and target shared this machine's cores: each slowed the other down
        ! a threshold ended the run: the figures cover the time until then
        "#);
    }

    #[test]
    fn terminal_styles_differ_in_colours_only() {
        let coloured = terminal(&fixture::bench(), Page::new(Style::Colour, WIDTH));
        assert!(coloured.contains("\x1b["));
        let mut uncoloured = coloured;
        for code in ["1", "2", "33", "1;31", "0"] {
            uncoloured = uncoloured.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(uncoloured, terminal(&fixture::bench(), plain()));
    }

    #[test]
    fn terminal_of_long_texts_stays_within_the_width() {
        let about = "A scenario whose author describes at length which users it simulates, what they do, and how often";
        let mut mix = fixture::mix();
        mix.all.failures = ["timeout_first_event", "timeout_headers", "truncated_stream", "failed_check"]
            .map(|kind| (kind.to_owned(), FailureCount { count: 12_345, ..FailureCount::default() }))
            .into();
        let mut search = fixture::search();
        search.limits = vec!["task(\"a task\").e2e.p95 < 2s".to_owned(); 8];
        let mut report =
            Report::new("test").with_load("mix", about, mix).with_search("search", about, search);
        report.title = format!("weir load {about}");
        let text = terminal(&report, plain());
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.contains(&format!("\n{about}\n  chain-backend · 100 users · ")), "{text}");
    }

    #[test]
    fn terminal_of_long_remarks_wraps_with_indent() {
        let lines = wrapped(plain(), "! ", &"word ".repeat(40));
        assert!(lines.len() == 3 && lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines.iter().skip(1).all(|line| line.starts_with("  word")));
    }
}
