//! Means over a training: each batch counts as many times as it has items.

use std::fmt;

/// A sum whose error does not grow with the number of its terms.
///
/// Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, x: f64) {
        let total = self.total + x;
        // Exact: what the addition above has rounded away.
        self.lost += if self.total.abs() >= x.abs() {
            (self.total - total) + x
        } else {
            (x - total) + self.total
        };
        self.total = total;
    }

    fn value(self) -> f64 {
        // Once the sum is infinite, what was lost is NaN and says nothing.
        if self.total.is_finite() { self.total + self.lost } else { self.total }
    }
}

/// The mean of a quantity over all items: `sum of count * value / sum of count`.
///
/// The last batch of an epoch is often smaller; the mean of the batches' means would count its
/// items for more than the others.
///
/// # Examples
///
/// ```
/// use watch::Mean;
///
/// let mut loss = Mean::new();
/// loss.update(1.0, 64); // the mean over 64 items
/// loss.update(4.0, 32);
/// assert_eq!(loss.value(), 2.0);
/// assert_eq!(format!("{loss:.3}"), "2.000");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Mean {
    sum: Sum,
    count: u64,
}

impl Mean {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `count` items whose mean is `value`.
    pub fn update(&mut self, value: f64, count: usize) {
        if count > 0 {
            self.sum.add(value * count as f64);
            self.count += count as u64;
        }
    }

    /// The mean so far; NaN if there was no item, or one was NaN.
    pub fn value(&self) -> f64 {
        self.sum.value() / self.count as f64
    }

    /// How many items there were.
    pub fn count(&self) -> u64 {
        self.count
    }
}

impl fmt::Display for Mean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

/// The perplexity of a model of sequences: `exp(mean of -ln p(token))`.
///
/// # Examples
///
/// ```
/// use watch::Perplexity;
///
/// let mut perplexity = Perplexity::new();
/// perplexity.update(8.0_f64.ln(), 100); // the cross-entropy of 100 tokens
/// assert!((perplexity.value() - 8.0).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Perplexity {
    loss: Mean,
}

impl Perplexity {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `tokens` tokens whose mean cross-entropy, with natural logarithms, is `loss`.
    pub fn update(&mut self, loss: f64, tokens: usize) {
        self.loss.update(loss, tokens);
    }

    /// The perplexity so far; NaN if there was no token.
    pub fn value(&self) -> f64 {
        self.loss.value().exp()
    }
}

impl fmt::Display for Perplexity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_terms_beside_large_ones_are_kept() {
        let mut mean = Mean::new();
        for x in [1e100, 1.0, -1e100, 1.0] {
            mean.update(x, 1);
        }
        assert_eq!(mean.value(), 0.5);
    }

    #[test]
    fn infinity_is_not_turned_into_nan() {
        let mut mean = Mean::new();
        mean.update(f64::INFINITY, 3);
        mean.update(1.0, 1);
        assert_eq!(mean.value(), f64::INFINITY);
        mean.update(f64::NAN, 1);
        assert!(mean.value().is_nan());
    }

    #[test]
    fn a_batch_without_items_does_not_count() {
        let mut mean = Mean::new();
        assert!(mean.value().is_nan());
        mean.update(f64::NAN, 0);
        mean.update(3.0, 2);
        assert_eq!((mean.value(), mean.count()), (3.0, 2));
    }
}
