//! Sizes and durations as text with a unit.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer, de};

/// A number of bytes, written `"32MiB"`, `"64KiB"` or `"512B"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteSize(pub usize);

const UNITS: [(&str, usize); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

impl std::str::FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not a size: expected a whole number and a unit, such as \"32MiB\" or \"64KiB\""
            )
        };
        let text_trimmed = text.trim();
        let digits = text_trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(text_trimmed.len());
        let (number, unit) = text_trimmed.split_at(digits);
        let number: usize = number.parse().map_err(|_| wrong())?;
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(wrong)?;
        number.checked_mul(*factor).map(Self).ok_or_else(wrong)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = ByteSize;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size with its unit, like \"32MiB\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteSize, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A duration, written with its unit: `"250ms"`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct Span(#[serde(with = "weir_pace::duration_text")] pub Duration);

#[cfg(test)]
mod tests {
    use super::ByteSize;

    #[test]
    fn parse_byte_size_with_units() {
        for (text, bytes) in [("32MiB", 32 << 20), ("64 KiB", 64 << 10), ("5MB", 5_000_000), ("0B", 0)] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)));
        }
        for text in ["", "32", "MiB", "-1B", "1.5MiB", "99999999999999999999GiB", "32mib"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }
}
