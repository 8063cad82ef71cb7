//! Settings of backends: tables of the configuration that the server does not know by itself.

use std::{any::Any, collections::BTreeMap, fmt, sync::Arc};

use serde::de::DeserializeOwned;
use toml::{Spanned, de::DeValue};
use weir_pace::{SettingError, TomlNode, read_settings};

use super::ConfigError;

/// The settings of one backend as users write them: every key optional, later sources override earlier ones.
///
/// The type reads its table with serde; `#[serde(deny_unknown_fields, default)]` makes unknown keys errors that name
/// file, line and the nearest key.
pub trait BackendSettings: DeserializeOwned + Default + fmt::Debug + Send + 'static {
    /// The checked settings that the backend starts with.
    type Checked: Send + Sync + 'static;

    /// The environment variables that set keys of this table. The system's own names come first, names of the form
    /// `WEIR_<TABLE>_<KEY>` after them: later variables override earlier ones.
    const VARIABLES: &'static [Variable<Self>] = &[];

    /// Returns these settings, completed by those of `below`, a source of lower precedence.
    #[must_use]
    fn over(self, below: Self) -> Self;

    /// Checks the settings.
    ///
    /// # Errors
    /// Fails if a value is missing, out of its bounds or conflicts with another one.
    fn check(self) -> Result<Self::Checked, ConfigError>;
}

/// The settings of a backend without any.
#[derive(Clone, Copy, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

impl BackendSettings for NoSettings {
    type Checked = Self;

    fn over(self, _below: Self) -> Self {
        self
    }

    fn check(self) -> Result<Self, ConfigError> {
        Ok(self)
    }
}

/// An environment variable's name, and how its value is written to the settings `S`. The error names what is needed.
pub type Variable<S> = (&'static str, fn(&mut S, &str) -> Result<(), String>);

type ReadTable = fn(Spanned<DeValue<'_>>) -> Result<Box<dyn RawTable>, SettingError>;
type ReadVariables = fn(&BTreeMap<String, String>) -> Result<Box<dyn RawTable>, ConfigError>;

/// Where a backend's settings come from: the name of its table, and the functions of its settings' type.
#[derive(Clone, Copy)]
pub struct SettingsTable {
    /// Its key in the configuration file.
    pub(super) name: &'static str,
    pub(super) variables: fn() -> Vec<&'static str>,
    read: ReadTable,
    read_variables: ReadVariables,
}

impl fmt::Debug for SettingsTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SettingsTable").field(&self.name).finish()
    }
}

impl SettingsTable {
    /// The table `name` with settings of type `S`.
    pub(crate) fn of<S: BackendSettings>(name: &'static str) -> Self {
        Self {
            name,
            variables: || S::VARIABLES.iter().map(|(name, _)| *name).collect(),
            read: |value| Ok(Box::new(read_settings::<S, _>(TomlNode::Value(&value))?)),
            read_variables: |variables| Ok(Box::new(apply(S::VARIABLES, variables)?)),
        }
    }
}

/// The settings that `variables` set.
pub(super) fn apply<S: Default>(
    known: &[Variable<S>],
    variables: &BTreeMap<String, String>,
) -> Result<S, ConfigError> {
    let mut settings = S::default();
    for (name, set) in known {
        if let Some(value) = variables.get(*name) {
            set(&mut settings, value).map_err(|message| ConfigError::Variable {
                name: (*name).to_owned(),
                value: value.clone(),
                message,
            })?;
        }
    }
    Ok(settings)
}

/// The unchecked settings of one backend.
trait RawTable: fmt::Debug + Any + Send {
    fn over(self: Box<Self>, below: Box<dyn RawTable>) -> Box<dyn RawTable>;
    fn check(self: Box<Self>) -> Result<Arc<dyn Any + Send + Sync>, ConfigError>;
}

impl<S: BackendSettings> RawTable for S {
    fn over(self: Box<Self>, below: Box<dyn RawTable>) -> Box<dyn RawTable> {
        let below: Box<dyn Any> = below;
        match below.downcast::<S>() {
            Ok(below) => Box::new(BackendSettings::over(*self, *below)),
            Err(_) => other_type(),
        }
    }

    fn check(self: Box<Self>) -> Result<Arc<dyn Any + Send + Sync>, ConfigError> {
        Ok(Arc::new(BackendSettings::check(*self)?))
    }
}

#[expect(
    clippy::panic,
    reason = "two backends with one table name are a mistake of the program that mounts them"
)]
fn other_type() -> ! {
    panic!("two backends have the same table of settings")
}

/// The unchecked settings of all backends, by the names of their tables.
#[derive(Debug, Default)]
pub(super) struct RawTables(BTreeMap<&'static str, Box<dyn RawTable>>);

impl RawTables {
    /// Reads `value`, the value of the key `table`.
    pub(super) fn read(
        &mut self,
        table: &SettingsTable,
        value: Spanned<DeValue<'_>>,
    ) -> Result<(), SettingError> {
        let settings = (table.read)(value)
            .map_err(|SettingError { key, problem }| SettingError { key: key.within(table.name), problem })?;
        self.0.insert(table.name, settings);
        Ok(())
    }

    pub(super) fn from_variables(
        tables: &[SettingsTable],
        variables: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let read = |table: &SettingsTable| Ok((table.name, (table.read_variables)(variables)?));
        tables.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn over(mut self, below: Self) -> Self {
        for (name, below) in below.0 {
            let table = match self.0.remove(name) {
                Some(table) => table.over(below),
                None => below,
            };
            self.0.insert(name, table);
        }
        self
    }

    pub(super) fn check(self) -> Result<BackendConfigs, ConfigError> {
        let check = |(name, table): (_, Box<dyn RawTable>)| Ok((name, table.check()?));
        self.0.into_iter().map(check).collect::<Result<_, _>>().map(BackendConfigs)
    }
}

/// The checked settings of all backends, by the names of their tables.
#[derive(Clone, Default)]
pub struct BackendConfigs(BTreeMap<&'static str, Arc<dyn Any + Send + Sync>>);

impl fmt::Debug for BackendConfigs {
    /// Only the names: settings may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl BackendConfigs {
    /// The settings of the table `name`; `None` if the configuration was read without it.
    pub fn get<S: BackendSettings>(&self, name: &str) -> Option<Arc<S::Checked>> {
        Arc::clone(self.0.get(name)?).downcast().ok()
    }
}
