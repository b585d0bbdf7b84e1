//! Files that an example is asked to write: refused before it computes, where that can be known.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chainrule::explain::{ExplainError, Format};
use chainrule::watch::{PictureFormat, WatchError};
use clap::builder::{PathBufValueParser, TypedValueParser};

/// Reads the name of a graph's file from the command line.
pub fn graph() -> impl TypedValueParser<Value = PathBuf> {
    let checked = |path| -> Result<PathBuf, ExplainError> { Format::of(&path).map(|_| path) };
    PathBufValueParser::new().try_map(checked)
}

/// Reads the name of a picture's file from the command line.
pub fn picture() -> impl TypedValueParser<Value = PathBuf> {
    let checked = |path| -> Result<PathBuf, WatchError> { PictureFormat::of(&path).map(|_| path) };
    PathBufValueParser::new().try_map(checked)
}

/// Whether files can be put at these places.
///
/// # Errors
///
/// Says which cannot, and why.
pub fn can_hold<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Result<(), String> {
    for file in files {
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(format!("cannot write {}: there is no such folder", file.display()));
        }
        if file.is_dir() {
            return Err(format!("cannot write {}: it is a folder", file.display()));
        }
    }
    Ok(())
}

/// What a program ends with: what went wrong is one line on standard error.
pub fn ended<E: Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
