//! A readable date.

use std::time::{SystemTime, UNIX_EPOCH};

/// `2026-11-21T02:46:09Z`: RFC 3339 in UTC, to the second. Instants before 1970 read as its beginning.
#[must_use]
pub fn utc_label(at: SystemTime) -> String {
    humantime::format_rfc3339_seconds(at.max(UNIX_EPOCH)).to_string()
}

/// Parses such a label; `None` if it is not valid.
pub fn instant_of_label(label: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339(label).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn instant_of_label_inverts_utc_label() {
        for seconds in [0, 951_782_399, 951_782_400, 1_735_689_600, 4_107_542_400] {
            let at = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(instant_of_label(&utc_label(at)), Some(at));
        }
        assert_eq!(utc_label(UNIX_EPOCH + Duration::from_secs(951_782_400)), "2000-02-29T00:00:00Z");
        assert_eq!(utc_label(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00Z");
        assert_eq!(instant_of_label("yesterday"), None);
    }
}
