//! Request rates, availability and failures by group, in words.

use weir_results::{FailureGroups, SUSTAINED_S, ServiceFigures, units};

/// Returns `99.6 % (5 × 5xx, 2 × timeouts)   peak 65.0 req/s, sustained 61.2 req/s (10 s)`: groups without failures and rates
/// that are not known are left out. `None` if no request ended.
pub(super) fn in_words(service: &ServiceFigures) -> Option<String> {
    let mut text = availability(service.availability?);
    let groups = groups_in_words(&service.failures);
    if !groups.is_empty() {
        text.push_str(&format!(" ({groups})"));
    }
    if let Some(rates) = rates(service) {
        text.push_str(&format!("   {rates}"));
    }
    Some(text)
}

/// Returns `peak 65.0 req/s, sustained 61.2 req/s (10 s)`; `None` if no second was measured.
pub(super) fn rates(service: &ServiceFigures) -> Option<String> {
    let mut text = format!("peak {} req/s", units::figure(service.peak_rps?));
    if let Some(rate) = service.sustained_rps {
        text.push_str(&format!(", sustained {} req/s ({SUSTAINED_S} s)", units::figure(rate)));
    }
    Some(text)
}

/// Formats an availability. It is not rounded up to 100 %.
pub(super) fn availability(share: f64) -> String {
    let text = units::percent(share);
    if share < 1.0 && text.starts_with("100") { "99.99 %".to_owned() } else { text }
}

fn groups_in_words(failures: &FailureGroups) -> String {
    let groups = failures.named().into_iter().filter(|(_, _, count)| *count > 0);
    let texts: Vec<String> =
        groups.map(|(name, _, count)| format!("{} × {name}", units::count(count))).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words_of_failures_names_groups_that_have_some() {
        let failures = FailureGroups { client_errors: 0, server_errors: 5, timeouts: 1, others: 0 };
        let service = ServiceFigures {
            peak_rps: Some(65.0),
            sustained_rps: Some(61.25),
            availability: Some(0.996),
            failures,
        };
        let expected = "99.6 % (5 × 5xx, 1 × timeouts)   peak 65.0 req/s, sustained 61.2 req/s (10 s)";
        assert_eq!(in_words(&service).unwrap(), expected);
        let nothing = ServiceFigures { availability: None, ..service };
        assert_eq!(in_words(&nothing), None);
    }

    #[test]
    fn availability_below_one_is_not_rounded_to_100() {
        assert_eq!(availability(1.0), "100 %");
        assert_eq!(availability(0.999_999), "99.99 %");
        assert_eq!(availability(0.9994), "99.9 %");
    }
}
