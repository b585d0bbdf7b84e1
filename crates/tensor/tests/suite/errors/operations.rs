//! Mistakes in calling operations: dtypes, shapes that do not broadcast, masks.

use tensor::{DType, Reduction, Tensor};

use super::catch::panics;

fn f32s(shape: &[usize]) -> Tensor {
    Tensor::ones(shape, DType::F32)
}

fn i64s(shape: &[usize]) -> Tensor {
    Tensor::ones(shape, DType::I64)
}

fn bools(shape: &[usize]) -> Tensor {
    Tensor::ones(shape, DType::Bool)
}

#[test]
fn elementwise_functions_need_floats() {
    let x = i64s(&[2]);
    let text = |name: &str| format!("{name}: needs a floating-point dtype: got i64");
    panics(&text("exp"), || x.exp());
    panics(&text("expm1"), || x.expm1());
    panics(&text("log"), || x.log());
    panics(&text("log1p"), || x.log1p());
    panics(&text("sin"), || x.sin());
    panics(&text("cos"), || x.cos());
    panics(&text("tanh"), || x.tanh());
    panics(&text("pow"), || x.square());
    panics(&text("pow"), || x.powi(2));
    panics(&text("pow"), || x.powf(2.0));
    panics(&text("pow"), || x.pow(&x));
    panics(&text("sqrt"), || x.sqrt());
    panics(&text("reciprocal"), || x.reciprocal());
    panics(&text("relu"), || x.relu());
    panics(&text("leaky_relu"), || x.leaky_relu(0.1));
    panics(&text("sigmoid"), || x.sigmoid());
    panics(&text("softplus"), || x.softplus());
    panics(&text("silu"), || x.silu());
    panics(&text("mse_loss"), || x.mse_loss(&x, Reduction::Mean));
}

#[test]
fn functions_of_the_library_need_floats() {
    let x = i64s(&[2]);
    let text = |name: &str| format!("{name}: needs a floating-point dtype: got i64");
    panics(&text("exp2"), || x.exp2());
    panics(&text("log2"), || x.log2());
    panics(&text("log10"), || x.log10());
    panics(&text("tan"), || x.tan());
    panics(&text("asin"), || x.asin());
    panics(&text("acos"), || x.acos());
    panics(&text("atan"), || x.atan());
    panics(&text("sinh"), || x.sinh());
    panics(&text("cosh"), || x.cosh());
    panics(&text("asinh"), || x.asinh());
    panics(&text("acosh"), || x.acosh());
    panics(&text("atanh"), || x.atanh());
    panics(&text("erf"), || x.erf());
    panics(&text("erfc"), || x.erfc());
    panics(&text("rsqrt"), || x.rsqrt());
    panics(&text("gelu"), || x.gelu());
    panics(&text("gelu_tanh"), || x.gelu_tanh());
    panics(&text("hardsigmoid"), || x.hardsigmoid());
    panics(&text("hardswish"), || x.hardswish());
    panics(&text("softsign"), || x.softsign());
    panics(&text("tanhshrink"), || x.tanhshrink());
    panics(&text("logsigmoid"), || x.logsigmoid());
    panics(&text("mish"), || x.mish());
    panics(&text("nan_to_num"), || x.nan_to_num());
    panics(&text("hardtanh"), || x.relu6());
    panics(&text("elu"), || x.selu());
    panics(&text("atan2"), || x.atan2(&x));
    panics(&text("logaddexp"), || x.logaddexp(&x));
    panics(&text("logaddexp2"), || x.logaddexp2(&x));
    panics(&text("xlogy"), || x.xlogy(&x));
    panics(&text("hypot"), || x.hypot(&x));
}

#[test]
fn limits_fit_the_dtype() {
    let x = i64s(&[2]);
    panics("clamp: a floating-point number does not fit the dtype: 0.5 for i64", || {
        x.clamp(0.5, 1)
    });
    panics("maximum: dtypes differ: i64 and f32; convert one with to_dtype", || {
        x.clamp_min(f32s(&[2]))
    });
    panics("clamp: needs a floating-point dtype: got bool", || bools(&[2]).clamp(0, 1));
    for f in [Tensor::abs, Tensor::sign, Tensor::floor, Tensor::ceil, Tensor::round] {
        let message = std::panic::catch_unwind(|| f(&bools(&[2]))).unwrap_err();
        let message = message.downcast_ref::<String>().unwrap();
        assert!(message.ends_with(": needs a floating-point dtype: got bool"), "{message}");
    }
}

