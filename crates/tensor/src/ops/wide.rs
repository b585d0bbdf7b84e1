//! Functions of one and of two variables that are evaluated in `f64` whatever the dtype, and
//! rounded once; their derivatives of every order too.
//!
//! A function that is called rarely, or that is a call of the mathematical library anyway, is not
//! worth a loop of its own for each dtype and instruction set: all of these share the loops in this
//! file, which call it through a pointer. Adding one takes an `impl` and a method.

use autograd_core::is_recording;

use crate::dtype::dispatch;
use crate::kernels::View;
use crate::kernels::map::{Weight, map_weighed, zip_weighed, zip3};
use crate::number::Real;
use crate::ops::arithmetic::same_shape;
use crate::ops::elementwise::step;
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, Element, Tensor};

/// What a call of the mathematical library weighs.
struct Called;

impl Weight for Called {
    const WIDE: bool = false;
    const WORK: usize = 64;
}

/// What a vectorised function weighs.
struct Vectorised;

impl Weight for Vectorised {
    const WIDE: bool = true;
    const WORK: usize = 8;
}

/// The body of [`Wide::singles`] for a vectorised function.
#[allow(clippy::unnecessary_wraps, reason = "what the method returns")]
pub(crate) fn vectorised(
    x: View<'_, f32>,
    f: impl Fn(f32) -> f32 + Copy + Sync,
) -> Option<Storage> {
    Some(map_weighed::<Vectorised, _, _, _>(x, f))
}

/// A differentiable function of one variable.
pub(crate) trait Wide {
    const NAME: &'static str;

    /// f(x).
    fn value(x: f64) -> f64;

    /// f of all elements in `f32`, if there is a vectorised form.
    fn singles(_x: View<'_, f32>) -> Option<Storage> {
        None
    }

    /// f'(x): on numbers for the fused backward pass, on tensors for the recorded one.
    fn slope<R: Real>(x: R) -> R;
}

/// A differentiable function of two variables.
pub(crate) trait Binary {
    const NAME: &'static str;

    /// f(x, y).
    fn value(x: f64, y: f64) -> f64;

    /// ∂f/∂x.
    fn slope_x<R: Real>(x: R, y: R) -> R;

    /// ∂f/∂y.
    fn slope_y<R: Real>(x: R, y: R) -> R;
}

type Singles = fn(View<'_, f32>) -> Option<Storage>;

/// Applies a function of one variable and records it.
#[track_caller]
pub(crate) fn wide<W: Wide>(x: &Tensor) -> Tensor {
    apply(W::NAME, x, (W::value, W::singles), W::slope, W::slope)
}

#[track_caller]
fn apply(
    name: &'static str,
    x: &Tensor,
    (value, singles): (fn(f64) -> f64, Singles),
    slope: fn(f64) -> f64,
    recorded: fn(Tensor) -> Tensor,
) -> Tensor {
    let storage = if x.dtype() == DType::F32 { singles(x.view()) } else { None };
    let value = match storage {
        Some(storage) => Value::contiguous(storage, x.shape()),
        None => map_wide(name, x, &value),
    };
    value.record(name, [x], || {
        let x = x.clone();
        move |g: Tensor, call: &mut Rule<'_>| {
            let gradient = if is_recording() {
                let slope = recorded(x.to_dtype(DType::F64));
                (g.to_dtype(DType::F64) * slope).to_dtype(x.dtype())
            } else {
                zip_wide(name, &x, &g, &|x, g| g * slope(x)).untracked()
            };
            call.give(0, gradient);
        }
    })
}

/// Applies a function whose derivative is zero wherever it has one.
#[track_caller]
pub(crate) fn wide_step(name: &'static str, x: &Tensor, value: fn(f64) -> f64) -> Tensor {
    step(name, x, map_wide(name, x, &value).storage)
}

