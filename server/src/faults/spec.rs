//! A fault as users write it: `stall; after=5; for=2s` in a header or in settings, or a table in settings.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use weir_pace::Suggestion;

use super::catalogue::{FaultInfo, fault_info, names};

/// The name of a fault and its arguments, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FaultSpec {
    /// Name and value of each part, the name of the fault first if it is a text.
    parts: Vec<(String, Option<String>)>,
    form: SpecForm,
}

/// How a fault is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpecForm {
    /// `stall; after=5`
    Text,
    /// `{ stall = true, after = 5 }`
    Table,
}

/// What is wrong with a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SpecError {
    /// The part that is wrong, if it is one of several.
    pub(super) part: Option<String>,
    pub(super) message: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Some(part) => write!(f, "{part}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// The arguments of a known fault, by the names of its parameters.
#[derive(Debug)]
pub(super) struct Arguments<'a> {
    pub(super) info: &'static FaultInfo,
    /// Parameter, value, and the part that gives it.
    given: Vec<(&'static str, &'a str, &'a str)>,
}

impl FaultSpec {
    /// Reads `name; key=value; …`, where the name may have the value of its main parameter.
    pub(super) fn of_text(text: &str) -> Self {
        let part = |part: &str| match part.split_once('=') {
            Some((name, value)) => (name.trim().to_owned(), Some(value.trim().to_owned())),
            None => (part.trim().to_owned(), None),
        };
        Self { parts: text.trim().trim_end_matches(';').split(';').map(part).collect(), form: SpecForm::Text }
    }

    /// How it is written.
    pub(super) const fn form(&self) -> SpecForm {
        self.form
    }

    /// Finds the fault, and checks the names of its arguments.
    pub(super) fn arguments(&self) -> Result<Arguments<'_>, SpecError> {
        let (index, info) = self.name()?;
        let mut arguments = Arguments { info, given: Vec::new() };
        for (at, (name, value)) in self.parts.iter().enumerate() {
            let error = |message| SpecError { part: Some(name.clone()), message };
            let parameter = if at == index {
                match (info.main, value) {
                    (_, None) => continue,
                    (Some(main), Some(_)) => main,
                    (None, Some(_)) => {
                        return Err(error(format!("the fault `{}` takes no value", info.name)));
                    }
                }
            } else {
                let known = info.parameters.iter().map(|parameter| parameter.name);
                known.clone().find(|known| known == name).ok_or_else(|| {
                    if info.parameters.is_empty() {
                        return error(format!("the fault `{}` has no parameters", info.name));
                    }
                    let suggestion = Suggestion::new(name, known);
                    error(format!("unknown parameter of the fault `{}`{suggestion}", info.name))
                })?
            };
            let Some(value) = value else {
                return Err(error("expected a value, as in `after=5`".to_owned()));
            };
            if arguments.get(parameter).is_some() {
                return Err(error(format!("the parameter `{parameter}` is given twice")));
            }
            arguments.given.push((parameter, value, name));
        }
        Ok(arguments)
    }

    /// The index of the part that names the fault, and the fault.
    fn name(&self) -> Result<(usize, &'static FaultInfo), SpecError> {
        let mut found =
            self.parts.iter().enumerate().filter_map(|(at, (name, _))| Some((at, fault_info(name)?)));
        match (self.form, found.next(), found.next()) {
            (SpecForm::Text, Some((0, info)), None) | (SpecForm::Table, Some((_, info)), None) => {
                let at = self.parts.iter().position(|(name, _)| name == info.name);
                Ok((at.unwrap_or_default(), info))
            }
            (_, Some((_, one)), Some((_, other))) => Err(SpecError {
                part: None,
                message: format!("expected one fault, found `{}` and `{}`", one.name, other.name),
            }),
            (..) => Err(self.unknown_name()),
        }
    }

    fn unknown_name(&self) -> SpecError {
        let near = |(name, _): &&(String, Option<String>)| weir_pace::nearest(name, names()).is_some();
        let part = self.parts.iter().find(near).or(self.parts.first());
        let (name, _) = match (self.form, part, self.parts.first()) {
            (SpecForm::Text, _, Some(first)) => first,
            (SpecForm::Table, Some(part), _) => part,
            (_, _, None) | (SpecForm::Table, None, _) => {
                let message = "expected the name of a fault; `weir faults` lists them".to_owned();
                return SpecError { part: None, message };
            }
        };
        if name.is_empty() {
            let message = "expected the name of a fault, found an empty text".to_owned();
            return SpecError { part: None, message };
        }
        let suggestion = Suggestion::new(name, names());
        SpecError { part: None, message: format!("unknown fault `{}`{suggestion}", name.escape_debug()) }
    }
}

