//! Mistakes in calling convolutions, pooling, attention and embedding.

use tensor::{
    AttentionOptions, AvgPoolOptions, ConvOptions, ConvTransposeOptions, DType, EmbeddingOptions,
    MaxPoolOptions, Padding, Tensor,
};

use super::catch::panics;

fn f32s(shape: &[usize]) -> Tensor {
    Tensor::ones(shape, DType::F32)
}

#[track_caller]
fn convolved(x: &Tensor, w: &Tensor, options: ConvOptions<2>) -> Tensor {
    x.conv2d(w, None, options)
}

#[track_caller]
fn transposed(options: ConvTransposeOptions<2>) -> Tensor {
    f32s(&[1, 4, 5, 5]).conv_transpose2d(&f32s(&[4, 6, 3, 3]), None, options)
}

#[test]
fn convolutions_fit() {
    let (x, w) = (f32s(&[1, 4, 5, 5]), f32s(&[6, 4, 3, 3]));
    let o = ConvOptions::<2>::default();
    let text =
        "conv2d: needs an input of 3 or 4 axes and a weight of 4: got [5, 5] and [6, 4, 3, 3]";
    panics(text, || convolved(&f32s(&[5, 5]), &w, o));
    let text = "conv1d: needs an input of 2 or 3 axes and a weight of 3: got [1, 4, 5, 5] and [6, 4, 3, 3]";
    panics(text, || x.conv1d(&w, None, ConvOptions::default()));
    let text = "conv2d: the kernel is larger than the padded input: kernel [7, 1] with dilation \
                [1, 1], input [5, 5] with padding Zeros([0, 1])";
    let padded = ConvOptions { padding: Padding::Zeros([0, 1]), ..o };
    panics(text, || convolved(&x, &f32s(&[1, 4, 7, 1]), padded));
    let text = "conv2d: the groups do not divide the channels: 3 groups for input [1, 4, 5, 5] and \
                weight [6, 4, 3, 3]";
    panics(text, || convolved(&x, &w, ConvOptions { groups: 3, ..o }));
    let text = "conv2d: the groups do not divide the channels: 0 groups for input [1, 4, 5, 5] and \
                weight [6, 4, 3, 3]";
    panics(text, || convolved(&x, &w, ConvOptions { groups: 0, ..o }));
    let text = "conv2d: the weight does not fit the channels of the input: weight [6, 3, 3, 3] for \
                input [1, 4, 5, 5] in 1 groups";
    panics(text, || convolved(&x, &f32s(&[6, 3, 3, 3]), o));
    panics("conv2d: the stride is zero: [1, 0]", || {
        convolved(&x, &w, ConvOptions { stride: [1, 0], ..o })
    });
    panics("conv2d: the dilation is zero: [0, 1]", || {
        convolved(&x, &w, ConvOptions { dilation: [0, 1], ..o })
    });
    panics("conv2d: the kernel is zero: [0, 3]", || convolved(&x, &f32s(&[6, 4, 0, 3]), o));
    let same = ConvOptions { padding: Padding::Same, stride: [1, 2], ..o };
    let text = "conv2d: the padding that keeps the size needs a stride of 1: got [1, 2]";
    panics(text, || convolved(&x, &w, same));
    let text = "conv2d: the bias is not one number for each channel: f32 [4] for 6 of f32";
    panics(text, || x.conv2d(&w, Some(&f32s(&[4])), o));
    let text = "conv2d: dtypes differ: f32 and f64; convert one with to_dtype";
    panics(text, || convolved(&x, &w.to_dtype(DType::F64), o));
    let i = Tensor::ones(&[1, 4, 5, 5], DType::I64);
    panics("conv2d: needs a floating-point dtype: got i64", || convolved(&i, &i, o));
}

#[test]
fn transposed_convolutions_fit() {
    let (x, w) = (f32s(&[1, 4, 5, 5]), f32s(&[4, 6, 3, 3]));
    let o = ConvTransposeOptions::<2>::default();
    let text = "conv_transpose2d: the output padding reaches stride and dilation: [0, 1] for stride \
                [1, 1] and dilation [1, 1]";
    panics(text, || transposed(ConvTransposeOptions { output_padding: [0, 1], ..o }));
    let text = "conv_transpose2d: nothing is left of the output: input [5, 5], kernel [3, 3], \
                padding [0, 4]";
    panics(text, || transposed(ConvTransposeOptions { padding: [0, 4], ..o }));
    panics("conv_transpose2d: the stride is zero: [0, 1]", || {
        transposed(ConvTransposeOptions { stride: [0, 1], ..o })
    });
    let text = "conv_transpose2d: the weight does not fit the channels of the input: weight [2, 6, \
                3, 3] for input [1, 4, 5, 5] in 1 groups";
    panics(text, || x.conv_transpose2d(&f32s(&[2, 6, 3, 3]), None, o));
    let text =
        "conv_transpose2d: the bias is not one number for each channel: f32 [4] for 6 of f32";
    panics(text, || x.conv_transpose2d(&w, Some(&f32s(&[4])), o));
}

