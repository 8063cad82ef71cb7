//! What is served under one path.

use http::Method;

use super::dialect::DialectOf;

/// What is served under one path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    /// As the router takes it, with `{names}` for what varies: the label of metrics as well, and so bounded.
    pub(crate) path: &'static str,
    pub(crate) methods: Methods,
    pub(crate) door: Door,
    /// The shape of its errors.
    pub(crate) dialect: DialectOf,
}

/// The methods of an endpoint. Other endpoints may have the same path and other methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Methods {
    Get,
    Post,
    GetOrPost,
    Delete,
}

impl Methods {
    /// Whether one of them is this.
    pub(crate) fn have(self, method: &Method) -> bool {
        match self {
            Self::Get => *method == Method::GET || *method == Method::HEAD,
            Self::Post => *method == Method::POST,
            Self::GetOrPost => Self::Get.have(method) || Self::Post.have(method),
            Self::Delete => *method == Method::DELETE,
        }
    }
}

/// Whether a request counts against the limits of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Guarded,
    Open,
}

impl Route {
    /// Read by anyone.
    pub(crate) const fn get(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Get, door: Door::Open, dialect }
    }

    /// Deleted by anyone.
    pub(crate) const fn delete(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Delete, door: Door::Open, dialect }
    }

    /// Asked by anyone.
    pub(crate) const fn post(path: &'static str, dialect: DialectOf) -> Self {
        Self { path, methods: Methods::Post, door: Door::Open, dialect }
    }

    /// With either method.
    pub(crate) const fn get_or_post(self) -> Self {
        Self { methods: Methods::GetOrPost, ..self }
    }

    /// Only for those whose key has something left.
    pub(crate) const fn guarded(self) -> Self {
        Self { door: Door::Guarded, ..self }
    }
}
