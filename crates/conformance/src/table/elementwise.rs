//! Arithmetic, functions of one and of two variables, and choices between elements.

use tensor::Tensor;

use super::Table;
use crate::Args;

#[rustfmt::skip]
pub(super) fn add(table: &mut Table) {
    let t = table;
    t.op("add", |a| a.tensor(0) + scaled(a));
    t.op("sub", |a| a.tensor(0) - scaled(a));
    t.op("rsub", |a| a.tensor(1) - a.tensor(0) * a.float_or("alpha", 1.0));
    t.op("mul", |a| a.tensor(0) * a.tensor(1));
    t.ops(&["div.no_rounding_mode", "true_divide"], |a| a.tensor(0) / a.tensor(1));
    t.op("neg", |a| -a.tensor(0));
    t.op("positive", |a| a.tensor(0).clone());
    t.ops(&["maximum", "max.binary"], |a| a.tensor(0).maximum(a.tensor(1)));
    t.ops(&["minimum", "min.binary"], |a| a.tensor(0).minimum(a.tensor(1)));

    t.op("abs", |a| a.tensor(0).abs());
    t.op("cos", |a| a.tensor(0).cos());
    t.op("exp", |a| a.tensor(0).exp());
    t.op("expm1", |a| a.tensor(0).expm1());
    t.op("floor", |a| a.tensor(0).floor());
    t.op("log", |a| a.tensor(0).log());
    t.op("log1p", |a| a.tensor(0).log1p());
    t.op("pow", |a| a.tensor(0).pow(a.tensor(1)));
    t.op("reciprocal", |a| a.tensor(0).reciprocal());
    t.op("sign", |a| a.tensor(0).sign());
    t.op("sin", |a| a.tensor(0).sin());
    t.op("sqrt", |a| a.tensor(0).sqrt());
    t.op("square", |a| a.tensor(0).square());
    t.op("tanh", |a| a.tensor(0).tanh());

    t.op("where", |a| Tensor::where_(a.tensor(1), a.tensor(0), a.tensor(2)));
}

/// The second operand times `alpha`.
fn scaled(a: &Args) -> Tensor {
    a.tensor(1) * a.float_or("alpha", 1.0)
}
