//! All faults: what each is, and how to ask for it. The parser of settings and headers, `weir faults` and the documents
//! read this table.

/// The description of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultInfo {
    /// Its name in settings, headers and metrics.
    pub name: &'static str,
    /// What happens, in a line.
    pub summary: &'static str,
    /// What happens, and what clients see, in a paragraph.
    pub description: &'static str,
    /// Which answers it concerns.
    pub scope: FaultScope,
    /// Its parameters.
    pub parameters: &'static [FaultParameter],
    /// The parameter that is set by the value of the name itself: `status=503`.
    pub main: Option<&'static str>,
    /// An example, as a value of the header `x-weir-fault` or of the key `do` of a rule.
    pub example: &'static str,
}

/// A parameter of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultParameter {
    /// Its name.
    pub name: &'static str,
    /// What it sets, with its default.
    pub description: &'static str,
}

/// Which answers a fault concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultScope {
    /// Any answer.
    Answers,
    /// Answers that are streams of events.
    Streams,
    /// New connections.
    Connections,
}

impl FaultScope {
    /// Its name for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answers => "any answer",
            Self::Streams => "streams",
            Self::Connections => "new connections",
        }
    }
}

const AFTER: FaultParameter = FaultParameter {
    name: "after",
    description: "events with content before it, or a share of them such as 25%; default 50%",
};
const FOR_STREAM: FaultParameter =
    FaultParameter { name: "for", description: "how long; default 10s, times the time scale" };

