//! A matrix as colours.

use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, FontTransform, RGBColor};
use tensor::{DType, Tensor};

use super::axis::Axis;
use super::frame::{BLACK, LABEL, TICK, TITLE_HEIGHT, WHITE, draw_title, font, text_width, units};
use super::render::{Area, Draw, Drawn};

/// A matrix `[rows, columns]` as colours, with numbers in the cells if they are few.
///
/// White is 0 (or the least number, if all are positive and far from it), blue is more and red is
/// less. NaN is grey.
///
/// # Examples
///
/// ```
/// use tensor::Tensor;
/// use watch::HeatMap;
///
/// let chart = HeatMap::new("attention", &Tensor::from([[0.9, 0.1], [0.4, 0.6]]))
///     .axes("key", "query")
///     .rows(["a", "b"])
///     .columns(["a", "b"]);
/// # let path = std::env::temp_dir().join(format!("watch-heat-{}.svg", std::process::id()));
/// chart.save(&path)?;
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HeatMap {
    title: String,
    x: String,
    y: String,
    values: Vec<f64>,
    is_integer: bool,
    rows: Vec<String>,
    columns: Vec<String>,
}

impl HeatMap {
    /// Of a matrix.
    ///
    /// # Panics
    ///
    /// If it is not one, or empty.
    #[track_caller]
    pub fn new(title: impl Into<String>, matrix: &Tensor) -> Self {
        let shape = matrix.shape();
        let is_matrix = shape.len() == 2 && matrix.numel() > 0;
        assert!(is_matrix, "heat map: a matrix has rows and columns: got {shape:?}");
        let numbers = |n: usize| (0..n).map(|i| i.to_string()).collect();
        Self {
            title: title.into(),
            x: String::new(),
            y: String::new(),
            values: matrix.detach().to_dtype(DType::F64).to_vec(),
            is_integer: !matrix.dtype().is_float(),
            rows: numbers(shape[0]),
            columns: numbers(shape[1]),
        }
    }

    /// Names the axes: what the columns are, and what the rows are.
    #[must_use]
    pub fn axes(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        (self.x, self.y) = (x.into(), y.into());
        self
    }

    /// Names the rows.
    ///
    /// # Panics
    ///
    /// If there is another number of them.
    #[must_use]
    #[track_caller]
    pub fn rows<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.rows = renamed("rows", self.rows.len(), names);
        self
    }

    /// Names the columns.
    ///
    /// # Panics
    ///
    /// If there is another number of them.
    #[must_use]
    #[track_caller]
    pub fn columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.columns = renamed("columns", self.columns.len(), names);
        self
    }
}

#[track_caller]
fn renamed<S: Into<String>>(
    what: &str,
    count: usize,
    names: impl IntoIterator<Item = S>,
) -> Vec<String> {
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    assert!(names.len() == count, "heat map: {count} {what} have names: got {}", names.len());
    names
}

/// Room at the right for the bar that explains the colours.
const BAR: f64 = 80.0;

impl HeatMap {
    /// The side of a cell.
    fn cell(&self) -> f64 {
        let most = self.rows.len().max(self.columns.len()) as f64;
        let needed = if self.has_numbers() { self.widest_number() as f64 * 8.5 + 8.0 } else { 0.0 };
        (440.0 / most).clamp(1.0, 56.0).max(needed)
    }

    fn has_numbers(&self) -> bool {
        self.rows.len().max(self.columns.len()) <= 16
    }

    fn number(&self, value: f64) -> String {
        match value.abs() {
            x if x >= 1e5 => format!("{value:.1e}"),
            _ if self.is_integer => format!("{value}"),
            x if x > 0.0 && x < 0.01 => format!("{value:.0e}"),
            _ => format!("{value:.2}"),
        }
    }

    fn widest_number(&self) -> usize {
        self.values.iter().map(|&value| self.number(value).len()).max().unwrap_or(0)
    }

    /// Room at the left and below, roughly: eight pixels a character.
    fn margins(&self) -> (f64, f64) {
        let widest = self.rows.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let left = 8.5 * widest as f64 + 20.0 + if self.y.is_empty() { 0.0 } else { 24.0 };
        (left, self.below_names() + if self.x.is_empty() { 0.0 } else { 26.0 })
    }

    fn widest_column(&self) -> f64 {
        let widest = self.columns.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        8.5 * widest as f64
    }

    /// Whether the columns' names are written upwards: none is left out, unless they would overlap
    /// even so.
    fn is_turned(&self) -> bool {
        self.widest_column() + 8.0 > self.cell() && self.cell() >= 16.0
    }

    /// Room below the cells for the columns' names.
    fn below_names(&self) -> f64 {
        if self.is_turned() { self.widest_column() + 18.0 } else { 34.0 }
    }

    /// The least and the greatest that have colours of their own.
    fn range(&self) -> (f64, f64) {
        let finite = || self.values.iter().copied().filter(|x| x.is_finite());
        let least = finite().fold(f64::INFINITY, f64::min);
        let greatest = finite().fold(f64::NEG_INFINITY, f64::max);
        let (least, greatest) = if least > greatest { (0.0, 1.0) } else { (least, greatest) };
        if least < 0.0 {
            let most = greatest.max(-least);
            return (-most, most);
        }
        let least = if least > 0.5 * greatest { least } else { 0.0 };
        (least, if greatest > least { greatest } else { least + 1.0 })
    }
}

impl Draw for HeatMap {
    fn size(&self) -> (u32, u32) {
        let (left, below) = self.margins();
        let (cell, gap) = (self.cell(), 16.0);
        let width = left + cell * self.columns.len() as f64 + gap + BAR;
        let height = TITLE_HEIGHT + cell * self.rows.len() as f64 + below;
        (width.max(320.0).ceil() as u32, height.max(200.0).ceil() as u32)
    }

