//! A run over the database, and the table that it prints.

use std::fmt::{self, Write};
use std::path::Path;

use crate::table::Table;
use crate::{Case, Operator, Outcome, ReadError, Stage, data};

/// What became of every case of every operator.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Each operator that is mapped, with its cases.
    pub operators: Vec<(String, Vec<Outcome>)>,
    /// Each operator that is not mapped, with the number of its cases.
    pub unmapped: Vec<(String, usize)>,
}

/// Checks every case in `folder` of the operators that `only` names: by the full name, or by the
/// name without the variant. `check` says what is checked.
///
/// # Errors
///
/// If the data cannot be read.
pub fn run(
    folder: &Path,
    only: Option<&str>,
    check: impl Fn(&crate::table::Call, &Operator, &Case) -> Outcome,
) -> Result<Report, ReadError> {
    let table = Table::new();
    let mut report = Report::default();
    for name in data::operators(folder)? {
        if only.is_some_and(|only| !is_meant(&name, only)) {
            continue;
        }
        let operator = Operator::read(folder, &name)?;
        match table.get(&name) {
            Some(call) => {
                let outcomes = operator.cases.iter().map(|case| check(call, &operator, case));
                report.operators.push((name, outcomes.collect()));
            }
            None => report.unmapped.push((name, operator.cases.len())),
        }
    }
    Ok(report)
}

fn is_meant(name: &str, only: &str) -> bool {
    name == only || name.strip_prefix(only).is_some_and(|variant| variant.starts_with('.'))
}

impl Report {
    fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.operators.iter().flat_map(|(_, outcomes)| outcomes)
    }

    /// The cases that agree throughout.
    pub fn passed(&self) -> usize {
        self.outcomes().filter(|outcome| outcome.failures.is_empty()).count()
    }

    /// The cases that disagree somewhere.
    pub fn failed(&self) -> usize {
        self.outcomes().filter(|outcome| !outcome.failures.is_empty()).count()
    }

    /// The cases of operators that are not mapped.
    pub fn skipped(&self) -> usize {
        self.unmapped.iter().map(|(_, cases)| cases).sum()
    }

    /// Each failed case with its first disagreement, one a line.
    pub fn failures(&self) -> String {
        let mut text = String::new();
        for outcome in self.outcomes() {
            if let Some(failure) = outcome.failures.first() {
                let more = outcome.failures.len() - 1;
                let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
                let _ = writeln!(text, "{}: {failure}{more}", outcome.id);
            }
        }
        text
    }

    /// Agreeing of all cases, for each operator and stage, as a Markdown table.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let header =
            ["operator", "cases", "forward", "first order", "second, numeric", "second, zero"];
        let mut rows: Vec<[String; 6]> =
            vec![header.map(str::to_owned), header.map(|_| "---".to_owned())];
        rows.extend(self.operators.iter().map(|(name, outcomes)| row(name, outcomes)));
        let all: Vec<Outcome> = self.outcomes().cloned().collect();
        rows.push(row("all", &all));
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let widths: [usize; 6] = std::array::from_fn(width);
        for row in &rows {
            for (cell, width) in row.iter().zip(widths) {
                let fill = if cell == "---" { '-' } else { ' ' };
                let pad: String = std::iter::repeat_n(fill, width - cell.len()).collect();
                let _ = write!(text, "| {cell}{pad} ");
            }
            text.push_str("|\n");
        }
        text
    }
}

fn row(name: &str, outcomes: &[Outcome]) -> [String; 6] {
    let count = |stage: Stage, among: &dyn Fn(&Outcome) -> bool| {
        let all = outcomes.iter().filter(|outcome| among(outcome));
        let passed = all.clone().filter(|outcome| outcome.passes(stage)).count();
        format!("{passed}/{}", all.count())
    };
    [
        name.to_owned(),
        outcomes.len().to_string(),
        count(Stage::Forward, &|_| true),
        count(Stage::First, &|_| true),
        count(Stage::Second, &|outcome| outcome.is_numeric),
        count(Stage::Second, &|outcome| !outcome.is_numeric),
    ]
}

/// The summary: `N passed, N failed, N skipped`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed(), self.failed(), self.skipped())
    }
}
