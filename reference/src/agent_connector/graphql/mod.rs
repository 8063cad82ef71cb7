//! `POST /graphql`: queries of health and agents. Fragments, directives, mutations and the schema's own
//! description cannot be had; each is a GraphQL error with its place.

mod argument;
mod document;
mod fault;
mod request;
mod schema;

pub(super) use request::graphql;
