//! Every module held against PyTorch's module database: outputs, gradients of inputs and of
//! parameters, and buffers after the pass. `tools/module_golden.py` writes the cases.
//!
//! A file for each family maps PyTorch's names and arguments to ours, one line for each module.
//! `docs/modules.md` lists what is left out.

mod activations;
mod case;
mod layers;
mod losses;
mod recurrent;
mod table;

use std::collections::BTreeSet;

use case::{cases, folder};
use table::Table;

/// All families.
fn table() -> Table {
    let mut table = Table::default();
    activations::add(&mut table);
    layers::add(&mut table);
    losses::add(&mut table);
    recurrent::add(&mut table);
    table
}

/// The rows of the table in `docs/modules.md` under the heading about what is left out.
fn left_out() -> BTreeSet<String> {
    let page = include_str!("../../../../../docs/modules.md");
    let (_, section) = page.split_once("\n## Left out of the module database\n").unwrap();
    let name = |row: &str| Some(row.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    section.lines().filter_map(name).collect()
}

#[test]
fn modules_are_those_of_pytorch() {
    let mut failures = Vec::new();
    let mut count = 0;
    for (name, model) in table().iter() {
        for case in cases(name) {
            count += 1;
            failures.extend(case.check(model));
        }
    }
    assert!(failures.is_empty(), "{} of {count}: {failures:#?}", failures.len());
}

#[test]
fn what_is_not_mapped_is_listed_with_its_reason() {
    let text = std::fs::read_to_string(folder().join("names.txt")).unwrap();
    let all: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    let mapped: BTreeSet<String> = table().iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(all.len(), 114);
    let unmapped: BTreeSet<String> = all.difference(&mapped).cloned().collect();
    assert_eq!(left_out(), unmapped);
}
