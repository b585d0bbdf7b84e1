//! Arithmetic, functions of one and of two variables, and choices between elements.

use tensor::Tensor;

use super::Table;
use crate::Args;

pub(super) fn add(table: &mut Table) {
    arithmetic(table);
    functions(table);
}

#[rustfmt::skip]
fn arithmetic(t: &mut Table) {
    t.op("add", |a| a.tensor(0) + scaled(a));
    t.op("sub", |a| a.tensor(0) - scaled(a));
    t.op("rsub", |a| a.tensor(1) - a.tensor(0) * a.float_or("alpha", 1.0));
    t.op("mul", |a| a.tensor(0) * a.tensor(1));
    t.ops(&["div.no_rounding_mode", "true_divide"], |a| a.tensor(0) / a.tensor(1));
    t.op("neg", |a| -a.tensor(0));
    t.op("positive", |a| a.tensor(0).clone());
    t.ops(&["maximum", "max.binary"], |a| a.tensor(0).maximum(a.tensor(1)));
    t.ops(&["minimum", "min.binary"], |a| a.tensor(0).minimum(a.tensor(1)));

    t.op("addcdiv", |a| a.tensor(0).addcdiv(a.tensor(1), a.tensor(2), a.float_or("value", 1.0)));
    t.op("addcmul", |a| a.tensor(0).addcmul(a.tensor(1), a.tensor(2), a.float_or("value", 1.0)));
    t.op("lerp", lerp);
    t.op("div.floor_rounding", |a| a.tensor(0).div_floor(a.tensor(1)));
    t.op("div.trunc_rounding", |a| a.tensor(0).div_trunc(a.tensor(1)));
    t.op("remainder", |a| a.tensor(0).remainder(a.tensor(1)));
    t.op("fmod", |a| a.tensor(0).fmod(a.tensor(1)));
    t.op("atan2", |a| a.tensor(0).atan2(a.tensor(1)));
    t.op("logaddexp", |a| a.tensor(0).logaddexp(a.tensor(1)));
    t.op("logaddexp2", |a| a.tensor(0).logaddexp2(a.tensor(1)));
    t.op("xlogy", |a| a.tensor(0).xlogy(a.tensor(1)));
    t.op("clamp", clamp);
    t.op("clamp_max", |a| a.tensor(0).clamp_max(a.tensor(1)));
    t.op("clamp_min", |a| a.tensor(0).clamp_min(a.tensor(1)));
    t.op("where", |a| Tensor::where_(a.tensor(1), a.tensor(0), a.tensor(2)));
}

/// Functions of one variable.
#[rustfmt::skip]
fn functions(t: &mut Table) {
    t.op("abs", |a| a.tensor(0).abs());
    t.op("acos", |a| a.tensor(0).acos());
    t.op("acosh", |a| a.tensor(0).acosh());
    t.op("asin", |a| a.tensor(0).asin());
    t.op("asinh", |a| a.tensor(0).asinh());
    t.op("atan", |a| a.tensor(0).atan());
    t.op("atanh", |a| a.tensor(0).atanh());
    t.op("ceil", |a| a.tensor(0).ceil());
    t.op("cos", |a| a.tensor(0).cos());
    t.op("cosh", |a| a.tensor(0).cosh());
    t.op("deg2rad", |a| a.tensor(0).deg2rad());
    t.op("erf", |a| a.tensor(0).erf());
    t.op("erfc", |a| a.tensor(0).erfc());
    t.op("exp", |a| a.tensor(0).exp());
    t.op("exp2", |a| a.tensor(0).exp2());
    t.op("expm1", |a| a.tensor(0).expm1());
    t.op("floor", |a| a.tensor(0).floor());
    t.op("fill", |a| a.tensor(0).masked_fill(&Tensor::scalar(true), a.float((1, "value"))));
    t.op("frac", |a| a.tensor(0).frac());
    t.op("log", |a| a.tensor(0).log());
    t.op("log10", |a| a.tensor(0).log10());
    t.op("log1p", |a| a.tensor(0).log1p());
    t.op("log2", |a| a.tensor(0).log2());
    t.op("pow", |a| a.tensor(0).pow(a.tensor(1)));
    t.op("rad2deg", |a| a.tensor(0).rad2deg());
    t.op("reciprocal", |a| a.tensor(0).reciprocal());
    t.op("round", |a| a.tensor(0).round());
    t.ops(&["round.decimals_0", "round.decimals_3", "round.decimals_neg_3"], |a| a.tensor(0).round_decimals(a.int("decimals") as i32));
    t.op("rsqrt", |a| a.tensor(0).rsqrt());
    t.op("sign", |a| a.tensor(0).sign());
    t.op("sin", |a| a.tensor(0).sin());
    t.op("sinh", |a| a.tensor(0).sinh());
    t.op("sqrt", |a| a.tensor(0).sqrt());
    t.op("square", |a| a.tensor(0).square());
    t.op("tan", |a| a.tensor(0).tan());
    t.op("tanh", |a| a.tensor(0).tanh());
    t.op("trunc", |a| a.tensor(0).trunc());
}

/// The second operand times `alpha`.
fn scaled(a: &Args) -> Tensor {
    a.tensor(1) * a.float_or("alpha", 1.0)
}

/// The weight is a number or a tensor.
fn lerp(a: &Args) -> Tensor {
    if a.is_tensor(2) {
        a.tensor(0).lerp_tensor(a.tensor(1), a.tensor(2))
    } else {
        a.tensor(0).lerp(a.tensor(1), a.float((2, "weight")))
    }
}

/// A limit may be missing, and PyTorch promotes integer ones.
fn clamp(a: &Args) -> Tensor {
    let x = a.tensor(0);
    let limit = |key| a.opt_tensor(key).map(|limit| limit.to_dtype(x.dtype()));
    match (limit((1, "min")), limit((2, "max"))) {
        (Some(low), Some(high)) => x.clamp(low, high),
        (Some(low), None) => x.clamp_min(low),
        (None, Some(high)) => x.clamp_max(high),
        (None, None) => x.clone(),
    }
}
