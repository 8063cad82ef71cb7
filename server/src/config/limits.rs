//! The limits of keys: amounts per time, each with the algorithm that counts it.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    num::{NonZeroU32, NonZeroU64},
    str::FromStr,
    time::Duration,
};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, value::MapAccessDeserializer},
};
use weir_pace::{Rate, Suggestion};

use super::{ConfigError, setting::invalid_setting};

/// The largest amount of a limit.
const AMOUNT_MAX: f64 = 1e12;
/// The longest period of a limit.
const PERIOD_MAX: Duration = Duration::from_secs(31 * 86_400);
/// Maximum tiers.
const TIERS_MAX: usize = 100;
/// Maximum limits of one kind.
const LIMITS_MAX: usize = 8;

/// The limits of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests per time.
    pub requests: Vec<Limit>,
    /// Tokens per time, of prompts and answers together.
    pub tokens: Vec<Limit>,
    /// Tokens of prompts per time.
    pub input_tokens: Vec<Limit>,
    /// Tokens of answers per time.
    pub output_tokens: Vec<Limit>,
    /// Maximum concurrent requests; a stream counts until it ends.
    pub concurrent: Option<NonZeroU32>,
}

/// An amount per period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// The amount.
    pub amount: NonZeroU64,
    /// The period of the amount.
    pub period: Duration,
    /// How it is counted.
    pub algorithm: LimitAlgorithm,
}

/// How the units of a limit are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitAlgorithm {
    /// A bucket of the limit's amount, which is refilled continuously: OpenAI, Anthropic.
    #[default]
    Bucket,
    /// At most the amount in each window; a window begins with the first request after the end of the previous one.
    FixedWindow,
    /// At most the amount in any period: Azure.
    SlidingWindow,
}

/// Limits as users write them: those of a tier, a key, or of all keys that are not listed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawLimits {
    pub(super) requests: Option<LimitList>,
    pub(super) tokens: Option<LimitList>,
    pub(super) input_tokens: Option<LimitList>,
    pub(super) output_tokens: Option<LimitList>,
    pub(super) concurrent: Option<NonZeroU32>,
}

/// One limit, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LimitList(Vec<Limit>);

/// Named limits, which keys share by reference.
pub(super) type Tiers = BTreeMap<String, RawLimits>;

impl RawLimits {
    /// These limits, completed by those of `below`: limits of one kind replace all others of it.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            requests: self.requests.or(below.requests),
            tokens: self.tokens.or(below.tokens),
            input_tokens: self.input_tokens.or(below.input_tokens),
            output_tokens: self.output_tokens.or(below.output_tokens),
            concurrent: self.concurrent.or(below.concurrent),
        }
    }

    /// Checks the limits of the table `table`, completed by those of the tier that it names.
    pub(super) fn check(self, table: &str, tier: Option<&str>, tiers: &Tiers) -> Result<Limits, ConfigError> {
        let below = match tier {
            None => Self::default(),
            Some(name) => tiers.get(name).cloned().ok_or_else(|| unknown_tier(table, name, tiers))?,
        };
        let Self { requests, tokens, input_tokens, output_tokens, concurrent } = self.over(below);
        let list = |name: &str, list: Option<LimitList>| list.unwrap_or_default().check(table, name);
        Ok(Limits {
            requests: list("requests", requests)?,
            tokens: list("tokens", tokens)?,
            input_tokens: list("input_tokens", input_tokens)?,
            output_tokens: list("output_tokens", output_tokens)?,
            concurrent,
        })
    }
}

/// Checks the limits of all tiers, those that no key has included.
pub(super) fn check_tiers(tiers: &Tiers) -> Result<(), ConfigError> {
    if tiers.len() > TIERS_MAX {
        return Err(invalid_setting(
            "tier",
            format!("expected at most {TIERS_MAX} tiers, found {}", tiers.len()),
        ));
    }
    let check = |(name, limits): (&String, &RawLimits)| {
        limits.clone().check(&format!("tier.{name}"), None, tiers).map(|_| ())
    };
    tiers.iter().try_for_each(check)
}

fn unknown_tier(table: &str, name: &str, tiers: &Tiers) -> ConfigError {
    let hint = match tiers.is_empty() {
        true => format!("; no table [tier.{name}] is in the settings"),
        false => Suggestion::new(name, tiers.keys().map(String::as_str)).to_string(),
    };
    invalid_setting(format!("{table}.tier"), format!("unknown tier `{name}`{hint}"))
}