#[test]
fn divisions_need_numbers_that_divide() {
    let text = |name: &str| format!("{name}: division of an integer by zero: 1 / 0 at [0, 1]");
    let (x, zero) = (i64s(&[2, 2]), Tensor::from([3_i64, 0]));
    panics(&text("div_floor"), || x.div_floor(&zero));
    panics(&text("div_trunc"), || x.div_trunc(&zero));
    panics(&text("remainder"), || x.remainder(&zero));
    panics(&text("fmod"), || x.fmod(&zero));
    panics("fmod: needs a floating-point dtype: got bool", || bools(&[2]).fmod(&bools(&[2])));
    panics("fmod: shapes do not broadcast: [2] and [3]", || f32s(&[2]).fmod(&f32s(&[3])));
    panics("lerp: shapes do not broadcast: [2] and [3]", || f32s(&[2]).lerp(&f32s(&[3]), 0.5));
}

#[test]
fn dtypes_do_not_mix() {
    let (x, y) = (f32s(&[2]), i64s(&[2]));
    let text =
        |name: &str| format!("{name}: dtypes differ: f32 and i64; convert one with to_dtype");
    panics(&text("maximum"), || x.maximum(&y));
    panics(&text("minimum"), || x.minimum(&y));
    let (tracked, half) = (f32s(&[2, 2]).requires_grad(), f32s(&[2]).to_dtype(DType::F16));
    let text_f16 = text("atan2").replace("i64", "f16");
    panics(&text_f16, || tracked.atan2(&half));
    panics(&text_f16.replace("atan2", "fmod"), || tracked.fmod(&half));
    panics(&text_f16.replace("atan2", "hypot"), || tracked.hypot(&half));
    panics(&text_f16.replace("atan2", "xlogy"), || tracked.xlogy(&half));
    panics(&text("pow"), || x.pow(&y));
    panics(&text("eq"), || x.eq(&y));
    panics(&text("ne"), || x.ne(&y));
    panics(&text("lt"), || x.lt(&y));
    panics(&text("le"), || x.le(&y));
    panics(&text("gt"), || x.gt(&y));
    panics(&text("ge"), || x.ge(&y));
    panics(&text("where"), || Tensor::where_(&bools(&[2]), &x, &y));
    panics(&text("matmul"), || x.matmul(&y));
    panics(&text("cat"), || Tensor::cat(&[x.clone(), y.clone()], 0));
    let stack = "stack: shapes or dtypes differ: f32 [2] and i64 [2]";
    panics(stack, || Tensor::stack(&[x.clone(), y.clone()], 0));
    panics(&text("mse_loss"), || x.mse_loss(&y, Reduction::Mean));
    let w = i64s(&[3, 2]);
    panics("linear: dtypes differ: input f32, weight i64, bias None", || x.linear(&w, None));
}

#[test]
fn shapes_broadcast() {
    let (x, y) = (f32s(&[2, 3]), f32s(&[2]));
    let text = |name: &str| format!("{name}: shapes do not broadcast: [2, 3] and [2]");
    panics(&text("maximum"), || x.maximum(&y));
    panics(&text("minimum"), || x.minimum(&y));
    panics(&text("pow"), || x.pow(&y));
    panics(&text("eq"), || x.eq(&y));
    panics(&text("ge"), || x.ge(&y));
    panics(&text("where"), || Tensor::where_(&bools(&[1]), &x, &y));
    panics(&text("where"), || Tensor::where_(&bools(&[2, 3]), &y, &y));
    panics(&text("and"), || bools(&[2, 3]).and(&bools(&[2])));
    panics("mse_loss: input and target differ in shape: [2, 3] and [2]", || {
        x.mse_loss(&y, Reduction::Mean)
    });
    panics("add: shapes do not broadcast: [0] and [2]", || f32s(&[0]) + &y);
}

#[test]
fn masks_are_boolean_and_fit() {
    let x = f32s(&[2]);
    panics("and: the mask is not boolean: got f32", || x.and(&bools(&[2])));
    panics("and: dtypes differ: bool and f32; convert one with to_dtype", || bools(&[2]).and(&x));
    panics("not: the mask is not boolean: got f32", || x.not());
    panics("where: the mask is not boolean: got f32", || Tensor::where_(&x, &x, &x));
    panics("masked_fill: the mask is not boolean: got f32", || x.masked_fill(&x, 0));
    panics("masked_fill: shapes do not broadcast: [2] and [3]", || x.masked_fill(&bools(&[3]), 0));
}

