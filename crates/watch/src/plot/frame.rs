//! What charts have in common: a title, a legend, two axes with their names.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::element::{Circle, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoTextStyle, RGBColor, ShapeStyle, TextStyle};

use super::axis::Axis;
use super::canvas::Canvas;
use super::render::{Area, Drawn, FONT, SCALE};

/// Colours that people with any eyes tell apart: Okabe and Ito, "Color Universal Design", 2008.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

pub(super) const BLACK: RGBColor = RGBColor(30, 30, 30);
pub(super) const WHITE: RGBColor = RGBColor(255, 255, 255);
const GRID: RGBColor = RGBColor(225, 225, 225);

pub(super) const TITLE: f64 = 20.0;
pub(super) const LABEL: f64 = 16.0;
pub(super) const TICK: f64 = 15.0;

/// Pixels of the picture's size as units.
pub(super) fn units(pixels: f64) -> i32 {
    (pixels * f64::from(SCALE)).round() as i32
}

/// The colour of the series or class number `i`.
pub(super) fn colour(i: usize) -> RGBColor {
    COLOURS[i % COLOURS.len()]
}

pub(super) fn font(size: f64, colour: RGBColor, h: HPos, v: VPos) -> TextStyle<'static> {
    let size = size * f64::from(SCALE);
    (FONT, size).with_color(colour).into_text_style(&(0, 0)).pos(Pos::new(h, v))
}

/// How wide a text is, in pixels of the picture's size.
pub(super) fn text_width(area: &Area<'_>, text: &str, size: f64) -> Drawn<f64> {
    let style = font(size, BLACK, HPos::Left, VPos::Top);
    Ok(f64::from(area.estimate_text_size(text, &style)?.0) / f64::from(SCALE))
}

/// A title above everything; what it says how high it is.
pub(super) fn draw_title(area: &Area<'_>, title: &str) -> Drawn {
    area.fill(&WHITE)?;
    let (width, _) = area.dim_in_pixel();
    let style = font(TITLE, BLACK, HPos::Center, VPos::Center);
    area.draw(&Text::new(title, (width as i32 / 2, units(20.0)), style))
}

/// How high a title is, with what lies around it.
pub(super) const TITLE_HEIGHT: f64 = 36.0;

/// The shape in front of a name in a legend.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Line,
    Dot,
}

/// Title, names of the axes, legend.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) x: String,
    pub(super) y: String,
}

pub(super) type Plane<'a> = ChartContext<'a, Canvas<'a>, Cartesian2d<Axis, Axis>>;

impl Frame {
    /// Draws it all, and gives the plane between the axes.
    pub(super) fn draw<'a>(
        &self,
        area: &Area<'a>,
        (x, y): (Axis, Axis),
        legend: &[(&str, Mark)],
    ) -> Drawn<Plane<'a>> {
        draw_title(area, &self.title)?;
        let rows = legend_rows(area, legend)?;
        let header = TITLE_HEIGHT + 20.0 * rows.len() as f64;
        for (row, entries) in rows.iter().enumerate() {
            draw_legend_row(area, entries, legend, TITLE_HEIGHT + 20.0 * row as f64 + 7.0)?;
        }
        let beside = widest(area, &y)? + 14.0 + if self.y.is_empty() { 0.0 } else { 24.0 };
        let label = widest(area, &x)?;
        let room = f64::from(area.dim_in_pixel().0) / f64::from(SCALE) - beside;
        let x = x.thinned((room / (label + 12.0)) as usize);
        let below = 26.0 + if self.x.is_empty() { 0.0 } else { 18.0 };
        let (_, rest) = area.split_vertically(units(header));
        let mut plane = ChartBuilder::on(&rest)
            .margin_top(units(8.0))
            .margin_right(units(label / 2.0 + 12.0))
            .margin_bottom(units(8.0))
            .margin_left(units(8.0))
            .x_label_area_size(units(below))
            .y_label_area_size(units(beside))
            .build_cartesian_2d(x, y)?;
        self.draw_axes(&mut plane)?;
        Ok(plane)
    }

    fn draw_axes(&self, plane: &mut Plane<'_>) -> Drawn {
        let tick = font(TICK, BLACK, HPos::Left, VPos::Top);
        let label = font(LABEL, BLACK, HPos::Left, VPos::Top);
        plane
            .configure_mesh()
            .bold_line_style(stroke(GRID, 1.0))
            .light_line_style(WHITE.mix(0.0))
            .axis_style(stroke(RGBColor(120, 120, 120), 1.0))
            .set_all_tick_mark_size(units(4.0))
            .label_style(tick)
            .axis_desc_style(label)
            .x_desc(&*self.x)
            .y_desc(&*self.y)
            .draw()
    }
}

/// How wide the numbers beside an axis are at most.
fn widest(area: &Area<'_>, axis: &Axis) -> Drawn<f64> {
    let mut widths = axis.ticks().iter().map(|&tick| text_width(area, &axis.label(tick), TICK));
    widths.try_fold(0.0, |widest: f64, width| Ok(widest.max(width?)))
}

pub(super) fn stroke(colour: impl Color, width: f64) -> ShapeStyle {
    colour.stroke_width(units(width) as u32)
}

/// Where the entries of a legend stand: in rows, each with a left end.
fn legend_rows(area: &Area<'_>, legend: &[(&str, Mark)]) -> Drawn<Vec<Vec<(usize, f64)>>> {
    let room = f64::from(area.dim_in_pixel().0) / f64::from(SCALE) - 24.0;
    let (mut rows, mut left) = (Vec::<Vec<_>>::new(), f64::INFINITY);
    for (i, (name, _)) in legend.iter().enumerate() {
        let width = 28.0 + text_width(area, name, TICK)? + 18.0;
        if left + width > room {
            rows.push(Vec::new());
            left = 0.0;
        }
        rows.last_mut().expect("a row was begun").push((i, left));
        left += width;
    }
    // Each row in the middle.
    for row in &mut rows {
        let Some(&(last, begin)) = row.last() else { continue };
        let width = begin + 28.0 + text_width(area, legend[last].0, TICK)?;
        let shift = ((room + 24.0 - width) / 2.0).max(12.0);
        for (_, left) in row {
            *left += shift;
        }
    }
    Ok(rows)
}

fn draw_legend_row(
    area: &Area<'_>,
    entries: &[(usize, f64)],
    legend: &[(&str, Mark)],
    y: f64,
) -> Drawn {
    for &(i, left) in entries {
        let (name, mark) = legend[i];
        let (x, y) = (units(left), units(y));
        match mark {
            Mark::Line => {
                let corners = [(x, y - units(1.5)), (x + units(22.0), y + units(1.5))];
                area.draw(&Rectangle::new(corners, colour(i).filled()))?;
            }
            Mark::Dot => {
                let style = colour(i).filled();
                area.draw(&Circle::new((x + units(16.0), y), units(5.0), style))?;
            }
        }
        let style = font(TICK, BLACK, HPos::Left, VPos::Center);
        area.draw(&Text::new(name, (x + units(28.0), y), style))?;
    }
    Ok(())
}
