//! The lower and the upper triangle of matrices.

use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::copy::{self, Triangle};
use crate::storage::Storage;
use crate::tensor::{Rule, Value};

impl Tensor {
    /// The lower triangle of each matrix: elements (i, j) with j ≤ i + diagonal, zeros elsewhere.
    ///
    /// # Panics
    ///
    /// If there are fewer than two axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.tril(0).to_vec::<f32>(), [1.0, 0.0, 3.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn tril(&self, diagonal: isize) -> Tensor {
        self.triangle("tril", Triangle::Lower, diagonal)
    }

    /// The upper triangle of each matrix: elements (i, j) with j ≥ i + diagonal, zeros elsewhere.
    ///
    /// # Panics
    ///
    /// If there are fewer than two axes.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.triu(1).to_vec::<f32>(), [0.0, 2.0, 0.0, 0.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn triu(&self, diagonal: isize) -> Tensor {
        self.triangle("triu", Triangle::Upper, diagonal)
    }

    #[track_caller]
    fn triangle(&self, name: &'static str, which: Triangle, diagonal: isize) -> Tensor {
        let &[.., rows, columns] = self.shape() else {
            panic!("{name}: needs two axes: got shape {:?}", self.shape())
        };
        let storage = dispatch!(self.dtype(), any, |T| {
            let x = self.view::<T>().in_order();
            Storage::build(x.len(), |out| {
                copy::triangle::<T>(&x, [rows, columns], which, diagonal, out);
            })
        });
        Value::contiguous(storage, self.shape()).record(name, [self], || {
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.triangle(name, which, diagonal))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        for diagonal in [-2, 0, 1, isize::MIN, isize::MAX] {
            check(|x| x[0].tril(diagonal).sin(), &[random(&[2, 3, 4])]);
            check(|x| x[0].mt().triu(diagonal).sin(), &[random(&[3, 4])]);
        }
    }

    #[test]
    fn triangles_and_what_they_leave_out_make_the_whole() {
        let x = Tensor::arange(24, DType::I64).reshape(&[2, 3, 4]);
        for diagonal in -4..=4 {
            let whole = x.tril(diagonal) + x.triu(diagonal + 1);
            assert!(whole.equal(&x));
            let kept = x.ones_like().tril(diagonal).to_vec::<i64>();
            let expected = (0..24_isize).map(|n| i64::from(n % 4 <= n / 4 % 3 + diagonal));
            assert_eq!(kept, expected.collect::<Vec<_>>());
        }
    }
}
