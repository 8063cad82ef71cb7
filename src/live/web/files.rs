//! The page's embedded files, and those of the last report.

use axum::{
    extract::{Path, State},
    http::{Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use weir_report::{CHART_SCRIPT, PAGE_STYLE};

use super::{api::error_response, session_handle::SessionHandle};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The sandbox of a report: its script has an opaque origin, and cannot send commands.
const REPORT_POLICY: &str = "sandbox allow-scripts allow-downloads; default-src 'none'; \
                             script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

/// A file of the page.
pub(super) async fn of_page(method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return error_response(StatusCode::METHOD_NOT_ALLOWED, &format_args!("{method} is not known here"));
    }
    let (kind, text) = match uri.path() {
        "/" => (HTML, include_str!("assets/live.html")),
        "/live.css" => (STYLE, include_str!("assets/live.css")),
        "/tables.js" => (SCRIPT, include_str!("assets/tables.js")),
        "/live.js" => (SCRIPT, include_str!("assets/live.js")),
        "/page.css" => (STYLE, PAGE_STYLE),
        "/chart.js" => (SCRIPT, CHART_SCRIPT),
        path => return error_response(StatusCode::NOT_FOUND, &format_args!("there is no {path}")),
    };
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// A file of the last report: the page is shown, others are downloaded.
pub(super) async fn of_report(State(handle): State<SessionHandle>, Path(name): Path<String>) -> Response {
    let Some(path) = handle.file(&name) else {
        return error_response(StatusCode::NOT_FOUND, &"the last run has no such file");
    };
    let content = match std::fs::read(&path) {
        Ok(content) => content,
        Err(error) => return error_response(StatusCode::NOT_FOUND, &format_args!("{name}: {error}")),
    };
    if name.ends_with(".html") {
        return ([(header::CONTENT_TYPE, HTML), (header::CONTENT_SECURITY_POLICY, REPORT_POLICY)], content)
            .into_response();
    }
    let kind = match name.rsplit_once('.') {
        Some((_, "json")) => "application/json",
        Some((_, "csv")) => "text/csv; charset=utf-8",
        Some(_) | None => "text/plain; charset=utf-8",
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], content)
        .into_response()
}
