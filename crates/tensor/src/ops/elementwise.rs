//! What elementwise functions have in common: adding one takes one `impl` and one method.

use autograd_core::is_recording;

use crate::dtype::{Narrow as _, dispatch};
use crate::kernels::View;
use crate::kernels::map::{Weight, map_weighed, zip_weighed};
use crate::kernels::over::zip_over;
use crate::number::{Float, Real};
use crate::shown::Operation;
use crate::storage::Storage;
use crate::tensor::{Operand, Rule, Value};
use crate::{Element, Tensor};

/// What the derivative is a function of.
pub(crate) enum Saves {
    Input,
    Output,
}

/// A differentiable function of one variable, applied to each element.
pub(crate) trait Unary: Copy + Send + Sync + 'static {
    const NAME: &'static str;
    const SAVES: Saves;
    /// Whether value or pullback takes more than a few instructions: then they are also compiled
    /// for AVX-512, and divided among threads earlier.
    const IS_HEAVY: bool = false;

    /// The numbers that the function was given, for those who look.
    fn constants(&self) -> Vec<f64> {
        Vec::new()
    }

    /// f(x).
    fn value<T: Float>(self, x: T) -> T;

    /// g · f'(x), from the input or the output, whichever `SAVES` names. Written once: on numbers
    /// it is the fused backward kernel, on tensors it is recorded.
    fn pullback<R: Real>(self, saved: R, g: R) -> R;
}

/// A function as a recorded operation.
#[derive(Clone, Copy)]
struct Applied<U>(U);

impl<U: Unary> Operation for Applied<U> {
    #[inline(always)]
    fn name(&self) -> &'static str {
        U::NAME
    }

    fn constants(&self) -> Vec<f64> {
        self.0.constants()
    }
}

impl<U: Unary> Weight for U {
    const WIDE: bool = U::IS_HEAVY;
    const WORK: usize = if U::IS_HEAVY { 8 } else { 2 };
}

/// Applies `op` to each element and records it.
#[track_caller]
pub(crate) fn unary<U: Unary>(x: &Tensor, op: U) -> Tensor {
    let elements = dispatch!(x.dtype(), wide float U::NAME, |T| {
        map_weighed::<U, _, _, _>(x.view::<T>(), move |x| op.value(x))
    });
    match U::SAVES {
        Saves::Input => Value::record_over(elements, Applied(op), [Operand::Borrowed(x)], |[x]| {
            let x = x.clone();
            move |g: Tensor, call: &mut Rule<'_>| {
                let gradient = if is_recording() {
                    op.pullback(x.clone(), g)
                } else {
                    fused_pullback(op, x.value(), g)
                };
                call.give(0, gradient);
            }
        }),
        Saves::Output => {
            let value = Value::contiguous(elements.narrow(x.dtype()), x.shape());
            let saved = value.clone();
            value.record(Applied(op), [x], || {
                move |g: Tensor, call: &mut Rule<'_>| {
                    let gradient = if is_recording() {
                        op.pullback(saved.clone().tracked(call.output(0)), g)
                    } else {
                        fused_pullback(op, &saved, g)
                    };
                    call.give(0, gradient);
                }
            })
        }
    }
}

/// The pullback in one pass, when nobody will differentiate it.
fn fused_pullback<U: Unary>(op: U, saved: &Value, g: Tensor) -> Tensor {
    let mut g = Operand::Owned(g);
    let elements = dispatch!(g.dtype(), wide float U::NAME, |T| {
        zip_onto::<U, T, T>(&mut g, saved.view::<T>(), move |g, saved| op.pullback(saved, g))
    });
    Tensor::untracked_over(elements, g, None)
}

/// f(x, y), element by element: written over x, if that was given away and nobody else holds it.
/// Nobody may need x any more.
#[inline]
pub(crate) fn zip_onto<W: Weight, T: Element, U: Element>(
    x: &mut Operand<'_>,
    y: View<'_, U>,
    f: impl Fn(T, U) -> T + Copy + Sync,
) -> Storage {
    if let Operand::Owned(owned) = x
        && let Some(elements) = owned.reusable::<T>()
    {
        zip_over::<W, _, _>(elements, y, f);
        return owned.value().storage.clone();
    }
    zip_weighed::<W, _, _, _, _>(x.view::<T>(), y, f)
}

/// A function whose derivative is zero wherever it has one: a step. Its gradient is zero, which is
/// not the same as missing.
#[track_caller]
pub(crate) fn step(name: &'static str, x: &Tensor, storage: Storage) -> Tensor {
    Value::contiguous(storage, x.shape())
        .record(name, [x], || |g: Tensor, call: &mut Rule<'_>| call.give(0, g.zeros_like()))
}

/// 1 where x is not positive, 0 where it is and where it is NaN.
#[inline]
pub(crate) fn not_positive<R: Real>(x: R) -> R {
    let one = x.clone().vanish().shift(1.0);
    one.clone() - one.where_positive(x)
}

impl Real for Tensor {
    fn scale(self, c: f64) -> Self {
        self * c
    }
    fn shift(self, c: f64) -> Self {
        self + c
    }
    fn raise(self, p: f64) -> Self {
        self.powf(p)
    }
    fn raise_to_any(self, p: f64) -> Self {
        self.powf(p)
    }
    fn exponential(self) -> Self {
        self.exp()
    }
    fn sine(self) -> Self {
        self.sin()
    }
    fn cosine(self) -> Self {
        self.cos()
    }
    fn logistic(self) -> Self {
        self.sigmoid()
    }
    fn hyperbolic_tangent(self) -> Self {
        self.tanh()
    }
    fn squared_hyperbolic_secant(self) -> Self {
        self.sech_squared()
    }
    fn hyperbolic_sine(self) -> Self {
        self.sinh()
    }
    fn hyperbolic_cosine(self) -> Self {
        self.cosh()
    }
    fn logarithm(self) -> Self {
        self.log()
    }
    fn soft_plus(self) -> Self {
        self.softplus()
    }
    fn normal_distribution(self) -> Self {
        self.normal_cdf()
    }
    fn magnitude(self) -> Self {
        self.abs()
    }
    fn hypotenuse(self, other: Self) -> Self {
        self.hypot(&other)
    }
    fn signum_or_zero(self) -> Self {
        self.sign()
    }
    fn where_positive(self, mask: Self) -> Self {
        self.masked_fill(&mask.le_scalar(0.0), 0.0)
    }
    fn if_positive(self, mask: Self, other: Self) -> Self {
        Tensor::where_(&mask.gt_scalar(0.0), &self, &other)
    }
    fn vanish(self) -> Self {
        self.zeros_like()
    }
}
