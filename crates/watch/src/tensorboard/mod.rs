//! Event files that TensorBoard reads.

mod message;
mod record;
mod summary;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tensor::Tensor;

use crate::error::WatchError;
use crate::{pixels, png};
use message::Message;

/// A file of events in a folder, for TensorBoard: `tensorboard --logdir FOLDER`.
///
/// Each event is written as it comes. Names with slashes (`loss/train`) are grouped by what stands
/// before the first one.
///
/// # Examples
///
/// ```
/// use tensor::{DType, Tensor};
/// use watch::EventWriter;
///
/// # let folder = std::env::temp_dir().join(format!("watch-events-{}", std::process::id()));
/// let mut events = EventWriter::create(folder.join("run 1"))?;
/// events.scalar("loss/train", 1, 0.5)?;
/// events.histogram("weight", 1, &Tensor::linspace(-1.0, 1.0, 100, DType::F32))?;
/// events.image("digit", 1, &Tensor::zeros(&[8, 8], DType::F32))?;
/// events.text("sample", 1, "To be, or **not** to be")?; // Markdown
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EventWriter {
    path: PathBuf,
    file: File,
}

impl EventWriter {
    /// A new file in `folder`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// If the folder or the file cannot be made.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self, WatchError> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder).map_err(|error| WatchError::new(folder, error))?;
        let path = folder.join(file_name());
        let file = File::options().write(true).create_new(true).open(&path);
        let file = file.map_err(|error| WatchError::new(&path, error))?;
        let mut writer = Self { path, file };
        writer.write(summary::version())?;
        Ok(writer)
    }

    /// A new file in the folder of a training that is resumed after step `step`: TensorBoard drops
    /// later steps of the files that are there.
    ///
    /// # Errors
    ///
    /// As [`create`](EventWriter::create).
    pub fn resume(folder: impl AsRef<Path>, step: u64) -> Result<Self, WatchError> {
        let mut writer = Self::create(folder)?;
        writer.write(summary::restart(step.saturating_add(1)))?;
        Ok(writer)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A number, drawn as a curve over the steps. It is stored in `f32`, as TensorBoard's are.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn scalar(&mut self, tag: &str, step: u64, value: f64) -> Result<(), WatchError> {
        self.write(summary::event(step, &summary::scalar(tag, value as f32)))
    }

    /// How the elements of a tensor (weights, gradients) are distributed. NaN and infinities are
    /// left out: TensorBoard has no place for them.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn histogram(&mut self, tag: &str, step: u64, values: &Tensor) -> Result<(), WatchError> {
        self.write(summary::event(step, &summary::histogram(tag, values)))
    }

    /// An image `[H, W]`, or `[C, H, W]` with one channel or three. Numbers other than `u8` are
    /// black at the least and white at the greatest, or at 0 and 1 if they lie there.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    ///
    /// # Panics
    ///
    /// If the shape is another, or there are no pixels.
    #[track_caller]
    pub fn image(&mut self, tag: &str, step: u64, image: &Tensor) -> Result<(), WatchError> {
        assert!(image.numel() > 0, "image: it has no pixels: got {:?}", image.shape());
        let batch = [&[1], image.shape()].concat().iter().map(|&n| n as isize).collect::<Vec<_>>();
        let pixels = pixels::images("image", &image.reshape(&batch)).remove(0);
        let (width, height) = (pixels.width as u32, pixels.height as u32);
        self.png(tag, step, &png::encode(width, height, pixels.rgb.as_flattened()))
    }

    /// An image that is a PNG file already: a chart's, say.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    ///
    /// # Panics
    ///
    /// If it is not a PNG file.
    #[track_caller]
    pub fn png(&mut self, tag: &str, step: u64, png: &[u8]) -> Result<(), WatchError> {
        let Some(size) = png::size(png) else { panic!("png: not a PNG file: {} bytes", png.len()) };
        self.write(summary::event(step, &summary::image(tag, size, png)))
    }

    /// A text, which TensorBoard reads as Markdown.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn text(&mut self, tag: &str, step: u64, text: &str) -> Result<(), WatchError> {
        self.write(summary::event(step, &summary::text(tag, text)))
    }

    /// In one call, so that a reader sees whole events.
    fn write(&mut self, event: Message) -> Result<(), WatchError> {
        let event = event.double(1, now().as_secs_f64());
        let record = record::framed(&event.into_bytes());
        self.file.write_all(&record).map_err(|error| WatchError::new(&self.path, error))
    }
}

fn now() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// TensorBoard reads the files of a folder in the order of their names, which begin with the time.
fn file_name() -> String {
    static FILES: AtomicU64 = AtomicU64::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let (time, process) = (now().as_nanos(), std::process::id());
    format!("events.out.tfevents.{time:020}.chainrule.{process}.{number}")
}
