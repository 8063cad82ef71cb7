//! The route of an endpoint.

use super::dialect::DialectOf;

/// The route of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The path in the router's syntax, with `{names}` for variable parts; also the bounded label of metrics.
    pub path: &'static str,
    /// Its methods.
    pub methods: Methods,
    /// Whether requests count against the limits of their key.
    pub access: Access,
    /// The shape of its errors.
    pub dialect: DialectOf,
}

/// The methods of an endpoint. Other endpoints may have the same path and other methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Methods {
    /// GET and HEAD.
    Get,
    /// POST.
    Post,
    /// GET, HEAD and POST.
    GetOrPost,
    /// DELETE.
    Delete,
}

impl Methods {
    /// Whether some method is among both.
    pub(crate) fn overlap(self, other: Self) -> bool {
        match (self, other) {
            (Self::GetOrPost, Self::Get | Self::Post) | (Self::Get | Self::Post, Self::GetOrPost) => true,
            (one, other) => one == other,
        }
    }
}

/// Whether a request counts against the limits of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It counts, and needs a valid key if keys are required.
    RateLimited,
    /// It does not count, and needs no key.
    Open,
}

/// Which browser apps may use endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Those of the server's own origin.
    Same,
    /// Those of the origins in the settings.
    Configured,
}

impl Route {
    /// A public GET route.
    pub const fn get(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Get, access: Access::Open, dialect }
    }

    /// A public DELETE route.
    pub const fn delete(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Delete, access: Access::Open, dialect }
    }

    /// A public POST route.
    pub const fn post(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Post, access: Access::Open, dialect }
    }

    /// Allows GET and POST.
    pub const fn get_or_post(self) -> Self {
        Self { methods: Methods::GetOrPost, ..self }
    }

    /// Counts requests against the limits of their key.
    pub const fn rate_limited(self) -> Self {
        Self { access: Access::RateLimited, ..self }
    }
}
