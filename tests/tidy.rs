//! The house rules that a machine can check.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All Rust files of the workspace, with their text.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> =
        ["src", "crates", "examples", "benches", "tests"].map(|name| root.join(name)).to_vec();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the workspace's folders can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.ends_with("target") {
                // What the comparison with other libraries has built.
            } else if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file is text");
                sources.push((path, text));
            }
        }
    }
    assert!(sources.len() > 50, "the folders were found");
    sources.sort();
    sources
}

/// The files that break a rule, for the message.
fn offenders(breaks: impl Fn(&Path, &str) -> bool) -> Vec<PathBuf> {
    let all = sources().into_iter();
    all.filter(|(path, text)| breaks(path, text)).map(|(path, _)| path).collect()
}

#[test]
fn files_are_short_enough_to_read() {
    let long = offenders(|_, text| text.lines().count() > 400);
    assert!(long.is_empty(), "more than 400 lines: {long:#?}");
}

/// Functions that may be longer, with the reason.
const LONG: [(&str, &str); 1] = [
    // A table of contenders, in a package outside the workspace.
    ("benches/comparison/src/loops.rs", "large"),
];

/// The functions of a file with the lines of their bodies, as rustfmt lays them out: a body ends with
/// the first brace that stands as far left as its `fn`.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some((before, after)) = line.split_once("fn ") else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_function = before
            .split_whitespace()
            .all(|word| word.starts_with("pub") || ["const", "unsafe", "async"].contains(&word));
        let name = after.split(['(', '<']).next().unwrap_or(after);
        let mut rest = lines[start..].iter();
        let opens = rest.position(|line| line.ends_with(['{', ';', '}'])).map(|at| start + at);
        let Some(opens) = opens.filter(|&at| is_function && lines[at].ends_with('{')) else {
            continue;
        };
        let end = format!("{indent}}}");
        let body = lines[opens + 1..].iter().take_while(|line| **line != end).count();
        found.push((name, body));
    }
    found
}

#[test]
fn functions_are_short_enough_to_see_at_once() {
    let mut long = Vec::new();
    let mut seen = 0;
    for (path, text) in sources() {
        let all = functions(&text);
        seen += all.len();
        let is_listed =
            |name| LONG.iter().any(|(file, function)| path.ends_with(file) && *function == name);
        let too_long = all.into_iter().filter(|&(name, lines)| lines > 40 && !is_listed(name));
        long.extend(too_long.map(|(name, lines)| format!("{}: {name}, {lines}", path.display())));
    }
    assert!(seen > 1000, "the functions were found: {seen}");
    assert!(long.is_empty(), "more than 40 lines: {long:#?}");
}

#[test]
fn a_function_is_as_long_as_its_body() {
    let text = "fn a() {\n    1\n}\n\nimpl A {\n    pub(crate) const fn b<T>(\n        x: T,\n    ) -> T {\n        \
                if x {\n        }\n\n        x\n    }\n}\n    fn declared(&self);\n// a fn in a comment {\n";
    assert_eq!(functions(text), [("a", 1), ("b", 4)]);
}

#[test]
fn every_file_says_why_it_exists() {
    let silent = offenders(|_, text| !text.starts_with("//!"));
    assert!(silent.is_empty(), "no module documentation: {silent:#?}");
}

