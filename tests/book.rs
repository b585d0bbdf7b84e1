//! The book in `docs`: every page is in its summary, and every link and include leads to a file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

mod browser;
mod tools;

/// The folder of the book.
fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All pages, with their text.
fn pages() -> Vec<(PathBuf, String)> {
    let (mut folders, mut pages) = (vec![docs()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the book's folders can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let text = read(&path);
                pages.push((path, text));
            }
        }
    }
    pages.sort();
    pages
}

/// What stands between `start` and `end`, wherever they are found.
fn between<'a>(text: &'a str, start: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(move |rest| Some(rest.split_once(end)?.0))
}

/// The text outside of blocks of code and of code in a line, where nothing is a link.
fn prose(text: &str) -> String {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|part| part.split('`').step_by(2)).collect()
}

/// Where the repository is read: what does not belong to the book is linked there.
const REPOSITORY: &str = "https://github.com/chainrule/chainrule/blob/main/";

/// The targets of links within the book and to the repository, with their anchors.
fn links(text: &str) -> Vec<String> {
    let text = prose(text);
    let targets = between(&text, "](", ')');
    let is_ours = |target: &&str| !target.contains("://") || target.starts_with(REPOSITORY);
    targets.filter(is_ours).map(str::to_owned).collect()
}

/// What is wrong with a link on a page with this text.
fn broken(page: &Path, text: &str, link: &str) -> Option<&'static str> {
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    if let Some(path) = path.strip_prefix(REPOSITORY) {
        let exists = docs().join("..").join(path).exists();
        return (!exists).then_some("the repository has no such file");
    }
    let file = if path.is_empty() { page.to_owned() } else { target(page, path) };
    let Ok(file) = file.canonicalize() else { return Some("there is no such file") };
    // The pages that are made of the book have nothing beside it, and a folder has no page.
    if !file.starts_with(docs().canonicalize().expect("the book is there")) {
        return Some("it leaves the book: give the address in the repository");
    }
    if file.is_dir() {
        return Some("it is a folder");
    }
    let text = if path.is_empty() { text.to_owned() } else { read(&file) };
    let has_heading = || text.lines().any(|line| line.starts_with('#') && anchor(line) == heading);
    (!heading.is_empty() && !has_heading()).then_some("the page has no such heading")
}

/// The file of an include, and what is chosen of it.
fn includes(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    between(text, "{{#include ", '}').map(|target| match target.split_once(':') {
        Some((path, part)) => (path, Some(part)),
        None => (target, None),
    })
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn target(page: &Path, relative: &str) -> PathBuf {
    page.parent().expect("a page is in a folder").join(relative)
}

#[test]
fn every_page_is_in_the_summary_once() {
    let summary = docs().join("SUMMARY.md");
    let listed = |path: &Path| path.canonicalize().expect("a page that exists");
    let mut named: Vec<_> =
        links(&read(&summary)).iter().map(|link| listed(&target(&summary, link))).collect();
    let mut pages: Vec<_> = pages().iter().map(|(path, _)| listed(path)).collect();
    pages.retain(|path| !path.ends_with("SUMMARY.md"));
    assert!(pages.len() > 30, "the pages were found");
    named.sort();
    pages.sort();
    assert_eq!(named, pages);
}

#[test]
fn every_link_leads_to_a_file_of_the_book_and_a_heading() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (page, text) in pages() {
        for link in links(&text) {
            count += 1;
            if let Some(what) = broken(&page, &text, &link) {
                wrong.push(format!("{}: {link}: {what}", page.display()));
            }
        }
    }
    assert!(count > 100, "the links were found");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn links_that_lead_nowhere_are_found() {
    let page = docs().join("book/graphs.md");
    let repository = |path: &str| format!("[x]({REPOSITORY}{path})");
    for (text, expected) in [
        ("[x](training.md)".to_owned(), None),
        ("## A b\n[x](#a-b)".to_owned(), None),
        ("[x](errors.md#finding-nan)".to_owned(), None),
        (repository("crates/nn"), None),
        ("[x](nowhere.md)".to_owned(), Some("there is no such file")),
        ("[x](errors.md#nowhere)".to_owned(), Some("the page has no such heading")),
        ("[x](#nowhere)".to_owned(), Some("the page has no such heading")),
        ("[x](../pictures)".to_owned(), Some("it is a folder")),
        (
            "[x](../../README.md)".to_owned(),
            Some("it leaves the book: give the address in the repository"),
        ),
        (repository("crates/nowhere"), Some("the repository has no such file")),
    ] {
        let [link] = &links(&text)[..] else { panic!("{text} has one link") };
        assert_eq!(broken(&page, &text, link), expected, "{text}");
    }
}

#[test]
fn every_include_leads_to_what_it_names() {
    let mut count = 0;
    for (page, text) in pages() {
        for (path, part) in includes(&text) {
            count += 1;
            let included = read(&target(&page, path));
            match part.map(|part| part.split_once(':').ok_or(part)) {
                None => {}
                Some(Err(name)) => {
                    for mark in ["ANCHOR: ", "ANCHOR_END: "] {
                        let mark = format!("{mark}{name} ");
                        assert!(included.contains(&mark), "{}: {mark}", page.display());
                    }
                }
                Some(Ok((first, last))) => {
                    let line = |number: &str| number.parse::<usize>().expect("a line's number");
                    let (first, last) = (line(first), line(last));
                    assert_is_a_cell(&included, first, last);
                }
            }
        }
    }
    assert!(count >= 12, "the includes were found");
}

/// The lines, counted from one, are all that the notebook published under one heading.
#[track_caller]
fn assert_is_a_cell(text: &str, first: usize, last: usize) {
    let lines: Vec<_> = text.lines().collect();
    let is_heading = |number: usize| lines.get(number - 1).is_none_or(|line| line.starts_with('#'));
    assert!(last <= lines.len() && is_heading(first - 1) && is_heading(last + 1));
    assert!((first..=last).all(|number| !is_heading(number)));
}

/// Compiled as documentation: in `src/book.rs`, or in the crate of its own subject.
#[test]
fn every_chapter_with_code_is_compiled() {
    let root = docs().join("..");
    let compiled =
        ["src/book.rs", "crates/checkpoint/src/lib.rs"].map(|path| read(&root.join(path)));
    for (page, text) in pages() {
        let blocks = text.lines().filter(|line| line.starts_with("```rust"));
        if blocks.clone().any(|line| line != "```rust,ignore") {
            let name = page.strip_prefix(docs()).expect("a page of the book");
            let name = format!("docs/{}\"", name.display());
            assert!(compiled.iter().any(|text| text.contains(&name)), "{name} is not compiled");
        }
    }
}

/// A stage shows the program that runs, and nothing that is not included escapes the compiler.
#[test]
fn code_that_is_not_compiled_is_included() {
    for (page, text) in pages() {
        for block in text.split("```rust,ignore\n").skip(1) {
            let is_included = block.starts_with("{{#include ../../examples/");
            assert!(is_included, "{}: {block}", page.display());
        }
    }
}

#[test]
fn every_example_has_a_line() {
    let page = read(&docs().join("book/examples.md"));
    let root = docs().join("..");
    let mut folders = vec![root.join("examples")];
    for entry in fs::read_dir(root.join("crates")).expect("the crates are there") {
        folders.push(entry.expect("an entry can be read").path().join("examples"));
    }
    let mut count = 0;
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder).expect("a folder can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.file_stem().expect("a file's name").display().to_string();
                let has_line = page.lines().any(|line| {
                    line.starts_with('|')
                        && (line.contains(&format!("`{name}`"))
                            || line.contains(&format!("`{name} ")))
                });
                assert!(has_line, "docs/book/examples.md has no line for {name}");
                count += 1;
            }
        }
    }
    assert!(count > 20, "the examples were found");
}

