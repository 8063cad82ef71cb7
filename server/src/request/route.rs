//! What is served under one path.

use super::dialect::DialectOf;

/// What is served under one path.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// As the router takes it, with `{names}` for what varies: the label of metrics as well, and so bounded.
    pub path: &'static str,
    /// The methods that it answers.
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

/// Whether a request counts against the limits of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It does, and needs a valid key where keys are required.
    RateLimited,
    /// It does not.
    Open,
}

impl Route {
    /// Read by anyone.
    pub const fn get(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Get, access: Access::Open, dialect }
    }

    /// Deleted by anyone.
    pub const fn delete(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Delete, access: Access::Open, dialect }
    }

    /// Asked by anyone.
    pub const fn post(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Post, access: Access::Open, dialect }
    }

    /// With either method.
    pub const fn get_or_post(self) -> Self {
        Self { methods: Methods::GetOrPost, ..self }
    }

    /// Only for those whose key has something left.
    pub const fn rate_limited(self) -> Self {
        Self { access: Access::RateLimited, ..self }
    }
}
