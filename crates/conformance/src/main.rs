//! `cargo run --release -p conformance -- [DIR] [--op NAME] [--table] [--f32]`
//!
//! Checks the cases in DIR (by default the repository's own), or those of one operator, and prints a
//! Markdown table of the results of each operator, the failures, the operators that are not mapped,
//! and as its last line `N passed, N failed, N skipped`; with `--table` only the first and the last.
//! With `--f32` the same cases in f32 against our f64.
//! The exit status is 1 if anything failed, and 2 if the data could not be read.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the output is what this is for")]

use std::path::PathBuf;
use std::process::ExitCode;

use conformance::{check, check_single, data, run};

struct Options {
    folder: PathBuf,
    only: Option<String>,
    table: bool,
    single: bool,
}

fn options() -> Result<Options, String> {
    let mut options =
        Options { folder: data::default_folder(), only: None, table: false, single: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--op" => options.only = Some(arguments.next().ok_or("--op: an operator must follow")?),
            "--table" => options.table = true,
            "--f32" => options.single = true,
            flag if flag.starts_with('-') => return Err(format!("unknown option: {flag}")),
            folder => options.folder = folder.into(),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let result = options().and_then(|options| {
        let check = if options.single { check_single } else { check };
        let report = run(&options.folder, options.only.as_deref(), check);
        Ok((report.map_err(|error| error.to_string())?, options))
    });
    let (report, options) = match result {
        Ok(done) => done,
        Err(message) => {
            eprintln!("conformance: {message}");
            return ExitCode::from(2);
        }
    };
    print!("{}", report.table());
    if !options.table {
        print!("{}", report.failures());
        for (name, cases) in &report.unmapped {
            println!("not mapped: {name} ({cases} cases)");
        }
    }
    println!("{report}");
    ExitCode::from(u8::from(report.failed() > 0))
}
