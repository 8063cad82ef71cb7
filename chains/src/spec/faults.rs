//! All that is wrong with a part of a file.

use super::SpecError;

/// What is wrong with a part of a file: one fault at least.
#[derive(Debug)]
pub(crate) struct Faults {
    first: SpecError,
    more: Vec<SpecError>,
}

impl From<SpecError> for Faults {
    fn from(first: SpecError) -> Self {
        Self { first, more: Vec::new() }
    }
}

impl Faults {
    /// The fault that was found first.
    pub(crate) fn first(self) -> SpecError {
        self.first
    }
}

impl IntoIterator for Faults {
    type Item = SpecError;
    type IntoIter = std::iter::Chain<std::iter::Once<SpecError>, std::vec::IntoIter<SpecError>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.more)
    }
}

/// Everything, or every fault.
pub(crate) fn all<T>(results: impl IntoIterator<Item = Result<T, SpecError>>) -> Result<Vec<T>, Faults> {
    let mut sound = Vec::new();
    let mut found: Option<Faults> = None;
    for result in results {
        match (result, &mut found) {
            (Ok(part), _) => sound.push(part),
            (Err(fault), None) => found = Some(fault.into()),
            (Err(fault), Some(faults)) => faults.more.push(fault),
        }
    }
    found.map_or(Ok(sound), Err)
}

/// Both, or the faults of both.
pub(crate) fn both<A, B>(one: Result<A, Faults>, other: Result<B, Faults>) -> Result<(A, B), Faults> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(mut faults), Err(others)) => {
            faults.more.extend(others);
            Err(faults)
        }
        (Err(faults), Ok(_)) | (Ok(_), Err(faults)) => Err(faults),
    }
}
