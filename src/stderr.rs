//! Progress and errors on stderr. Whoever reads it may have left, or its disk may be full: then they are dropped. The macros
//! of the standard library would panic.

/// Writes a line to stderr.
macro_rules! progress_line {
    ($($text:tt)*) => {
        $crate::stderr::write(format_args!("{}\n", format_args!($($text)*)))
    };
}

/// Writes a part of a line to stderr.
macro_rules! progress_text {
    ($($text:tt)*) => {
        $crate::stderr::write(format_args!($($text)*))
    };
}

/// Writes to stderr, if that is possible.
pub(crate) fn write(text: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    // One write, so that lines of several processes are not mixed.
    let _ = std::io::stderr().lock().write_all(text.to_string().as_bytes());
}
