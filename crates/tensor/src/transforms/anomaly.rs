//! Anomaly mode: the first operation that makes NaN or infinity is an error that names it.

use std::cell::Cell;
use std::fmt::Write;

use autograd_core::{Passed, Watch, is_watched, watch};

use crate::Tensor;
use crate::found::{Found, number_at};

/// What [`detect_anomaly_with`] looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnomalyOptions {
    /// Whether NaN is an error.
    pub nan: bool,
    /// Whether an infinity is an error. Masks made of -∞ are, then, too.
    pub infinity: bool,
}

impl Default for AnomalyOptions {
    fn default() -> Self {
        Self { nan: true, infinity: false }
    }
}

impl AnomalyOptions {
    fn finds(self, x: f64) -> bool {
        self.nan && x.is_nan() || self.infinity && x.is_infinite()
    }
}

thread_local! {
    static OPTIONS: Cell<AnomalyOptions> =
        const { Cell::new(AnomalyOptions { nan: true, infinity: false }) };
}

/// Makes NaN an error on this thread until the guard is dropped: in the result of every operation,
/// recorded or not, and in the gradients that every backward rule gives.
///
/// The message names the operation, the line that called it (in the backward pass the line that
/// recorded it), the shapes, and the first bad element with its index and value. Every element of
/// every result is looked at, which takes its time; without a guard nothing is.
///
/// # Examples
///
/// ```
/// use tensor::{detect_anomaly, Tensor};
///
/// let _guard = detect_anomaly();
/// let x = Tensor::from([4.0_f32, 0.0]).requires_grad();
/// let y = Tensor::where_(&x.gt_scalar(0.0), &x.sqrt(), &x).sum(); // slope of the root at 0: ∞
/// let error = std::panic::catch_unwind(|| y.backward()).unwrap_err();
/// let message = error.downcast_ref::<String>().unwrap();
/// assert!(message.starts_with("backward of sqrt recorded at "), "{message}");
/// assert!(message.contains("the gradient of input 0 is NaN at [1]"), "{message}");
/// assert!(message.contains("where_with"), "{message}");
/// ```
pub fn detect_anomaly() -> DetectAnomaly {
    detect_anomaly_with(AnomalyOptions::default())
}

/// As [`detect_anomaly`], with a choice of what is an error.
///
/// # Examples
///
/// ```should_panic
/// use tensor::{detect_anomaly_with, AnomalyOptions, Tensor};
///
/// let _guard = detect_anomaly_with(AnomalyOptions { infinity: true, ..Default::default() });
/// let _ = Tensor::from([1.0_f32, 0.0]).log(); // log: the result is -inf at [1]: ...
/// ```
pub fn detect_anomaly_with(options: AnomalyOptions) -> DetectAnomaly {
    DetectAnomaly { before: OPTIONS.replace(options), _watch: watch(check_rule) }
}

/// The guard of [`detect_anomaly`]; dropping it restores what was before.
///
/// Guards are dropped in the opposite order of their making, as scopes do by themselves.
#[must_use = "the search ends as soon as the guard is dropped: bind it to a name"]
#[derive(Debug)]
pub struct DetectAnomaly {
    before: AnomalyOptions,
    _watch: Watch,
}

impl Drop for DetectAnomaly {
    fn drop(&mut self) {
        OPTIONS.set(self.before);
    }
}

const ADVICE: &str = "an element that a `where` leaves out still brings NaN into its gradient: \
                      where_with keeps it from being computed";

#[track_caller]
pub(crate) fn check_value(name: &str, inputs: &[&Tensor], output: &Tensor) {
    let Some(bad) = first_bad(output) else { return };
    let mut text = format!("{name}: the result is {bad}: {}", kind(output));
    for (input, x) in inputs.iter().enumerate() {
        let _ = write!(text, "{} {}", if input == 0 { " from" } else { "," }, kind(x));
    }
    let already = |(input, x)| Some((input, first_bad(x)?));
    match inputs.iter().copied().enumerate().find_map(already) {
        Some((input, bad)) => panic!("{text}; input {input} is {bad} already"),
        None if inputs.is_empty() => panic!("{text}"),
        None => panic!("{text}; the inputs are not; {ADVICE}"),
    }
}

/// Panics if the seed of a backward pass is bad: then no rule is to blame.
#[track_caller]
pub(crate) fn check_seed(operation: &str, seed: &Tensor) {
    if is_watched()
        && let Some(bad) = first_bad(seed)
    {
        panic!("{operation}: the seed is {bad}: {}", kind(seed));
    }
}

/// The sweep says before this which operation's rule it was, and the line that recorded it.
fn check_rule(rule: &Passed<'_, Tensor>) {
    for (input, gradient) in rule.gradients.iter().enumerate() {
        let Some((gradient, bad)) = gradient.as_ref().and_then(|g| Some((g, first_bad(g)?))) else {
            continue;
        };
        let mut text = format!("the gradient of input {input} is {bad}: {}", kind(gradient));
        for (other, gradient) in rule.gradients.iter().enumerate().filter(|(i, _)| *i != input) {
            let kind = gradient.as_ref().map_or_else(|| "without gradient".to_owned(), kind);
            let _ = write!(text, ", input {other} {kind}");
        }
        for cotangent in rule.cotangents.iter().flatten() {
            let same = cotangent.shape() == gradient.shape();
            let there = same.then(|| number_at(cotangent, bad.position));
            let _ = write!(text, "; cotangent {}", kind(cotangent));
            if let Some(there) = there {
                let _ = write!(text, ", {there} there");
            }
            if there == Some(0.0) {
                let _ = write!(text, ": zero times a slope that is infinite or NaN; {ADVICE}");
            }
        }
        panic!("{text}");
    }
}

fn kind(x: &Tensor) -> String {
    format!("{} {:?}", x.dtype(), x.shape())
}

/// The first element that the options name.
fn first_bad(x: &Tensor) -> Option<Found> {
    let options = OPTIONS.get();
    let looked_at = Some(x).filter(|x| x.dtype().is_float());
    looked_at.and_then(|x| Found::first(x, |x| options.finds(x)))
}
