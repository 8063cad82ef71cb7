//! A partial parser of the Prometheus text format that adds up the samples of a series.

use super::SeriesName;

/// Returns the sum of all samples of a series, or `None` if there is none.
pub(super) fn sum(exposition: &str, series: &SeriesName) -> Option<f64> {
    let samples = exposition.lines().filter_map(|line| sample(line, series));
    samples.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
}

/// Returns the value of a line, if it is a sample of the series.
fn sample(line: &str, series: &SeriesName) -> Option<f64> {
    let rest = line.strip_prefix(series.name.as_str())?;
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(labelled) => split_labels(labelled)?,
        None if rest.starts_with([' ', '\t']) => ("", rest),
        None => return None,
    };
    let has = |(name, value): &(String, String)| pairs(labels).any(|pair| pair == (name, value));
    if !series.labels.iter().all(has) {
        return None;
    }
    rest.split_whitespace().next()?.parse().ok()
}

/// Splits `a="1",b="}"} 5` at the brace that closes the labels.
fn split_labels(text: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    for (index, char) in text.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '}' if !quoted => return Some((text.get(..index)?, text.get(index + 1..)?)),
            _ => {}
        }
    }
    None
}

/// Returns the labels and their values. Escape sequences in values are not resolved.
fn pairs(labels: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = labels;
    std::iter::from_fn(move || {
        let (name, after) = rest.trim_start_matches(',').split_once("=\"")?;
        let mut escaped = false;
        let end = after.char_indices().find_map(|(index, char)| match char {
            _ if escaped => {
                escaped = false;
                None
            }
            '\\' => {
                escaped = true;
                None
            }
            '"' => Some(index),
            _ => None,
        })?;
        let value = after.get(..end)?;
        rest = after.get(end + 1..)?;
        Some((name.trim(), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPOSITION: &str = r#"
# HELP requests Requests
# TYPE requests counter
requests_total{path="/a}",code="200"} 3
requests_total{path="/b",code="200"} 4 1700000000
requests_total{path="say \"hi\"",code="500"} 1
requests_total_other 100
queue_depth 7.5
temperature NaN
"#;

    fn sum_of(series: &str) -> Option<f64> {
        sum(EXPOSITION, &series.parse().unwrap())
    }

    #[test]
    fn sum_matching_samples_are_added() {
        assert_eq!(sum_of("requests_total"), Some(8.0));
        assert_eq!(sum_of(r#"requests_total{code="200"}"#), Some(7.0));
        assert_eq!(sum_of(r#"requests_total{path="/a}",code="200"}"#), Some(3.0));
        assert_eq!(sum_of("queue_depth"), Some(7.5));
    }

    #[test]
    fn sum_no_matching_sample_is_none() {
        assert_eq!(sum_of("requests"), None);
        assert_eq!(sum_of(r#"requests_total{code="404"}"#), None);
        assert_eq!(sum_of(r#"queue_depth{code="200"}"#), None);
    }
}