impl LimitList {
    /// Fails if two limits differ in their amount only: the larger one has no effect.
    fn check(self, table: &str, name: &str) -> Result<Vec<Limit>, ConfigError> {
        let mut seen = HashSet::new();
        for Limit { period, algorithm, .. } in &self.0 {
            if !seen.insert((*period, *algorithm)) {
                let message =
                    format!("expected limits with different periods or algorithms, found two for {period:?}");
                return Err(invalid_setting(format!("{table}.{name}"), message));
            }
        }
        Ok(self.0)
    }
}

/// An amount and its period: `"500/min"`, `"200k/day"` or `"60/10s"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AmountPerPeriod {
    amount: NonZeroU64,
    period: Duration,
}

impl FromStr for AmountPerPeriod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rate, count) = split_period(text)?;
        let rate: Rate = rate.parse().map_err(|error| format!("{error}"))?;
        let period = rate.period().checked_mul(count).filter(|period| *period <= PERIOD_MAX);
        let period = period.ok_or_else(|| format!("{text:?}: expected a period of at most 31 days"))?;
        let whole = rate.amount().round();
        // Factors such as that of "4.1k" are not exact.
        let is_whole = (rate.amount() - whole).abs() < 1e-6;
        let amount = if is_whole && whole <= AMOUNT_MAX { NonZeroU64::new(whole as u64) } else { None };
        let amount = amount.ok_or_else(|| {
            format!("{text:?}: expected a whole amount from 1 to 1000000M, found {}", rate.amount())
        })?;
        Ok(Self { amount, period })
    }
}

/// Splits `"60/10s"` into the rate `"60/s"` and the number of its periods.
fn split_period(text: &str) -> Result<(String, u32), String> {
    let Some((amount, period)) = text.split_once('/') else { return Ok((text.to_owned(), 1)) };
    let period = period.trim();
    let digits = period.find(|c: char| !c.is_ascii_digit()).unwrap_or(period.len());
    let (count, unit) = period.split_at(digits);
    if count.is_empty() {
        return Ok((text.to_owned(), 1));
    }
    if unit.is_empty() {
        return Err(format!("{text:?}: the period {period:?} has no unit; s, min, h and day are known"));
    }
    let count = count.parse().ok().filter(|count| *count > 0);
    let count = count.ok_or_else(|| format!("{text:?}: expected a period above zero, such as \"10s\""))?;
    Ok((format!("{amount}/{}", unit.trim()), count))
}

/// A number yields the same error as the same digits in quotes: the period is missing.
macro_rules! numbers_as_text {
    () => {
        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
            self.visit_str(&number.to_string())
        }
    };
}

impl<'de> Deserialize<'de> for AmountPerPeriod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = AmountPerPeriod;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount with its period, such as \"500/min\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<AmountPerPeriod, E> {
                text.parse().map_err(E::custom)
            }

            numbers_as_text!();
        }
        deserializer.deserialize_any(Text)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitTable {
    amount: AmountPerPeriod,
    #[serde(default)]
    algorithm: LimitAlgorithm,
}

struct LimitVisitor;

impl<'de> de::Visitor<'de> for LimitVisitor {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an amount such as \"500/min\", or a table such as \
             { amount = \"500/min\", algorithm = \"fixed_window\" }",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Limit, E> {
        let AmountPerPeriod { amount, period } = text.parse().map_err(E::custom)?;
        Ok(Limit { amount, period, algorithm: LimitAlgorithm::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Limit, A::Error> {
        let LimitTable { amount, algorithm } = LimitTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Limit { amount: amount.amount, period: amount.period, algorithm })
    }

    numbers_as_text!();
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LimitVisitor)
    }
}

impl<'de> Deserialize<'de> for LimitList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> de::Visitor<'de> for OneOrMore {
            type Value = LimitList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                LimitVisitor.expecting(f)?;
                f.write_str(", or a list of these")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<LimitList, E> {
                Ok(LimitList(vec![LimitVisitor.visit_str(text)?]))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<LimitList, A::Error> {
                Ok(LimitList(vec![LimitVisitor.visit_map(map)?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<LimitList, A::Error> {
                let mut limits = Vec::new();
                while let Some(limit) = list.next_element()? {
                    if limits.len() == LIMITS_MAX {
                        return Err(de::Error::custom(format!("expected at most {LIMITS_MAX} limits")));
                    }
                    limits.push(limit);
                }
                Ok(LimitList(limits))
            }

            numbers_as_text!();
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

#[cfg(test)]
mod tests;