    fn draw(&self, area: &Area<'_>) -> Drawn {
        draw_title(area, &self.title)?;
        let (least, greatest) = self.range();
        let (left, cell) = (self.margins().0, self.cell());
        for (i, &value) in self.values.iter().enumerate() {
            let (row, column) = (i / self.columns.len(), i % self.columns.len());
            let (x, y) = (left + cell * column as f64, TITLE_HEIGHT + cell * row as f64);
            let corners = [(units(x), units(y)), (units(x + cell), units(y + cell))];
            let shade = shade(value, least, greatest);
            area.draw(&Rectangle::new(corners, shade.filled()))?;
            if self.has_numbers() {
                let style = font(TICK, ink(shade), HPos::Center, VPos::Center);
                let middle = (units(x + cell / 2.0), units(y + cell / 2.0));
                area.draw(&Text::new(self.number(value), middle, style))?;
            }
        }
        self.draw_names(area)?;
        let right = left + cell * self.columns.len() as f64 + 16.0;
        draw_bar(area, right, cell * self.rows.len() as f64, (least, greatest))
    }
}

impl HeatMap {
    fn draw_names(&self, area: &Area<'_>) -> Drawn {
        let (left, cell) = (self.margins().0, self.cell());
        let (width, height) = (cell * self.columns.len() as f64, cell * self.rows.len() as f64);
        let bottom = TITLE_HEIGHT + height;
        let style = font(TICK, BLACK, HPos::Right, VPos::Center);
        for (i, name) in self.rows.iter().enumerate().step_by((16.0 / cell).ceil() as usize) {
            let y = TITLE_HEIGHT + cell * (i as f64 + 0.5);
            area.draw(&Text::new(&**name, (units(left - 8.0), units(y)), style.clone()))?;
        }
        let mut widest = 0.0_f64;
        for name in &self.columns {
            widest = widest.max(text_width(area, name, TICK)?);
        }
        let (style, stride) = if self.is_turned() {
            let style = font(TICK, BLACK, HPos::Right, VPos::Center);
            (style.transform(FontTransform::Rotate270), 1.0)
        } else {
            let style = font(TICK, BLACK, HPos::Center, VPos::Top);
            (style, ((widest + 8.0) / cell).ceil().max(1.0))
        };
        for (i, name) in self.columns.iter().enumerate().step_by(stride as usize) {
            let x = left + cell * (i as f64 + 0.5);
            area.draw(&Text::new(&**name, (units(x), units(bottom + 8.0)), style.clone()))?;
        }
        let style = font(LABEL, BLACK, HPos::Center, VPos::Top);
        let middle = (units(left + width / 2.0), units(bottom + self.below_names()));
        area.draw(&Text::new(&*self.x, middle, style.clone()))?;
        let middle = (units(8.0), units(TITLE_HEIGHT + height / 2.0));
        area.draw(&Text::new(&*self.y, middle, style.transform(FontTransform::Rotate270)))
    }
}

/// The colours and what they mean.
fn draw_bar(area: &Area<'_>, left: f64, height: f64, (least, greatest): (f64, f64)) -> Drawn {
    let height = height.max(120.0);
    let steps = 128;
    let y = |part: f64| units(TITLE_HEIGHT + height * (1.0 - part));
    for i in 0..steps {
        let (from, to) = (f64::from(i) / f64::from(steps), f64::from(i + 1) / f64::from(steps));
        let value = least + (greatest - least) * (from + to) / 2.0;
        let corners = [(units(left), y(to)), (units(left + 14.0), y(from))];
        area.draw(&Rectangle::new(corners, shade(value, least, greatest).filled()))?;
    }
    let corners = [(units(left), y(1.0)), (units(left + 14.0), y(0.0))];
    area.draw(&Rectangle::new(corners, super::frame::stroke(RGBColor(160, 160, 160), 0.25)))?;
    let axis = Axis::exact(least..greatest);
    let style = font(TICK, BLACK, HPos::Left, VPos::Center);
    for &tick in axis.ticks() {
        let at = (units(left + 20.0), y((tick - least) / (greatest - least)));
        area.draw(&Text::new(axis.label(tick), at, style.clone()))?;
    }
    Ok(())
}

/// White at zero, or at the least; dark blue at the greatest, dark red at its opposite.
fn shade(value: f64, least: f64, greatest: f64) -> RGBColor {
    if value.is_nan() {
        return RGBColor(190, 190, 190);
    }
    let part = if least < 0.0 { value / greatest } else { (value - least) / (greatest - least) };
    let part = part.clamp(-1.0, 1.0);
    let middle = if part < 0.0 { RGBColor(239, 138, 98) } else { RGBColor(90, 160, 208) };
    let end = if part < 0.0 { RGBColor(140, 10, 40) } else { RGBColor(8, 48, 107) };
    match part.abs() {
        x if x < 0.5 => between(WHITE, middle, 2.0 * x),
        x => between(middle, end, 2.0 * x - 1.0),
    }
}

fn between(a: RGBColor, b: RGBColor, part: f64) -> RGBColor {
    let mixed = |a: u8, b: u8| (f64::from(a) + part * (f64::from(b) - f64::from(a))).round() as u8;
    RGBColor(mixed(a.0, b.0), mixed(a.1, b.1), mixed(a.2, b.2))
}

/// What can be read on a colour.
fn ink(RGBColor(r, g, b): RGBColor) -> RGBColor {
    let light = 0.3 * f64::from(r) + 0.59 * f64::from(g) + 0.11 * f64::from(b);
    if light < 140.0 { WHITE } else { BLACK }
}
