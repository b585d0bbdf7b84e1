//! A step length that satisfies the strong Wolfe conditions.

use tensor::Tensor;

/// The objective at the distance t along a direction.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) t: f64,
    pub(super) loss: f64,
    pub(super) gradient: Tensor,
    /// The derivative with respect to t.
    pub(super) slope: f64,
}

/// What decrease is sufficient, and what slope flat enough.
const DECREASE: f64 = 1e-4;
const FLATNESS: f64 = 0.9;

/// Searches from `start`, at t = 0, with t = `length` first; returns the best point, and how many
/// evaluations it took. It gives up where two points are closer than `resolution`, or after `most`
/// trials.
pub(super) fn strong_wolfe(
    evaluate: &mut dyn FnMut(f64) -> Point,
    start: &Point,
    length: f64,
    resolution: f64,
    most: usize,
) -> (Point, usize) {
    let mut search = Search { evaluate, start, most, trials: 0 };
    let mut previous = start.clone();
    let mut point = (search.evaluate)(length);
    loop {
        if search.trials >= most {
            return (lower([start.clone(), point]), search.trials + 1);
        }
        let rises = search.trials > 1 && point.loss >= previous.loss;
        if rises || !search.is_sufficient(&point) || (!search.is_flat(&point) && point.slope >= 0.0)
        {
            let best = search.zoom([previous, point], resolution);
            return (best, search.trials + 1);
        }
        if search.is_flat(&point) {
            return (point, search.trials + 1);
        }
        let bounds = (point.t + 0.01 * (point.t - previous.t), 10.0 * point.t);
        let t = cubic_minimum(&previous, &point, bounds);
        previous = std::mem::replace(&mut point, search.trial(t));
    }
}

struct Search<'a> {
    evaluate: &'a mut dyn FnMut(f64) -> Point,
    start: &'a Point,
    most: usize,
    /// How many points were evaluated after the first.
    trials: usize,
}

impl Search<'_> {
    fn trial(&mut self, t: f64) -> Point {
        self.trials += 1;
        (self.evaluate)(t)
    }

    fn is_sufficient(&self, point: &Point) -> bool {
        point.loss <= self.start.loss + DECREASE * point.t * self.start.slope
    }

    fn is_flat(&self, point: &Point) -> bool {
        point.slope.abs() <= -FLATNESS * self.start.slope
    }

    /// Narrows a bracket around a point that satisfies the conditions.
    fn zoom(&mut self, mut ends: [Point; 2], resolution: f64) -> Point {
        let lower_of = |ends: &[Point; 2]| usize::from(ends[0].loss > ends[1].loss);
        let mut low = lower_of(&ends);
        let mut was_near_an_end = false;
        while self.trials < self.most {
            let (left, right) = (ends[0].t.min(ends[1].t), ends[0].t.max(ends[1].t));
            // A NaN ends the search too.
            if (right - left).partial_cmp(&resolution).is_none_or(std::cmp::Ordering::is_lt) {
                break;
            }
            let t = cubic_minimum(&ends[0], &ends[1], (left, right));
            let t = inside(t, (left, right), &mut was_near_an_end);
            let point = self.trial(t);
            if !self.is_sufficient(&point) || point.loss >= ends[low].loss {
                ends[1 - low] = point;
                low = lower_of(&ends);
                continue;
            }
            if self.is_flat(&point) {
                return point;
            }
            if point.slope * (ends[1 - low].t - ends[low].t) >= 0.0 {
                ends[1 - low] = ends[low].clone();
            }
            ends[low] = point;
        }
        let [first, second] = ends;
        if low == 0 { first } else { second }
    }
}

fn lower([a, b]: [Point; 2]) -> Point {
    if a.loss <= b.loss { a } else { b }
}

/// A trial point that is close to an end twice, or at it, is moved inside by a tenth.
fn inside(t: f64, (left, right): (f64, f64), was_near: &mut bool) -> f64 {
    let margin = 0.1 * (right - left);
    let is_near = (right - t).min(t - left) < margin;
    let moves = is_near && (*was_near || t >= right || t <= left);
    *was_near = is_near && !moves;
    match (moves, (t - right).abs() < (t - left).abs()) {
        (false, _) => t,
        (true, true) => right - margin,
        (true, false) => left + margin,
    }
}

/// The minimum within bounds of the cubic through two points with their slopes (Nocedal and Wright
/// 2006, equation 3.59); the middle if it has none.
fn cubic_minimum(a: &Point, b: &Point, (low, high): (f64, f64)) -> f64 {
    let (a, b) = if a.t <= b.t { (a, b) } else { (b, a) };
    let d1 = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t);
    let square = d1 * d1 - a.slope * b.slope;
    if square.is_nan() || square < 0.0 {
        return f64::midpoint(low, high);
    }
    let d2 = square.sqrt();
    let t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2));
    t.max(low).min(high)
}
