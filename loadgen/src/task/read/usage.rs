//! The token counts that a server reports, read as far as they can be.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

/// The token counts that a server reports.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: Option<u64>,
    /// The part of the input that was read from a prompt cache.
    pub(crate) cached: Option<u64>,
    pub(crate) output: Option<u64>,
    /// A count was not a whole number: a text, a float, a negative number or something else.
    pub(crate) is_odd: bool,
}

impl Usage {
    /// These counts, and those of `before` where they are missing.
    pub(crate) fn or(self, before: Self) -> Self {
        Self {
            input: self.input.or(before.input),
            cached: self.cached.or(before.cached),
            output: self.output.or(before.output),
            is_odd: self.is_odd || before.is_odd,
        }
    }
}

/// Reads `usage`, whose members are those of `C`. Anything but an object has no counts.
pub(crate) fn read_usage<C: DeserializeOwned + Into<Usage>>(usage: Option<&RawValue>) -> Usage {
    let Some(usage) = usage else { return Usage::default() };
    match serde_json::from_str::<C>(usage.get()) {
        Ok(counts) => counts.into(),
        Err(_) => Usage { is_odd: true, ..Usage::default() },
    }
}

/// One count; it may be missing or `null`.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) value: Option<u64>,
    pub(crate) is_odd: bool,
}

/// Floats represent whole numbers up to this one.
const FLOAT_MAX: f64 = 9_007_199_254_740_992.0;

impl Count {
    /// Whether any of the counts is no whole number.
    pub(crate) fn any_odd(counts: &[Self]) -> bool {
        counts.iter().any(|count| count.is_odd)
    }

    /// Reads JSON.
    fn read(json: &str) -> Self {
        if let Ok(value) = json.parse() {
            return Self { value: Some(value), is_odd: false };
        }
        if json == "null" {
            return Self::default();
        }
        let number = json.trim_matches('"').trim();
        let value = number.parse().ok().or_else(|| whole(number.parse().ok()?));
        Self { value, is_odd: true }
    }
}

/// Returns a float that is a whole number.
fn whole(float: f64) -> Option<u64> {
    ((0.0..=FLOAT_MAX).contains(&float) && float.fract() == 0.0).then_some(float as u64)
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|json| Self::read(json.get()))
    }
}

/// The details of input tokens, as both of OpenAI's APIs have them: the tokens from a prompt cache.
#[derive(Copy, Clone, Debug, Default)]
pub(crate) struct InputDetails {
    pub(crate) cached_tokens: Count,
}

impl<'de> Deserialize<'de> for InputDetails {
    /// Anything but an object has no details.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Details {
            #[serde(default)]
            cached_tokens: Count,
        }
        let json = <&RawValue>::deserialize(deserializer)?;
        let details = serde_json::from_str::<Details>(json.get());
        Ok(Self { cached_tokens: details.map_or_else(|_| Count::default(), |details| details.cached_tokens) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_count_reads_what_can_be_read() {
        let read = |json: &str| {
            let count: Count = serde_json::from_str(json).unwrap();
            (count.value, count.is_odd)
        };
        assert_eq!(
            (read("10"), read("0"), read("null")),
            ((Some(10), false), (Some(0), false), (None, false))
        );
        for ten in ["\"10\"", "\" 10 \"", "10.0", "1e1", "\"10.0\""] {
            assert_eq!(read(ten), (Some(10), true), "{ten}");
        }
        for nothing in
            ["-1", "\"-1\"", "10.5", "1e999", "\"ten\"", "[]", "{}", "true", "18446744073709551616"]
        {
            assert_eq!(read(nothing), (None, true), "{nothing}");
        }
    }
}
