//! `junit.xml`: the thresholds as test cases, for tools that show test results.

use std::time::Duration;

use chrono::DateTime;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use weir_results::{Measured, Report, Section};

use crate::format::{Format, RenderError};
use crate::{remarks, verdict};

/// A suite for each section: a case for each threshold, one for the validity of its figures, and one for a load in which no
/// request succeeds. Its output has the remarks.
#[derive(Clone, Copy, Debug)]
pub struct Junit;

impl Format for Junit {
    fn file_name(&self) -> &'static str {
        "junit.xml"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let mut junit = quick_junit::Report::new(printable(&report.title));
        junit.add_test_suites(report.sections.iter().map(suite));
        Ok(junit.to_string()?.into_bytes())
    }
}

fn suite(section: &Section) -> TestSuite {
    let mut suite = TestSuite::new(printable(&section.name));
    suite.set_time(Duration::try_from_secs_f64(section.run_s()).unwrap_or_default());
    // A saved report may contain any text here.
    if let Ok(started) = DateTime::parse_from_rfc3339(section.started()) {
        suite.set_timestamp(started);
    }
    let doubts = verdict::invalid_reasons(section);
    let doubts = (!doubts.is_empty()).then(|| doubts.join("; "));
    suite.add_test_case(case(section, "the figures can be trusted", "validity", doubts));
    if let Measured::Load(summary) = &section.measured {
        suite.add_test_case(case(section, "a request succeeded", "success", verdict::no_success(summary)));
    }
    for result in verdict::thresholds(section) {
        let failure = (!result.passed()).then(|| verdict::measured(result));
        suite.add_test_case(case(section, &result.text, "threshold", failure));
    }
    let remarks: Vec<String> =
        remarks::of_section(section).iter().map(|remark| printable(&remark.text)).collect();
    if !remarks.is_empty() {
        suite.set_system_out(remarks.join("\n"));
    }
    suite
}

/// A test case, which fails with the message `failure`.
fn case(section: &Section, name: &str, kind: &str, failure: Option<String>) -> TestCase {
    let status = match failure {
        None => TestCaseStatus::success(),
        Some(message) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(printable(&message)).set_type(kind);
            status
        }
    };
    let mut case = TestCase::new(printable(name), status);
    case.set_classname(format!("weir.{}", printable(&section.name))).set_time(Duration::ZERO);
    case
}

/// Replaces line breaks and tabs by spaces, and other characters that XML 1.0 does not allow by U+FFFD:
/// the writer would drop both.
fn printable(text: &str) -> String {
    let printable = text.chars().map(|character| match character {
        '\t' | '\n' | '\r' => ' ',
        '\0'..' ' | '\u{7f}'..'\u{a0}' | '\u{fffe}' | '\u{ffff}' => char::REPLACEMENT_CHARACTER,
        character => character,
    });
    printable.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roxmltree::Document;

    use super::*;
    use weir_results::Outcome;
    use weir_results::fixture;

    fn xml(report: &Report) -> String {
        String::from_utf8(Junit.render(report).unwrap()).unwrap()
    }

    #[test]
    fn render_judged_report_has_a_case_per_threshold_and_one_for_validity() {
        insta::assert_snapshot!(xml(&fixture::judged()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="weir load chain-backend" tests="5" skipped="0" failures="2" errors="0">
            <testsuite name="load" tests="5" skipped="0" errors="0" failures="2" timestamp="2026-11-21T02:46:09.000+00:00" time="23.400">
                <testcase name="the figures can be trusted" classname="weir.load" time="0.000"/>
                <testcase name="a request succeeded" classname="weir.load" time="0.000"/>
                <testcase name="errors &lt; 0.4%" classname="weir.load" time="0.000">
                    <failure message="0.41 %, ended the run after 12 s" type="threshold"/>
                </testcase>
                <testcase name="task(&quot;chain&quot;).ttft.p99 &lt; 500ms" classname="weir.load" time="0.000">
                    <failure message="not measured: 40 samples, 100 are needed" type="threshold"/>
                </testcase>
                <testcase name="e2e.p95 &lt; 5s" classname="weir.load" time="0.000"/>
                <system-out>generator and target shared this machine&apos;s cores: each slowed the other down
        a threshold ended the run: the figures cover the time until then</system-out>
            </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn render_counts_match_the_elements() {
        let open = Report::new("t").with_load("open", "Open", fixture::open_loop());
        for (report, failures) in [(fixture::bench(), 0), (fixture::judged(), 2), (open, 1)] {
            let text = xml(&report);
            let document = Document::parse(&text).unwrap();
            let count = |name| document.descendants().filter(|node| node.has_tag_name(name)).count();
            let root = document.root_element();
            assert_eq!(root.attribute("tests"), Some(count("testcase").to_string().as_str()));
            assert_eq!(root.attribute("failures"), Some(count("failure").to_string().as_str()));
            assert_eq!((count("failure"), count("testsuite")), (failures, report.sections.len()));
        }
    }

    #[test]
    fn render_load_without_success_has_a_failed_case() {
        let mut summary = fixture::mix();
        summary.all.completed = 0;
        let text = xml(&Report::new("t").with_load("mix", "Mix", summary));
        let document = Document::parse(&text).unwrap();
        let mut cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
        let case = cases.find(|case| case.attribute("name") == Some("a request succeeded")).unwrap();
        let failure = case.children().find(|child| child.has_tag_name("failure")).unwrap();
        assert!(failure.attribute("message").unwrap().contains("4 × http_503: 503 from POST"), "{text}");
    }

    #[test]
    fn render_remarks_are_the_output_of_their_suite() {
        let text = xml(&fixture::bench());
        let document = Document::parse(&text).unwrap();
        let suites = document.descendants().filter(|node| node.has_tag_name("testsuite"));
        let outputs: Vec<&str> = suites
            .map(|suite| suite.children().find(|node| node.has_tag_name("system-out")))
            .map(|output| output.and_then(|output| output.text()).unwrap_or_default())
            .collect();
        let cached = "a prompt cache served this run: 25.0 % of the input tokens came from it";
        let has_line = |output: &&str| output.lines().any(|line| line == cached);
        assert_eq!(outputs.iter().map(has_line).collect::<Vec<_>>(), [false, true, false], "{text}");
    }

    proptest! {
        #[test]
        fn render_any_name_is_parsed_back(name in "\\PC{0,12}[<&\"'\n\t]{0,4}") {
            let mut summary = fixture::mix();
            summary.thresholds = vec![fixture::threshold(&name, Outcome::Failed)];
            let text = xml(&Report::new(name.clone()).with_load("mix", "Mix", summary));
            let document = Document::parse(&text).unwrap();
            let name = name.replace(['\n', '\t'], " ");
            prop_assert_eq!(document.root_element().attribute("name"), Some(name.as_str()));
            let mut cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
            prop_assert_eq!(cases.next_back().and_then(|case| case.attribute("name")), Some(name.as_str()));
        }
    }
}
