//! The book in `docs`: every page is in its summary, and every link and include leads to a file.

use std::fs;
use std::path::{Path, PathBuf};

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

/// The targets of relative links, with their anchors.
fn links(text: &str) -> Vec<String> {
    let text = prose(text);
    let targets = between(&text, "](", ')');
    targets.filter(|target| !target.contains("://")).map(str::to_owned).collect()
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
fn every_link_leads_to_a_file_and_a_heading() {
    let (mut broken, mut count) = (Vec::new(), 0);
    for (page, text) in pages() {
        for link in links(&text) {
            count += 1;
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let file = if path.is_empty() { page.clone() } else { target(&page, path) };
            let has_heading = || {
                let text = read(&file);
                text.lines().any(|line| line.starts_with('#') && anchor(line) == heading)
            };
            if !file.exists() || !(heading.is_empty() || has_heading()) {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(count > 100, "the links were found");
    assert!(broken.is_empty(), "{broken:#?}");
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
