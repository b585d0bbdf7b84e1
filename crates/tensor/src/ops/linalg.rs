//! Products of vectors, matrices and batches of matrices under PyTorch's names, with the ranks that
//! each of them takes; all are [`matmul`](Tensor::matmul), scaled and added.

use crate::Tensor;
use crate::shape::expands_to;

/// The factors of [`addmm_with`](Tensor::addmm_with) and its siblings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AddmmOptions {
    /// The factor of the tensor that is added to. If it is zero, that tensor contributes nothing at
    /// all, not even NaN; its gradient is zero.
    pub beta: f64,
    /// The factor of the product.
    pub alpha: f64,
}

impl Default for AddmmOptions {
    fn default() -> Self {
        Self { beta: 1.0, alpha: 1.0 }
    }
}

#[track_caller]
fn check_ranks(operation: &str, a: (&Tensor, usize), b: (&Tensor, usize)) {
    assert!(
        a.0.rank() == a.1 && b.0.rank() == b.1,
        "{operation}: needs {} and {} axes: got {:?} x {:?}",
        a.1,
        b.1,
        a.0.shape(),
        b.0.shape()
    );
    let inner = b.1.saturating_sub(2);
    assert!(
        a.0.shape()[a.1 - 1] == b.0.shape()[inner],
        "{operation}: inner dimensions differ: {:?} x {:?}",
        a.0.shape(),
        b.0.shape()
    );
    assert!(
        a.0.dtype() == b.0.dtype(),
        "{operation}: dtypes differ: {} and {}; convert one with to_dtype",
        a.0.dtype(),
        b.0.dtype()
    );
}

#[track_caller]
fn check_batches(operation: &str, a: &Tensor, b: &Tensor) {
    check_ranks(operation, (a, 3), (b, 3));
    assert!(
        a.shape()[0] == b.shape()[0],
        "{operation}: numbers of matrices differ: {:?} x {:?}",
        a.shape(),
        b.shape()
    );
}

/// beta · x + alpha · product, where x expands to the product's shape.
#[track_caller]
fn add_scaled(operation: &str, x: &Tensor, product: &Tensor, options: AddmmOptions) -> Tensor {
    assert!(
        expands_to(x.shape(), product.shape()),
        "{operation}: the input does not expand to the product: {:?} to {:?}",
        x.shape(),
        product.shape()
    );
    assert!(
        x.dtype() == product.dtype(),
        "{operation}: dtypes differ: {} and {}; convert one with to_dtype",
        x.dtype(),
        product.dtype()
    );
    let x = if options.beta == 0.0 {
        x.masked_fill(&Tensor::scalar(true), 0.0)
    } else {
        scaled(x, options.beta)
    };
    x + scaled(product, options.alpha)
}

#[track_caller]
fn scaled(x: &Tensor, factor: f64) -> Tensor {
    if factor == 1.0 { x.clone() } else { x * factor }
}

