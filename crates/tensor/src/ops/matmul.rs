//! Matrix products, and the affine map of a linear layer.

use crate::Tensor;
use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::matmul::{self, Base, Matrix, Sizes};
use crate::layout::Layout;
use crate::ops::arithmetic::saved_for;
use crate::shape::{broadcast, checked_numel, numel};
use crate::storage::Storage;
use crate::tensor::{Rule, Value};

/// The last two axes of a layout, at one position of the leading ones.
fn matrix<'a, T>(data: &'a [T], layout: &Layout, start: usize) -> Matrix<'a, T> {
    let rank = layout.rank();
    Matrix {
        data: &data[start.min(data.len())..],
        row_stride: layout.strides[rank - 2],
        column_stride: layout.strides[rank - 1],
    }
}

/// The product of tensors of matrices with equal leading axes.
#[track_caller]
fn product(a: &Tensor, b: &Tensor) -> Tensor {
    let rank = a.rank();
    let sizes = Sizes { m: a.shape()[rank - 2], k: a.shape()[rank - 1], n: b.shape()[rank - 1] };
    let mut shape = a.dims();
    shape[rank - 1] = sizes.n;
    let numel = expect(checked_numel("matmul", &shape, a.dtype().size()));
    let storage = dispatch!(a.dtype(), float "matmul", |T| {
        let (x, y) = (a.view::<T>(), b.view::<T>());
        let a = |batch| matrix(x.data, x.layout, batch_start(x.layout, batch));
        let b = |batch| matrix(y.data, y.layout, batch_start(y.layout, batch));
        Storage::build(numel, |out| matmul::products(sizes, &a, &b, out))
    });
    let name = if rank == 2 { "mm" } else { "bmm" };
    Value::contiguous(storage, &shape).record(name, [a, b], || {
        let (saved_a, saved_b) = (saved_for(b, a), saved_for(a, b));
        move |g: Tensor, call: &mut Rule<'_>| {
            if let Some(b) = &saved_b
                && call.needs(0)
            {
                call.give(0, product(&g, &b.mt()));
            }
            if let Some(a) = &saved_a
                && call.needs(1)
            {
                call.give(1, product(&a.mt(), &g));
            }
        }
    })
}

/// Where the matrix at this row-major position of the leading axes starts.
fn batch_start(layout: &Layout, mut batch: usize) -> usize {
    let leading = layout.rank() - 2;
    let mut start = layout.offset;
    for axis in (0..leading).rev() {
        start += batch % layout.shape[axis] * layout.strides[axis];
        batch /= layout.shape[axis];
    }
    start
}

impl Tensor {
    /// The matrix product. 1-d operands are a row on the left and a column on the right, and the
    /// result lacks that axis; leading axes broadcast.
    ///
    /// Shapes: `[.., m, k] x [.., k, n] -> [.., m, n]`, `[k] x [k] -> []`.
    ///
    /// # Panics
    ///
    /// If the inner dimensions differ, an operand has no axis, the leading axes do not broadcast,
    /// or the dtypes differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let a = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let x = Tensor::from([1.0_f32, 1.0]);
    /// assert_eq!(a.matmul(&x).to_vec::<f32>(), [3.0, 7.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn matmul(&self, other: &Tensor) -> Tensor {
        check_product(self, other);
        if self.rank() == 1 {
            return self.unsqueeze(0).matmul(other).squeeze_axis_from_end(other.rank());
        }
        if other.rank() == 1 {
            return self.matmul(&other.unsqueeze(1)).squeeze(-1);
        }
        if self.rank() == 2 && other.rank() == 2 {
            return product(self, other);
        }
        if other.rank() == 2 {
            // One large product instead of many small ones.
            let (m, k) = (numel(&self.shape()[..self.rank() - 1]), other.shape()[0]);
            let mut shape = self.dims();
            shape[self.rank() - 1] = other.shape()[1];
            return product(&self.reshape_to(&[m, k]), other).reshape_to(&shape);
        }
        let leading = |x: &Tensor| x.layout().shape[..x.rank() - 2].to_vec();
        let batch = broadcast("matmul", &leading(self), &leading(other));
        let shape = |x: &Tensor| [&batch[..], &x.shape()[x.rank() - 2..]].concat();
        product(&self.expand(&shape(self)), &other.expand(&shape(other)))
    }

    /// The affine map of a linear layer: y = x Wᵀ + b.
    ///
    /// Shapes: x `[.., in]`, weight `[out, in]`, bias `[out]`, y `[.., out]`; without the axis `out`
    /// in all three if the weight lacks it.
    ///
    /// # Panics
    ///
    /// If the shapes do not fit, or the dtypes differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let w = Tensor::from([[1.0_f32, 2.0]]);
    /// let b = Tensor::from([10.0_f32]);
    /// let y = Tensor::from([3.0_f32, 4.0]).linear(&w, Some(&b));
    /// assert_eq!(y.to_vec::<f32>(), [21.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn linear(&self, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
        if weight.rank() == 1 {
            let bias =
                bias.map(|bias| if bias.rank() == 0 { bias.unsqueeze(0) } else { bias.clone() });
            return self.linear(&weight.unsqueeze(0), bias.as_ref()).squeeze(-1);
        }
        check_linear(self, weight, bias);
        let mut shape = self.dims();
        let axis = shape.len() - 1;
        let flat = self.reshape_to(&[numel(&shape[..axis]), shape[axis]]);
        shape[axis] = weight.shape()[0];
        let value = affine(&flat, weight, bias);
        let rule = || {
            let (x, w) = (saved_for(weight, &flat), saved_for(&flat, weight));
            move |g: Tensor, call: &mut Rule<'_>| {
                if let Some(w) = &w
                    && call.needs(0)
                {
                    call.give(0, product(&g, w));
                }
                if let Some(x) = &x
                    && call.needs(1)
                {
                    call.give(1, product(&g.mt(), x));
                }
                if call.inputs() == 3 && call.needs(2) {
                    call.give(2, g.sum_dim(0));
                }
            }
        };
        let y = match bias {
            Some(bias) => value.record("addmm", [&flat, weight, bias], rule),
            None => value.record("linear", [&flat, weight], rule),
        };
        y.reshape_to(&shape)
    }

    /// Without the axis that stood for a 1-d operand on the left: `[.., 1, n]` or `[.., 1]`.
    #[track_caller]
    fn squeeze_axis_from_end(&self, other_rank: usize) -> Tensor {
        if other_rank == 1 { self.squeeze(-1) } else { self.squeeze(-2) }
    }
}

