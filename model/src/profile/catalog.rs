//! All profiles by name.

use std::{collections::BTreeMap, sync::Arc};

use weir_pace::{Diagnostic, Document, Suggestion, quote_key};

use super::{
    Profile,
    aliases::{Aliases, Place},
    check,
    family::Families,
    raw::{RawFile, RawProfile},
};
use crate::script::{self, RawScript, ResponseMode, RuleError, Script, unknown_script};

/// The maximum number of profiles.
const PROFILES_MAX: usize = 1_024;
/// The maximum number of scripts.
const SCRIPTS_MAX: usize = 256;
/// The maximum depth of inheritance.
const INHERITANCE_MAX: usize = 8;
/// The profiles of `config/models/`, which are part of the program.
const EMBEDDED: [(&str, &str); 6] = [
    ("config/models/hosted.toml", include_str!("../../../config/models/hosted.toml")),
    ("config/models/openai.toml", include_str!("../../../config/models/openai.toml")),
    ("config/models/anthropic.toml", include_str!("../../../config/models/anthropic.toml")),
    ("config/models/hosted-others.toml", include_str!("../../../config/models/hosted-others.toml")),
    ("config/models/self-hosted.toml", include_str!("../../../config/models/self-hosted.toml")),
    ("config/models/synthetic.toml", include_str!("../../../config/models/synthetic.toml")),
];

/// All profiles by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    raw: BTreeMap<String, RawProfile>,
    places: BTreeMap<String, Place>,
    profiles: BTreeMap<String, Arc<Profile>>,
    scripts: BTreeMap<String, Arc<Script>>,
    families: Families,
    aliases: Aliases,
}

