//! The values that the templates of one request can access.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{Object, Value};
use weir_pace::Rng;

use crate::task::feed::{Cursors, Feeds};

use super::Variables;

/// The values of one request.
#[derive(Debug)]
pub(crate) struct TemplateContext<'a> {
    /// The number of the request, from 0, unique in the run.
    pub(crate) number: u64,
    /// The number of the user, from 0.
    pub(crate) user: u64,
    /// The turn of a conversation, from 1.
    pub(crate) turn: u32,
    pub(crate) variables: &'a Variables,
    pub(crate) cursors: &'a Arc<Cursors>,
    pub(crate) rng: &'a mut Rng,
}

/// A [`TemplateContext`] as an object of templates. All references to a feed in one request return the same row.
#[derive(Debug)]
pub(super) struct View {
    number: u64,
    user: u64,
    turn: u32,
    variables: Variables,
    feeds: Arc<Feeds>,
    cursors: Arc<Cursors>,
    /// The rows taken so far, by index of the feed.
    rows: Mutex<Vec<(usize, Value)>>,
    rng: Mutex<Rng>,
}

impl View {
    /// The name under which functions of templates find this object. It is not an identifier, so templates cannot use it.
    pub(super) const SELF_NAME: &'static str = "the view";

    pub(super) fn of(context: &TemplateContext<'_>, feeds: &Arc<Feeds>) -> Self {
        Self {
            number: context.number,
            user: context.user,
            turn: context.turn,
            variables: context.variables.clone(),
            feeds: Arc::clone(feeds),
            cursors: Arc::clone(context.cursors),
            rows: Mutex::default(),
            rng: Mutex::new(context.rng.clone()),
        }
    }

    /// Returns the random generator in its current state.
    pub(super) fn rng(&self) -> MutexGuard<'_, Rng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn turn(&self) -> u32 {
        self.turn
    }

    fn row(&self, feed: &str) -> Option<Value> {
        let index = self.feeds.position(feed)?;
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, row)) = rows.iter().find(|(taken, _)| *taken == index) {
            return Some(row.clone());
        }
        let row = self.cursors.take(self.feeds.get(index)?, index, self.user, &mut self.rng())?;
        rows.push((index, row.clone()));
        Some(row)
    }
}

impl Object for View {
    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        match name {
            "n" => Some(Value::from(self.number)),
            "user" => Some(Value::from(self.user)),
            "turn" => Some(Value::from(self.turn)),
            "feed" => Some(Value::from_object(Rows(Arc::clone(self)))),
            Self::SELF_NAME => Some(Value::from_dyn_object(Arc::clone(self))),
            name => self.variables.get(name).cloned(),
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }
}

/// The object `feed`, whose members are rows.
#[derive(Debug)]
struct Rows(Arc<View>);

impl Object for Rows {
    fn get_value_by_str(self: &Arc<Self>, feed: &str) -> Option<Value> {
        self.0.row(feed)
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }
}
