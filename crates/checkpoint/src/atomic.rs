//! Replacing a file so that it is whole at any moment, whatever ends the program.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use data::{DataError, Place};

/// Ends the name of a file that is being written; it begins with a dot.
pub(crate) const TEMPORARY: &str = ".tmp";

/// Writes a file beside `path`, has the system store it, and renames it to `path`. Until then what
/// was at `path` is there, and after an error it still is.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), DataError> {
    let temporary = beside(path);
    let replaced = File::create(&temporary).and_then(|mut file| {
        write(&mut file)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&temporary, path)?;
        sync_folder(path)
    });
    replaced.map_err(|error| {
        _ = fs::remove_file(&temporary); // it may not be there
        DataError::new(path, Place::File, error)
    })
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}{TEMPORARY}", std::process::id()))
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Has the system store the folder's list of names, where folders can be opened.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
}
