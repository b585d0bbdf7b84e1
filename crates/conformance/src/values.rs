//! The elements of one tensor as the database stores them, and the comparison with ours.

use tensor::{DType, Element, Tensor};

use crate::layout::{Layout, arrange};

/// A tensor of theirs: its shape, and its elements in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// The sizes of the axes.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Data,
}

/// Elements of one of the kinds that agreement distinguishes.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Floating-point numbers.
    Float(Vec<f64>),
    /// Integers of any width.
    Int(Vec<i64>),
    /// Truth values.
    Bool(Vec<bool>),
}

impl Values {
    /// A tensor of ours with these elements; floating-point ones are rounded to `float`.
    pub fn tensor(&self, layout: Layout, float: DType) -> Tensor {
        match &self.data {
            Data::Float(data) if float == DType::F32 => {
                let data: Vec<f32> = data.iter().map(|&x| x as f32).collect();
                arrange(&data, &self.shape, layout)
            }
            Data::Float(data) => arrange(data, &self.shape, layout),
            Data::Int(data) => arrange(data, &self.shape, layout),
            Data::Bool(data) => arrange(data, &self.shape, layout),
        }
    }

    /// Whether ours has the same shape and kind, and each element of it agrees.
    ///
    /// # Errors
    ///
    /// A description of the first difference.
    pub fn agree(&self, ours: &Tensor) -> Result<(), String> {
        if ours.shape() != self.shape {
            return Err(format!("shape {:?} for {:?}", ours.shape(), self.shape));
        }
        match &self.data {
            Data::Float(theirs) => compare::<f64>(ours, theirs, |&x, &y| close(x, y)),
            Data::Int(theirs) => compare::<i64>(ours, theirs, |x, y| x == y),
            Data::Bool(theirs) => compare::<bool>(ours, theirs, |x, y| x == y),
        }
    }
}

/// The tolerance of the database, with NaN equal to NaN and infinities equal to themselves.
fn close(ours: f64, theirs: f64) -> bool {
    ours == theirs
        || ours.is_nan() && theirs.is_nan()
        || (ours - theirs).abs() <= 1e-9 + 1e-7 * theirs.abs() && theirs.is_finite()
}

fn compare<T: Element>(
    ours: &Tensor,
    theirs: &[T],
    agree: impl Fn(&T, &T) -> bool,
) -> Result<(), String> {
    if ours.dtype() != T::DTYPE {
        return Err(format!("dtype {} for {}", ours.dtype(), T::DTYPE));
    }
    let ours = ours.to_vec::<T>();
    let pairs = || ours.iter().zip(theirs).enumerate();
    let wrong = pairs().filter(|(_, (x, y))| !agree(x, y)).count();
    match pairs().find(|(_, (x, y))| !agree(x, y)) {
        None => Ok(()),
        Some((i, (x, y))) => {
            Err(format!("{wrong} of {} elements: {x:?} for {y:?} at {i}", theirs.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_is_relative_with_a_floor_and_exact_at_the_infinities() {
        assert!(close(1.0 + 0.9e-7, 1.0) && !close(1.0 + 1.1e-7, 1.0));
        assert!(close(0.9e-9, 0.0) && !close(1.1e-9, 0.0));
        assert!(close(f64::NAN, f64::NAN) && !close(f64::NAN, 1.0) && !close(1.0, f64::NAN));
        assert!(close(f64::INFINITY, f64::INFINITY) && !close(1e300, f64::INFINITY));
        assert!(!close(f64::NEG_INFINITY, f64::INFINITY) && !close(f64::INFINITY, 1e300));
        assert!(close(-0.0, 0.0));
    }

    #[test]
    fn shapes_and_kinds_must_be_equal() {
        let theirs = Values { shape: vec![1, 2], data: Data::Float(vec![1.0, 2.0]) };
        let agree = |ours: Tensor| theirs.agree(&ours);
        assert_eq!(agree(Tensor::from([[1.0, 2.0]])), Ok(()));
        assert_eq!(agree(Tensor::from([1.0, 2.0])), Err("shape [2] for [1, 2]".to_owned()));
        assert_eq!(agree(Tensor::from([[1_i64, 2]])), Err("dtype i64 for f64".to_owned()));
        let wrong = Err("1 of 2 elements: 3.0 for 2.0 at 1".to_owned());
        assert_eq!(agree(Tensor::from([[1.0, 3.0]])), wrong);
    }
}
