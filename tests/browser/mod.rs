//! The browser that tests open pages in.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::skipped;

/// The folder of the scripts that drive the browser, which is installed where it is missing; `None`,
/// and the test is skipped, if it cannot be.
pub(crate) fn scripts() -> Option<PathBuf> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    match Command::new("bash").arg(scripts.join("setup.sh")).output() {
        Ok(output) if output.status.success() => return Some(scripts),
        Ok(output) => skipped(String::from_utf8_lossy(&output.stdout).trim()),
        Err(error) => skipped(format!("bash cannot be run: {error}")),
    }
    None
}
