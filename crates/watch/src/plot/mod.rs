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

use crate::error::{WatchError, extension};

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PictureFormat {
    /// Shapes: `.svg`.
    Svg,
    /// Pixels: `.png`.
    Png,
}

impl PictureFormat {
    /// What a file of this name holds. A program that computes for long asks before it starts.
    ///
    /// # Errors
    ///
    /// If the name ends in neither `.svg` nor `.png`.
    ///
    /// # Examples
    ///
    /// ```
    /// use watch::PictureFormat;
    ///
    /// assert_eq!(PictureFormat::of("loss.svg")?, PictureFormat::Svg);
    /// assert!(PictureFormat::of("loss.pdf").is_err());
    /// # Ok::<(), watch::WatchError>(())
    /// ```
    pub fn of(path: impl AsRef<Path>) -> Result<Self, WatchError> {
        Ok(match extension(path.as_ref(), &["svg", "png"])? {
            "svg" => Self::Svg,
            _ => Self::Png,
        })
    }
}

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
