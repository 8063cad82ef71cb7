//! Checked faults.

use std::{sync::Arc, time::Duration};

use http::HeaderValue;
use weir_model::ScriptedError;

use super::{
    catalogue::{FaultInfo, FaultScope},
    spec::{Arguments, FaultSpec, SpecError},
};

/// The longest delay, stall or retry time.
const DURATION_MAX: Duration = Duration::from_secs(3_600);
const EVENTS_MAX: u32 = 1_000_000;
const PIECE_BYTES_MAX: usize = 64 << 10;
const MESSAGE_BYTES_MAX: usize = 4 << 10;

/// A fault with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) info: &'static FaultInfo,
    pub(super) effect: Effect,
}

/// What a fault does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    Status(Arc<ScriptedError>),
    /// Before the answer.
    Sever(Severance),
    Refuse,
    NoAnswer,
    Delay(Duration),
    Trickle {
        bytes: usize,
        every: Duration,
    },
    ContentType(HeaderValue),
    Usage(UsageFault),
    /// Within a stream.
    Stream {
        after: Position,
        effect: StreamEffect,
    },
}

/// How a connection ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severance {
    /// By RST.
    Reset,
    /// By FIN.
    Close,
}

/// What happens to usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UsageFault {
    Missing,
    Wrong,
}

/// What happens at a place of a stream.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum StreamEffect {
    Stall(Duration),
    Truncate,
    Sever(Severance),
    Malformed,
    Error(Arc<ScriptedError>),
    Duplicate,
    Reorder,
}

/// A place in a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Position {
    /// After this number of events with content.
    Events(u32),
    /// After this share of them.
    Share(f64),
}

impl Position {
    /// Half of the stream.
    const MIDDLE: Self = Self::Share(0.5);

    /// The number of events with content before it, in a stream of `total`. A share of an unknown total is one event.
    pub(super) fn events(self, total: Option<u32>) -> u32 {
        match (self, total) {
            (Self::Events(count), _) => count,
            (Self::Share(share), Some(total)) => (f64::from(total) * share) as u32,
            (Self::Share(_), None) => 1,
        }
    }
}

impl Fault {
    /// Whether it concerns streams only.
    pub(super) const fn needs_stream(&self) -> bool {
        matches!(self.info.scope, FaultScope::Streams) || matches!(self.effect, Effect::Stream { .. })
    }

    /// Checks the fault that `spec` describes.
    pub(super) fn of(spec: &FaultSpec) -> Result<Self, SpecError> {
        let given = spec.arguments()?;
        let info = given.info;
        let stream =
            |effect| Ok(Effect::Stream { after: given.position()?.unwrap_or(Position::MIDDLE), effect });
        let effect = match info.name {
            "status" => Effect::Status(Arc::new(given.error(503, "a simulated fault")?)),
            "reset" => given.severance(Severance::Reset)?,
            "disconnect" => given.severance(Severance::Close)?,
            "refuse" => Effect::Refuse,
            "no_answer" => Effect::NoAnswer,
            "delay" => Effect::Delay(given.duration("for")?.unwrap_or(Duration::from_secs(5))),
            "stall" => {
                stream(StreamEffect::Stall(given.duration("for")?.unwrap_or(Duration::from_secs(10))))?
            }
            "trickle" => Effect::Trickle {
                bytes: given.read("bytes", |text| whole(text, 1, PIECE_BYTES_MAX))?.unwrap_or(16),
                every: given.duration("every")?.unwrap_or(Duration::from_millis(20)),
            },
            "truncate" => stream(StreamEffect::Truncate)?,
            "malformed" => stream(StreamEffect::Malformed)?,
            "error_event" => stream(StreamEffect::Error(Arc::new(given.error(529, "Overloaded")?)))?,
            "content_type" => Effect::ContentType(
                given.read("type", media_type)?.unwrap_or(HeaderValue::from_static("text/html")),
            ),
            "usage" => Effect::Usage(given.read("kind", usage_fault)?.unwrap_or(UsageFault::Missing)),
            "duplicate" => stream(StreamEffect::Duplicate)?,
            "reorder" => stream(StreamEffect::Reorder)?,
            // A test checks that every fault of the catalogue is read.
            other => {
                return Err(SpecError {
                    part: None,
                    message: format!("the fault `{other}` cannot be simulated"),
                });
            }
        };
        Ok(Self { info, effect })
    }
}

impl Arguments<'_> {
    fn position(&self) -> Result<Option<Position>, SpecError> {
        self.read("after", position)
    }

    /// A duration above zero.
    fn duration(&self, parameter: &str) -> Result<Option<Duration>, SpecError> {
        self.read(parameter, |text| match duration(text)? {
            Duration::ZERO => Err(format!("expected a duration above zero, found {text}")),
            duration => Ok(duration),
        })
    }

    fn severance(&self, how: Severance) -> Result<Effect, SpecError> {
        Ok(match self.position()? {
            None => Effect::Sever(how),
            Some(after) => Effect::Stream { after, effect: StreamEffect::Sever(how) },
        })
    }

    fn error(&self, status: u16, message: &str) -> Result<ScriptedError, SpecError> {
        Ok(ScriptedError {
            status: self.read("code", |text| whole(text, 400, 599))?.unwrap_or(status),
            kind: None,
            code: None,
            message: self.read("message", short_text)?.unwrap_or_else(|| message.to_owned()),
            retry_after: self.read("retry_after", duration)?,
            delay: Duration::ZERO,
        })
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = weir_pace::duration_text::parse(text).map_err(|error| error.to_string())?;
    if duration > DURATION_MAX {
        return Err(format!("expected at most 1h, found {text}"));
    }
    Ok(duration)
}

