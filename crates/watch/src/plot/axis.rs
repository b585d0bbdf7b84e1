//! An axis: from where to where, and which numbers stand beside it.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

/// About how many numbers stand beside an axis.
const TICKS: f64 = 6.0;

/// A linear or logarithmic axis.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    least: f64,
    greatest: f64,
    is_log: bool,
    ticks: Vec<f64>,
    /// The distance of two numbers, which says how many digits they need.
    step: f64,
}

impl Axis {
    /// One on which all of `values` that can be drawn have a place, with `margin` of its length at
    /// both ends.
    pub(super) fn new(values: impl Iterator<Item = f64>, is_log: bool, margin: f64) -> Self {
        // Far from where a difference or a power of ten leaves the range of numbers.
        let place =
            |x: f64| if is_log { x.clamp(1e-300, 1e300).log10() } else { x.clamp(-1e300, 1e300) };
        let values = values.filter(|&x| can_be_drawn(x, is_log)).map(place);
        let (least, greatest) = values
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (f64::min(a, x), f64::max(b, x)));
        let (least, greatest) = if least > greatest { (0.0, 1.0) } else { (least, greatest) };
        let size = least.abs().max(greatest.abs());
        let span = greatest - least;
        let margin = match span {
            _ if span > 1e-9 * size => margin * span,
            _ if is_log || size == 0.0 => 0.5,
            _ => 0.1 * size,
        };
        Self::between(least - margin, greatest + margin, is_log)
    }

    /// A linear one without margins.
    pub(super) fn exact(range: Range<f64>) -> Self {
        Self::between(range.start, range.end, false)
    }

    /// The ends of a logarithmic axis are logarithms.
    fn between(least: f64, greatest: f64, is_log: bool) -> Self {
        if is_log {
            let (first, last) = (10_f64.powf(least), 10_f64.powf(greatest));
            let ticks = powers(least, greatest);
            if ticks.len() > 1 {
                return Self { least, greatest, is_log, ticks, step: 0.0 };
            }
            let (ticks, step) = multiples(first, last);
            return Self { least, greatest, is_log, ticks, step };
        }
        let (ticks, step) = multiples(least, greatest);
        Self { least, greatest, is_log, ticks, step }
    }

    /// What lies at a part of a linear axis.
    pub(super) fn at(&self, part: f64) -> f64 {
        self.least + part * (self.greatest - self.least)
    }

    pub(super) fn ticks(&self) -> &[f64] {
        &self.ticks
    }

    /// With at most `count` numbers.
    pub(super) fn thinned(mut self, count: usize) -> Self {
        let stride = self.ticks.len().div_ceil(count.max(1)).max(1);
        self.ticks = self.ticks.into_iter().step_by(stride).collect();
        self
    }

    pub(super) fn label(&self, x: f64) -> String {
        let greatest = self.ticks.iter().fold(0.0, |a: f64, x| a.max(x.abs()));
        if self.step == 0.0 {
            return power(x);
        }
        let digits = (-self.step.log10() + 1e-9).ceil().max(0.0) as usize;
        if greatest < 1e6 && digits <= 4 {
            return format!("{x:.digits$}");
        }
        if x == 0.0 {
            return "0".to_owned();
        }
        let digits = (x.abs().log10().floor() - (self.step.log10() + 1e-9).floor()).max(0.0);
        format!("{x:.*e}", digits as usize)
    }
}

/// Whether there is a place for a number.
pub(super) fn can_be_drawn(x: f64, is_log: bool) -> bool {
    x.is_finite() && (!is_log || x > 0.0)
}

/// Multiples of 1, 2 or 5 times a power of ten in a range, and their distance.
fn multiples(least: f64, greatest: f64) -> (Vec<f64>, f64) {
    let rough = (greatest - least) / TICKS;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|x| x * power).into_iter().find(|&step| step >= rough);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((least / step - 1e-9).ceil(), (greatest / step + 1e-9).floor());
    let count = (last - first).clamp(0.0, 2.0 * TICKS) as usize;
    // Adding zero makes -0 a plain zero.
    ((0..=count).map(|i| (first + i as f64) * step + 0.0).collect(), step)
}

/// Powers of ten, or if they are few also twice and five times as much.
fn powers(least: f64, greatest: f64) -> Vec<f64> {
    let (first, last) = ((least - 1e-9).ceil() as i32, (greatest + 1e-9).floor() as i32);
    let stride = (f64::from(last - first) / TICKS).ceil().max(1.0) as usize;
    if last - first >= 2 {
        return (first..=last).step_by(stride).map(|exponent| 10_f64.powi(exponent)).collect();
    }
    let all = (first - 1..=last).flat_map(|n| [1.0, 2.0, 5.0].map(|x| x * 10_f64.powi(n)));
    all.filter(|x| (least - 1e-9..=greatest + 1e-9).contains(&x.log10())).collect()
}

/// A number of few digits.
fn power(x: f64) -> String {
    let exponent = (x.log10() + 1e-9).floor();
    if (-4.0..6.0).contains(&exponent) {
        format!("{x:.*}", (-exponent).max(0.0) as usize)
    } else {
        format!("{x:.0e}")
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, x: &f64, (first, last): (i32, i32)) -> i32 {
        let x = if self.is_log { x.log10() } else { *x };
        let part = (x - self.least) / (self.greatest - self.least);
        // What lies far outside stays outside, and in the range of whole numbers.
        first + (part.clamp(-1.0, 2.0) * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.least..self.greatest
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, x: &f64) -> String {
        self.label(*x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(values: &[f64], is_log: bool) -> Vec<String> {
        let axis = Axis::new(values.iter().copied(), is_log, 0.0);
        axis.ticks().iter().map(|&x| axis.label(x)).collect()
    }

    #[test]
    fn few_round_numbers() {
        assert_eq!(labels(&[0.0, 200.0], false), ["0", "50", "100", "150", "200"]);
        assert_eq!(labels(&[-0.31, 0.62], false), ["-0.2", "0.0", "0.2", "0.4", "0.6"]);
        assert_eq!(labels(&[0.0, 3e7], false)[1], "5e6");
        assert_eq!(labels(&[0.0, 2e-6], false)[1], "5e-7");
        assert_eq!(labels(&[1_000_000.0, 1_000_300.0], false)[1], "1.00005e6");
    }

    #[test]
    fn powers_of_ten() {
        assert_eq!(labels(&[1e-3, 1.0], true), ["0.001", "0.01", "0.1", "1"]);
        assert_eq!(labels(&[0.09, 2.1], true), ["0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(labels(&[2.3, 2.5], true), ["2.30", "2.35", "2.40", "2.45", "2.50"]);
        let wide = labels(&[1e-12, 1e12], true);
        assert_eq!((wide.len(), &*wide[0], &*wide[3]), (7, "1e-12", "1"));
    }

    #[test]
    fn anything_has_an_axis() {
        let cases: [&[f64]; 8] = [
            &[],
            &[0.0],
            &[5.0, 5.0],
            &[f64::NAN, f64::INFINITY],
            &[f64::MIN, f64::MAX],
            &[1e-320, 1e-310],
            &[1e16, 1e16 + 2.0],
            &[-1.0],
        ];
        for values in cases {
            for is_log in [false, true] {
                let axis = Axis::new(values.iter().copied(), is_log, 0.05);
                assert!(axis.least < axis.greatest, "{values:?}: {axis:?}");
                assert!((1..=14).contains(&axis.ticks.len()), "{values:?}: {axis:?}");
                assert!(axis.ticks.iter().all(|&x| axis.label(x).len() < 16), "{axis:?}");
            }
        }
    }
}
