//! Every module held against PyTorch's module database: outputs, gradients of inputs and of
//! parameters, and buffers after the pass. `tools/module_golden.py` writes the cases.
//!
//! A file for each family maps PyTorch's names and arguments to ours, one line for each module.
//! `docs/modules.md` lists what is left out.

mod activations;
mod attention;
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
    attention::add(&mut table);
    table
}

/// The names in the first column of the table under this heading of `docs/modules.md`.
fn rows(heading: &str) -> BTreeSet<String> {
    let page = include_str!("../../../../../docs/modules.md");
    let (_, section) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    let (section, _) = section.split_once("\n## ").unwrap_or((section, ""));
    let cells = section.lines().filter_map(|row| row.strip_prefix("| `")?.split(" |").next());
    cells.flat_map(|cell| cell.split(", ")).map(|name| name.replace('`', "")).collect()
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
    assert_eq!(rows("Left out of the module database"), unmapped);
}

#[test]
fn what_is_mapped_is_listed() {
    let mapped = table();
    let mapped = mapped.iter().map(|(name, _)| name.to_owned());
    let mut listed = rows("Modules");
    // It has no arguments that could be mapped.
    assert!(listed.remove("nn.Sequential"));
    assert_eq!(listed, mapped.filter(|name| !name.ends_with("Loss")).collect());
}

#[test]
fn every_loss_of_the_documentation_is_mapped() {
    let page = include_str!("../../../../../docs/losses.md");
    let rows = page.lines().filter_map(|row| row.strip_prefix("| `")?.split_once("` | `"));
    let names: BTreeSet<&str> = rows.map(|(name, _)| name).filter(|n| !n.ends_with("2d")).collect();
    let table = table();
    let mapped = table.iter().map(|(name, _)| name).filter(|name| name.ends_with("Loss")).collect();
    assert_eq!(names, mapped);
}
