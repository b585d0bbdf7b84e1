//! Curves.

use plotters::element::{Circle, PathElement};
use plotters::style::{Color, RGBColor};

use super::axis::{Axis, can_be_drawn};
use super::frame::{Frame, Mark, Plane, colour, stroke, units};
use super::render::{Area, Draw, Drawn};

/// Curves over a common axis: losses by step, say.
///
/// A curve has a gap where a number is not finite, and on a logarithmic axis where it is not
/// positive.
///
/// # Examples
///
/// ```
/// use watch::LineChart;
///
/// let loss = (1..=100).map(|step| (f64::from(step), 1.0 / f64::from(step)));
/// let chart = LineChart::new("training").axes("step", "loss").log_y().line("loss", loss);
/// # let path = std::env::temp_dir().join(format!("watch-lines-{}.svg", std::process::id()));
/// chart.save(&path)?; // or a name that ends in .png
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LineChart {
    frame: Frame,
    is_log: (bool, bool),
    series: Vec<Series>,
}

#[derive(Clone, Debug)]
struct Series {
    name: String,
    mark: Mark,
    points: Vec<(f64, f64)>,
    /// What is drawn behind, pale.
    raw: Vec<(f64, f64)>,
}

impl LineChart {
    /// Without curves yet.
    pub fn new(title: impl Into<String>) -> Self {
        let frame = Frame { title: title.into(), ..Frame::default() };
        Self { frame, is_log: (false, false), series: Vec::new() }
    }

    /// Names the axes.
    #[must_use]
    pub fn axes(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        (self.frame.x, self.frame.y) = (x.into(), y.into());
        self
    }

    /// Makes the axis of `x` logarithmic.
    #[must_use]
    pub fn log_x(mut self) -> Self {
        self.is_log.0 = true;
        self
    }

    /// Makes the axis of `y` logarithmic.
    #[must_use]
    pub fn log_y(mut self) -> Self {
        self.is_log.1 = true;
        self
    }

    /// Adds a curve through points `(x, y)`.
    #[must_use]
    pub fn line(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let points = points.into_iter().collect();
        self.series.push(Series { name: name.into(), mark: Mark::Line, points, raw: Vec::new() });
        self
    }

    /// Adds points `(x, y)` as dots: what was measured, beside the curve that was fitted to it.
    #[must_use]
    pub fn dots(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let points = points.into_iter().collect();
        self.series.push(Series { name: name.into(), mark: Mark::Dot, points, raw: Vec::new() });
        self
    }

    /// Adds a curve through the moving averages of points, with the points themselves pale behind:
    ///
    /// `s[i] = (1 - w) * sum over j <= i of w^(i - j) * y[j] / (1 - w^(i + 1))`
    ///
    /// # Panics
    ///
    /// If the weight `w` of what came before is not from 0 to below 1.
    #[must_use]
    #[track_caller]
    pub fn smoothed(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
        weight: f64,
    ) -> Self {
        let is_weight = (0.0..1.0).contains(&weight);
        assert!(is_weight, "smoothed: the weight is from 0 to below 1: got {weight}");
        let raw: Vec<_> = points.into_iter().collect();
        let points = averages(&raw, weight);
        self.series.push(Series { name: name.into(), mark: Mark::Line, points, raw });
        self
    }
}

/// Without the bias to zero that a moving average has at its start. A number that is not finite is
/// kept, and left out of the averages.
fn averages(points: &[(f64, f64)], weight: f64) -> Vec<(f64, f64)> {
    let (mut sum, mut total) = (0.0, 0.0);
    let mut average = |&(x, y): &(f64, f64)| {
        if !y.is_finite() {
            return (x, y);
        }
        sum = weight * sum + (1.0 - weight) * y;
        total = weight * total + (1.0 - weight);
        (x, sum / total)
    };
    points.iter().map(&mut average).collect()
}

impl Draw for LineChart {
    fn size(&self) -> (u32, u32) {
        (800, 500)
    }

