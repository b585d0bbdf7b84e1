//! Replacing a file so that it is whole at any moment, whatever ends the program.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::{DataError, Place};

/// Ends the name of a file that is being written; it begins with a dot.
pub const TEMPORARY: &str = ".tmp";

/// Writes a file beside `path`, has the system store it, and renames it to `path`.
///
/// Whoever opens `path` at any moment finds the file of before or the new one, whole; also if several
/// threads or programs write there, of which the last one to end stays. A link stays a link, to the
/// new file. What is no file, such as a pipe, is written to as it is. A program that is killed may
/// leave the file beside.
///
/// # Errors
///
/// If the file cannot be written or renamed: what was at `path` still is. And if, at the very end, the
/// system cannot store the folder's list of names: then the new file is at `path`, and which of the
/// two is there after the machine has crashed is open.
///
/// # Examples
///
/// ```
/// use std::io::{Error, Write};
///
/// let path = std::env::temp_dir().join(format!("doc-atomic-{}", std::process::id()));
/// data::atomic::replace(&path, |file| file.write_all(b"before"))?;
/// let half = |file: &mut std::fs::File| {
///     file.write_all(b"af")?;
///     Err(Error::other("interrupted"))
/// };
/// assert!(data::atomic::replace(&path, half).is_err());
/// assert_eq!(std::fs::read_to_string(&path)?, "before");
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), DataError> {
    try_replace(path, write).map_err(|error| DataError::new(path, Place::File, error))
}

fn try_replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(path).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        return write(&mut File::options().write(true).open(path)?);
    }
    let folder = open_folder(path)?; // before anything is lost
    let (temporary, mut file) = create_beside(path)?;
    let replaced = before
        .map_or(Ok(()), |before| file.set_permissions(before.permissions()))
        .and_then(|()| write(&mut file))
        .and_then(|()| file.sync_all());
    drop(file);
    if let Err(error) = replaced.and_then(|()| fs::rename(&temporary, path)) {
        _ = fs::remove_file(&temporary); // the first error says more
        return Err(error);
    }
    folder.map_or(Ok(()), |folder| folder.sync_all())
}

/// A new file with a name of its own.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    static FILES: AtomicU64 = AtomicU64::new(0);
    let (name, process) = (path.file_name().unwrap_or_default(), std::process::id());
    let name = name.to_string_lossy();
    loop {
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_file_name(format!(".{name}.{process}.{number}{TEMPORARY}"));
        match File::options().write(true).create_new(true).open(&temporary) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {} // a killed program's
            file => return Ok((temporary, file?)),
        }
    }
}

/// The folder of a file, where folders can be opened.
fn open_folder(path: &Path) -> io::Result<Option<File>> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if cfg!(unix) { File::open(folder).map(Some) } else { Ok(None) }
}
