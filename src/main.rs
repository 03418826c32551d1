//! The `byline` command.

fn main() {}
