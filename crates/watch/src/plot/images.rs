//! Images side by side.

use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color, RGBColor};
use tensor::Tensor;

use super::frame::{BLACK, TICK, TITLE_HEIGHT, draw_title, font, units};
use super::render::{Area, Draw, Drawn};
use crate::pixels::{Pixels, images};

/// Images in rows, each with a caption: digits and what they were taken for, say.
///
/// # Examples
///
/// ```
/// use tensor::{DType, Tensor};
/// use watch::ImageGrid;
///
/// let digits = Tensor::linspace(0.0, 1.0, 4 * 8 * 8, DType::F32).reshape(&[4, 8, 8]);
/// let chart = ImageGrid::new("digits", &digits).captions(["0", "1", "2", "3"]);
/// # let path = std::env::temp_dir().join(format!("watch-images-{}.svg", std::process::id()));
/// chart.save(&path)?;
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageGrid {
    title: String,
    images: Vec<Pixels>,
    captions: Vec<String>,
}

impl ImageGrid {
    /// Images `[N, H, W]`, or `[N, C, H, W]` with one channel or three. Numbers other than `u8` are
    /// black at the least of all and white at the greatest, or at 0 and 1 if they lie there.
    ///
    /// # Panics
    ///
    /// If the shape is another.
    #[track_caller]
    pub fn new(title: impl Into<String>, tensor: &Tensor) -> Self {
        let images = images("image grid", tensor);
        Self { title: title.into(), images, captions: Vec::new() }
    }

    /// What stands below the images, the first ones if there are fewer.
    #[must_use]
    pub fn captions<S: Into<String>>(mut self, captions: impl IntoIterator<Item = S>) -> Self {
        self.captions = captions.into_iter().map(Into::into).collect();
        self
    }

    fn columns(&self) -> usize {
        ((self.images.len() as f64).sqrt().ceil() as usize).clamp(1, 10)
    }

    /// How many pixels of the picture one of an image has: enough to see it.
    fn zoom(&self) -> f64 {
        let side = self.images.first().map_or(1, |image| image.width.max(image.height).max(1));
        (72.0 / side as f64).floor().max(1.0)
    }

    /// The width and the height that an image has to itself.
    fn cell(&self) -> (f64, f64) {
        let (width, height) =
            self.images.first().map_or((0, 0), |image| (image.width, image.height));
        // About nine pixels a character.
        let caption = self.captions.iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let width = (self.zoom() * width as f64).max(9.0 * caption as f64);
        let below = if self.captions.is_empty() { 0.0 } else { 22.0 };
        (width + 12.0, self.zoom() * height as f64 + below + 12.0)
    }
}

impl Draw for ImageGrid {
    fn size(&self) -> (u32, u32) {
        let ((width, height), columns) = (self.cell(), self.columns());
        let rows = self.images.len().div_ceil(columns);
        let title = 10.0 * self.title.chars().count() as f64;
        let width = (width * columns as f64).max(title).max(120.0) + 24.0;
        (width.ceil() as u32, (TITLE_HEIGHT + height * rows as f64 + 12.0).ceil() as u32)
    }

    fn draw(&self, area: &Area<'_>) -> Drawn {
        draw_title(area, &self.title)?;
        let ((width, height), columns) = (self.cell(), self.columns());
        let whole = f64::from(self.size().0);
        let left = (whole - width * columns as f64) / 2.0;
        let style = font(TICK, BLACK, HPos::Center, VPos::Top);
        for (i, image) in self.images.iter().enumerate() {
            let middle = left + width * ((i % columns) as f64 + 0.5);
            let top = TITLE_HEIGHT + height * (i / columns) as f64 + 6.0;
            let x = middle - self.zoom() * image.width as f64 / 2.0;
            draw_image(area, image, self.zoom(), (x, top))?;
            if let Some(caption) = self.captions.get(i) {
                let below = top + self.zoom() * image.height as f64 + 6.0;
                let at = (units(middle), units(below));
                area.draw(&Text::new(&**caption, at, style.clone()))?;
            }
        }
        Ok(())
    }
}

/// Pixels of a row that have the same colour are one rectangle.
fn draw_image(area: &Area<'_>, image: &Pixels, zoom: f64, (left, top): (f64, f64)) -> Drawn {
    for (row, pixels) in image.rgb.chunks(image.width.max(1)).enumerate() {
        let (y, below) = (top + zoom * row as f64, top + zoom * (row + 1) as f64);
        let mut begin = 0;
        for run in pixels.chunk_by(|a, b| a == b) {
            let end = begin + run.len();
            let (x, right) = (left + zoom * begin as f64, left + zoom * end as f64);
            let [r, g, b] = run[0];
            let corners = [(units(x), units(y)), (units(right), units(below))];
            area.draw(&Rectangle::new(corners, RGBColor(r, g, b).filled()))?;
            begin = end;
        }
    }
    Ok(())
}
