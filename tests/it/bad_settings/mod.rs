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

/// The built-in models with those of `files`, which are named `1.toml` and so on; or the first error.
fn added(files: &[&str]) -> Result<weir_model::Catalog, String> {
    let mut models = weir_model::Catalog::embedded().unwrap();
    for (number, text) in (1..).zip(files) {
        models.add(text, &format!("{number}.toml")).map_err(|error| error.to_string())?;
    }
    Ok(models)
}

#[test]
fn clashing_names_of_two_files_are_errors_with_both_places() {
    const ONE: &str = "[model.x]\ninherits = 'steady'\naliases = ['one']";
    let error = |second: &str| added(&[ONE, second]).unwrap_err();
    assert_eq!(
        error("[model.y]\ninherits = 'steady'\naliases = ['one']"),
        "2.toml:3: model.y.aliases[0]: `one` is already an alias of `x` (1.toml:3)"
    );
    assert_eq!(
        error("[model.one]\ninherits = 'steady'"),
        "2.toml:1: model.one: `one` is already an alias of `x` (1.toml:3)"
    );
    assert_eq!(
        error("[model.y]\ninherits = 'steady'\naliases = ['x']"),
        "2.toml:3: model.y.aliases[0]: `x` is already the name of a profile (1.toml:1)"
    );
    let built_in = added(&["[model.y]\ninherits = 'steady'\naliases = ['gpt-4o']"]).unwrap_err();
    assert!(
        built_in.starts_with(
            "1.toml:3: model.y.aliases[0]: `gpt-4o` is already the name of a profile (config/models/openai.toml:"
        ),
        "{built_in}"
    );
}

#[test]
fn names_of_a_later_file_replace_built_in_aliases_and_those_of_the_same_profile() {
    let name =
        |files: &[&str], name: &str| added(files).unwrap().get(name).map(|profile| profile.name.to_string());
    let dated = "gpt-4o-2024-08-06";
    assert_eq!(name(&[], dated).as_deref(), Some("gpt-4o"));
    let profile = format!("[model.\"{dated}\"]\ninherits = 'steady'");
    assert_eq!(name(&[&profile], dated).as_deref(), Some(dated));
    let alias = format!("[model.mine]\ninherits = 'steady'\naliases = ['{dated}']");
    assert_eq!(name(&[&alias], dated).as_deref(), Some("mine"));
    let (first, second) = (
        "[model.x]\ninherits = 'steady'\naliases = ['one']",
        "[model.x]\ninherits = 'steady'\naliases = ['two']",
    );
    assert_eq!(name(&[first, second], "one"), None);
    assert_eq!(name(&[first, second], "two").as_deref(), Some("x"));
}

#[test]
fn built_in_profiles_are_measured_or_marked_as_estimated() {
    let models = weir_model::Catalog::embedded().unwrap();
    assert!(models.iter().count() >= 60);
    for profile in models.iter() {
        let is_published =
            ["2024", "2025", "2026", "llm-d", "surajssd"].iter().any(|part| profile.source.contains(part));
        let is_invented = profile.source.starts_with("invented: ");
        assert!(
            profile.estimated.is_some() || is_published || is_invented,
            "{}: {}",
            profile.name,
            profile.source
        );
        // A price of a list has a date.
        assert!(profile.price.is_none_or(|price| price.as_of.is_some()), "{}", profile.name);
    }
}
