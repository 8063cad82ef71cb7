//! Templates of minijinja whose work, memory and nesting are bounded while they render.
//!
//! minijinja counts instructions only: one instruction can build a text of 100 MB, and a template that is nested deeply
//! enough overflows the stack when it is parsed. Three parts prevent that:
//!
//! - `nesting` rejects sources that are too long or nested too deeply, before they are parsed.
//! - `rewrite` writes a template anew in which each operation that builds or compares values is a call of a function.
//! - `bounded` holds those functions and bounded versions of the filters and tests. All of them draw on the budget of the
//!   rendering (`budget`); `cost` has what a filter needs.
//!
//! ```
//! use minijinja::{Environment, context};
//!
//! let mut environment = Environment::new();
//! weir_templates::install(&mut environment);
//! let source = "{{ ('x' * 60000) | replace('x', 'x' * 60000) }}";
//! let source = weir_templates::rewrite(source, weir_templates::TrailingNewline::Keep).unwrap();
//! environment.add_template("bomb", &source).unwrap();
//! let rendered = environment.get_template("bomb").unwrap().render(context!());
//! assert!(weir_templates::is_over_budget(&rendered.unwrap_err()));
//! ```

mod bounded;
mod budget;
mod cost;
mod expression;
mod nesting;
mod rewrite;
mod value;
mod writer;

pub use bounded::install;
pub use budget::{WORK_MAX, is_over_budget, with_budget};
pub use nesting::{NESTING_MAX, SOURCE_BYTES_MAX};
pub use rewrite::{TrailingNewline, check_expression, rewrite};
