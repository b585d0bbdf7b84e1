//! Which classes are taken for which.

use std::fmt;

use tensor::Tensor;

use super::accuracy::decided;
use super::scores::{Scores, class};
use crate::plot::HeatMap;

/// How many items of each class were taken for each class: a row for each true class, a column for
/// each predicted one.
///
/// # Examples
///
/// ```
/// use tensor::Tensor;
/// use watch::ConfusionMatrix;
///
/// let mut matrix = ConfusionMatrix::named(["cat", "dog"]);
/// let (predicted, targets) = (Tensor::from([0_i64, 0, 1]), Tensor::from([0_i64, 1, 1]));
/// matrix.update_predicted(&predicted, &targets);
/// assert_eq!(matrix.count(1, 0), 1); // a dog taken for a cat
/// assert_eq!(matrix.class(0).precision, 0.5);
/// println!("{matrix}\n{}", matrix.report());
/// ```
#[derive(Clone, Debug)]
pub struct ConfusionMatrix {
    names: Vec<String>,
    counts: Vec<u64>,
    ignore_index: Option<i64>,
}

/// How good the predictions of one class are, or of all on average.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClassScore {
    /// Of the items that were taken for this class, the share that are of it; 0 if there were none.
    pub precision: f64,
    /// Of the items of this class, the share that were taken for it; 0 if there were none.
    pub recall: f64,
    /// `2 precision recall / (precision + recall)`; 0 if both are.
    pub f1: f64,
    /// How many items are of this class.
    pub support: u64,
}

impl ConfusionMatrix {
    /// Of `classes` classes, named by their numbers.
    ///
    /// # Panics
    ///
    /// If there are none.
    #[track_caller]
    pub fn new(classes: usize) -> Self {
        Self::named((0..classes).map(|class| class.to_string()))
    }