/// Where `mdbook` is installed, by `cargo install mdbook --locked --no-default-features`, every page that
/// it makes is opened in a browser. `CHAINRULE_SCREENSHOTS` names a folder for what that shows.
#[test]
fn the_built_book_can_be_read() {
    let mdbook = std::env::var_os("MDBOOK").unwrap_or_else(|| "mdbook".into());
    if Command::new(&mdbook).arg("--version").output().is_err() {
        return tools::skipped("mdbook is not installed");
    }
    let Some(scripts) = browser::scripts() else { return };
    let text = |output: &Output| {
        let [out, err] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        format!("{out}{err}")
    };
    let folder = std::env::temp_dir().join(format!("chainrule-book-{}", std::process::id()));
    let built = Command::new(mdbook).arg("build").arg(docs()).arg("-d").arg(&folder).output();
    let built = built.expect("mdbook was just there");
    let complaint = text(&built);
    let complains = complaint.contains("WARN") || complaint.contains("ERROR");
    assert!(built.status.success() && !complains, "{complaint}");

    let mut python = Command::new("python3");
    python.arg(scripts.join("book.py")).arg(&folder).arg((pages().len() - 1).to_string());
    python.args(std::env::var_os("CHAINRULE_SCREENSHOTS"));
    let output = python.env("PYTHONDONTWRITEBYTECODE", "1").output().expect("python3 is there");
    assert!(output.status.success(), "{}", text(&output));
    fs::remove_dir_all(&folder).expect("the pages can be removed");
}

/// The names in a piece of code: of what is called, and of what is a path.
fn names(code: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let is_path = |text: &str| text.chars().all(|c| is_name(c) || c == ':' || c == '.');
    let called = code.match_indices('(').map(|(end, _)| &code[..end]);
    let called =
        called.map(|before| &before[before.rfind(|c| !is_name(c)).map_or(0, |at| at + 1)..]);
    let path = if is_path(code) { code } else { "" };
    let names = called.chain(path.split([':', '.']));
    names.filter(|name| name.starts_with(char::is_alphabetic)).collect()
}

/// All words of the sources.
fn words() -> BTreeSet<String> {
    let root = docs().join("..");
    let mut folders: Vec<_> = ["crates", "src", "examples"].map(|name| root.join(name)).into();
    let mut words = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let is_end = |c: char| !(c.is_alphanumeric() || c == '_');
                words.extend(read(&path).split(is_end).map(str::to_owned));
            }
        }
    }
    words
}

/// The chapters' names of ours: not those of files, nor PyTorch's in the first column of its table.
#[test]
fn every_name_in_the_chapters_exists() {
    let words = words();
    let (mut unknown, mut count) = (Vec::new(), 0);
    for (page, text) in pages() {
        let file = page.file_name().expect("a page is a file").to_string_lossy();
        if !page.starts_with(docs().join("book")) || file == "examples.md" {
            continue;
        }
        let outside: String = text.split("```").step_by(2).collect();
        for line in outside.lines() {
            let is_table = file == "from_pytorch.md" && line.starts_with("| ");
            let line = if is_table { line.split(" | ").nth(1).unwrap_or("") } else { line };
            let code = line.split('`').skip(1).step_by(2);
            for name in code.filter(|code| *code != "Cargo.toml").flat_map(names) {
                count += 1;
                if !words.contains(name) {
                    unknown.push(format!("{file}: {name}"));
                }
            }
        }
    }
    assert!(count > 200, "the names were found: {count}");
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert_eq!(names("x.nowhere(2)"), ["nowhere"]);
    assert!(!words.contains(&["no", "where", "at", "all"].join("_")));
}
