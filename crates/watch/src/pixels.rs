//! Tensors as pixels.

use tensor::{DType, Tensor};

/// An image: `width * height` pixels of red, green and blue, from the left and from above.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgb: Vec<[u8; 3]>,
}

/// The images of `[N, H, W]` or `[N, C, H, W]` with one channel (grey) or three.
///
/// `u8` is taken as it is. Other numbers are black at the least and white at the greatest of all, or
/// at 0 and 1 if they lie there. NaN is magenta, which nobody overlooks.
#[track_caller]
pub(crate) fn images(what: &str, images: &Tensor) -> Vec<Pixels> {
    let shape = images.shape().to_vec();
    let (channels, height, width) = match shape[..] {
        [_, height, width] => (1, height, width),
        [_, channels @ (1 | 3), height, width] => (channels, height, width),
        _ => panic!("{what}: images are [N, H, W], [N, 1, H, W] or [N, 3, H, W]: got {shape:?}"),
    };
    let (least, span) = range(images);
    let values = images.detach().to_dtype(DType::F64).to_vec::<f64>();
    let size = height * width;
    let image = |values: &[f64]| {
        let pixel = |i: usize| {
            let value = |channel: usize| values[i + size * (channel % channels)];
            let colour = [value(0), value(1), value(2)];
            if colour.iter().any(|x| x.is_nan()) {
                return [255, 0, 255];
            }
            // Saturates: infinities are black and white.
            colour.map(|x| (255.0 * (x - least) / span).round() as u8)
        };
        Pixels { width, height, rgb: (0..size).map(pixel).collect() }
    };
    values.chunks_exact((channels * size).max(1)).map(image).collect()
}

/// What is black, and how much more is white.
fn range(images: &Tensor) -> (f64, f64) {
    if images.dtype() == DType::U8 {
        return (0.0, 255.0);
    }
    let values = images.detach().to_dtype(DType::F64).to_vec::<f64>();
    let finite = || values.iter().copied().filter(|x| x.is_finite());
    let (least, greatest) = (finite().fold(0.0, f64::min), finite().fold(0.0, f64::max));
    if least >= 0.0 && greatest <= 1.0 {
        return (0.0, 1.0);
    }
    (least, greatest - least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(images: &Tensor) -> Vec<u8> {
        super::images("test", images)[0].rgb.iter().map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn black_is_the_least_and_white_the_greatest() {
        assert_eq!(grey(&Tensor::from([[[0.0, 0.5, 1.0]]])), [0, 128, 255]);
        assert_eq!(grey(&Tensor::from([[[0.0, 4.0, 16.0]]])), [0, 64, 255]);
        assert_eq!(grey(&Tensor::from([[[-1.0, 0.0, 1.0]]])), [0, 128, 255]);
        assert_eq!(grey(&Tensor::from([[[0_u8, 1, 255]]])), [0, 1, 255]);
    }

    #[test]
    fn what_is_not_finite_is_seen() {
        let x = Tensor::from([[[f64::NEG_INFINITY, f64::INFINITY, f64::NAN]]]);
        assert_eq!(images("test", &x)[0].rgb, [[0; 3], [255; 3], [255, 0, 255]]);
    }

    #[test]
    fn channels_are_colours() {
        let x = Tensor::from_vec(vec![255_u8, 0, 0, 7, 9, 0], &[1, 3, 1, 2]);
        assert_eq!(images("test", &x)[0].rgb, [[255, 0, 9], [0, 7, 0]]);
    }
}