impl Arguments<'_> {
    /// The value of a parameter.
    pub(super) fn get(&self, parameter: &str) -> Option<&str> {
        self.given.iter().find(|(name, ..)| *name == parameter).map(|(_, value, _)| *value)
    }

    /// Reads the value of a parameter, if it is given.
    pub(super) fn read<T>(
        &self,
        parameter: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, SpecError> {
        let Some((_, value, part)) = self.given.iter().find(|(name, ..)| *name == parameter) else {
            return Ok(None);
        };
        let error = |message| SpecError { part: Some((*part).to_owned()), message };
        read(value).map(Some).map_err(error)
    }
}

impl<'de> Deserialize<'de> for FaultSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTable;
        impl<'de> Visitor<'de> for TextOrTable {
            type Value = FaultSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a fault, such as \"stall; after=5\" or { stall = \"2s\", after = 5 }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<FaultSpec, E> {
                Ok(FaultSpec::of_text(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FaultSpec, A::Error> {
                let mut parts = Vec::new();
                while let Some((name, Argument(value))) = map.next_entry()? {
                    parts.push((name, value));
                }
                Ok(FaultSpec { parts, form: SpecForm::Table })
            }
        }
        deserializer.deserialize_any(TextOrTable)
    }
}

/// The value of an argument in a table; `None`: `true`.
struct Argument(Option<String>);

impl<'de> Deserialize<'de> for Argument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl Visitor<'_> for Scalar {
            type Value = Argument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number or true")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Argument, E> {
                if value {
                    Ok(Argument(None))
                } else {
                    Err(E::invalid_value(de::Unexpected::Bool(false), &self))
                }
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Argument, E> {
                Ok(Argument(Some(value.to_owned())))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Argument, E> {
                Ok(Argument(Some(value.to_string())))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Argument, E> {
                Ok(Argument(Some(value.to_string())))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Argument, E> {
                Ok(Argument(Some(value.to_string())))
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        FaultSpec::of_text(text).arguments().unwrap_err().to_string()
    }

    #[test]
    fn of_text_with_main_value_is_the_same_as_by_parameter() {
        for (short, long) in
            [("status=503", "status; code=503"), ("stall = 2s;after=5;", "stall; after=5; for=2s")]
        {
            let (short, long) = (FaultSpec::of_text(short), FaultSpec::of_text(long));
            let (short, long) = (short.arguments().unwrap(), long.arguments().unwrap());
            for parameter in short.info.parameters {
                assert_eq!(short.get(parameter.name), long.get(parameter.name), "{}", parameter.name);
            }
        }
    }

    #[test]
    fn deserialize_of_table_is_the_same_as_of_text() {
        #[derive(Deserialize)]
        struct Rule {
            fault: FaultSpec,
        }
        let rule: Rule = toml::from_str("fault = { after = 5, stall = '2s' }").unwrap();
        let arguments = rule.fault.arguments().unwrap();
        assert_eq!(arguments.info.name, "stall");
        assert_eq!((arguments.get("for"), arguments.get("after")), (Some("2s"), Some("5")));
        let rule: Rule = toml::from_str("fault = { no_answer = true }").unwrap();
        assert_eq!(rule.fault.arguments().unwrap().info.name, "no_answer");
    }

    #[test]
    fn arguments_of_invalid_text_names_the_part() {
        insta::assert_snapshot!(error("stal; after=5"), @"unknown fault `stal` (did you mean `stall`?)");
        insta::assert_snapshot!(error(""), @"expected the name of a fault, found an empty text");
        insta::assert_snapshot!(error("stall; aftr=5"), @"aftr: unknown parameter of the fault `stall` (did you mean `after`?)");
        insta::assert_snapshot!(error("stall; after"), @"after: expected a value, as in `after=5`");
        insta::assert_snapshot!(error("stall=1s; for=2s"), @"for: the parameter `for` is given twice");
        insta::assert_snapshot!(error("no_answer=1"), @"no_answer: the fault `no_answer` takes no value");
        insta::assert_snapshot!(error("no_answer; after=1"), @"after: the fault `no_answer` has no parameters");
        insta::assert_snapshot!(error("stall; reset"), @"expected one fault, found `stall` and `reset`");
    }
}
