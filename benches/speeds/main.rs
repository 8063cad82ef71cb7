//! End-to-end speeds of Weir, each with a ceiling or a noise floor measured in the same run.
//!
//! `cargo bench --bench speeds -- [FILTER] [--quick]` prints a table; FILTER is a part of a row's group. It
//! never fails: figures of a shared machine are to be read, not to be tested.
//!
//! # Layout
//! - `options`: command line options
//! - `machine`: the cores of servers and clients
//! - `server`: the child processes: `weir serve`, and this program again as the ceiling
//! - `ceiling`: the bare axum server
//! - `client`: a minimal keep-alive client, used by `throughput` and `comparison`
//! - `lateness`: the server's own histograms, read from `/metrics`; `noise_floor`: a bare timer loop
//! - `table`: rows and how they are printed
//! - `rows`: one file per group of rows

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench talks to people")]

mod ceiling;
mod client;
mod comparison;
mod lateness;
mod load_run;
mod machine;
mod noise_floor;
mod options;
mod rows;
mod server;
mod table;
mod throughput;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == server::CEILING) {
        return match ceiling::serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("ceiling: {error:#}");
                ExitCode::FAILURE
            }
        };
    }
    match options::Options::parse(&arguments) {
        Ok(Some(options)) => measure(&options),
        // `cargo test --benches` also runs benches, to check that they start.
        Ok(None) => println!("speeds: run it with `cargo bench --bench speeds`"),
        Err(error) => eprintln!("speeds: {error}"),
    }
    ExitCode::SUCCESS
}

fn measure(options: &options::Options) {
    let machine = match machine::Machine::prepare() {
        Ok(machine) => machine,
        Err(error) => return eprintln!("speeds: {error:#}"),
    };
    println!("{machine}\n");
    let context = rows::BenchContext { machine: &machine, length: options.length };
    let mut table = table::Table::default();
    for group in rows::GROUPS.iter().filter(|group| options.selects(group.name)) {
        eprintln!("{} ...", group.name);
        match (group.run)(&context) {
            Ok(rows) => rows.into_iter().for_each(|row| table.add(row)),
            Err(error) => table.add(table::Row::failed(group.name, &error)),
        }
    }
    println!("{table}");
}