/// A whole number from `min` to `max`.
fn whole<T>(text: &str, min: T, max: T) -> Result<T, String>
where
    T: Copy + PartialOrd + std::fmt::Display + std::str::FromStr,
{
    let number = text.parse().ok().filter(|number| (min..=max).contains(number));
    number.ok_or_else(|| format!("expected a whole number from {min} to {max}, found {}", shown(text)))
}

fn position(text: &str) -> Result<Position, String> {
    let expected = || {
        format!(
            "expected a number of events from 0 to {EVENTS_MAX}, or a share such as 50%, found {}",
            shown(text)
        )
    };
    match text.strip_suffix('%') {
        None => whole(text, 0, EVENTS_MAX).map(Position::Events).map_err(|_| expected()),
        Some(percent) => match percent.trim().parse::<f64>() {
            Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Position::Share(percent / 100.0)),
            Ok(_) | Err(_) => Err(expected()),
        },
    }
}

fn media_type(text: &str) -> Result<HeaderValue, String> {
    let error = || format!("expected a media type such as text/html, found {}", shown(text));
    let is_type = text.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    if !is_type {
        return Err(error());
    }
    HeaderValue::from_str(text).map_err(|_| error())
}

fn usage_fault(text: &str) -> Result<UsageFault, String> {
    match text {
        "missing" => Ok(UsageFault::Missing),
        "wrong" => Ok(UsageFault::Wrong),
        other => Err(format!("expected missing or wrong, found {}", shown(other))),
    }
}

fn short_text(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > MESSAGE_BYTES_MAX {
        return Err(format!("expected a text of 1 to {MESSAGE_BYTES_MAX} bytes, found {}", text.len()));
    }
    Ok(text.to_owned())
}

/// A text in quotes, shortened.
fn shown(text: &str) -> String {
    format!("{:?}", text.chars().take(100).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::catalogue::FAULTS;

    fn fault(text: &str) -> Fault {
        Fault::of(&FaultSpec::of_text(text)).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn error(text: &str) -> String {
        Fault::of(&FaultSpec::of_text(text)).unwrap_err().to_string()
    }

    #[test]
    fn of_every_fault_of_the_catalogue_succeeds() {
        for info in FAULTS {
            assert_eq!(fault(info.name).info, info);
            assert_eq!(fault(info.example).info, info, "{}", info.example);
            let is_stream = matches!(fault(info.name).effect, Effect::Stream { .. });
            assert_eq!(is_stream, info.scope == FaultScope::Streams, "{}", info.name);
        }
    }

    #[test]
    fn of_text_reads_all_arguments() {
        let Effect::Status(status) = fault("status=429; retry_after=2s; message=slow down").effect else {
            panic!()
        };
        assert_eq!((status.status, status.retry_after), (429, Some(Duration::from_secs(2))));
        assert_eq!(status.message, "slow down");
        let stall = StreamEffect::Stall(Duration::from_secs(2));
        assert_eq!(
            fault("stall; after=5; for=2s").effect,
            Effect::Stream { after: Position::Events(5), effect: stall }
        );
        assert_eq!(fault("reset").effect, Effect::Sever(Severance::Reset));
        let reset = StreamEffect::Sever(Severance::Reset);
        assert_eq!(fault("reset=25%").effect, Effect::Stream { after: Position::Share(0.25), effect: reset });
        assert_eq!(fault("usage=wrong").effect, Effect::Usage(UsageFault::Wrong));
        let trickle = Effect::Trickle { bytes: 8, every: Duration::from_millis(10) };
        assert_eq!(fault("trickle; bytes=8; every=10ms").effect, trickle);
    }

    #[test]
    fn of_invalid_argument_names_what_is_expected() {
        for (text, expected) in [
            ("status=200", "status: expected a whole number from 400 to 599, found \"200\""),
            (
                "status=503; retry_after=2",
                "retry_after: 2 has no unit; write \"2s\" or \"2ms\" if that is what is meant",
            ),
            ("status; retry_after=2h", "retry_after: expected at most 1h, found 2h"),
            ("delay=0s", "delay: expected a duration above zero, found 0s"),
            (
                "stall; after=x",
                "after: expected a number of events from 0 to 1000000, or a share such as 50%, found \"x\"",
            ),
            (
                "stall; after=101%",
                "after: expected a number of events from 0 to 1000000, or a share such as 50%, found \"101%\"",
            ),
            (
                "stall; after=NaN%",
                "after: expected a number of events from 0 to 1000000, or a share such as 50%, found \"NaN%\"",
            ),
            ("trickle; bytes=0", "bytes: expected a whole number from 1 to 65536, found \"0\""),
            ("content_type=html", "content_type: expected a media type such as text/html, found \"html\""),
            ("usage=none", "usage: expected missing or wrong, found \"none\""),
        ] {
            assert_eq!(error(text), expected);
        }
    }

    #[test]
    fn events_of_share_is_of_the_total() {
        assert_eq!(Position::Share(0.5).events(Some(20)), 10);
        assert_eq!(Position::Share(1.0).events(Some(7)), 7);
        assert_eq!(Position::Share(0.5).events(None), 1);
        assert_eq!(Position::Events(3).events(Some(1)), 3);
    }
}