impl Tensor {
    /// The product of two matrices: `[m, k] x [k, n] -> [m, n]`.
    ///
    /// # Panics
    ///
    /// If an operand is not a matrix, the inner dimensions differ, or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let a = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.mm(&a).to_vec::<f32>(), [7.0, 10.0, 15.0, 22.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn mm(&self, other: &Tensor) -> Tensor {
        check_ranks("mm", (self, 2), (other, 2));
        self.matmul(other)
    }

    /// The product of each pair of matrices: `[b, m, k] x [b, k, n] -> [b, m, n]`.
    ///
    /// # Panics
    ///
    /// If an operand does not have three axes, their sizes do not fit, or the dtypes differ or are
    /// not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let a = Tensor::from([[[1.0_f32, 2.0]], [[3.0, 4.0]]]);
    /// assert_eq!(a.bmm(&a.mt()).to_vec::<f32>(), [5.0, 25.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn bmm(&self, other: &Tensor) -> Tensor {
        check_batches("bmm", self, other);
        self.matmul(other)
    }

    /// The product of a matrix and a vector: `[m, k] x [k] -> [m]`.
    ///
    /// # Panics
    ///
    /// If the ranks are others, the inner dimensions differ, or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let a = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.mv(&Tensor::from([1.0_f32, -1.0])).to_vec::<f32>(), [-1.0, -1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn mv(&self, vector: &Tensor) -> Tensor {
        check_ranks("mv", (self, 2), (vector, 1));
        self.matmul(vector)
    }

    /// The sum of products of two vectors: `[k] x [k] -> []`. PyTorch's `vdot` is the same for real
    /// numbers.
    ///
    /// # Panics
    ///
    /// If an operand is not a vector, their sizes differ, or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// assert_eq!(Tensor::from([1.0_f32, 2.0]).dot(&Tensor::from([3.0_f32, 4.0])).item(), 11.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn dot(&self, other: &Tensor) -> Tensor {
        check_ranks("dot", (self, 1), (other, 1));
        self.matmul(other)
    }

    /// All products of an element of self and one of the other: `[m] x [n] -> [m, n]`.
    ///
    /// # Panics
    ///
    /// If an operand is not a vector, or the dtypes differ.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f32, 2.0]).outer(&Tensor::from([3.0_f32, 4.0]));
    /// assert_eq!(x.to_vec::<f32>(), [3.0, 4.0, 6.0, 8.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn outer(&self, other: &Tensor) -> Tensor {
        assert!(
            self.rank() == 1 && other.rank() == 1,
            "outer: needs 1 and 1 axes: got {:?} x {:?}",
            self.shape(),
            other.shape()
        );
        self.unsqueeze(1) * other.unsqueeze(0)
    }

    /// self + a b for matrices a and b; self expands to the product's shape.
    ///
    /// # Panics
    ///
    /// As [`mm`](Tensor::mm), and if self does not expand.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let a = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let x = Tensor::from([10.0_f32, 20.0]);
    /// assert_eq!(x.addmm(&a, &a).to_vec::<f32>(), [17.0, 30.0, 25.0, 42.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn addmm(&self, a: &Tensor, b: &Tensor) -> Tensor {
        self.addmm_with(a, b, AddmmOptions::default())
    }

    /// beta · self + alpha · a b for matrices a and b; self expands to the product's shape.
    ///
    /// # Panics
    ///
    /// As [`addmm`](Tensor::addmm).
    #[must_use]
    #[track_caller]
    pub fn addmm_with(&self, a: &Tensor, b: &Tensor, options: AddmmOptions) -> Tensor {
        check_ranks("addmm", (a, 2), (b, 2));
        add_scaled("addmm", self, &a.matmul(b), options)
    }

    /// self + a v for a matrix a and a vector v; self expands to the product's shape.
    ///
    /// # Panics
    ///
    /// As [`mv`](Tensor::mv), and if self does not expand.
    #[must_use]
    #[track_caller]
    pub fn addmv(&self, a: &Tensor, vector: &Tensor) -> Tensor {
        self.addmv_with(a, vector, AddmmOptions::default())
    }

    /// beta · self + alpha · a v for a matrix a and a vector v; self expands to the product's
    /// shape.
    ///
    /// # Panics
    ///
    /// As [`addmv`](Tensor::addmv).
    #[must_use]
    #[track_caller]
    pub fn addmv_with(&self, a: &Tensor, vector: &Tensor, options: AddmmOptions) -> Tensor {
        check_ranks("addmv", (a, 2), (vector, 1));
        add_scaled("addmv", self, &a.matmul(vector), options)
    }

    /// self + a b for each pair of matrices; self expands to the product's shape.
    ///
    /// # Panics
    ///
    /// As [`bmm`](Tensor::bmm), and if self does not expand.
    #[must_use]
    #[track_caller]
    pub fn baddbmm(&self, a: &Tensor, b: &Tensor) -> Tensor {
        self.baddbmm_with(a, b, AddmmOptions::default())
    }

    /// beta · self + alpha · a b for each pair of matrices; self expands to the product's shape.
    ///
    /// # Panics
    ///
    /// As [`baddbmm`](Tensor::baddbmm).
    #[must_use]
    #[track_caller]
    pub fn baddbmm_with(&self, a: &Tensor, b: &Tensor, options: AddmmOptions) -> Tensor {
        check_batches("baddbmm", a, b);
        add_scaled("baddbmm", self, &a.matmul(b), options)
    }
}

#[cfg(test)]
mod tests {
    use super::AddmmOptions;
    use crate::testing::{check, random};
    use crate::{Tensor, grad};

    #[test]
    fn gradients() {
        let options = AddmmOptions { beta: 0.2, alpha: 0.6 };
        let matrices = [random(&[2, 3]), random(&[3, 2])];
        check(|x| x[0].mm(&x[1]), &matrices);
        check(|x| x[0].bmm(&x[0].mt()), &[random(&[2, 2, 3])]);
        check(|x| x[0].mv(&x[1]), &[random(&[2, 3]), random(&[3])]);
        check(|x| x[0].dot(&x[0].sin()), &[random(&[3])]);
        check(|x| x[0].outer(&x[0].sin()), &[random(&[3])]);
        let inputs: [&[usize]; 4] = [&[], &[1], &[2], &[2, 2]];
        for input in inputs {
            let x = [random(input), matrices[0].clone(), matrices[1].clone()];
            check(|x| x[0].addmm_with(&x[1], &x[2], options), &x);
            check(|x| x[0].addmm(&x[1], &x[2]), &x);
        }
        let x = [random(&[2]), matrices[0].clone(), random(&[3])];
        check(|x| x[0].addmv_with(&x[1], &x[2], options), &x);
        let x = [random(&[]), random(&[2, 2, 3]), random(&[2, 3, 1])];
        check(|x| x[0].baddbmm_with(&x[1], &x[2], options), &x);
    }

    #[test]
    fn a_beta_of_zero_shuts_nan_out() {
        let x = Tensor::from([f64::NAN]).requires_grad();
        let a = random(&[2, 2]);
        let y = x.addmm_with(&a, &a, AddmmOptions { beta: 0.0, alpha: 1.0 });
        assert!(y.detach().equal(&a.mm(&a)));
        let [dx] = grad(&y.sum(), [&x]);
        assert_eq!(dx.item(), 0.0);
    }
}