#[test]
fn unsafe_code_stands_in_kernels_and_storage_alone() {
    let allowed = ["crates/tensor/src/kernels", "crates/tensor/src/storage"];
    let stray = offenders(|path, text| {
        let path = path.to_string_lossy();
        // Tests may install a counting allocator, which is an unsafe trait.
        let is_test = path.contains("/tests/");
        !is_test
            && !allowed.iter().any(|folder| path.contains(folder))
            && text.lines().any(|line| line.contains("allow(unsafe_code"))
    });
    assert!(stray.is_empty(), "unsafe code allowed elsewhere: {stray:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["todo!(", "unimplemented!(", "FIXME", "#[ignore"];
    let unfinished = offenders(|path, text| {
        !path.ends_with("tidy.rs") && marks.iter().any(|mark| text.contains(mark))
    });
    assert!(unfinished.is_empty(), "left for later: {unfinished:#?}");
}

/// The packages that a normal build of `package` compiles.
fn crates_of(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal,build", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo prints text");
    let mut names: Vec<String> =
        text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn the_facade_builds_few_crates() {
    let crates = crates_of("chainrule");
    assert!(crates.contains(&"tensor".to_owned()), "the tree was read: {crates:?}");
    assert!(crates.len() <= 24, "docs/dependencies.md says 24: {crates:#?}");
}

#[test]
fn the_engine_stands_almost_alone() {
    assert_eq!(crates_of("autograd-core"), ["autograd-core", "smallvec"]);
}

#[test]
fn the_crates_do_not_compile_c() {
    for package in ["chainrule", "data", "watch"] {
        let mut crates = crates_of(package).into_iter();
        let with_c = crates.find(|name| name == "cc" || name.ends_with("-sys"));
        assert_eq!(with_c, None, "{package}");
    }
}

/// Whether `text` names this method after a dot or a path.
fn is_called(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].ends_with('.') || text[..at].ends_with("::");
        let after = text[at + name.len()..].chars().next();
        before && after.is_some_and(|next| !next.is_alphanumeric() && next != '_')
    })
}

/// The tables of the golden rows and the conformance cases, which map operations to calls of ours.
fn tables() -> String {
    let is_table = |path: &Path| {
        path.ends_with("crates/tensor/tests/suite/golden/ops.rs")
            || path.ends_with("crates/tensor/tests/suite/golden/losses.rs")
            || path.to_string_lossy().contains("crates/conformance/src/table/")
    };
    let tables: Vec<String> =
        sources().into_iter().filter(|(path, _)| is_table(path)).map(|(_, text)| text).collect();
    assert!(tables.len() > 5, "the tables were found");
    tables.join("\n")
}

/// Operations whose names no table calls, each for a reason.
const ELSEWHERE: [&str; 5] = [
    // Comparisons, masks, counts, positions and running statistics have no gradient; their values are
    // tested beside them.
    "and or not is_nan equal to_indices any any_dim any_keepdim all all_dim all_keepdim argmax \
     argmax_dim argmax_keepdim argmin argmin_dim argmin_keepdim argsort argsort_with count_nonzero \
     count_nonzero_dim update",
    // Calls of a `_with` form that is listed, with its default options.
    "addmm addmv baddbmm sort topk var std",
    // And those with axes, whose derivatives are checked beside them.
    "var_dim var_keepdim std_dim std_keepdim",
    // One that is listed, with the axis that it removes; compared with that beside it.
    "median_keepdim",
    // The rule of an operation that is listed, which the second order runs.
    "fold",
];

/// Each public method in `ops/`, by its exact name; a `try_` function is the twin of one that is listed.
#[test]
fn every_operation_is_held_against_pytorch() {
    let table = tables();
    let elsewhere: Vec<&str> = ELSEWHERE.iter().flat_map(|names| names.split(' ')).collect();
    let mut missing = Vec::new();
    let (mut found, is_operation) =
        (0, |path: &Path| path.to_string_lossy().contains("tensor/src/ops/"));
    for (_, text) in sources().into_iter().filter(|(path, _)| is_operation(path)) {
        for line in text.lines() {
            let Some(name) = line.trim().strip_prefix("pub fn ") else { continue };
            let name = name.split(['(', '<']).next().unwrap_or(name);
            found += 1;
            let is_listed = is_called(&table, name)
                || name.starts_with('$')
                || name.starts_with("try_")
                || elsewhere.contains(&name);
            if !is_listed {
                missing.push(name.to_owned());
            }
        }
    }
    assert!(found > 300, "the operations were found: {found}");
    assert!(missing.is_empty(), "neither a golden row nor a conformance case: {missing:?}");
}