#[test]
fn pooling_fits() {
    let x = f32s(&[1, 4, 5]);
    let (mean, max) = (AvgPoolOptions::<2>::default(), MaxPoolOptions::<2>::default());
    panics("avg_pool2d: needs 3 or 4 axes: got [5]", || f32s(&[5]).avg_pool2d([1, 1], mean));
    panics("max_pool1d: needs 2 or 3 axes: got [5]", || {
        f32s(&[5]).max_pool1d([1], MaxPoolOptions::default())
    });
    let text = "max_pool2d: the kernel is larger than the padded input: kernel [6, 1] with dilation \
                [1, 1], input [4, 5] with padding [0, 0]";
    panics(text, || x.max_pool2d([6, 1], max));
    panics("avg_pool2d: the stride is zero: [1, 0]", || {
        x.avg_pool2d([2, 2], AvgPoolOptions { stride: Some([1, 0]), ..mean })
    });
    panics("max_pool2d: the kernel is zero: [0, 2]", || x.max_pool2d([0, 2], max));
    panics("max_pool2d: the dilation is zero: [0, 1]", || {
        x.max_pool2d([2, 2], MaxPoolOptions { dilation: [0, 1], ..max })
    });
    let text = "avg_pool2d: the padding is more than half of the kernel: [0, 2] for [2, 3]";
    panics(text, || x.avg_pool2d([2, 3], AvgPoolOptions { padding: [0, 2], ..mean }));
    panics("avg_pool2d: the divisor is zero", || {
        x.avg_pool2d([2, 2], AvgPoolOptions { divisor_override: Some(0.0), ..mean })
    });
    let text = "max_pool1d: a window has no element: input [1] with padding [2]";
    let gaps = MaxPoolOptions { padding: [2], dilation: [3], ..MaxPoolOptions::default() };
    panics(text, || f32s(&[1, 1]).max_pool1d([2], gaps));
    let text = "adaptive_avg_pool1d: there is nothing to pool: shape [2, 0]";
    panics(text, || f32s(&[2, 0]).adaptive_avg_pool1d([3]));
    let i = Tensor::ones(&[1, 4, 5], DType::I64);
    panics("max_pool2d: needs a floating-point dtype: got i64", || i.max_pool2d([1, 1], max));
}

#[test]
fn attention_fits() {
    let (q, k, v) = (f32s(&[2, 3, 4]), f32s(&[2, 5, 4]), f32s(&[2, 5, 6]));
    let o = AttentionOptions::default;
    let text = "scaled_dot_product_attention: shapes do not fit: query [2, 3, 4], key [2, 5, 6], \
                value [2, 5, 4]";
    panics(text, || q.scaled_dot_product_attention(&v, &k, &o()));
    let text = "scaled_dot_product_attention: shapes do not fit: query [4], key [2, 5, 4], value \
                [2, 5, 6]";
    panics(text, || f32s(&[4]).scaled_dot_product_attention(&k, &v, &o()));
    let text = "scaled_dot_product_attention: the mask does not expand to the scores: [5, 3] to [2, 3, \
                5]";
    let mask = Some(f32s(&[5, 3]));
    panics(text, || {
        q.scaled_dot_product_attention(&k, &v, &AttentionOptions { mask: mask.clone(), ..o() })
    });
    let text = "scaled_dot_product_attention: a mask and is_causal exclude each other";
    let both = AttentionOptions { mask: Some(f32s(&[3, 5])), is_causal: true, ..o() };
    panics(text, || q.scaled_dot_product_attention(&k, &v, &both));
    let text = "scaled_dot_product_attention: the heads of keys and values do not divide those of \
                queries: 2 and 3";
    let grouped = AttentionOptions { enable_gqa: true, ..o() };
    panics(text, || f32s(&[3, 3, 4]).scaled_dot_product_attention(&k, &v, &grouped));
    let text =
        "scaled_dot_product_attention: dtypes differ: f32 and f64; convert one with to_dtype";
    panics(text, || q.scaled_dot_product_attention(&k, &v.to_dtype(DType::F64), &o()));
}

#[test]
fn embeddings_have_rows() {
    let (table, o) = (f32s(&[10, 3]), EmbeddingOptions::default());
    let text = "embedding: index out of range: 12 at position 3 for 10 rows";
    panics(text, || table.embedding(&Tensor::from([[0_i64, 9], [1, 12]]), o));
    let text = "embedding: index out of range: -1 at position 0 for 10 rows";
    panics(text, || table.embedding(&Tensor::scalar(-1_i64), o));
    panics("embedding: the indices are not i64: got f32", || table.embedding(&f32s(&[2]), o));
    panics("embedding: the table is not a matrix: [3]", || {
        f32s(&[3]).embedding(&Tensor::scalar(0_i64), o)
    });
    let o = EmbeddingOptions { padding_idx: Some(10), ..o };
    let text = "embedding: padding_idx out of range: 10 for 10 rows";
    panics(text, || table.embedding(&Tensor::scalar(0_i64), o));
}