/// What of a profile a name matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameMatch<'a> {
    /// Its name.
    Name,
    /// This one of its aliases.
    Alias(&'a str),
    /// This pattern of its family.
    Family(&'a str),
}

impl Catalog {
    /// The built-in profiles.
    pub fn embedded() -> Result<Self, Diagnostic> {
        let mut catalog = Self::default();
        for (origin, source) in EMBEDDED {
            catalog.add_text(source, origin, true)?;
        }
        Ok(catalog)
    }

    /// Adds the profiles and scripts of a TOML text; `origin` is its file, for errors. They replace existing
    /// ones of the same name.
    pub fn add(&mut self, source: &str, origin: &str) -> Result<(), Diagnostic> {
        self.add_text(source, origin, false)
    }

    fn add_text(&mut self, source: &str, origin: &str, is_embedded: bool) -> Result<(), Diagnostic> {
        let document = Document::parse(origin, source)?;
        let file: RawFile = document.read()?;
        let has_scripts = !file.script.is_empty();
        self.add_scripts(file.script, &document)?;
        let own: Vec<String> = file.model.keys().cloned().collect();
        self.raw.extend(file.model);
        if self.raw.len() > PROFILES_MAX {
            return Err(document.diagnostic("model", format!("at most {PROFILES_MAX} profiles are allowed")));
        }
        for name in &own {
            let line = document.diagnostic(&key_of(name, ""), "").line();
            self.places.insert(name.clone(), Place { file: origin.to_owned(), line, is_embedded });
        }
        self.add_families(&own, &document)?;
        self.add_aliases(&own, &document, is_embedded)?;
        // An earlier profile may use a script that has been replaced.
        let names = if has_scripts { self.raw.keys().cloned().collect() } else { own };
        for name in names {
            let profile = self.resolve(&name, &document)?;
            self.profiles.insert(name, Arc::new(profile));
        }
        Ok(())
    }

    /// The profile of that name or alias.
    pub fn get(&self, name: &str) -> Option<&Arc<Profile>> {
        self.profiles.get(name).or_else(|| self.profiles.get(self.aliases.get(name)?.1))
    }

    /// The profile of the family of models to which `name` belongs, by the patterns of the key `families`.
    pub fn family(&self, name: &str) -> Option<&Arc<Profile>> {
        self.families.pattern_and_profile(name).and_then(|(_, profile)| self.get(profile))
    }

    /// Returns the profile of that name or alias, without a prefix such as `openai/` if need be, or of the family of
    /// models to which it belongs; and what of it matches.
    pub fn find(&self, name: &str) -> Option<(&Arc<Profile>, NameMatch<'_>)> {
        let last = name.rsplit('/').next().unwrap_or(name);
        for name in [name, last] {
            if let Some(profile) = self.profiles.get(name) {
                return Some((profile, NameMatch::Name));
            }
            if let Some((alias, profile)) = self.aliases.get(name) {
                return Some((self.profiles.get(profile)?, NameMatch::Alias(alias)));
            }
        }
        let (pattern, profile) = self.families.pattern_and_profile(name)?;
        Some((self.profiles.get(profile)?, NameMatch::Family(pattern)))
    }

    /// All names and aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str).chain(self.aliases.names())
    }

    /// The script of that name.
    pub fn script(&self, name: &str) -> Option<&Arc<Script>> {
        self.scripts.get(name)
    }

    /// Parses `natural`, `echo`, `fixed=TEXT` or `script=NAME`. Fails with a message that names the valid values.
    pub fn response_mode(&self, text: &str) -> Result<ResponseMode, String> {
        match (text, text.split_once('=')) {
            ("natural", _) => Ok(ResponseMode::Natural),
            ("echo", _) => Ok(ResponseMode::Echo),
            (_, Some(("fixed", text))) => Ok(ResponseMode::Fixed(text.into())),
            (_, Some(("script", name))) => {
                let known = self.script(name).map(|script| ResponseMode::Script(Arc::clone(script)));
                known.ok_or_else(|| unknown_script(name, self.scripts.keys().map(String::as_str)))
            }
            _ => Err(format!("expected natural, echo, fixed=TEXT or script=NAME, found {text:?}")),
        }
    }

    /// All profiles, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.profiles.values()
    }

    fn add_families(&mut self, names: &[String], document: &Document<'_>) -> Result<(), Diagnostic> {
        for name in names {
            let patterns = self.raw.get(name).and_then(|raw| raw.families.as_deref()).unwrap_or_default();
            for pattern in patterns {
                self.families
                    .add(pattern, name)
                    .map_err(|message| document.diagnostic(&key_of(name, ".families"), message))?;
            }
        }
        Ok(())
    }

    fn add_aliases(
        &mut self,
        names: &[String],
        document: &Document<'_>,
        is_embedded: bool,
    ) -> Result<(), Diagnostic> {
        for name in names {
            self.aliases.remove_of(name);
            let is_taken = |message| document.diagnostic(&key_of(name, ""), message);
            self.aliases.give_way(name).map_err(is_taken)?;
        }
        for name in names {
            let aliases = self.raw.get(name).and_then(|raw| raw.aliases.as_deref()).unwrap_or_default();
            for (index, alias) in aliases.iter().enumerate() {
                let error =
                    |message| document.diagnostic(&key_of(name, &format!(".aliases[{index}]")), message);
                if let Some(place) = self.places.get(alias) {
                    return Err(error(format!("`{alias}` is already the name of a profile ({place})")));
                }
                let (file, line) = (document.origin().to_owned(), error(String::new()).line());
                self.aliases.add(alias, name, Place { file, line, is_embedded }).map_err(error)?;
            }
        }
        Ok(())
    }

    fn add_scripts(
        &mut self,
        scripts: BTreeMap<String, RawScript>,
        document: &Document<'_>,
    ) -> Result<(), Diagnostic> {
        for (name, raw) in scripts {
            let script = script::check(&name, raw).map_err(|RuleError { rule, key, message }| {
                let rule = rule.map(|number| format!("rule[{}].", number - 1)).unwrap_or_default();
                document.diagnostic(&format!("script.{}.{rule}{key}", quote_key(&name)), message)
            })?;
            self.scripts.insert(name, Arc::new(script));
        }
        if self.scripts.len() > SCRIPTS_MAX {
            let message = format!("at most {SCRIPTS_MAX} scripts are allowed");
            return Err(document.diagnostic("script", message));
        }
        Ok(())
    }

    fn resolve(&self, name: &str, document: &Document<'_>) -> Result<Profile, Diagnostic> {
        let mut raw = self.raw.get(name).cloned().unwrap_or_default();
        let own_estimate = raw.estimated.as_ref().map(|from| format!("estimated: {from}"));
        let mut path = vec![name.to_owned()];
        let inherits = key_of(name, ".inherits");
        while let Some(parent) = raw.inherits.clone() {
            let is_cyclic = path.contains(&parent);
            path.push(parent.clone());
            if is_cyclic {
                let message = format!("inherits from itself: {}", self.with_places(&path));
                return Err(document.diagnostic(&inherits, message));
            }
            if path.len() > INHERITANCE_MAX {
                let message =
                    format!("inherits through more than {INHERITANCE_MAX} profiles: {}", path.join(" -> "));
                return Err(document.diagnostic(&inherits, message));
            }
            let above = self.raw.get(&parent).cloned().ok_or_else(|| {
                let suggestion = Suggestion::nearest(&parent, self.raw.keys().map(String::as_str));
                document
                    .diagnostic(&inherits, format!("unknown profile `{parent}`"))
                    .suggesting(Some(&suggestion))
            })?;
            raw = raw.over(above);
        }
        raw.source = raw.source.or(own_estimate);
        check::check(name, raw, &self.scripts)
            .map_err(|bad| document.diagnostic(&key_of(name, &format!(".{}", bad.key)), bad.message))
    }

    /// The profiles of a path of inheritance, with the file and line of each.
    fn with_places(&self, path: &[String]) -> String {
        let places = path.iter().map(|name| match self.places.get(name) {
            Some(place) => format!("{name} ({place})"),
            None => name.clone(),
        });
        places.collect::<Vec<_>>().join(" -> ")
    }
}