/// Applies a function of two variables and records it.
#[track_caller]
pub(crate) fn binary<B: Binary>(x: &Tensor, y: &Tensor) -> Tensor {
    if let Some([x64, y64]) = widened([x, y]) {
        return binary::<B>(&x64, &y64).to_dtype(x.dtype());
    }
    let slopes: [fn(f64, f64) -> f64; 2] = [B::slope_x, B::slope_y];
    apply_binary(B::NAME, [x, y], B::value, slopes, [B::slope_x, B::slope_y])
}

/// The operands in `f64`, if one of them will be broadcast and have a gradient: that is a sum, whose
/// terms may cancel, and so should not have been rounded.
#[track_caller]
pub(crate) fn widened<const N: usize>(operands: [&Tensor; N]) -> Option<[Tensor; N]> {
    let dtype = operands[0].dtype();
    // Dtypes that differ are refused where the operands are expanded.
    let is_narrow = operands.iter().all(|x| x.dtype() == dtype) && dtype.is_float();
    let is_broadcast = operands.iter().any(|x| x.shape() != operands[0].shape());
    let is_tracked = operands.iter().any(|x| x.is_tracked());
    if !(is_narrow && dtype != DType::F64 && is_broadcast && is_tracked && is_recording()) {
        return None;
    }
    let mut wide = operands.map(Clone::clone);
    for x in &mut wide {
        *x = x.to_dtype(DType::F64); // not in a closure, which would hide the caller's line
    }
    Some(wide)
}

#[track_caller]
fn apply_binary(
    name: &'static str,
    [x, y]: [&Tensor; 2],
    value: fn(f64, f64) -> f64,
    slopes: [fn(f64, f64) -> f64; 2],
    recorded: [fn(Tensor, Tensor) -> Tensor; 2],
) -> Tensor {
    let [x, y] = same_shape(name, x, y);
    zip_wide(name, &x, &y, &value).record(name, [&x, &y], || {
        let (x, y) = (x.clone().into_owned(), y.clone().into_owned());
        move |g: Tensor, call: &mut Rule<'_>| {
            for input in 0..2 {
                if !call.needs(input) {
                    continue;
                }
                let slope = slopes[input];
                let gradient = if is_recording() {
                    let [x64, y64] = [&x, &y].map(|v| v.to_dtype(DType::F64));
                    let slope = recorded[input](x64, y64);
                    (g.to_dtype(DType::F64) * slope).to_dtype(x.dtype())
                } else {
                    zip3_wide(name, [&x, &y, &g], &|x, y, g| g * slope(x, y)).untracked()
                };
                call.give(input, gradient);
            }
        }
    })
}

/// f(x), element by element.
#[track_caller]
pub(crate) fn map_wide(name: &str, x: &Tensor, f: &(dyn Fn(f64) -> f64 + Sync)) -> Value {
    let storage = dispatch!(x.dtype(), float name, |T| {
        map_weighed::<Called, _, _, _>(x.view::<T>(), |x: T| T::from_f64(f(x.to_f64())))
    });
    Value::contiguous(storage, x.shape())
}

/// f(x, y), element by element, of tensors of one shape and dtype.
#[track_caller]
pub(crate) fn zip_wide(
    name: &str,
    x: &Tensor,
    y: &Tensor,
    f: &(dyn Fn(f64, f64) -> f64 + Sync),
) -> Value {
    let storage = dispatch!(x.dtype(), float name, |T| {
        zip_weighed::<Called, _, _, _, _>(x.view::<T>(), y.view::<T>(), |x: T, y: T| {
            T::from_f64(f(x.to_f64(), y.to_f64()))
        })
    });
    Value::contiguous(storage, x.shape())
}

/// f(x, y, z), element by element, of tensors of one shape and dtype.
#[track_caller]
pub(crate) fn zip3_wide(
    name: &str,
    [x, y, z]: [&Tensor; 3],
    f: &(dyn Fn(f64, f64, f64) -> f64 + Sync),
) -> Value {
    let storage = dispatch!(x.dtype(), float name, |T| {
        zip3(x.view::<T>(), y.view::<T>(), z.view::<T>(), |x: T, y: T, z: T| {
            T::from_f64(f(x.to_f64(), y.to_f64(), z.to_f64()))
        })
    });
    Value::contiguous(storage, x.shape())
}