    fn draw(&self, area: &Area<'_>) -> Drawn {
        let all = || self.series.iter().flat_map(|s| s.points.iter().chain(&s.raw));
        let x = Axis::new(all().map(|point| point.0), self.is_log.0, 0.02);
        let y = Axis::new(all().map(|point| point.1), self.is_log.1, 0.05);
        let legend: Vec<_> = self.series.iter().map(|s| (&*s.name, s.mark)).collect();
        let mut plane = self.frame.draw(area, (x, y), &legend)?;
        for (i, series) in self.series.iter().enumerate() {
            self.draw_curve(&mut plane, &series.raw, pale(colour(i)))?;
        }
        for (i, series) in self.series.iter().enumerate() {
            match series.mark {
                Mark::Line => self.draw_curve(&mut plane, &series.points, colour(i))?,
                Mark::Dot => self.draw_dots(&mut plane, &series.points, colour(i))?,
            }
        }
        Ok(())
    }
}

/// A third of the colour, on white: one that is opaque overlaps itself without a trace.
fn pale(RGBColor(r, g, b): RGBColor) -> RGBColor {
    let mixed = |x: u8| (255.0 - (255.0 - f64::from(x)) * 0.35) as u8;
    RGBColor(mixed(r), mixed(g), mixed(b))
}

impl LineChart {
    fn is_gap(&self, &(x, y): &(f64, f64)) -> bool {
        let (log_x, log_y) = self.is_log;
        !can_be_drawn(x, log_x) || !can_be_drawn(y, log_y)
    }

    fn draw_dots(&self, plane: &mut Plane<'_>, points: &[(f64, f64)], colour: RGBColor) -> Drawn {
        let shown = points.iter().filter(|point| !self.is_gap(point));
        plane.draw_series(shown.map(|&point| Circle::new(point, units(4.0), colour.filled())))?;
        Ok(())
    }

    fn draw_curve(&self, plane: &mut Plane<'_>, points: &[(f64, f64)], colour: RGBColor) -> Drawn {
        let is_gap = |point: &(f64, f64)| self.is_gap(point);
        for piece in points.split(is_gap).filter(|piece| !piece.is_empty()) {
            let piece = thinned(piece);
            if let [point] = piece[..] {
                plane.draw_series([Circle::new(point, units(2.0), colour.filled())])?;
            } else {
                plane.draw_series([PathElement::new(piece, stroke(colour, 1.75))])?;
            }
        }
        Ok(())
    }
}

/// More points than this do not show.
const POINTS: usize = 2_000;

/// Of many points the least and the greatest of each stretch.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= POINTS {
        return points.to_vec();
    }
    let mut kept = Vec::with_capacity(POINTS);
    for stretch in points.chunks(points.len().div_ceil(POINTS / 2)) {
        let by_y = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let extremes = [stretch.iter().min_by(by_y), stretch.iter().max_by(by_y)];
        let mut extremes: Vec<_> = extremes.into_iter().flatten().copied().collect();
        extremes.sort_by(|a, b| a.0.total_cmp(&b.0));
        kept.extend(extremes);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_begins_at_the_first_point() {
        let smooth = averages(&[(0.0, 4.0), (1.0, 4.0), (2.0, f64::NAN), (3.0, 1.0)], 0.5);
        assert_eq!(smooth[..2], [(0.0, 4.0), (1.0, 4.0)]);
        assert!(smooth[2].1.is_nan());
        // (0.25 * 4 + 0.25 * 4 * ... ) written out: weights 1/8, 1/4, 1/2 over 7/8
        assert!((smooth[3].1 - (4.0 / 8.0 + 4.0 / 4.0 + 1.0 / 2.0) / (7.0 / 8.0)).abs() < 1e-15);
        assert_eq!(averages(&[(0.0, 1.0), (1.0, 5.0)], 0.0), [(0.0, 1.0), (1.0, 5.0)]);
    }

    #[test]
    fn peaks_are_kept() {
        let mut points: Vec<_> = (0..100_000).map(|i| (f64::from(i), 0.0)).collect();
        points[54_321].1 = 7.0;
        let kept = thinned(&points);
        assert!(kept.len() <= POINTS && kept.contains(&(54_321.0, 7.0)));
        assert!(kept.is_sorted_by(|a, b| a.0 <= b.0));
    }
}
