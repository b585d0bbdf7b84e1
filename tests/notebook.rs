//! The notebook, stage by stage, against the output that it was published with.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

use std::io;

use chainrule::nn::Linear;
use chainrule::{Parameter, Tensor};

#[path = "../examples/common/mod.rs"]
mod common;
#[path = "../examples/notebook.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::duplicate_mod,
    reason = "a program of its own, included for its stages"
)]
mod notebook;

use clap::Parser as _;
use common::{Line, Look, Watcher};
use notebook::{PUBLISHED, first_difference, output_of};

/// What was published under the heading `# cell N`.
fn published(cell: u32) -> String {
    let heading = format!("# cell {cell}");
    let section = PUBLISHED.lines().skip_while(|line| *line != heading).skip(1);
    let lines: Vec<_> = section.take_while(|line| !line.starts_with('#')).collect();
    assert!(!lines.is_empty(), "there is a cell {cell}");
    lines.join("\n") + "\n"
}

#[track_caller]
fn assert_prints(cell: u32, run: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) {
    assert_eq!(output_of(run).unwrap(), published(cell));
}

#[test]
fn cell_6_prints_what_was_published() {
    assert_prints(6, notebook::backward::run);
}

#[test]
fn cell_22_prints_what_was_published() {
    assert_prints(22, notebook::manual_gradient::run);
}

#[test]
fn cell_34_prints_what_was_published() {
    assert_prints(34, notebook::autograd::run);
}

#[test]
fn cell_38_prints_what_was_published() {
    assert_prints(38, notebook::loss_and_optimizer::run);
}

#[test]
fn cell_41_prints_what_was_published() {
    assert_prints(41, notebook::model::run);
}

#[test]
fn every_published_cell_has_a_test() {
    let cells: Vec<_> = PUBLISHED.lines().filter(|line| line.starts_with("# cell")).collect();
    assert_eq!(cells, ["# cell 6", "# cell 22", "# cell 34", "# cell 38", "# cell 41"]);
}

#[test]
fn the_worked_example_prints_what_the_book_shows() {
    let page = output_of(notebook::chain_rule::run).unwrap();
    assert_eq!(page, include_str!("../docs/notebook/chain_rule.txt"));
}

#[test]
fn the_worked_example_has_the_numbers_of_the_text() {
    let page = output_of(notebook::chain_rule::run).unwrap();
    for line in [
        "forward pass: x = 1, y = 2, w = 1",
        "  y' = w * x = 1",
        "  s = y' - y = -1",
        "  loss = s^2 = 1",
        "  dloss/ds = 2 * s = -2",
        "  ds/dy' = 1",
        "  dy'/dw = x = 1",
        "  dloss/dw = dloss/dy' * dy'/dw = -2 * 1 = -2",
        "  w.grad = -2",
    ] {
        assert!(page.lines().any(|printed| printed == line), "{line:?} in\n{page}");
    }
}

/// A line without its loss, and the loss.
fn split(line: &str) -> (&str, f64) {
    match line.split_once("loss = ") {
        Some((start, loss)) => (start, loss.parse().unwrap()),
        None => (line, 0.0),
    }
}

/// The loss of an over-parametrised fit in `f32` is sensitive to the last bit: the same digits as
/// PyTorch's need its roundings. It adds up the bias's gradient in `f32`, where our sums run in
/// `f64`, and rounds w - ηg once, where ours rounds twice; with both of these changed, every digit
/// is the same. As it is, the eighth decimal of half of the losses differs.
#[test]
fn cell_41_with_a_bias_prints_what_pytorch_prints_but_for_roundings() {
    let weight = Parameter::new(Tensor::from([[0.999_999_821_186_065_7_f64 as f32]]));
    let bias = Parameter::new(Tensor::from([0.0_f32]));
    let model = Linear::from_parameters(weight, Some(bias));
    let page =
        output_of(|out| notebook::model::train(&model, out, &mut Watcher::nobody())).unwrap();
    let expected = "4 1\nPrediction before training: f(5) = 5.000\n".to_owned()
        + include_str!("../docs/notebook/with_bias.txt");
    assert_eq!(page.lines().count(), expected.lines().count());
    for (ours, theirs) in page.lines().zip(expected.lines()) {
        let ((start, loss), (expected_start, expected_loss)) = (split(ours), split(theirs));
        assert_eq!(start, expected_start);
        assert!((loss - expected_loss).abs() < 3.5e-8, "{ours}, not {theirs}");
    }
}

