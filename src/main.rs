//! The `byline` command: parse the command line, run, say what was found, end with the exit code that follows from it.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(std::env::args_os().collect()).code()
}
