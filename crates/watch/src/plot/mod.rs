//! Pictures as SVG or PNG.
//!
//! `plotters` draws them; text is set in a font that comes with the crate, so that no font of the
//! system is needed.

mod axis;
mod canvas;
mod frame;
mod heat;
mod images;
mod lines;
mod render;
mod scatter;

use std::path::Path;

pub use heat::HeatMap;
pub use images::ImageGrid;
pub use lines::LineChart;
pub use scatter::ScatterChart;

use crate::error::WatchError;

/// What every picture can do.
macro_rules! pictures {
    ($($picture:ident),+) => { $(impl $picture {
        /// Writes it as SVG (`.svg`) or PNG (`.png`).
        ///
        /// # Errors
        ///
        /// If the name ends in neither, or the file cannot be written.
        pub fn save(&self, path: impl AsRef<Path>) -> Result<(), WatchError> {
            render::save(self, path.as_ref())
        }

        /// It as SVG.
        pub fn to_svg(&self) -> String {
            render::svg(self)
        }

        /// It as a PNG file, with two pixels for each of the SVG's.
        pub fn to_png(&self) -> Vec<u8> {
            render::png(self)
        }
    })+ };
}

pictures!(LineChart, ScatterChart, HeatMap, ImageGrid);