/// The path of a key of a profile; `rest` follows the profile's name.
fn key_of(profile: &str, rest: &str) -> String {
    format!("model.{}{rest}", quote_key(profile))
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;

    fn error(source: &str) -> String {
        let mut catalog = Catalog::embedded().unwrap();
        catalog.add(source, "models.toml").unwrap_err().to_string()
    }

    #[test]
    fn embedded_profiles_are_valid_and_have_sources() {
        let catalog = Catalog::embedded().unwrap();
        assert!(catalog.iter().count() >= 8);
        assert!(catalog.iter().all(|profile| profile.source.len() > 20));
    }

    #[test]
    fn add_profile_inherits_missing_keys() {
        let mut catalog = Catalog::embedded().unwrap();
        catalog.add("[model.mine]\ninherits = 'steady'\nttft = '5ms'", "mine.toml").unwrap();
        let (mine, steady) = (catalog.get("mine").unwrap(), catalog.get("steady").unwrap());
        assert_eq!(mine.itl, steady.itl);
        assert_eq!(mine.ttft.mean(), std::time::Duration::from_millis(5));
        assert_eq!(mine.source, "derived from steady");
    }

    #[test]
    fn family_of_current_model_names_is_known() {
        let catalog = Catalog::embedded().unwrap();
        for (name, profile) in [
            ("gpt-4o", "gpt-4o-mini"),
            ("gpt-5", "gpt-4o-mini"),
            ("openai/gpt-4.1-nano", "gpt-4o-mini"),
            ("ft:gpt-4o-mini:acme::1", "gpt-4o-mini"),
            ("o1", "gpt-4o-mini"),
            ("o3-mini", "gpt-4o-mini"),
            ("o4-mini", "gpt-4o-mini"),
            ("claude-sonnet-4-5", "claude-3-5-haiku"),
            ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", "claude-3-5-haiku"),
            ("models/gemini-2.5-pro", "gemini-2.0-flash"),
            ("meta-llama/Llama-3.1-70B-Instruct", "llama-3.3-70b"),
            ("llama3.2", "llama-3.1-8b"),
            ("mistral-small-latest", "llama-3.1-8b"),
            ("Qwen/Qwen2.5-7B-Instruct", "llama-3.1-8b"),
            ("Qwen/Qwen2.5-72B-Instruct", "llama-3.3-70b"),
            ("deepseek-chat", "llama-3.3-70b"),
            ("text-embedding-ada-002", "text-embedding-3-small"),
            ("mistral-embed", "text-embedding-3-small"),
        ] {
            assert_eq!(catalog.family(name).map(|found| &*found.name), Some(profile), "{name}");
        }
        assert_eq!(catalog.family("our-own-model"), None);
    }

    #[test]
    fn add_families_of_a_profile_replaces_earlier_ones_and_is_not_inherited() {
        let mut catalog = Catalog::embedded().unwrap();
        catalog.add("[model.mine]\ninherits = 'gpt-4o-mini'\nfamilies = ['o1*']", "mine.toml").unwrap();
        assert_eq!(&*catalog.family("o1-preview").unwrap().name, "mine");
        assert_eq!(&*catalog.family("gpt-5").unwrap().name, "gpt-4o-mini");
    }

    #[test]
    fn add_script_of_the_same_name_replaces_it_in_profiles() {
        let mut catalog = Catalog::embedded().unwrap();
        catalog.add("[[script.weather-agent.rule]]\nsay = 'Mine.'", "mine.toml").unwrap();
        let (mode, script) = (&catalog.get("scripted-agent").unwrap().mode, catalog.script("weather-agent"));
        assert!(matches!(mode, ResponseMode::Script(of_profile) if Arc::ptr_eq(of_profile, script.unwrap())));
    }

    #[test]
    fn add_invalid_profile_names_file_line_key_and_problem() {
        assert_snapshot!(error("[model.x]\ninherits = 'stedy'"), @"models.toml:2: model.x.inherits: unknown profile `stedy` (did you mean `steady`?)");
        assert_snapshot!(error("[model.x]\ninherits = 'x'"), @"models.toml:2: model.x.inherits: inherits from itself: x (models.toml:1) -> x (models.toml:1)");
        assert_snapshot!(error("[model.x]\nsource = 'me'\nttft = '1ms'"), @"models.toml:1: model.x.itl: this key is required, unless `inherits` names a profile that has it");
        assert_snapshot!(error("[model.x]\ninherits = 'steady'\nspeed_spread = -1.0"), @"models.toml:3: model.x.speed_spread: expected a coefficient of variation from 0 to 2, found -1");
        assert_snapshot!(error("[model.x]\ninherits = 'steady'\nfamilies = ['*']"), @r#"models.toml:3: model.x.families: expected a pattern such as "gpt-*" of at most 100 bytes, found "*""#);
        assert_snapshot!(error("[model.x]\ninherits = 'steady'\ntttf = '1ms'"), @"models.toml:3: model.x.tttf: unknown key (did you mean `ttft`?)");
    }
}
