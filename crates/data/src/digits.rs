//! The 1,797 handwritten digits of 8 by 8 pixels that come with this crate.

use std::io::Read;

use flate2::read::GzDecoder;
use tensor::Tensor;

use crate::Rows;

static DIGITS: &[u8] = include_bytes!("../assets/digits.csv.gz");
const PIXELS: usize = 64;

/// The handwritten digits: images `[1797, 8, 8]` in `f32`, from 0 to 16, and labels `[1797]` in
/// `i64`.
///
/// The test set of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak 1998, UCI
/// Machine Learning Repository, CC BY 4.0), as distributed with scikit-learn.
///
/// # Examples
///
/// ```
/// use data::{Dataset, digits};
///
/// let digits = digits();
/// assert_eq!(digits.len(), 1797);
/// let [image, label] = digits.get(0)?;
/// assert_eq!((image.shape(), label.item()), (&[8, 8][..], 0.0));
/// # Ok::<(), data::DataError>(())
/// ```
pub fn digits() -> Rows<2> {
    let mut text = String::new();
    GzDecoder::new(DIGITS).read_to_string(&mut text).expect("the file in the crate is intact");
    let (mut images, mut labels) = (Vec::<f32>::new(), Vec::<i64>::new());
    for line in text.lines() {
        let numbers: Vec<f32> = line
            .split(',')
            .map(|number| number.parse().expect("the file in the crate has numbers"))
            .collect();
        images.extend(&numbers[..PIXELS]);
        labels.push(numbers[PIXELS] as i64);
    }
    let images = Tensor::from_vec(images, &[labels.len(), 8, 8]);
    Rows::new([images, Tensor::from(labels)])
}
