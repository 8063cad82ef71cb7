//! A date for people to read.

use std::time::{SystemTime, UNIX_EPOCH};

/// `2026-11-21T02:46:09Z`: RFC 3339 in UTC, to the second. Instants before 1970 read as its beginning.
#[must_use]
pub fn utc_label(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, second_of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil_date(days);
    let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
///
/// Counted in eras of 400 years (146 097 days) whose years begin in March, so that the leap day is a year's last.
fn civil_date(days_since_1970: u64) -> (u64, u64, u64) {
    const DAYS_FROM_MARCH_0000: u64 = 719_468;
    let days = days_since_1970 + DAYS_FROM_MARCH_0000;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reads_like_the_calendar() {
        let label = |seconds| utc_label(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(label(0), "1970-01-01T00:00:00Z");
        assert_eq!(label(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(label(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(label(1_709_251_199), "2024-02-29T23:59:59Z");
        assert_eq!(label(1_735_689_600), "2025-01-01T00:00:00Z");
        assert_eq!(label(4_107_542_400), "2100-03-01T00:00:00Z");
    }
}
