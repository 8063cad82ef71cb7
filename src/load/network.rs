//! The variables of the environment about the network that other clients use.

use std::{net::IpAddr, path::PathBuf};

use weir_loadgen::Scenario;
use weir_wire::{Scheme, Target};

/// Returns the file of certificate authorities that the environment names, or the first folder of them that exists.
pub(super) fn ca_file(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let file = env("SSL_CERT_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
    file.or_else(|| {
        let folders = env("SSL_CERT_DIR")?;
        std::env::split_paths(&folders).find(|folder| !folder.as_os_str().is_empty() && folder.is_dir())
    })
}

/// Returns a note if the environment names a proxy for the target: connections are always direct, because a proxy would be
/// part of every figure.
pub(super) fn proxy_note(scenario: &Scenario, env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let target = scenario.target()?;
    let variable = proxy_variable(target, env)?;
    Some(format!("{variable} is not used: connections to the target are direct"))
}

fn proxy_variable(target: &Target, env: &dyn Fn(&str) -> Option<String>) -> Option<&'static str> {
    let names = match target.scheme() {
        Scheme::Http => ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
        Scheme::Https => ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
    };
    let is_set = |name: &&str| env(name).is_some_and(|value| !value.trim().is_empty());
    let variable = names.into_iter().find(is_set)?;
    let exceptions = env("no_proxy").or_else(|| env("NO_PROXY")).unwrap_or_default();
    let host = target.host();
    let is_loopback =
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    (!is_loopback && !is_excepted(host, &exceptions)).then_some(variable)
}

/// Whether a host is one of a list such as `localhost,.example.com`.
fn is_excepted(host: &str, exceptions: &str) -> bool {
    exceptions.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.split(':').next().unwrap_or(entry).trim_start_matches('.').to_ascii_lowercase();
        entry == "*"
            || host == entry
            || host.strip_suffix(entry.as_str()).is_some_and(|rest| rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variable that would name the proxy for `url`.
    fn variable(url: &str, set: &[(&str, &str)]) -> Option<&'static str> {
        let env =
            |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        proxy_variable(&url.parse().unwrap(), &env)
    }

    #[test]
    fn proxy_variable_depends_on_scheme_and_exceptions() {
        let http = &[("HTTP_PROXY", "http://proxy:3128")][..];
        assert_eq!(variable("http://api.example.com", http), Some("HTTP_PROXY"));
        assert_eq!(variable("https://api.example.com", http), None);
        assert_eq!(variable("http://127.0.0.1:8000", http), None);
        assert_eq!(variable("http://localhost", http), None);
        assert_eq!(variable("http://h", &[("HTTP_PROXY", " ")]), None);
        let except = |list| variable("https://api.example.com", &[("https_proxy", "p"), ("NO_PROXY", list)]);
        for list in ["*", "example.com", ".example.com", "a, api.example.com:443"] {
            assert_eq!(except(list), None, "{list}");
        }
        for list in ["", "ample.com", "com.example", "x.api.example.com"] {
            assert_eq!(except(list), Some("https_proxy"), "{list}");
        }
    }

    #[test]
    fn ca_file_ignores_empty_variable() {
        assert_eq!(ca_file(&|_| Some(String::new())), None);
        assert_eq!(
            ca_file(&|name| (name == "SSL_CERT_FILE").then(|| "a.pem".to_owned())),
            Some("a.pem".into())
        );
    }

    #[test]
    fn ca_file_of_folders_is_the_first_that_exists() {
        let folder = tempfile::tempdir().unwrap();
        let folders = format!(":/does/not/exist:{}:/", folder.path().display());
        let with = |file: &'static str| {
            ca_file(&|name| Some(if name == "SSL_CERT_DIR" { folders.clone() } else { file.to_owned() }))
        };
        assert_eq!(with(""), Some(folder.path().to_owned()));
        assert_eq!(with("a.pem"), Some("a.pem".into()));
        assert_eq!(ca_file(&|name| (name == "SSL_CERT_DIR").then(|| "/does/not/exist".to_owned())), None);
    }
}