    /// Of classes with names.
    ///
    /// # Panics
    ///
    /// If there are none.
    #[track_caller]
    pub fn named<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        assert!(!names.is_empty(), "confusion matrix: there are no classes");
        let counts = vec![0; names.len() * names.len()];
        Self { names, counts, ignore_index: None }
    }

    /// Leaves out items whose target is `index`.
    #[must_use]
    pub fn ignoring(self, index: i64) -> Self {
        Self { ignore_index: Some(index), ..self }
    }

    /// Adds a batch: scores `[N, C, d...]` and targets `[N, d...]`, as for the accuracy.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, there are scores for another number of classes, targets are not
    /// integers, or a target is not one of the classes.
    #[track_caller]
    pub fn update(&mut self, scores: &Tensor, targets: &Tensor) {
        let scores = Scores::new("confusion matrix", scores, targets);
        let (classes, found) = (self.names.len(), scores.classes);
        assert!(
            found == classes,
            "confusion matrix: scores are for {classes} classes: got {found}"
        );
        for (item, target) in scores.items("confusion matrix", self.ignore_index) {
            self.counts[target * classes + item.argmax()] += 1;
        }
    }

    /// Adds a batch whose classes are decided: predictions and targets of one shape.
    ///
    /// # Panics
    ///
    /// If the shapes differ, or either are not integers or `bool`, or not among the classes.
    #[track_caller]
    pub fn update_predicted(&mut self, predicted: &Tensor, targets: &Tensor) {
        let classes = self.names.len();
        let mut found = Vec::with_capacity(targets.numel());
        for (predicted, target) in decided("confusion matrix", predicted, targets) {
            if Some(target) != self.ignore_index {
                let target = class("confusion matrix", target, classes);
                found.push(target * classes + class("confusion matrix", predicted, classes));
            }
        }
        for position in found {
            self.counts[position] += 1; // after all are known to be good
        }
    }

    /// The names of the classes.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many items of class `target` were taken for class `predicted`.
    ///
    /// # Panics
    ///
    /// If either is not one of the classes.
    #[track_caller]
    pub fn count(&self, target: usize, predicted: usize) -> u64 {
        let classes = self.names.len();
        for class in [target, predicted] {
            assert!(class < classes, "confusion matrix: not one of {classes} classes: {class}");
        }
        self.counts[target * classes + predicted]
    }

    /// The counts, `[true classes, predicted classes]`, as `i64`.
    pub fn to_tensor(&self) -> Tensor {
        let counts = self.counts.iter().map(|&count| count as i64).collect();
        Tensor::from_vec::<i64>(counts, &[self.names.len(), self.names.len()])
    }

    /// The counts as a picture.
    pub fn chart(&self, title: impl Into<String>) -> HeatMap {
        HeatMap::new(title, &self.to_tensor())
            .axes("predicted", "true")
            .rows(&self.names)
            .columns(&self.names)
    }

    /// The share of items that were taken for what they are; NaN if there was none.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = self.counts.iter().step_by(self.names.len() + 1).sum();
        right as f64 / self.total() as f64
    }

    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How good the predictions of class `class` are.
    ///
    /// # Panics
    ///
    /// If it is not one of the classes.
    #[track_caller]
    pub fn class(&self, class: usize) -> ClassScore {
        let right = self.count(class, class);
        let classes = self.names.len();
        let support = (0..classes).map(|other| self.count(class, other)).sum();
        let predicted: u64 = (0..classes).map(|other| self.count(other, class)).sum();
        ClassScore {
            precision: share(right as f64, predicted as f64),
            recall: share(right as f64, support as f64),
            f1: share(2.0 * right as f64, (support + predicted) as f64),
            support,
        }
    }

    /// The mean over the classes, each counting the same.
    pub fn macro_average(&self) -> ClassScore {
        self.average(|_| 1.0)
    }

    /// The mean over the classes, each counting as much as it has items.
    pub fn weighted_average(&self) -> ClassScore {
        self.average(|score| score.support as f64)
    }

    fn average(&self, weight: impl Fn(&ClassScore) -> f64) -> ClassScore {
        let scores: Vec<_> = (0..self.names.len()).map(|class| self.class(class)).collect();
        let total: f64 = scores.iter().map(&weight).sum();
        let mean = |field: fn(&ClassScore) -> f64| {
            share(scores.iter().map(|score| weight(score) * field(score)).sum(), total)
        };
        ClassScore {
            precision: mean(|score| score.precision),
            recall: mean(|score| score.recall),
            f1: mean(|score| score.f1),
            support: self.total(),
        }
    }

    /// Precision, recall, F1 and number of items of each class as text, and their averages.
    pub fn report(&self) -> String {
        let rows =
            (0..self.names.len()).map(|class| (self.names[class].clone(), self.class(class)));
        let averages = [
            ("macro average".to_owned(), self.macro_average()),
            ("weighted average".to_owned(), self.weighted_average()),
        ];
        let mut table =
            vec![["", "precision", "recall", "F1", "items"].map(str::to_owned).to_vec()];
        for (name, score) in rows.chain(averages) {
            let shares = [score.precision, score.recall, score.f1].map(|x| format!("{x:.4}"));
            table.push([&[name][..], &shares, &[score.support.to_string()]].concat());
        }
        format!("{}accuracy {:.4}\n", aligned(&table), self.accuracy())
    }
}

/// `part / whole`, and 0 if there is nothing, as scikit-learn has it.
fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

/// The cells as text, each column aligned at the right.
fn aligned(table: &[Vec<String>]) -> String {
    let columns = table.first().map_or(0, Vec::len);
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in table {
        let cells: Vec<_> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:>width$}")).collect();
        text.push_str(&cells.join("  "));
        text.push('\n');
    }
    text
}

impl fmt::Display for ConfusionMatrix {
    /// The counts, with the true classes at the left and the predicted ones above.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let corner = "true \\ predicted".to_owned();
        let mut table = vec![[&[corner][..], &self.names].concat()];
        for (name, row) in self.names.iter().zip(self.counts.chunks(self.names.len())) {
            let counts: Vec<_> = row.iter().map(u64::to_string).collect();
            table.push([&[name.clone()][..], &counts].concat());
        }
        f.write_str(&aligned(&table))
    }
}
