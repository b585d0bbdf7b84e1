//! Files that are replaced: whole or not at all.

use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use data::atomic::replace;
use data::read::{read_npy, read_npz, write_npy, write_npz, write_npz_to};
use tensor::{DType, Tensor};

use crate::files::Scratch;

/// A folder of its own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Scratch::new(name).as_ref().to_owned();
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_array_that_cannot_be_written_leaves_the_file_of_before() {
    let folder = Folder::new("before");
    let (one, many) = (folder.0.join("x.npy"), folder.0.join("x.npz"));
    let x = Tensor::from([1.0_f32, 2.0]);
    write_npy(&one, &x).unwrap();
    write_npz(&many, [("x", &x)]).unwrap();
    let half = x.to_dtype(DType::BF16);
    let errors = [
        write_npy(&one, &half).unwrap_err(),
        write_npz(&many, [("x", &x), ("y", &half)]).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().ends_with("npy: no such element type: bf16"), "{error}");
    }
    assert!(write_npz(&many, [("x", &x), ("x", &x)]).is_err(), "two of one name");
    assert!(read_npy(&one).unwrap().equal(&x) && read_npz(&many).unwrap()["x"].equal(&x));
    assert_eq!(folder.names(), ["x.npy", "x.npz"]);
    let mut nothing = Cursor::new(Vec::new());
    assert!(write_npz_to(&mut nothing, [("x", &x), ("y", &half)]).is_err());
    assert!(nothing.into_inner().is_empty(), "refused before anything is written");
}

#[test]
fn threads_that_write_one_file_leave_one_of_theirs_whole() {
    let folder = Folder::new("threads");
    let path = folder.0.join("x.npy");
    std::thread::scope(|scope| {
        for i in 0..4 {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..25 {
                    let x = Tensor::full(&[5_000 + i], i as f64);
                    write_npy(path, &x).unwrap();
                    let read = read_npy(path).unwrap().to_vec::<f64>();
                    assert!(read.iter().all(|&x| x == (read.len() - 5_000) as f64), "two in one");
                }
            });
        }
    });
    assert_eq!(folder.names(), ["x.npy"]);
}

#[test]
fn an_error_leaves_what_was_there() {
    let folder = Folder::new("error");
    let path = folder.0.join("x");
    let fails = |file: &mut fs::File| {
        file.write_all(b"half")?;
        Err(std::io::Error::other("no more"))
    };
    assert!(replace(&path, fails).is_err());
    assert!(folder.names().is_empty());
    replace(&path, |file| file.write_all(b"before")).unwrap();
    let error = replace(&path, fails).unwrap_err();
    assert_eq!((&error.file, error.problem.to_string()), (&path, "no more".to_owned()));
    assert_eq!((fs::read(&path).unwrap(), folder.names()), (b"before".to_vec(), vec!["x".into()]));
    assert!(replace(&folder.0, |file| file.write_all(b"x")).is_err(), "a folder");
    assert!(replace(&folder.0.join("none/x"), |file| file.write_all(b"x")).is_err());
}

#[cfg(unix)]
#[test]
fn links_permissions_and_devices_stay_what_they_are() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    let folder = Folder::new("link");
    let (path, link) = (folder.0.join("x"), folder.0.join("link"));
    fs::write(&path, "before").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&path, &link).unwrap();
    replace(&link, |file| file.write_all(b"after")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "after");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    replace("/dev/null".as_ref(), |file| file.write_all(b"x")).unwrap();
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}
