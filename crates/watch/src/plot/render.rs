//! A picture as a file: drawn large, and scaled down.
//!
//! `plotters` places everything at whole pixels. In SVG a unit is therefore a quarter of a pixel of
//! the picture; in PNG two by two pixels become one.

use std::io;
use std::path::Path;
use std::sync::Once;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::style::{FontStyle, register_font};

use super::PictureFormat;
use super::canvas::Canvas;
use crate::error::WatchError;
use crate::png;

/// Units for each pixel of a picture's size.
pub(super) const SCALE: u32 = 4;
/// The PNG has so many pixels for each pixel of the size: it is sharp on fine screens.
const PNG_SCALE: u32 = 2;

const SVG_STYLE: &str = ">\n<style>rect{shape-rendering:crispEdges}</style>\n";

/// The fonts of an SVG, of which the first has the widths that are reckoned with.
pub(super) const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

pub(super) type Area<'a> = DrawingArea<Canvas<'a>, Shift>;
pub(super) type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<io::Error>>;

/// A picture that knows its size, in pixels, and how it is drawn.
pub(super) trait Draw {
    fn size(&self) -> (u32, u32);
    fn draw(&self, area: &Area<'_>) -> Drawn;
}

fn drawn(picture: &dyn Draw, canvas: Canvas<'_>) {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        let font = include_bytes!("../../assets/sans.ttf");
        assert!(register_font(FONT, FontStyle::Normal, font).is_ok(), "the font is a font");
    });
    let area = canvas.into_drawing_area();
    let result = picture.draw(&area).and_then(|()| area.present());
    result.expect("drawing in memory cannot fail");
}

pub(super) fn svg(picture: &dyn Draw) -> String {
    let (width, height) = picture.size();
    let (w, h) = (SCALE * width, SCALE * height);
    let mut text = String::new();
    drawn(picture, Canvas::Svg(SVGBackend::with_string(&mut text, (w, h))));
    let size = format!("<svg width=\"{w}\" height=\"{h}\"");
    let scaled = format!("<svg width=\"{width}\" height=\"{height}\" stroke-linejoin=\"round\"");
    // Rectangles that touch have no seam where they do.
    text.replacen(&size, &scaled, 1).replacen(">\n", SVG_STYLE, 1)
}

pub(super) fn png(picture: &dyn Draw) -> Vec<u8> {
    let (width, height) = picture.size();
    let (w, h) = (SCALE * width, SCALE * height);
    let mut pixels = vec![0; 3 * w as usize * h as usize];
    drawn(picture, Canvas::Bitmap(BitMapBackend::with_buffer(&mut pixels, (w, h))));
    let small = halved(&pixels, w as usize);
    png::encode(PNG_SCALE * width, PNG_SCALE * height, &small)
}

/// The mean of each two by two pixels.
fn halved(pixels: &[u8], width: usize) -> Vec<u8> {
    let mut small = Vec::with_capacity(pixels.len() / 4);
    for rows in pixels.chunks_exact(2 * 3 * width) {
        let (above, below) = rows.split_at(3 * width);
        for (a, b) in above.chunks_exact(6).zip(below.chunks_exact(6)) {
            for colour in 0..3 {
                let all = [a[colour], a[colour + 3], b[colour], b[colour + 3]].map(u16::from);
                small.push((all.iter().sum::<u16>() / 4) as u8);
            }
        }
    }
    small
}

pub(super) fn save(picture: &dyn Draw, path: &Path) -> Result<(), WatchError> {
    let file = match PictureFormat::of(path)? {
        PictureFormat::Svg => svg(picture).into_bytes(),
        PictureFormat::Png => png(picture),
    };
    std::fs::write(path, file).map_err(|error| WatchError::new(path, error))
}
