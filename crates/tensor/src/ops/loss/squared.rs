//! The squared error, as one operation: cheaper than its composition.

use autograd_core::is_recording;

use super::{Reduction, check_pair};
use crate::Tensor;
use crate::dtype::dispatch;
use crate::kernels::map::zip;
use crate::kernels::reduce;
use crate::number::Real;
use crate::shown::With;
use crate::tensor::{Rule, Value};

impl Tensor {
    /// The squared error (self - target)², as it is, or its mean or sum over all elements.
    ///
    /// # Panics
    ///
    /// If the shapes differ (nothing broadcasts here), or the dtypes differ or are not
    /// floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Reduction, Tensor};
    ///
    /// let y = Tensor::from([1.0_f32, 2.0]);
    /// let target = Tensor::from([1.0_f32, 4.0]);
    /// assert_eq!(y.mse_loss(&target, Reduction::Mean).item(), 2.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn mse_loss(&self, target: &Tensor, reduction: Reduction) -> Tensor {
        check_pair("mse_loss", self, target);
        let storage = dispatch!(self.dtype(), float "mse_loss", |T| {
            zip(self.view::<T>(), target.view::<T>(), |x, y| (x - y) * (x - y))
        });
        let squares = Value::contiguous(storage, self.shape());
        let divisor = if reduction == Reduction::Mean { self.numel() } else { 1 };
        let value = if reduction == Reduction::None {
            squares
        } else {
            let total = dispatch!(self.dtype(), float "mse_loss", |T| {
                reduce::total(squares.view::<T>(), divisor)
            });
            Value::contiguous(total, &[])
        };
        value.record(With("mse_loss", [divisor as f64]), [self, target], || {
            let (x, y) = (self.clone(), target.clone());
            let factor = 2.0 / divisor as f64;
            move |g: Tensor, call: &mut Rule<'_>| {
                let gradient = if is_recording() {
                    (&x - &y) * (g * factor)
                } else {
                    error_times(&x, &y, &g.expand(x.shape()), factor)
                };
                if call.needs(1) {
                    call.give(1, -&gradient);
                }
                call.give(0, gradient);
            }
        })
    }
}

/// (x - y) · g · factor in one pass for a g that is one number, in two for any other.
fn error_times(x: &Tensor, y: &Tensor, g: &Tensor, factor: f64) -> Tensor {
    if g.strides().iter().any(|&stride| stride != 0) {
        return (x - y) * (g * factor);
    }
    let elements = dispatch!(x.dtype(), wide float "mse_loss", |T| {
        let g = g.view::<T>();
        let factor = g.data.get(g.layout.offset).copied().unwrap_or_default().scale(factor);
        zip(x.view::<T>(), y.view::<T>(), move |x, y| (x - y) * factor)
    });
    Tensor::alike(x, elements, None)
}

#[cfg(test)]
mod tests {
    use crate::Reduction;
    use crate::testing::{check, random};

    #[test]
    fn gradients() {
        let shapes: [&[usize]; 4] = [&[], &[1], &[3], &[2, 3]];
        for shape in shapes {
            for reduction in [Reduction::None, Reduction::Mean, Reduction::Sum] {
                let inputs = [random(shape), 0.5 * random(shape)];
                check(|x| x[0].mse_loss(&x[1], reduction), &inputs);
                check(|x| x[0].mse_loss(&x[0].sin(), reduction), &inputs[..1]);
            }
        }
    }
}
