//! Mistakes in files of settings: each is one error that names file, line and key. One table per topic; a row is a text and
//! the first line of its error.

mod profiles;

use weir_server::RawConfig;

/// A file of settings.
#[derive(Clone, Copy, Debug)]
enum File {
    /// Profiles of models, as with `weir serve --models`, besides the built-in ones.
    Models,
    /// Settings of the server, as with `weir serve --config`.
    Settings,
}

/// A mistake in a file, and the first line of its error.
type Row = (File, &'static str, &'static str);

impl File {
    /// The first line of the error of `text`.
    fn error(self, text: &str) -> String {
        let error = match self {
            Self::Models => {
                let mut models = weir_model::Catalog::embedded().unwrap();
                models.add(text, "models.toml").err().map(|error| error.to_string())
            }
            Self::Settings => settings_error(text),
        };
        let error = error.unwrap_or_else(|| "no error".to_owned());
        error.lines().next().unwrap_or_default().to_owned()
    }
}

fn settings_error(text: &str) -> Option<String> {
    let backends = weir_reference::backends();
    let checked = RawConfig::from_toml(text, "server.toml", backends.tables())
        .and_then(|raw| Ok(raw.over(RawConfig::defaults(backends.tables())?)))
        .and_then(weir_server::Config::try_from);
    checked.err().map(|error| error.to_string())
}

/// Fails with all rows whose error differs.
fn check(rows: &[Row]) {
    let differing: Vec<_> = rows
        .iter()
        .filter_map(|(file, text, expected)| {
            let found = file.error(text);
            (found != *expected).then(|| format!("{text}\n    expected: {expected}\n    found:    {found}"))
        })
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
}

#[test]
fn mistakes_in_profiles_are_errors_with_file_line_and_key() {
    check(profiles::ROWS);
}

#[test]
fn mistakes_in_models_settings_are_errors_with_file_line_and_key() {
    check(profiles::SETTINGS);
}