/// All faults, those before the answer first.
pub const FAULTS: &[FaultInfo] = &[
    FaultInfo {
        name: "status",
        summary: "An error status instead of an answer",
        description: "Answers with a status from 400 to 599 and the error of the API's own format: OpenAI's, Anthropic's \
            or that of the chain backend. With `retry_after`, the headers `Retry-After` and `Retry-After-Ms` are sent. \
            Clients see an API error of that status; the SDKs retry 408, 409, 429 and 5xx.",
        scope: FaultScope::Answers,
        parameters: &[
            FaultParameter { name: "code", description: "the status; default 503" },
            FaultParameter { name: "retry_after", description: "when to try again; default: not sent" },
            FaultParameter { name: "message", description: "the message of the error" },
        ],
        main: Some("code"),
        example: "status=503; retry_after=2s",
    },
    FaultInfo {
        name: "reset",
        summary: "The connection is reset, before the answer or within a stream",
        description: "Sends a TCP reset (RST). Without `after`, nothing of the answer is sent, not even its status. With \
            `after`, the stream is cut at that place. Clients see `connection reset by peer`.",
        scope: FaultScope::Answers,
        parameters: &[FaultParameter {
            name: "after",
            description: "events with content before it, or a share of them; default: before the answer. Only for streams",
        }],
        main: Some("after"),
        example: "reset; after=5",
    },
    FaultInfo {
        name: "disconnect",
        summary: "The connection is closed without the end of the answer",
        description: "Closes the connection (FIN) within the answer, so that the chunked body has no last chunk. Without \
            `after`, it is closed before the answer. Clients see an incomplete or empty response.",
        scope: FaultScope::Answers,
        parameters: &[FaultParameter {
            name: "after",
            description: "events with content before it, or a share of them; default: before the answer. Only for streams",
        }],
        main: Some("after"),
        example: "disconnect; after=50%",
    },
    FaultInfo {
        name: "refuse",
        summary: "New connections are refused for some time",
        description: "The server stops listening during the window of its rule and listens again afterwards. Clients see \
            `connection refused`; open connections continue. It needs `at` or `every`, and `for` or `until`, and takes no \
            other condition. In /metrics, each window counts once.",
        scope: FaultScope::Connections,
        parameters: &[],
        main: None,
        example: "refuse",
    },
    FaultInfo {
        name: "no_answer",
        summary: "The request is never answered",
        description: "Reads the request and never answers; the connection stays open until the client leaves or the server \
            ends. Clients see a timeout of the response.",
        scope: FaultScope::Answers,
        parameters: &[],
        main: None,
        example: "no_answer",
    },
    FaultInfo {
        name: "delay",
        summary: "A spike of the delay before the first byte",
        description: "Adds to the delay before the answer: the whole schedule of its tokens moves by as much.",
        scope: FaultScope::Answers,
        parameters: &[FaultParameter {
            name: "for",
            description: "how long; default 5s, times the time scale",
        }],
        main: Some("for"),
        example: "delay=3s",
    },
    FaultInfo {
        name: "stall",
        summary: "A pause within a stream",
        description: "Stops a stream at a place for some time. Tokens that are due meanwhile are sent at once afterwards. \
            Clients see a long gap, or a read timeout.",
        scope: FaultScope::Streams,
        parameters: &[AFTER, FOR_STREAM],
        main: Some("for"),
        example: "stall; after=5; for=2s",
    },
    FaultInfo {
        name: "trickle",
        summary: "A body in small pieces at a low rate",
        description: "Writes the body of the answer a few bytes at a time. Events are split within their lines.",
        scope: FaultScope::Answers,
        parameters: &[
            FaultParameter { name: "bytes", description: "bytes of a piece, from 1 to 65536; default 16" },
            FaultParameter {
                name: "every",
                description: "time between pieces; default 20ms, times the time scale",
            },
        ],
        main: Some("every"),
        example: "trickle; bytes=8; every=10ms",
    },
    FaultInfo {
        name: "truncate",
        summary: "A stream that ends cleanly without its final events",
        description: "Ends the body at a place as if the stream were complete: the HTTP message is valid, but the mark of \
            the end (`data: [DONE]`, `message_stop`, `response.completed`) is missing.",
        scope: FaultScope::Streams,
        parameters: &[AFTER],
        main: Some("after"),
        example: "truncate; after=50%",
    },
    FaultInfo {
        name: "malformed",
        summary: "An event whose JSON is broken",
        description: "Cuts the JSON text of one event with content in half; the stream then continues to its end.",
        scope: FaultScope::Streams,
        parameters: &[AFTER],
        main: Some("after"),
        example: "malformed; after=3",
    },
    FaultInfo {
        name: "error_event",
        summary: "An error event within a stream",
        description: "Sends an error event in the API's own format, and ends the stream: OpenAI's `data: {\"error\": …}`, \
            the Responses API's and Anthropic's `event: error`, the chain backend's error.",
        scope: FaultScope::Streams,
        parameters: &[
            AFTER,
            FaultParameter {
                name: "code",
                description: "the status of such an error, which decides its type; default 529: overloaded",
            },
            FaultParameter { name: "message", description: "the message of the error" },
        ],
        main: Some("code"),
        example: "error_event=529; after=5",
    },
    FaultInfo {
        name: "content_type",
        summary: "A wrong content type",
        description: "Sends the usual answer with another `Content-Type`.",
        scope: FaultScope::Answers,
        parameters: &[FaultParameter { name: "type", description: "the media type; default text/html" }],
        main: Some("type"),
        example: "content_type=text/plain",
    },
    FaultInfo {
        name: "usage",
        summary: "Usage that is wrong or missing",
        description: "Changes each `usage` of an answer or stream: `missing` removes it; `wrong` replaces every number N in \
            it by 2N+1, so that totals do not add up. Answers without usage do not change.",
        scope: FaultScope::Answers,
        parameters: &[FaultParameter { name: "kind", description: "missing or wrong; default missing" }],
        main: Some("kind"),
        example: "usage=wrong",
    },
    FaultInfo {
        name: "duplicate",
        summary: "An event that is sent twice",
        description: "Sends one event with content twice; the text that clients join has a token too many.",
        scope: FaultScope::Streams,
        parameters: &[AFTER],
        main: Some("after"),
        example: "duplicate; after=5",
    },
    FaultInfo {
        name: "reorder",
        summary: "Two events in the wrong order",
        description: "Exchanges one event with content and the next event of the stream.",
        scope: FaultScope::Streams,
        parameters: &[AFTER],
        main: Some("after"),
        example: "reorder; after=5",
    },
];

/// Returns the description of the fault `name`.
pub fn fault_info(name: &str) -> Option<&'static FaultInfo> {
    FAULTS.iter().find(|info| info.name == name)
}

/// The names of all faults.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FAULTS.iter().map(|info| info.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_no_names_of_faults() {
        for info in FAULTS {
            for parameter in info.parameters {
                assert!(fault_info(parameter.name).is_none(), "{}: {}", info.name, parameter.name);
            }
            if let Some(main) = info.main {
                assert!(info.parameters.iter().any(|parameter| parameter.name == main), "{}", info.name);
            }
        }
    }
}
