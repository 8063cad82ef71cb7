//! Models and chains: the built-in ones, and the user's.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// The built-in chains.
const CHAINS: [(&str, &str); 3] = [
    ("config/chains/chain-backend.toml", include_str!("../config/chains/chain-backend.toml")),
    ("config/chains/agent-workflows.toml", include_str!("../config/chains/agent-workflows.toml")),
    ("config/chains/tutorial.toml", include_str!("../config/chains/tutorial.toml")),
];

/// The user's models and chains.
#[derive(Debug, clap::Args)]
pub(crate) struct Sources {
    /// Additional model profiles: a TOML file, or a folder of TOML files.
    #[arg(long, value_name = "PATH")]
    models: Option<PathBuf>,
    /// Additional chains: a TOML file, or a folder of TOML files.
    #[arg(long, value_name = "PATH")]
    chains: Option<PathBuf>,
}

impl Sources {
    pub(crate) fn models(&self) -> anyhow::Result<weir_model::Catalog> {
        models(self.models.as_deref())
    }

    pub(crate) fn chains(&self) -> anyhow::Result<weir_chains::Catalog> {
        chains(self.chains.as_deref())
    }
}

/// Returns the built-in models and those of a file or folder, which replace others of the same name.
pub(crate) fn models(path: Option<&Path>) -> anyhow::Result<weir_model::Catalog> {
    let mut models = weir_model::Catalog::embedded()?;
    for path in toml_files(path)? {
        models.add(&read(&path)?, &path.display().to_string())?;
    }
    Ok(models)
}

/// Returns the built-in chains and those of a file or folder, which replace others of the same name.
pub(crate) fn chains(path: Option<&Path>) -> anyhow::Result<weir_chains::Catalog> {
    let mut chains = weir_chains::Catalog::default();
    for (origin, source) in CHAINS {
        chains.merge(weir_chains::Catalog::parse(source, origin)?)?;
    }
    for path in toml_files(path)? {
        chains.merge(weir_chains::Catalog::parse(&read(&path)?, &path.display().to_string())?)?;
    }
    chains.check()?;
    Ok(chains)
}

/// Reads the text of a file.
pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    weir_pace::read_text_file(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Returns the file, or the TOML files of the folder, sorted by name.
pub(crate) fn toml_files(path: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    let Some(path) = path else { return Ok(Vec::new()) };
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let cannot = || format!("cannot read the folder {}", path.display());
    let entries =
        fs::read_dir(path).with_context(cannot)?.collect::<Result<Vec<_>, _>>().with_context(cannot)?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}
