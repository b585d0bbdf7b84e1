//! What each `op` of the golden rows is in this crate: one line for each.

use serde_json::Value as Json;
use tensor::{DType, Index, Indices, NanToNum, Reduction, Side, Tensor, Unfold};

use super::losses;
use super::row::Row;

/// The row's operation on these inputs; `None` if it is not mapped.
#[rustfmt::skip]
#[allow(clippy::eq_op, reason = "the same input twice is a case of its own")]
pub(crate) fn call(row: &Row, x: &[Tensor]) -> Option<Tensor> {
    Some(match row.op() {
        "add" => &x[0] + &x[1],
        "add_itself" => &x[0] + &x[0],
        "add_scalar" => &x[0] + row.number("c"),
        "scalar_add" => row.number("c") + &x[0],
        "sub" => &x[0] - &x[1],
        "sub_itself" => &x[0] - &x[0],
        "sub_scalar" => &x[0] - row.number("c"),
        "scalar_sub" => row.number("c") - &x[0],
        "mul" => &x[0] * &x[1],
        "mul_itself" => &x[0] * &x[0],
        "mul_scalar" => &x[0] * row.number("c"),
        "scalar_mul" => row.number("c") * &x[0],
        "div" => &x[0] / &x[1],
        "div_itself" => &x[0] / &x[0],
        "div_scalar" => &x[0] / row.number("c"),
        "scalar_div" => row.number("c") / &x[0],
        "neg" => -&x[0],
        "maximum" => x[0].maximum(&x[1]),
        "maximum_itself" => x[0].maximum(&x[0]),
        "minimum" => x[0].minimum(&x[1]),
        "minimum_itself" => x[0].minimum(&x[0]),
        _ => return functions(row, x),
    })
}

/// Functions of one and of two variables, and choices.
#[rustfmt::skip]
fn functions(row: &Row, x: &[Tensor]) -> Option<Tensor> {
    Some(match row.op() {
        "exp" => x[0].exp(),
        "expm1" => x[0].expm1(),
        "log" => x[0].log(),
        "log1p" => x[0].log1p(),
        "sin" => x[0].sin(),
        "cos" => x[0].cos(),
        "tanh" => x[0].tanh(),
        "powi" => x[0].powi(row.int("p") as i32),
        "powf" => x[0].powf(row.number("p")),
        "pow" => x[0].pow(&x[1]),
        "pow_itself" => x[0].pow(&x[0]),
        "square" => x[0].square(),
        "sqrt" => x[0].sqrt(),
        "reciprocal" => x[0].reciprocal(),
        "abs" => x[0].abs(),
        "sign" => x[0].sign(),
        "floor" => x[0].floor(),
        "clamp" => x[0].clamp(row.number("low"), row.number("high")),
        "relu" => x[0].relu(),
        "leaky_relu" => x[0].leaky_relu(row.number("slope")),
        "sigmoid" => x[0].sigmoid(),
        "softplus" => x[0].softplus(),
        "silu" => x[0].silu(),

        "where" => Tensor::where_(&x[0], &x[1], &x[2]),
        "where_sqrt" => Tensor::where_(&x[0].gt_scalar(0), &x[0].sqrt(), &x[0]),
        "masked_fill" => x[0].masked_fill(&x[1], row.number("c")),
        _ => return reducing(row, x),
    })
}

/// Reductions and products.
#[rustfmt::skip]
fn reducing(row: &Row, x: &[Tensor]) -> Option<Tensor> {
    Some(match row.op() {
        "sum" => x[0].sum(),
        "sum_dim" => x[0].sum_dim(&row.ints("axes")[..]),
        "sum_keepdim" => x[0].sum_keepdim(&row.ints("axes")[..]),
        "mean" => x[0].mean(),
        "mean_dim" => x[0].mean_dim(&row.ints("axes")[..]),
        "mean_keepdim" => x[0].mean_keepdim(&row.ints("axes")[..]),
        "amax" => x[0].amax(..),
        "amax_dim" => x[0].amax(&row.ints("axes")[..]),
        "amax_keepdim" => x[0].amax_keepdim(&row.ints("axes")[..]),
        "amin" => x[0].amin(..),
        "amin_dim" => x[0].amin(&row.ints("axes")[..]),
        "amin_keepdim" => x[0].amin_keepdim(&row.ints("axes")[..]),

        "matmul" => x[0].matmul(&x[1]),
        "matmul_itself" => x[0].matmul(&x[0].t()),
        "matmul_transposed" => x[0].t().matmul(&x[1].t()),
        "linear" => x[0].linear(&x[1], x.get(2)),
        _ => return reshaping(row, x),
    })
}

