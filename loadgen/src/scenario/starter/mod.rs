//! A scenario with one task, written for a URL.
//!
//! `endpoint` recognises the URLs of LLM APIs; `toml_text` writes strings; `request` writes the table of the request.

mod endpoint;
mod request;
mod toml_text;

use std::path::Path;

use weir_pace::{TomlValueNode, read_settings};

use super::error::{Invalid, ScenarioError, ScenarioProblem};
use super::{Scenario, source};

use self::endpoint::Address;
use self::request::write_request;
use self::toml_text::quoted;

/// The name of the text of a starter in errors.
const ORIGIN: &str = "command line";

/// A request to a URL, from which a scenario is written. The path of an LLM API selects the kind of the request; any other
/// URL gets a plain HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Starter {
    /// The URL, with path and query.
    pub url: String,
    /// The method. Default: `POST` with a body, otherwise `GET`; `POST` for LLM APIs.
    pub method: Option<String>,
    /// Headers, as `Name: value`.
    pub headers: Vec<String>,
    /// The body. JSON is recognised by its first character.
    pub body: Option<String>,
    /// Whether the answer is a stream. Without it, a plain HTTP task detects streams.
    pub stream: bool,
    /// The JSON pointer of the text in the events of a stream.
    pub content: Option<String>,
    /// The model of an LLM API.
    pub model: Option<String>,
}

impl Starter {
    /// Returns whether the text is a URL and not the name of a scenario.
    #[must_use]
    pub fn is_url(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| {
            ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        })
    }

    /// Returns the default model of the LLM API that the URL belongs to; `None` if it belongs to none.
    ///
    /// # Errors
    /// Fails if the URL is not valid.
    pub fn default_model(&self) -> Result<Option<&'static str>, ScenarioError> {
        let address = Address::parse(&self.url, self.is_post()).map_err(|invalid| invalid.of(ORIGIN))?;
        Ok(address.endpoint().and_then(|endpoint| endpoint.model))
    }

    /// Whether requests to an LLM API are meant.
    fn is_post(&self) -> bool {
        self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case("post"))
    }

    /// Returns the scenario of a run of ten users without think time for ten seconds.
    ///
    /// # Errors
    /// Fails if the URL or another field is not valid.
    pub fn scenario(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Scenario, ScenarioError> {
        self.checked(Purpose::Run, env).map(|(_, scenario)| scenario)
    }

    /// Returns the text of a scenario, with comments, for a file.
    ///
    /// # Errors
    /// Fails if the URL or another field is not valid.
    pub fn text(&self) -> Result<String, ScenarioError> {
        // The variables that it refers to need not be set now.
        self.checked(Purpose::File, &|_| Some("unset".to_owned())).map(|(text, _)| text)
    }

    fn checked(
        &self,
        purpose: Purpose,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<(String, Scenario), ScenarioError> {
        let check = || {
            let address = Address::parse(&self.url, self.is_post())?;
            let text = self.write(&address, purpose)?;
            let table: toml::Table = toml::from_str(&text)
                .map_err(|error| Invalid::new("URL", ScenarioProblem::Syntax(error.message().to_owned())))?;
            let raw = read_settings(TomlValueNode::Table(&table)).map_err(Invalid::from)?;
            let scenario = source::check(&address.task_name(), raw, Path::new(""), env)?;
            Ok((text, scenario))
        };
        check().map_err(|invalid: Invalid| of_flag(invalid).of(ORIGIN))
    }

    fn write(&self, address: &Address, purpose: Purpose) -> Result<String, Invalid> {
        let mut text = String::new();
        let task = address.task_name();
        if purpose == Purpose::File {
            text.push_str("# A scenario for `weir load`. docs/scenarios.md describes every key.\n\n");
        }
        let request = write_request(self, address)?;
        text.push_str(&format!("about = {}\n", quoted(&format!("{task} at {}", address.base))));
        text.push_str(&format!("url = {}\n", quoted(&address.base)));
        if let Some(variable) = request.api_key_env {
            text.push_str(&format!(
                "api_key_env = {}   # its value is sent as the API key, if it is set\n",
                quoted(variable)
            ));
        }
        text.push_str(purpose.load());
        text.push_str(&format!("\n[[user.visitor.task]]\nname = {}\n", quoted(&task)));
        text.push_str(&format!("\n[user.visitor.task.request]\n{}", request.table));
        text.push_str(purpose.criteria());
        Ok(text)
    }
}

/// What the text is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
enum Purpose {
    Run,
    File,
}

impl Purpose {
    fn load(self) -> &'static str {
        match self {
            Self::Run => "\n[load]\nusers = 10\nrun_time = \"10s\"\n",
            Self::File => {
                "\n[load]\n\
                 users = 10            # concurrent users; each waits for its answer before its next request\n\
                 # rate = \"20/s\"       # instead of users: requests started per second, however slow the target is\n\
                 run_time = \"30s\"\n\
                 warm_up = \"3s\"        # time at the beginning that is excluded from the results\n\n\
                 [user.visitor]\n\
                 # think = { between = [\"1s\", \"3s\"] }   # the pause of a user between two requests\n"
            }
        }
    }

    fn criteria(self) -> &'static str {
        match self {
            Self::Run => "",
            Self::File => {
                "\n# If one of these fails, the exit code is 1.\n\
                 [thresholds]\n\
                 all = [\"errors < 1%\"]   # also: \"e2e.p95 < 2s\", \"ttft.p95 < 500ms\", \"rps > 50\"\n"
            }
        }
    }
}

/// Replaces a key by the flag that it comes from.
fn of_flag(invalid: Invalid) -> Invalid {
    let request = invalid.key.split_once(".request.").map(|(_, key)| key.to_owned());
    let flag = match request.as_deref().and_then(|key| key.split('.').next()) {
        Some("path") => "URL",
        Some("method") => "--method",
        Some("headers") => "--header",
        Some("body") => "--body",
        Some("content") => "--content",
        Some("model") => "--model",
        Some("events" | "stream") => "--stream",
        _ if invalid.key == "url" => "URL",
        _ => return invalid,
    };
    Invalid { key: flag.to_owned(), ..invalid }
}

#[cfg(test)]
mod tests;
