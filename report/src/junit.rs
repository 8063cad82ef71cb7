//! `junit.xml`: the thresholds as test cases, for what shows test results.

use super::format::{Format, RenderError};
use super::verdict;
use weir_results::{Report, Section};

/// A suite for each section: a case for each threshold, and one for whether its figures can be trusted.
#[derive(Clone, Copy, Debug)]
pub struct Junit;

/// One test case.
struct Case {
    name: String,
    /// What a failure says, and of which kind it is.
    failure: Option<(String, &'static str)>,
}

impl Format for Junit {
    fn file_name(&self) -> &'static str {
        "junit.xml"
    }

    fn render(&self, report: &Report) -> Result<Vec<u8>, RenderError> {
        let suites: Vec<(&Section, Vec<Case>)> =
            report.sections.iter().map(|section| (section, cases(section))).collect();
        let all = || suites.iter().flat_map(|(_, cases)| cases);
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let title = escaped(&report.title);
        let (tests, failures) = (all().count(), failed(all()));
        text.push_str(&format!("<testsuites name=\"{title}\" tests=\"{tests}\" failures=\"{failures}\">\n"));
        suites.iter().for_each(|(section, cases)| push_suite(&mut text, section, cases));
        text.push_str("</testsuites>\n");
        Ok(text.into_bytes())
    }
}

fn cases(section: &Section) -> Vec<Case> {
    let doubts = verdict::doubts(section);
    let failure = (!doubts.is_empty()).then(|| (doubts.join("; "), "validity"));
    let validity = Case { name: "the figures can be trusted".to_owned(), failure };
    let thresholds = verdict::thresholds(section).into_iter().map(|result| Case {
        name: result.text.clone(),
        failure: (!result.passed()).then(|| (verdict::measured(result), "threshold")),
    });
    std::iter::once(validity).chain(thresholds).collect()
}

fn failed<'a>(cases: impl IntoIterator<Item = &'a Case>) -> usize {
    cases.into_iter().filter(|case| case.failure.is_some()).count()
}

fn push_suite(text: &mut String, section: &Section, cases: &[Case]) {
    let (name, started) = (escaped(&section.name), escaped(section.started()));
    let (tests, failures, run_s) = (cases.len(), failed(cases), section.run_s());
    text.push_str(&format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" \
             time=\"{run_s:.3}\" timestamp=\"{started}\">\n"
    ));
    for case in cases {
        let head =
            format!("    <testcase classname=\"weir.{name}\" name=\"{}\" time=\"0\"", escaped(&case.name));
        match &case.failure {
            None => text.push_str(&format!("{head}/>\n")),
            Some((message, kind)) => {
                let message = escaped(message);
                text.push_str(&format!("{head}>\n      <failure message=\"{message}\" type=\"{kind}\"/>\n"));
                text.push_str("    </testcase>\n");
            }
        }
    }
    text.push_str("  </testsuite>\n");
}

/// For an attribute in double quotes. XML 1.0 has no way to say most control characters.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push_str(&format!("&#{};", u32::from(character))),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => safe.push(char::REPLACEMENT_CHARACTER),
            character => safe.push(character),
        }
    }
    safe
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
    fn a_case_for_each_threshold_and_one_for_validity() {
        insta::assert_snapshot!(xml(&fixture::judged()), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="weir load chain-backend" tests="4" failures="2">
          <testsuite name="load" tests="4" failures="2" errors="0" skipped="0" time="23.400" timestamp="2026-11-21T02:46:09Z">
            <testcase classname="weir.load" name="the figures can be trusted" time="0"/>
            <testcase classname="weir.load" name="errors &lt; 0.4%" time="0">
              <failure message="0.41 %, ended the run after 12 s" type="threshold"/>
            </testcase>
            <testcase classname="weir.load" name="task(&quot;chain&quot;).ttft.p99 &lt; 500ms" time="0">
              <failure message="not measured: 40 samples, 100 are needed" type="threshold"/>
            </testcase>
            <testcase classname="weir.load" name="e2e.p95 &lt; 5s" time="0"/>
          </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn a_parser_counts_what_the_attributes_say() {
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

    proptest! {
        #[test]
        fn any_name_survives_a_parser(name in "\\PC{0,12}[<&\"'\n\t]{0,4}") {
            let mut summary = fixture::mix();
            summary.thresholds = vec![fixture::threshold(&name, Outcome::Failed)];
            let text = xml(&Report::new(name.clone()).with_load("mix", "Mix", summary));
            let document = Document::parse(&text).unwrap();
            prop_assert_eq!(document.root_element().attribute("name"), Some(name.as_str()));
            let mut cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
            prop_assert_eq!(cases.next_back().and_then(|case| case.attribute("name")), Some(name.as_str()));
        }
    }
}
