//! The whole notebook: every stage in order, each cell's output under a line `# cell N`.
//!
//! What was printed is compared with the published output; the exit status says whether every
//! character is the same. All other lines start with `#`.

use std::io::{self, Write};
use std::process::ExitCode;

macro_rules! stage {
    ($name:ident, $path:literal) => {
        #[path = $path]
        #[allow(
            dead_code,
            unreachable_pub,
            reason = "a program of its own, included for its `run`"
        )]
        pub mod $name;
    };
}

stage!(chain_rule, "stage_1_chain_rule.rs");
stage!(backward, "stage_2_backward.rs");
stage!(manual_gradient, "stage_3_manual_gradient.rs");
stage!(autograd, "stage_4_autograd.rs");
stage!(loss_and_optimizer, "stage_5_loss_and_optimizer.rs");
stage!(model, "stage_6_model.rs");

/// The output that the notebook was published with, under the same headings.
pub const PUBLISHED: &str = include_str!("../docs/notebook/expected.txt");

fn main() -> io::Result<ExitCode> {
    let mut out = io::stdout().lock();
    writeln!(out, "# the worked example")?;
    writeln!(out, "{}", commented(&output_of(chain_rule::run)?))?;

    let printed = [
        (6, output_of(backward::run)?),
        (22, output_of(manual_gradient::run)?),
        (34, output_of(autograd::run)?),
        (38, output_of(loss_and_optimizer::run)?),
        (41, output_of(model::run)?),
    ]
    .map(|(cell, output)| format!("# cell {cell}\n{output}"))
    .concat();
    write!(out, "{printed}")?;

    if printed == PUBLISHED {
        writeln!(out, "# every digit is the published one")?;
        return Ok(ExitCode::SUCCESS);
    }
    match first_difference(&printed, PUBLISHED) {
        Some((line, ours, published)) => {
            writeln!(out, "# line {line} differs: printed {ours:?}, published {published:?}")?;
        }
        None => writeln!(out, "# line ends differ")?,
    }
    Ok(ExitCode::FAILURE)
}

/// What a stage prints.
///
/// # Errors
///
/// If the stage cannot write, or does not write text.
pub fn output_of(run: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let mut output = Vec::new();
    run(&mut output)?;
    String::from_utf8(output).map_err(io::Error::other)
}

fn commented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("# {line}")).collect();
    lines.join("\n")
}

/// The first line that differs, counted from one, in both texts.
pub fn first_difference<'a>(a: &'a str, b: &'a str) -> Option<(usize, &'a str, &'a str)> {
    let (mut ours, mut published) = (a.lines(), b.lines());
    for line in 1.. {
        match (ours.next(), published.next()) {
            (None, None) => break,
            (x, y) if x == y => {}
            (x, y) => return Some((line, x.unwrap_or("nothing"), y.unwrap_or("nothing"))),
        }
    }
    None
}
