//! Elementary functions in a form that compilers vectorise: one branch-free body, no calls.
//!
//! In `f32` they are accurate to less than two units in the last place; `docs/accuracy.md` has the
//! figures, over all inputs. Nothing is contracted, so the numbers are the same bits with and
//! without fused instructions. In `f64` the standard library's are used,
//! and for the error function, which it lacks, [`error_function_f64`].
//!
//! - [`exponential`]: in `f32` throughout, since they are what activations are made of.
//! - [`logarithm`]: the natural ones in `f32`, the others from `wide`.
//! - [`trigonometric`], [`power`], [`error_function`]: by way of `f64`.
//! - [`normal`]: for random numbers, in `f64`.
//! - `wide`: the powers and logarithms that those share.

#![allow(clippy::needless_bitwise_bool, reason = "`||` is a branch, which keeps loops scalar")]

mod error_function;
mod error_function_f64;
mod exponential;
mod logarithm;
mod normal;
mod power;
mod trigonometric;
mod wide;

pub(crate) use error_function::rough_normal_cdf;
use error_function::{erf_f32, erfc_f32, gelu_f32, normal_cdf_f32};
use error_function_f64::{erf, erfc, gelu, normal_cdf};
use exponential::{exp_f32, exp2_f32, expm1_f32, logistic_f32, logistic_f64, tanh_f32};
use logarithm::{log_f32, log1p_f32, log2_f32, log10_f32};
pub(crate) use normal::{cosine_of_turns, logarithm, normal_quantile};
use power::pow_f32;
use trigonometric::{acos_f32, asin_f32, atan_f32, cos_f32, sin_f32, tan_f32};

/// The elementary functions of a floating-point type.
pub(crate) trait Elementary {
    fn exp(self) -> Self;
    fn exp2(self) -> Self;
    fn expm1(self) -> Self;
    fn tanh(self) -> Self;
    fn logistic(self) -> Self;
    fn log(self) -> Self;
    fn log1p(self) -> Self;
    fn log2(self) -> Self;
    fn log10(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn tan(self) -> Self;
    fn asin(self) -> Self;
    fn acos(self) -> Self;
    fn atan(self) -> Self;
    fn erf(self) -> Self;
    fn erfc(self) -> Self;
    fn normal_cdf(self) -> Self;
    fn gelu(self) -> Self;
    fn pow(self, exponent: Self) -> Self;
}

macro_rules! elementary {
    ($t:ty, $pow:path, $($name:ident = $f:path),*) => {
        impl Elementary for $t {
            $(
                #[inline(always)]
                fn $name(self) -> Self {
                    $f(self)
                }
            )*
            #[inline(always)]
            fn pow(self, exponent: Self) -> Self {
                $pow(self, exponent)
            }
        }
    };
}

elementary!(
    f32,
    pow_f32,
    exp = exp_f32,
    exp2 = exp2_f32,
    expm1 = expm1_f32,
    tanh = tanh_f32,
    logistic = logistic_f32,
    log = log_f32,
    log1p = log1p_f32,
    log2 = log2_f32,
    log10 = log10_f32,
    sin = sin_f32,
    cos = cos_f32,
    tan = tan_f32,
    asin = asin_f32,
    acos = acos_f32,
    atan = atan_f32,
    erf = erf_f32,
    erfc = erfc_f32,
    normal_cdf = normal_cdf_f32,
    gelu = gelu_f32
);

elementary!(
    f64,
    f64::powf,
    exp = f64::exp,
    exp2 = f64::exp2,
    expm1 = f64::exp_m1,
    tanh = f64::tanh,
    logistic = logistic_f64,
    log = f64::ln,
    log1p = f64::ln_1p,
    log2 = f64::log2,
    log10 = f64::log10,
    sin = f64::sin,
    cos = f64::cos,
    tan = f64::tan,
    asin = f64::asin,
    acos = f64::acos,
    atan = f64::atan,
    erf = erf,
    erfc = erfc,
    normal_cdf = normal_cdf,
    gelu = gelu
);

#[cfg(test)]
mod tests;