/// Shapes, joining, and what is left.
#[rustfmt::skip]
fn reshaping(row: &Row, x: &[Tensor]) -> Option<Tensor> {
    Some(match row.op() {
        "reshape" => x[0].reshape(&row.ints("to")),
        "reshape_transposed" => x[0].t().reshape(&row.ints("to")),
        "flatten" => x[0].flatten(row.int("first"), row.int("last")),
        "permute" => x[0].permute(&row.ints("order")),
        "transpose" => x[0].transpose(row.int("a"), row.int("b")),
        "t" => x[0].t(),
        "mt" => x[0].mt(),
        "squeeze" => x[0].squeeze(row.int("axis")),
        "unsqueeze" => x[0].unsqueeze(row.int("axis")),
        "expand" => x[0].expand(&row.sizes("to")),
        "sum_to" => x[0].sum_to(&row.sizes("to")),
        "contiguous_transposed" => x[0].t().contiguous(),

        "cat" => Tensor::cat(x, row.int("axis")),
        "cat_itself" => Tensor::cat(&[x[0].clone(), x[0].clone()], 0),
        "stack" => Tensor::stack(x, row.int("axis")),

        "mse_loss" => x[0].mse_loss(&x[1], reduction(row)),
        "mse_loss_itself" => x[0].mse_loss(&x[0], reduction(row)),

        "to_dtype" => x[0].to_dtype(DType::F32).to_dtype(x[0].dtype()),
        "to_own_dtype" => x[0].to_dtype(x[0].dtype()),
        _ => return placing(row, x),
    })
}

/// The operations on positions, and of those on shapes those that the conformance cases leave out.
#[rustfmt::skip]
fn placing(row: &Row, x: &[Tensor]) -> Option<Tensor> {
    Some(match row.op() {
        "index" => x[0].index(Positions(row.arg("at"))),
        "select" => x[0].select(row.int("axis"), row.int("index")),
        "narrow" => x[0].narrow(row.int("axis"), row.int("start"), row.size("len")),
        "slice" => x[0].slice(row.int("axis"), row.size("start")..row.size("end"), row.size("step")),
        "index_select" => x[0].index_select(row.int("axis"), &x[1]),
        "select_scatter" => x[0].select_scatter(&x[1], row.int("axis"), row.int("index")),
        "slice_scatter" => x[0].slice_scatter(&x[1], row.int("axis"), row.size("start")..row.size("end")),
        "index_assign" => x[0].index_assign(Positions(row.arg("at")), &x[1]),
        "index_copy" => x[0].index_copy(row.int("axis"), &x[1], &x[2]),
        "index_tensors" => x[0].index_tensors(&x[1..]),
        "masked_scatter" => x[0].masked_scatter(&x[1], &x[2]),
        "unflatten" => x[0].unflatten(row.int("axis"), &row.ints("to")),
        "rot90" => x[0].rot90(1, 0, 1),
        "fold" => x[0].fold([3, 4], [2, 2], Unfold { dilation: [1, 2], padding: [1, 0], stride: [2, 1] }),
        "one_hot" => &x[0] * x[1].one_hot(3).to_dtype(x[0].dtype()),
        "bincount" => &x[0] * x[1].bincount(0).to_dtype(x[0].dtype()),
        "nonzero" => &x[0] * x[1].nonzero().to_dtype(x[0].dtype()),
        "searchsorted" => &x[0] * x[1].searchsorted(&x[2], side(row)).to_dtype(x[0].dtype()),
        "bucketize" => &x[0] * x[2].bucketize(&x[1], side(row)).to_dtype(x[0].dtype()),
        "dstack" => Tensor::dstack(x),
        "dsplit" => x[0].dsplit(2).swap_remove(1),
        "dsplit_at" => x[0].dsplit_at(&row.ints("at")).swap_remove(1),
        _ => return elementwise(row, x),
    })
}

/// Elementwise operations that PyTorch's operator database as we have it leaves out.
#[rustfmt::skip]
fn elementwise(row: &Row, x: &[Tensor]) -> Option<Tensor> {
    Some(match row.op() {
        "sinc" => x[0].sinc(),
        "hypot" => x[0].hypot(&x[1]),
        "rpow" => x[0].rpow(row.number("base")),
        "nan_to_num" => x[0].nan_to_num(),
        "nan_to_num_with" => x[0].nan_to_num_with(NanToNum {
            nan: row.number("nan"),
            infinity: Some(row.number("posinf")),
            negative_infinity: Some(row.number("neginf")),
        }),
        "isfinite" => Tensor::where_(&x[0].is_finite(), &x[0], &x[1]),
        "isinf" => Tensor::where_(&x[0].is_inf(), &x[0], &x[1]),
        "safe_sqrt" => x[0].safe_sqrt(),
        "safe_div" => x[0].safe_div(&x[1]),
        "where_with" => Tensor::where_with(&x[0].gt_scalar(0), &x[0], |x| x.log(), |x| x.square()),
        _ => return losses::call(row, x),
    })
}

pub(super) fn reduction(row: &Row) -> Reduction {
    match row.arg("reduction").as_str() {
        Some("none") => Reduction::None,
        Some("sum") => Reduction::Sum,
        _ => Reduction::Mean,
    }
}

fn side(row: &Row) -> Side {
    if row.arg("right").as_bool() == Some(true) { Side::Right } else { Side::Left }
}

/// Numbers are positions, pairs are ranges, whose end may be null.
struct Positions<'a>(&'a Json);

impl Indices for Positions<'_> {
    fn to_indices(self) -> Vec<Index> {
        let isize = |json: &Json| json.as_i64().map(|i| i as isize);
        let index = |json: &Json| match json {
            Json::Array(ends) => Index::Range(isize(&ends[0]).unwrap(), isize(&ends[1])),
            position => Index::At(isize(position).unwrap()),
        };
        self.0.as_array().unwrap().iter().map(index).collect()
    }
}
