//! The headers of a scenario, including secret ones, and those of its requests.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use weir_pace::SettingProblem;

use crate::task::{self, Auth, Templates, Text, is_template};

use super::error::{Invalid, ScenarioProblem};

/// The default `User-Agent`.
const USER_AGENT: &str = concat!("weir/", env!("CARGO_PKG_VERSION"));

/// The header of API keys of Anthropic.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The API key, in the forms of all APIs.
#[derive(Clone, Debug)]
pub(crate) struct ApiKey {
    bearer: HeaderValue,
    bare: HeaderValue,
}

impl ApiKey {
    fn check(key: &str) -> Result<Self, Invalid> {
        let bearer = secret_value(&format!("Bearer {key}"), "api_key_env")?;
        Ok(Self { bearer, bare: secret_value(key, "api_key_env")? })
    }

    /// Inserts the key in the header of the API.
    pub(super) fn insert_into(&self, headers: &mut HeaderMap, auth: Auth) {
        match auth {
            Auth::Bearer => headers.insert(header::AUTHORIZATION, self.bearer.clone()),
            Auth::ApiKey => headers.insert(X_API_KEY, self.bare.clone()),
        };
    }
}

pub(super) struct Headers {
    pub(super) map: HeaderMap,
    pub(super) api_key: Option<ApiKey>,
    pub(super) secrets: Vec<String>,
    pub(super) notes: Vec<String>,
}

impl Headers {
    pub(super) fn check(
        plain: &BTreeMap<String, String>,
        from_env: &BTreeMap<String, String>,
        api_key_env: Option<&str>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Invalid> {
        let mut map = check_plain(plain)?;
        map.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
        let mut headers = Self { map, api_key: None, secrets: Vec::new(), notes: Vec::new() };
        for (name, variable) in from_env {
            let key = format!("headers_env.{name}");
            let name = header_name(name, &key)?;
            let problem = ScenarioProblem::NotSet { variable: variable.clone() };
            let secret = lookup(variable, env).ok_or_else(|| Invalid::new(key.clone(), problem))?;
            headers.map.insert(name, secret_value(&secret, &key)?);
            headers.secrets.push(secret);
        }
        if let Some(variable) = api_key_env {
            match lookup(variable, env) {
                Some(key) => {
                    headers.api_key = Some(ApiKey::check(&key)?);
                    headers.secrets.push(key);
                }
                None => headers.notes.push(format!("{variable} is not set: requests carried no key")),
            }
        }
        Ok(headers)
    }
}

/// Returns the trimmed value of an environment variable, or `None` if it is empty or not set.
pub(super) fn lookup(variable: &str, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    env(variable).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Checks the headers of the scenario.
fn check_plain(headers: &BTreeMap<String, String>) -> Result<HeaderMap, Invalid> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let key = format!("headers.{name}");
        if is_template(value) {
            let message = "a template is not allowed here; use `headers` of a request";
            return Err(Invalid::new(key, SettingProblem::Invalid(message.to_owned())));
        }
        map.insert(header_name(name, &key)?, header_value(value, &key)?);
    }
    Ok(map)
}

/// Checks the headers of a request, at the key `table`. The values may be templates.
pub(super) fn parse(
    headers: &BTreeMap<String, String>,
    table: &str,
    templates: &mut Templates,
) -> Result<task::Headers, Invalid> {
    let mut parsed = task::Headers::default();
    for (name, value) in headers {
        let key = format!("{table}.{name}");
        let name = header_name(name, &key)?;
        if is_template(value) {
            parsed.rendered.push((name, Text::parse(value, &key, templates)?));
        } else {
            parsed.insert(name, header_value(value, &key)?);
        }
    }
    Ok(parsed)
}

pub(super) fn header_name(name: &str, key: &str) -> Result<HeaderName, Invalid> {
    HeaderName::try_from(name).map_err(|error| {
        Invalid::new(key, ScenarioProblem::Http { value: name.to_owned(), because: error.to_string() })
    })
}

/// Checks a value that must not appear in logs.
fn secret_value(value: &str, key: &str) -> Result<HeaderValue, Invalid> {
    let mut value = header_value(value, key)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Checks a value. Errors do not contain it, because it may be secret.
fn header_value(value: &str, key: &str) -> Result<HeaderValue, Invalid> {
    HeaderValue::try_from(value).map_err(|error| {
        Invalid::new(key, ScenarioProblem::Http { value: "the value".to_owned(), because: error.to_string() })
    })
}