#[test]
fn numbers_fit_the_dtype() {
    let (x, mask) = (i64s(&[2]), bools(&[2]));
    let text =
        |name: &str| format!("{name}: a floating-point number does not fit the dtype: 0.5 for i64");
    panics(&text("eq"), || x.eq_scalar(0.5));
    panics(&text("ne"), || x.ne_scalar(0.5));
    panics(&text("lt"), || x.lt_scalar(0.5_f32));
    panics(&text("le"), || x.le_scalar(0.5));
    panics(&text("gt"), || x.gt_scalar(0.5));
    panics(&text("ge"), || x.ge_scalar(0.5));
    panics(&text("masked_fill"), || x.masked_fill(&mask, 0.5));
    panics("lt: needs numbers: got bool", || mask.lt_scalar(1));
    panics("masked_fill: needs numbers: got bool", || mask.masked_fill(&mask, 1));
    panics("is_nan: needs numbers: got bool", || mask.is_nan());
}

#[test]
fn reductions_have_axes_and_elements() {
    let x = f32s(&[2, 3]);
    let text = |name: &str| format!("{name}: axis out of range: 2 for 2 axes");
    panics(&text("sum_dim"), || x.sum_dim(2));
    panics(&text("sum_dim"), || x.sum_keepdim(2));
    panics(&text("mean_dim"), || x.mean_dim(2));
    panics(&text("mean_dim"), || x.mean_keepdim(2));
    panics(&text("amax"), || x.amax(2));
    panics(&text("amax"), || x.amax_keepdim(2));
    panics(&text("amin"), || x.amin(2));
    panics(&text("amin"), || x.amin_keepdim(2));
    panics("sum_dim: axis out of range: -3 for 2 axes", || x.sum_dim(-3));
    panics("sum_dim: axis out of range: 1 for 0 axes", || f32s(&[]).sum_dim(1));
    panics("sum_dim: axis given twice: 1 in [1, -1]", || x.sum_dim([1, -1]));
    panics("mean: needs a floating-point dtype: got i64", || i64s(&[2]).mean());
    panics("mean: needs a floating-point dtype: got i64", || i64s(&[2]).mean_dim(0));
    panics("mean: needs a floating-point dtype: got bool", || bools(&[2]).mean_keepdim(0));
    panics("amax: needs numbers: got bool", || bools(&[2]).amax(0));
    panics("amax: a reduced axis is empty: shape [2, 0]", || f32s(&[2, 0]).amax(..));
    panics("amin: a reduced axis is empty: shape [2, 0]", || f32s(&[2, 0]).amin(1));
}

#[test]
fn products_fit() {
    let text = "matmul: inner dimensions differ: [2, 3] x [4, 5]";
    panics(text, || f32s(&[2, 3]).matmul(&f32s(&[4, 5])));
    panics("matmul: inner dimensions differ: [3] x [4]", || f32s(&[3]).matmul(&f32s(&[4])));
    let text = "matmul: inner dimensions differ: [2, 3] x [7, 4, 5]";
    panics(text, || f32s(&[2, 3]).matmul(&f32s(&[7, 4, 5])));
    panics("matmul: an operand has no axis: [] x [3]", || f32s(&[]).matmul(&f32s(&[3])));
    panics("matmul: needs a floating-point dtype: got i64", || i64s(&[2]).matmul(&i64s(&[2])));
    let text = "matmul: shapes do not broadcast: [2] and [3]";
    panics(text, || f32s(&[2, 1, 1]).matmul(&f32s(&[3, 1, 1])));
    let (x, w, b) = (f32s(&[2, 3]), f32s(&[4, 3]), f32s(&[4]));
    let text = "linear: shapes do not fit: input [2, 3], weight [3, 4], bias None";
    panics(text, || x.linear(&w.t(), None));
    let text = "linear: shapes do not fit: input [2, 3], weight [4, 3], bias Some([2])";
    panics(text, || x.linear(&w, Some(&f32s(&[2]))));
    let text = "linear: shapes do not fit: input [], weight [4, 3], bias Some([4])";
    panics(text, || f32s(&[]).linear(&w, Some(&b)));
    panics("linear: needs a floating-point dtype: got i64", || {
        i64s(&[2, 3]).linear(&i64s(&[4, 3]), None)
    });
}
