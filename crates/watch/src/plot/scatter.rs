//! Points of several classes in the plane, and what a model makes of the rest of it.

use plotters::element::{Circle, Rectangle};
use plotters::style::{Color, RGBColor};
use tensor::{DType, Tensor};

use super::axis::Axis;
use super::frame::{Frame, Mark, Plane, WHITE, colour, units};
use super::render::{Area, Draw, Drawn};
use crate::metrics::integers;

/// Columns and rows of the points that a model is asked for.
const GRID: (usize, usize) = (320, 240);

/// Points in the plane, coloured by class, with the regions that a model gives to each class.
///
/// # Examples
///
/// ```
/// use tensor::Tensor;
/// use watch::ScatterChart;
///
/// let x = Tensor::from([[0.0, 0.0], [1.0, 1.0], [0.2, 0.9]]);
/// let chart = ScatterChart::new("two classes", &x, &Tensor::from([0_i64, 1, 1]))
///     .names(["below", "above"])
///     .regions(|points| points.sum_dim(1) - 0.7); // logits: positive is class 1
/// # let path = std::env::temp_dir().join(format!("watch-scatter-{}.svg", std::process::id()));
/// chart.save(&path)?;
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScatterChart {
    frame: Frame,
    points: Vec<(f64, f64)>,
    classes: Vec<usize>,
    names: Vec<String>,
    dtype: DType,
    /// Row by row from below, the class of each point of the grid.
    regions: Vec<usize>,
}

impl ScatterChart {
    /// Points `[N, 2]` and their classes `[N]`.
    ///
    /// # Panics
    ///
    /// If the shapes are others, or the classes are not integers from 0.
    #[track_caller]
    pub fn new(title: impl Into<String>, points: &Tensor, classes: &Tensor) -> Self {
        let (p, c) = (points.shape(), classes.shape());
        let fits = p.len() == 2 && p[1] == 2 && c == &p[..1];
        assert!(fits, "scatter chart: points are [N, 2] and classes are [N]: got {p:?} and {c:?}");
        let values = points.detach().to_dtype(DType::F64).to_vec::<f64>();
        let classes = classes_of(classes);
        let count = classes.iter().max().map_or(0, |greatest| greatest + 1);
        Self {
            frame: Frame { title: title.into(), x: "x".to_owned(), y: "y".to_owned() },
            points: values.chunks_exact(2).map(|point| (point[0], point[1])).collect(),
            classes,
            names: (0..count).map(|class| format!("class {class}")).collect(),
            dtype: points.dtype(),
            regions: Vec::new(),
        }
    }

    /// Names the axes.
    #[must_use]
    pub fn axes(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        (self.frame.x, self.frame.y) = (x.into(), y.into());
        self
    }

    /// Names the classes.
    ///
    /// # Panics
    ///
    /// If there are more classes than names.
    #[must_use]
    #[track_caller]
    pub fn names<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let (given, needed) = (names.len(), self.names.len());
        assert!(given >= needed, "scatter chart: {needed} classes have names: got {given}");
        self.names = names;
        self
    }

    /// Colours the plane by what `model` says of points `[M, 2]`, which have the dtype of the chart's.
    /// It returns a class for each, `[M]` integers; or scores `[M, C]` of the classes; or logits
    /// `[M]` or `[M, 1]`, of which positive ones mean class 1.
    ///
    /// # Panics
    ///
    /// If it returns something else.
    #[must_use]
    #[track_caller]
    pub fn regions(mut self, model: impl FnOnce(&Tensor) -> Tensor) -> Self {
        let (x, y) = self.axes_of_points();
        let (columns, rows) = GRID;
        let mut points = Vec::with_capacity(2 * columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                points.push(x.at((column as f64 + 0.5) / columns as f64));
                points.push(y.at((row as f64 + 0.5) / rows as f64));
            }
        }
        let count = columns * rows;
        let found = model(&Tensor::from_vec(points, &[count, 2]).to_dtype(self.dtype)).detach();
        let shape = found.shape().to_vec();
        let classes = match shape[..] {
            [n] | [n, 1] if n == count && found.dtype().is_float() => {
                found.reshape(&[-1]).gt(&found.zeros_like().reshape(&[-1]))
            }
            [n] if n == count => found,
            [n, _] if n == count && found.dtype().is_float() => found.argmax_dim(1),
            _ => panic!(
                "scatter chart: regions are classes [{count}] or scores [{count}, C]: got {shape:?}"
            ),
        };
        self.regions = classes_of(&classes);
        self
    }

    fn axes_of_points(&self) -> (Axis, Axis) {
        let x = Axis::new(self.points.iter().map(|point| point.0), false, 0.08);
        (x, Axis::new(self.points.iter().map(|point| point.1), false, 0.08))
    }
}

#[track_caller]
fn classes_of(classes: &Tensor) -> Vec<usize> {
    let classes = integers("scatter chart", "classes", classes);
    if let Some(class) = classes.iter().find(|&&class| class < 0) {
        panic!("scatter chart: classes are counted from 0: got {class}");
    }
    classes.into_iter().map(|class| class as usize).collect()
}

impl Draw for ScatterChart {
    fn size(&self) -> (u32, u32) {
        (720, 560)
    }

    fn draw(&self, area: &Area<'_>) -> Drawn {
        let (x, y) = self.axes_of_points();
        let legend: Vec<_> = self.names.iter().map(|name| (&**name, Mark::Dot)).collect();
        let mut plane = self.frame.draw(area, (x, y), &legend)?;
        self.draw_regions(&plane)?;
        let finite =
            |&(point, _): &(&(f64, f64), &usize)| point.0.is_finite() && point.1.is_finite();
        for (point, class) in self.points.iter().zip(&self.classes).filter(finite) {
            // A rim keeps points apart from each other and from their region.
            let rim = Circle::new(*point, units(4.4), WHITE.filled());
            let dot = Circle::new(*point, units(3.4), colour(*class).filled());
            plane.draw_series([rim, dot])?;
        }
        Ok(())
    }
}

impl ScatterChart {
    /// Cells of a row that have the same class are one rectangle.
    fn draw_regions(&self, plane: &Plane<'_>) -> Drawn {
        let area = plane.plotting_area().strip_coord_spec();
        let (width, height) = area.dim_in_pixel();
        let (columns, rows) = GRID;
        let x = |column: usize| (column * width as usize / columns) as i32;
        let y = |row: usize| (height as usize - row * height as usize / rows) as i32;
        for (row, classes) in self.regions.chunks(columns).enumerate() {
            let mut begin = 0;
            for run in classes.chunk_by(|a, b| a == b) {
                let end = begin + run.len();
                let corners = [(x(begin), y(row + 1)), (x(end), y(row))];
                area.draw(&Rectangle::new(corners, tint(colour(run[0])).filled()))?;
                begin = end;
            }
        }
        Ok(())
    }
}

/// A fifth of the colour, on white.
fn tint(RGBColor(r, g, b): RGBColor) -> RGBColor {
    let mixed = |x: u8| (255.0 - (255.0 - f64::from(x)) * 0.22) as u8;
    RGBColor(mixed(r), mixed(g), mixed(b))
}
