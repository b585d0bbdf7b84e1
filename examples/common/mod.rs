//! What the notebook's examples have in common: options to look at what they do.
//!
//! A stage reads as in the notebook, but for a [`Watcher`] that it tells about each step. Without
//! options nobody watches, and what is printed is the same with them.

#![allow(dead_code, unreachable_pub, reason = "each example uses a part of this")]

pub mod files;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chainrule::explain::{Explanation, Recording, record};
use chainrule::watch::LineChart;
use chainrule::{DType, Tensor};

/// Options to look at a computation.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Look {
    /// Writes the graph of the first step: as text (.txt), for graphviz (.dot), as a picture (.svg),
    /// or as a page to step through (.html).
    #[arg(long, value_name = "FILE", value_parser = files::graph())]
    pub graph: Option<PathBuf>,
    /// Draws the loss and the weight over the steps, and the fitted line (.svg or .png).
    #[arg(long, value_name = "FILE", value_parser = files::picture())]
    pub plot: Option<PathBuf>,
}

/// The command line of a stage that has no options of its own.
#[derive(clap::Parser, Debug)]
pub struct Line {
    /// How to look at it.
    #[command(flatten)]
    pub look: Look,
}

/// Reads the command line, runs a stage, and writes what was asked for.
pub fn main(
    title: &str,
    run: impl FnOnce(&mut io::StdoutLock<'static>, &mut Watcher) -> io::Result<()>,
) -> ExitCode {
    let line = <Line as clap::Parser>::parse();
    files::ended(line.look.watch(title, |watcher| run(&mut io::stdout().lock(), watcher)))
}

impl Look {
    /// Runs a stage, and writes what was asked for.
    ///
    /// # Errors
    ///
    /// Before anything runs, if the files have no place; if something cannot be written.
    pub fn watch(
        &self,
        title: &str,
        run: impl FnOnce(&mut Watcher) -> io::Result<()>,
    ) -> io::Result<()> {
        files::can_hold(self.graph.iter().chain(&self.plot)).map_err(io::Error::other)?;
        let mut watcher = Watcher::for_options(self);
        run(&mut watcher)?;
        watcher.write(title, self)
    }
}

/// Sees the steps of a stage.
#[derive(Debug, Default)]
pub struct Watcher {
    is_curious: bool,
    recording: Option<Recording<Tensor>>,
    explanation: Option<Explanation>,
    /// The loss and the weight at each step.
    history: Vec<[f64; 2]>,
    /// What is fitted: the inputs, the targets, and the final predictions.
    fit: Option<[Vec<f64>; 3]>,
}

impl Watcher {
    /// One that sees nothing.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// One that sees everything.
    pub fn curious() -> Self {
        Self { is_curious: true, ..Self::default() }
    }

    /// One that sees what these options need.
    pub fn for_options(look: &Look) -> Self {
        if look.graph.is_some() || look.plot.is_some() { Self::curious() } else { Self::nobody() }
    }

    /// Before the forward pass of a step: the first one is recorded, with these names.
    pub fn start(&mut self, names: &[(&str, &Tensor)]) {
        if self.is_curious && self.explanation.is_none() {
            let recording = record();
            for &(name, value) in names {
                recording.name(value, name);
            }
            self.recording = Some(recording);
        }
    }

    /// A value on the way of the recorded step.
    pub fn name(&mut self, name: &str, value: &Tensor) {
        if let Some(recording) = &self.recording {
            recording.name(value, name);
        }
    }

    /// Before the backward pass of a step.
    ///
    /// # Errors
    ///
    /// If the loss cannot be explained.
    pub fn step(&mut self, loss: &Tensor, weight: impl FnOnce() -> f64) -> io::Result<()> {
        if let Some(recording) = self.recording.take() {
            recording.name(loss, "loss");
            self.explained(recording.explain(loss).map_err(io::Error::other)?);
        }
        if self.is_curious {
            self.history.push([loss.item(), weight()]);
        }
        Ok(())
    }

    /// A step of a stage that does without the engine.
    pub fn numbers(&mut self, loss: f64, weight: f64) {
        if self.is_curious {
            self.history.push([loss, weight]);
        }
    }

    /// The explanation of a stage, if it makes it itself.
    pub fn explained(&mut self, explanation: Explanation) {
        self.explanation = Some(explanation);
    }

    /// Whether anybody looks.
    pub fn is_curious(&self) -> bool {
        self.is_curious
    }

    /// What was fitted.
    pub fn fitted(&mut self, values: [&Tensor; 3]) {
        let numbers = |x: &Tensor| x.detach().to_dtype(DType::F64).to_vec();
        self.fit = self.is_curious.then(|| values.map(numbers));
    }

    /// The graph of the first step.
    pub fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_ref()
    }

    /// Writes what the options ask for.
    ///
    /// # Errors
    ///
    /// If a file cannot be written, its name has another ending, or there is nothing to draw.
    pub fn write(&self, title: &str, look: &Look) -> io::Result<()> {
        if let (Some(path), Some(explanation)) = (&look.graph, &self.explanation) {
            explanation.save(path).map_err(io::Error::other)?;
        }
        if let Some(path) = &look.plot {
            self.plot(title, path)?;
        }
        Ok(())
    }

    fn plot(&self, title: &str, path: &Path) -> io::Result<()> {
        let chart = self
            .curves(title)
            .ok_or_else(|| io::Error::other(format!("plot: there is no training in {title}")))?;
        chart.save(path).map_err(io::Error::other)?;
        match self.fit_chart(title) {
            Some(chart) => chart.save(beside(path, "fit")).map_err(io::Error::other),
            None => Ok(()),
        }
    }

    /// The loss and the weight over the steps.
    pub fn curves(&self, title: &str) -> Option<LineChart> {
        if self.history.len() < 2 {
            return None;
        }
        let series = |which: usize| -> Vec<(f64, f64)> {
            (1..).zip(&self.history).map(|(step, at)| (f64::from(step), at[which])).collect()
        };
        let chart = LineChart::new(title).axes("step", "loss and weight");
        Some(chart.line("loss", series(0)).line("w", series(1)))
    }

    /// The data, and the line that was fitted to it.
    pub fn fit_chart(&self, title: &str) -> Option<LineChart> {
        let [x, y, prediction] = self.fit.as_ref()?;
        let points =
            |y: &[f64]| -> Vec<(f64, f64)> { x.iter().copied().zip(y.iter().copied()).collect() };
        let chart = LineChart::new(format!("{title}: the fit")).axes("x", "y");
        Some(chart.line("prediction", points(prediction)).dots("target", points(y)))
    }
}

/// The same path with a word before the extension: `plot-fit.svg`.
pub fn beside(path: &Path, word: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut name = format!("{stem}-{word}");
    if let Some(extension) = path.extension() {
        name = format!("{name}.{}", extension.to_string_lossy());
    }
    path.with_file_name(name)
}
