//! Windows that slide over images: laying each out as a column, and adding columns back.

use std::ops::Range;

use crate::{Element, Number};

/// How windows slide over an image: sizes, steps and zeros around it, each for the rows of the
/// image and for its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Windows {
    pub(crate) image: [usize; 2],
    pub(crate) kernel: [usize; 2],
    pub(crate) dilation: [usize; 2],
    pub(crate) padding: [usize; 2],
    pub(crate) stride: [usize; 2],
}

/// The windows that are laid out: some rows of them, in each all that there are across.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) rows: Range<usize>,
    pub(crate) across: usize,
}

impl Places {
    pub(crate) fn len(&self) -> usize {
        self.rows.len() * self.across
    }
}

/// Neighbours of one row of the columns that lie within the image, and where the first of them
/// lies in it.
struct Segment {
    column: usize,
    inside: Range<usize>,
    image: usize,
}

impl Windows {
    /// The number of places along each axis, if a window fits at all. The kernel, the dilation and
    /// the stride must not be zero.
    pub(crate) fn places(&self) -> Option<[usize; 2]> {
        Some([self.places_along(0)?, self.places_along(1)?])
    }

    fn places_along(&self, axis: usize) -> Option<usize> {
        let padded = self.padding[axis].checked_mul(2)?.checked_add(self.image[axis])?;
        let extent = (self.kernel[axis] - 1).checked_mul(self.dilation[axis])?.checked_add(1)?;
        Some(padded.checked_sub(extent)? / self.stride[axis] + 1)
    }

    /// All places.
    pub(crate) fn all(&self) -> Places {
        let [rows, across] = self.places().unwrap_or([0, 0]);
        Places { rows: 0..rows, across }
    }

    /// Which of `places` windows along an axis have their element `at` within the image.
    pub(crate) fn inside(&self, axis: usize, at: usize, places: usize) -> Range<usize> {
        let (shift, padding) = (at * self.dilation[axis], self.padding[axis]);
        let first = |bound: usize| bound.saturating_sub(shift).div_ceil(self.stride[axis]);
        let end = first(self.image[axis] + padding).min(places);
        first(padding).min(end)..end
    }

    /// Where in the image element `at` of window `place` lies; it must be inside.
    pub(crate) fn position(&self, axis: usize, at: usize, place: usize) -> usize {
        place * self.stride[axis] + at * self.dilation[axis] - self.padding[axis]
    }

    /// Visits the columns of an image row by row; outside of a segment they are zero.
    fn for_each(&self, channels: usize, places: &Places, visit: &mut dyn FnMut(Segment)) {
        let (end, columns) = (places.rows.end, places.across);
        let [height, width] = self.image;
        let mut column = 0;
        for channel in 0..channels {
            for at in (0..self.kernel[0]).flat_map(|i| (0..self.kernel[1]).map(move |j| [i, j])) {
                let (down, across) = (self.inside(0, at[0], end), self.inside(1, at[1], columns));
                for row in places.rows.clone() {
                    let (mut inside, mut image) = (0..0, 0);
                    if down.contains(&row) && !across.is_empty() {
                        let y = channel * height + self.position(0, at[0], row);
                        image = y * width + self.position(1, at[1], across.start);
                        inside = across.clone();
                    }
                    visit(Segment { column, inside, image });
                    column += columns;
                }
            }
        }
    }
}

/// The columns of these places of one image of shape `[channels, height, width]`, in row-major order: a row for
/// each channel and element of the kernel, in it an element for each place. Elements outside of the
/// image are zero.
pub(crate) fn im2col<T: Element>(
    image: &[T],
    channels: usize,
    windows: &Windows,
    places: &Places,
    columns: &mut [T],
) {
    let stride = windows.stride[1];
    windows.for_each(channels, places, &mut |Segment { column, inside, image: start }| {
        let row = &mut columns[column..column + places.across];
        row[..inside.start].fill(T::default());
        row[inside.end..].fill(T::default());
        let row = &mut row[inside];
        if stride == 1 {
            row.copy_from_slice(&image[start..start + row.len()]);
        } else if !row.is_empty() {
            let elements = image[start..].iter().step_by(stride);
            row.iter_mut().zip(elements).for_each(|(out, &x)| *out = x);
        }
    });
}

/// Adds the columns of one image to it: the transpose of [`im2col`].
pub(crate) fn col2im<T: Number>(
    columns: &[T],
    channels: usize,
    windows: &Windows,
    places: &Places,
    image: &mut [T],
) {
    let stride = windows.stride[1];
    windows.for_each(channels, places, &mut |Segment { column, inside, image: start }| {
        if !inside.is_empty() {
            let row = &columns[column + inside.start..column + inside.end];
            let elements = image[start..].iter_mut().step_by(stride);
            elements.zip(row).for_each(|(out, &x)| *out = out.sum(x));
        }
    });
}