/// x Wᵀ + b for a matrix x.
#[track_caller]
fn affine(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Value {
    let sizes = Sizes { m: x.shape()[0], k: x.shape()[1], n: weight.shape()[0] };
    let numel = expect(checked_numel("linear", &[sizes.m, sizes.n], x.dtype().size()));
    let storage = dispatch!(x.dtype(), float "linear", |T| {
        let (x, w) = (x.view::<T>(), weight.view::<T>());
        let bias = bias.map(|bias| bias.view::<T>().to_vec());
        let base = bias.as_deref().map_or(Base::Zero, Base::Row);
        let transposed = w.layout.permute(&[1, 0]);
        let x = matrix(x.data, x.layout, x.layout.offset);
        let w = matrix(w.data, &transposed, transposed.offset);
        Storage::build(numel, |y: &mut [T]| matmul::product(sizes, x, w, base, y))
    });
    Value::contiguous(storage, &[sizes.m, sizes.n])
}

#[track_caller]
fn check_product(a: &Tensor, b: &Tensor) {
    assert!(
        a.dtype() == b.dtype(),
        "matmul: dtypes differ: {} and {}; convert one with to_dtype",
        a.dtype(),
        b.dtype()
    );
    assert!(
        a.rank() > 0 && b.rank() > 0,
        "matmul: an operand has no axis: {:?} x {:?}",
        a.shape(),
        b.shape()
    );
    let inner_b = if b.rank() == 1 { 0 } else { b.rank() - 2 };
    assert!(
        a.shape()[a.rank() - 1] == b.shape()[inner_b],
        "matmul: inner dimensions differ: {:?} x {:?}",
        a.shape(),
        b.shape()
    );
}

#[track_caller]
fn check_linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) {
    let fits = x.rank() > 0
        && weight.rank() == 2
        && x.shape()[x.rank() - 1] == weight.shape()[1]
        && bias.is_none_or(|bias| bias.shape() == &weight.shape()[..1]);
    assert!(
        fits,
        "linear: shapes do not fit: input {:?}, weight {:?}, bias {:?}",
        x.shape(),
        weight.shape(),
        bias.map(Tensor::shape)
    );
    let same = x.dtype() == weight.dtype() && bias.is_none_or(|bias| bias.dtype() == x.dtype());
    assert!(
        same,
        "linear: dtypes differ: input {}, weight {}, bias {:?}",
        x.dtype(),
        weight.dtype(),
        bias.map(Tensor::dtype)
    );
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        let shapes: [[&[usize]; 2]; 10] = [
            [&[3], &[3]],
            [&[3], &[3, 2]],
            [&[2, 3], &[3]],
            [&[2, 3], &[3, 4]],
            [&[3], &[2, 3, 2]],
            [&[2, 2, 3], &[3]],
            [&[2, 2, 3], &[3, 2]],
            [&[2, 3], &[2, 3, 2]],
            [&[2, 1, 2, 3], &[2, 3, 2]],
            [&[2, 0], &[0, 3]],
        ];
        for [a, b] in shapes {
            check(|x| x[0].matmul(&x[1]), &[random(a), random(b)]);
        }
        check(|x| x[0].matmul(&x[0].t()), &[random(&[2, 3])]);
        let inputs: [&[usize]; 4] = [&[3], &[2, 3], &[2, 2, 3], &[0, 3]];
        for x in inputs {
            let parts = [random(x), random(&[4, 3]), random(&[4])];
            check(|x| x[0].linear(&x[1], None), &parts[..2]);
            check(|x| x[0].linear(&x[1], Some(&x[2])), &parts);
            let parts = [random(x), random(&[3]), random(&[])];
            check(|x| x[0].linear(&x[1], Some(&x[2])), &parts);
        }
    }

    #[test]
    fn a_sum_over_nothing_is_zero_or_the_bias() {
        let nothing = Tensor::zeros(&[2, 0], DType::F32);
        assert_eq!(nothing.matmul(&nothing.t()).to_vec::<f32>(), [0.0; 4]);
        let bias = Tensor::from([1.0_f32, 2.0, 3.0]);
        let y = nothing.linear(&Tensor::zeros(&[3, 0], DType::F32), Some(&bias));
        assert_eq!(y.to_vec::<f32>(), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn zero_times_nan_is_nan() {
        let (zero, nan) = (Tensor::zeros(&[1, 2], DType::F32), Tensor::from([[f32::NAN], [1.0]]));
        assert!(zero.matmul(&nan).item().is_nan());
        assert!(nan.t().matmul(&zero.t()).item().is_nan());
    }
}
