//! Scores and targets of a batch: their shapes checked, and walked item by item.

use std::cmp::Ordering;

use tensor::{DType, Tensor};

/// Scores `[N, C, d...]` and targets `[N, d...]`, as the cross-entropy has them.
pub(crate) struct Scores {
    values: Vec<f64>,
    targets: Vec<i64>,
    pub(crate) classes: usize,
    /// How many items lie between two classes of one item.
    inner: usize,
}

impl Scores {
    #[track_caller]
    pub(crate) fn new(metric: &str, scores: &Tensor, targets: &Tensor) -> Self {
        let shape = scores.shape();
        assert!(
            shape.len() >= 2
                && targets.shape() == [&shape[..1], &shape[2..]].concat()
                && shape[1] > 0,
            "{metric}: scores are [N, C, d...] and targets are [N, d...]: got {shape:?} and {:?}",
            targets.shape()
        );
        assert!(scores.dtype() != DType::Bool, "{metric}: scores are numbers: got bool");
        Self {
            values: scores.detach().to_dtype(DType::F64).to_vec(),
            targets: integers(metric, "targets", targets),
            classes: shape[1],
            inner: shape[2..].iter().product(),
        }
    }

    /// Each item: its scores, by class, and its target, which is checked unless it is ignored.
    #[track_caller]
    pub(crate) fn items(&self, metric: &str, ignore: Option<i64>) -> Vec<(Item<'_>, usize)> {
        let mut items = Vec::with_capacity(self.targets.len());
        for (i, &target) in self.targets.iter().enumerate() {
            if Some(target) != ignore {
                let (outer, inner) = (i / self.inner, i % self.inner);
                let first = outer * self.classes * self.inner + inner;
                items.push((Item { scores: self, first }, class(metric, target, self.classes)));
            }
        }
        items
    }
}

/// The scores of one item.
pub(crate) struct Item<'a> {
    scores: &'a Scores,
    first: usize,
}

impl Item<'_> {
    fn score(&self, class: usize) -> f64 {
        self.scores.values[self.first + class * self.scores.inner]
    }

    /// How many classes have a greater score than `class`, or the same and come first.
    pub(crate) fn rank(&self, class: usize) -> usize {
        let score = self.score(class);
        let is_ahead = |&other: &usize| match order(self.score(other), score) {
            Ordering::Greater => true,
            Ordering::Equal => other < class,
            Ordering::Less => false,
        };
        (0..self.scores.classes).filter(is_ahead).count()
    }

    /// The class with the greatest score, the first of those with the same.
    pub(crate) fn argmax(&self) -> usize {
        let is_greater = |&a: &usize, &b: &usize| order(self.score(a), self.score(b));
        // `max_by` takes the last of equals.
        (0..self.scores.classes).rev().max_by(is_greater).expect("there is a class")
    }
}

/// NaN is greater than every number, as in `argmax`.
fn order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The elements of an integer tensor.
#[track_caller]
pub(crate) fn integers(metric: &str, what: &str, tensor: &Tensor) -> Vec<i64> {
    let dtype = tensor.dtype();
    assert!(!dtype.is_float(), "{metric}: {what} are integers: got {dtype}");
    tensor.to_dtype(DType::I64).to_vec()
}

/// A class as a position.
#[track_caller]
pub(crate) fn class(metric: &str, class: i64, classes: usize) -> usize {
    match usize::try_from(class) {
        Ok(class) if class < classes => class,
        _ => panic!("{metric}: not one of {classes} classes: {class}"),
    }
}
