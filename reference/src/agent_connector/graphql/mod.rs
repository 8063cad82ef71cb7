//! `POST /graphql`: queries of health and agents. Fragments, directives, mutations and introspection
//! are not supported; each is a GraphQL error with its position.

mod argument;
mod document;
mod error;
mod request;
mod schema;

pub(super) use request::graphql;
