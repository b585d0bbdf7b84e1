//! How often the right class is among those with the greatest scores.

use std::fmt;

use tensor::Tensor;

use super::scores::{Scores, integers};

/// The share of items whose class has the greatest score, or one of the `k` greatest.
///
/// Of equal scores the first counts as greater, and NaN counts as greater than every number, as in
/// `argmax`.
///
/// # Examples
///
/// ```
/// use tensor::Tensor;
/// use watch::Accuracy;
///
/// let scores = Tensor::from([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4]]); // [items, classes]
/// let targets = Tensor::from([1_i64, 2]);
/// let mut accuracy = Accuracy::new();
/// accuracy.update(&scores, &targets);
/// assert_eq!(accuracy.value(), 0.5);
/// assert_eq!(accuracy.to_string(), "50.00 %");
/// let mut top = Accuracy::top(2);
/// top.update(&scores, &targets);
/// assert_eq!(top.value(), 1.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Accuracy {
    top: usize,
    ignore_index: Option<i64>,
    correct: u64,
    count: u64,
}

impl Default for Accuracy {
    fn default() -> Self {
        Self { top: 1, ignore_index: None, correct: 0, count: 0 }
    }
}

impl Accuracy {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// An item counts if its class is among the `k` with the greatest scores.
    ///
    /// # Panics
    ///
    /// If `k` is zero.
    #[track_caller]
    pub fn top(k: usize) -> Self {
        assert!(k > 0, "accuracy: of the greatest 0 scores none is right");
        Self { top: k, ..Self::default() }
    }

    /// Leaves out items whose target is `index`: what a batch is padded with, say.
    #[must_use]
    pub fn ignoring(self, index: i64) -> Self {
        Self { ignore_index: Some(index), ..self }
    }

    /// Adds a batch: scores `[N, C, d...]` for each of `C` classes (logits, say), and targets
    /// `[N, d...]`, as the cross-entropy has them.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, targets are not integers, a target is not one of the classes, or
    /// there are fewer than `k` classes.
    #[track_caller]
    pub fn update(&mut self, scores: &Tensor, targets: &Tensor) {
        let scores = Scores::new("accuracy", scores, targets);
        let (top, classes) = (self.top, scores.classes);
        assert!(top <= classes, "accuracy: too few classes for the top {top}: {classes}");
        for (item, target) in scores.items("accuracy", self.ignore_index) {
            self.count += 1;
            self.correct += u64::from(item.rank(target) < self.top);
        }
    }

    /// Adds a batch whose classes are decided: predictions and targets of one shape.
    ///
    /// # Panics
    ///
    /// If the shapes differ, either are not integers or `bool`, or this is not the accuracy of the
    /// one greatest score.
    #[track_caller]
    pub fn update_predicted(&mut self, predicted: &Tensor, targets: &Tensor) {
        assert!(self.top == 1, "accuracy: the top {} of classes need scores", self.top);
        let pairs = decided("accuracy", predicted, targets);
        for (predicted, target) in pairs {
            if Some(target) != self.ignore_index {
                self.count += 1;
                self.correct += u64::from(predicted == target);
            }
        }
    }

    /// The share that was right, from 0 to 1; NaN if there was no item.
    pub fn value(&self) -> f64 {
        self.correct as f64 / self.count as f64
    }

    /// How many items were right.
    pub fn correct(&self) -> u64 {
        self.correct
    }

    /// How many items there were.
    pub fn count(&self) -> u64 {
        self.count
    }
}

/// Predicted and true classes, pair by pair.
#[track_caller]
pub(super) fn decided(
    metric: &str,
    predicted: &Tensor,
    targets: &Tensor,
) -> impl Iterator<Item = (i64, i64)> + use<> {
    assert!(
        predicted.shape() == targets.shape(),
        "{metric}: predictions and targets have one shape: got {:?} and {:?}",
        predicted.shape(),
        targets.shape()
    );
    let predicted = integers(metric, "predictions", predicted);
    predicted.into_iter().zip(integers(metric, "targets", targets))
}

impl fmt::Display for Accuracy {
    /// In percent, with two digits unless asked for others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*} %", f.precision().unwrap_or(2), 100.0 * self.value())
    }
}