#[test]
fn cell_41_as_written_trains_from_a_random_start() {
    let run = || output_of(|out| notebook::model::run_as_written(out, &mut Watcher::nobody()));
    let page = run().unwrap();
    assert!(page.starts_with("4 1\nPrediction before training: f(5) = "), "{page}");
    assert_eq!(page, run().unwrap());
    assert_ne!(page, published(41));
    let loss = |epoch: u32| {
        let start = format!("epoch {epoch}: ");
        let line = page.lines().find(|line| line.starts_with(&start)).unwrap();
        line.split("loss = ").nth(1).unwrap().parse::<f64>().unwrap()
    };
    assert!(loss(91) < loss(1) / 100.0, "{page}");
}

#[test]
fn equal_texts_do_not_differ() {
    assert_eq!(first_difference(PUBLISHED, PUBLISHED), None);
    assert_eq!(first_difference("", ""), None);
}

#[test]
fn every_changed_line_is_a_difference() {
    for (index, line) in PUBLISHED.lines().enumerate() {
        let mut lines: Vec<_> = PUBLISHED.lines().collect();
        let wrong = format!("{line} ");
        lines[index] = &wrong;
        let printed = lines.join("\n");
        assert_eq!(first_difference(&printed, PUBLISHED), Some((index + 1, &*wrong, line)));
    }
}

#[test]
fn a_missing_line_and_one_too_many_are_differences() {
    assert_eq!(first_difference("a\nb\n", "a\n"), Some((2, "b", "nothing")));
    assert_eq!(first_difference("a\n", "a\nb\n"), Some((2, "nothing", "b")));
    assert_eq!(first_difference("b\n", "a\nb\n"), Some((1, "b", "a")));
}

#[test]
fn files_of_other_kinds_are_refused_when_the_command_line_is_read() {
    let parse = |option: &str, file: &str| Line::try_parse_from(["stage", option, file]);
    for (option, file) in [("--graph", "g.svg"), ("--graph", "G.HTML"), ("--plot", "p.png")] {
        parse(option, file).unwrap();
    }
    for (option, file, expected) in [
        ("--graph", "g.pdf", "unknown extension: g.pdf: expected .txt, .dot, .svg or .html"),
        ("--graph", "g", "unknown extension: g: expected"),
        ("--plot", "p.html", "p.html: the name ends in none of svg, png: \"html\""),
    ] {
        let error = parse(option, file).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(text.contains(expected) && text.contains(option), "{text}");
    }
}

#[test]
fn files_without_a_place_are_refused_before_a_stage_runs() {
    let folder = std::env::temp_dir();
    for (place, expected) in [
        (folder.join("no such folder/g.svg"), "there is no such folder"),
        (folder.clone(), "it is a folder"),
    ] {
        let look = Look { graph: Some(place), plot: None };
        let outcome = look.watch("a stage", |_| unreachable!("it must not run"));
        let text = outcome.unwrap_err().to_string();
        assert!(text.starts_with("cannot write ") && text.ends_with(expected), "{text}");
    }
    let look = Look { graph: None, plot: Some("nothing-to-draw.svg".into()) };
    let error = look.watch("a stage", |_| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "plot: there is no training in a stage");
}

#[test]
fn what_is_printed_is_the_same_when_somebody_looks() {
    for (stage, _, run) in notebook::STAGES {
        let [plain, watched] = [Watcher::nobody(), Watcher::curious()]
            .map(|mut watcher| output_of(|out| run(out, &mut watcher)).unwrap());
        assert_eq!(plain, watched, "stage {stage}");
    }
}
