//! The whole notebook: every stage in order, each cell's output under a line `# cell N`.
//!
//! What was printed is compared with the published output; the exit status says whether every
//! character is the same. All other lines start with `#`.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use chainrule::explain::SvgOptions;

use crate::common::{Look, Watcher, beside, files};

mod common;

macro_rules! stage {
    ($name:ident, $path:literal) => {
        #[path = $path]
        #[allow(
            dead_code,
            unreachable_pub,
            clippy::duplicate_mod,
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

/// The command line. Each stage's file has the stage's name in its own: `graph-stage_2.svg`.
#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    look: Look,
    /// Writes the pictures of all stages into this folder: `docs/pictures`.
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
}

/// The pictures of all stages by their files' names: each graph after the forward pass, with its local
/// gradients, and after the backward pass; and the curves of the trainings, with what they fitted.
///
/// # Errors
///
/// If a stage fails.
pub fn pictures() -> io::Result<Vec<(String, String)>> {
    let mut pictures = Vec::new();
    for (stage, cell, run) in STAGES {
        let mut watcher = Watcher::curious();
        output_of(|out| run(out, &mut watcher))?;
        let explanation = watcher.explanation().ok_or_else(|| io::Error::other("no step"))?;
        for (step, (local_gradients, gradients)) in [
            ("1_forward", (false, false)),
            ("2_local", (true, false)),
            ("3_backward", (true, true)),
        ] {
            let options = SvgOptions { local_gradients, gradients, ..SvgOptions::default() };
            let svg = explanation.svg_with(&options);
            pictures.push((format!("stage_{stage}_{step}.svg"), svg));
        }
        let curves = watcher.curves(cell).map(|chart| ("curves", chart.to_svg()));
        let fit = watcher.fit_chart(cell).map(|chart| ("fit", chart.to_svg()));
        let charts = curves.into_iter().chain(fit);
        pictures.extend(charts.map(|(name, svg)| (format!("stage_{stage}_{name}.svg"), svg)));
    }
    Ok(pictures)
}

/// A stage: its number, the cell that it is, and what it prints when it is watched.
type Stage = (usize, &'static str, fn(&mut Vec<u8>, &mut Watcher) -> io::Result<()>);

/// All stages in order.
pub const STAGES: [Stage; 6] = [
    (1, "the worked example", chain_rule::run_watched),
    (2, "cell 6", backward::run_watched),
    (3, "cell 22", manual_gradient::run_watched),
    (4, "cell 34", autograd::run_watched),
    (5, "cell 38", loss_and_optimizer::run_watched),
    (6, "cell 41", model::run_watched),
];

fn main() -> ExitCode {
    let line = <Line as clap::Parser>::parse();
    match all_stages(&line) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => files::ended(Err(error)),
    }
}

/// Prints all stages, and says whether every digit is the published one.
fn all_stages(line: &Line) -> io::Result<bool> {
    files::can_hold(line.look.graph.iter().chain(&line.look.plot)).map_err(io::Error::other)?;
    let mut out = io::stdout().lock();
    let mut printed = String::new();
    for (stage, cell, run) in STAGES {
        let mut watcher = Watcher::for_options(&line.look);
        let output = output_of(|out| run(out, &mut watcher))?;
        if stage == 1 {
            writeln!(out, "# {cell}")?;
            writeln!(out, "{}", commented(&output))?;
        } else {
            printed.extend(["# ", cell, "\n", &*output]);
        }
        let named = |path: &PathBuf| beside(path, &format!("stage_{stage}"));
        let plot = line.look.plot.as_ref().filter(|_| watcher.curves(cell).is_some());
        let look = Look { graph: line.look.graph.as_ref().map(named), plot: plot.map(named) };
        watcher.write(cell, &look)?;
    }
    if let Some(folder) = &line.pictures {
        for (name, svg) in pictures()? {
            fs::write(folder.join(name), svg)?;
        }
    }
    write!(out, "{printed}")?;

    if printed == PUBLISHED {
        writeln!(out, "# every digit is the published one")?;
        return Ok(true);
    }
    match first_difference(&printed, PUBLISHED) {
        Some((line, ours, published)) => {
            writeln!(out, "# line {line} differs: printed {ours:?}, published {published:?}")?;
        }
        None => writeln!(out, "# line ends differ")?,
    }
    Ok(false)
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
