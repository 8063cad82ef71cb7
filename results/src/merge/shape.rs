//! The number of parts of a saved report, counted before memory is taken for them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The sections of a report.
const SECTIONS_MAX: usize = 64;

/// The tasks and the classes of a run, which scenarios limit to 256 and 64.
const TASKS_MAX: usize = 256;

/// The rows of a timeline: a week of seconds.
const ROWS_MAX: usize = 7 * 24 * 3600;

/// Lists of thresholds, notes and others.
const ITEMS_MAX: usize = 10_000;

/// What the first reading of a report takes note of.
#[derive(serde::Deserialize)]
pub(super) struct Shape<'a> {
    #[serde(borrow, default)]
    pub(super) schema: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) weir: Option<&'a RawValue>,
    #[serde(default)]
    sections: Sections,
}

/// The number of sections, and the most items that one of them has in each list.
#[derive(Default)]
struct Sections {
    count: usize,
    most: LoadShape,
}

#[derive(serde::Deserialize)]
struct SectionShape {
    #[serde(default)]
    measured: MeasuredShape,
}

#[derive(Default, serde::Deserialize)]
struct MeasuredShape {
    #[serde(default)]
    load: LoadShape,
    #[serde(default)]
    search: SearchShape,
    #[serde(default)]
    speedup: SpeedupShape,
}

#[derive(Default, serde::Deserialize)]
struct SearchShape {
    #[serde(default)]
    probes: Count,
    #[serde(default)]
    best: Option<LoadShape>,
}

#[derive(Default, serde::Deserialize)]
struct SpeedupShape {
    #[serde(default)]
    pairs: Count,
}

#[derive(Clone, Copy, Default, serde::Deserialize)]
#[serde(default)]
struct LoadShape {
    tasks: Count,
    classes: Count,
    timeline: Count,
    watched: Count,
    thresholds: Count,
    notes: Count,
    bands: Count,
}

/// The number of items of a list; other values count as none.
#[derive(Clone, Copy, Default)]
struct Count(usize);

impl Shape<'_> {
    /// Returns the list that has too many items, its number of items, and the largest number.
    pub(super) fn excess(&self) -> Option<(&'static str, usize, usize)> {
        let Sections { count, most } = &self.sections;
        let lists = [
            ("sections", *count, SECTIONS_MAX),
            ("tasks", most.tasks.0, TASKS_MAX),
            ("classes", most.classes.0, TASKS_MAX),
            ("timeline", most.timeline.0, ROWS_MAX),
            ("watched", most.watched.0, TASKS_MAX),
            ("thresholds", most.thresholds.0, ITEMS_MAX),
            ("notes", most.notes.0, ITEMS_MAX),
            ("bands", most.bands.0, ITEMS_MAX),
        ];
        lists.into_iter().find(|(_, count, max)| count > max)
    }
}

impl LoadShape {
    fn max(self, other: Self) -> Self {
        let max = |one: Count, other: Count| Count(one.0.max(other.0));
        Self {
            tasks: max(self.tasks, other.tasks),
            classes: max(self.classes, other.classes),
            timeline: max(self.timeline, other.timeline),
            watched: max(self.watched, other.watched),
            thresholds: max(self.thresholds, other.thresholds),
            notes: max(self.notes, other.notes),
            bands: max(self.bands, other.bands),
        }
    }
}

impl SectionShape {
    /// The lists of its run; blocks of a speedup and probes of a search count as notes, which have the same limit.
    fn lists(&self) -> LoadShape {
        let MeasuredShape { load, search, speedup } = &self.measured;
        let others = search.probes.0.max(speedup.pairs.0);
        load.max(search.best.unwrap_or_default())
            .max(LoadShape { notes: Count(others), ..LoadShape::default() })
    }
}

impl<'de> Deserialize<'de> for Sections {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Sections;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of sections")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Sections, A::Error> {
                let mut sections = Sections::default();
                while let Some(section) = items.next_element::<SectionShape>()? {
                    sections.count += 1;
                    sections.most = sections.most.max(section.lists());
                }
                Ok(sections)
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items;
        impl<'de> Visitor<'de> for Items {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Count, A::Error> {
                let mut count = 0;
                while items.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Count(count))
            }
        }
        deserializer.deserialize_seq(Items)
    }
}
