//! Embedding: rows of a table, chosen by their numbers.

use crate::shown::kept;
use crate::tensor::Rule;
use crate::{DType, Tensor};

/// What [`Tensor::embedding`] does with the gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmbeddingOptions {
    /// A row whose gradient is zero: that of the padding.
    pub padding_idx: Option<usize>,
    /// Whether the gradient of each row is divided by the number of times that it was chosen.
    pub scale_grad_by_freq: bool,
}

impl Tensor {
    /// The rows of self with these numbers: `[n, d]` and indices (i64) of any shape `[..]` give
    /// `[.., d]`. The gradients of a row that was chosen several times are added.
    ///
    /// # Panics
    ///
    /// If self does not have two axes, the indices are not `i64`, or an index or the padding's is
    /// out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{EmbeddingOptions, Tensor};
    ///
    /// let table = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// let y = table.embedding(&Tensor::from([1_i64, 0, 1]), EmbeddingOptions::default());
    /// assert_eq!(y.to_vec::<f32>(), [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn embedding(&self, indices: &Tensor, options: EmbeddingOptions) -> Tensor {
        assert!(self.rank() == 2, "embedding: the table is not a matrix: {:?}", self.shape());
        assert!(
            indices.dtype() == DType::I64,
            "embedding: the indices are not i64: got {}",
            indices.dtype()
        );
        let (rows, numbers) = (self.shape()[0], indices.to_vec::<i64>());
        for (position, &index) in numbers.iter().enumerate() {
            assert!(
                usize::try_from(index).is_ok_and(|index| index < rows),
                "embedding: index out of range: {index} at position {position} for {rows} rows"
            );
        }
        if let Some(padding) = options.padding_idx {
            assert!(
                padding < rows,
                "embedding: padding_idx out of range: {padding} for {rows} rows"
            );
        }
        let chosen = self.index_select(0, &indices.reshape_to(&[numbers.len()]));
        let mut shape = indices.dims();
        shape.push(self.shape()[1]);
        scaled(chosen, &numbers, rows, options).reshape_to(&shape)
    }
}

/// The same rows, whose gradients are scaled on their way back.
#[track_caller]
fn scaled(x: Tensor, numbers: &[i64], rows: usize, options: EmbeddingOptions) -> Tensor {
    let EmbeddingOptions { padding_idx, scale_grad_by_freq } = options;
    if padding_idx.is_none() && !scale_grad_by_freq || !x.is_tracked() {
        return x;
    }
    let value = x.value().clone();
    value.record("embedding", [&x], || {
        let column = [numbers.len(), 1];
        let padding = padding_idx.map(|padding| padding as i64);
        let is_padding: Vec<bool> = numbers.iter().map(|&i| Some(i) == padding).collect();
        let is_padding = Tensor::from_vec(is_padding, &column);
        let counts = scale_grad_by_freq.then(|| {
            let mut counts = vec![0.0; rows];
            for &i in numbers {
                counts[i as usize] += 1.0;
            }
            let counts: Vec<f64> = numbers.iter().map(|&i| counts[i as usize]).collect();
            Tensor::from_vec(counts, &column).to_dtype(x.dtype())
        });
        let (is_padding, counts) = (kept(is_padding), kept(counts));
        move |g: Tensor, call: &mut Rule<'_>| {
            let g = counts.as_ref().map_or_else(|| g.clone(), |counts| &g / counts);
            call.give(0, g.masked_fill(&is_padding, 0.0));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::EmbeddingOptions;
    use crate::testing::{check, random, recorded_alike};
    use crate::{Tensor, differentiable_grad, grad};

    #[test]
    fn gradients() {
        let x = [random(&[3, 2])];
        for indices in
            [Tensor::from([[2_i64, 0], [2, 1]]), Tensor::scalar(1_i64), Tensor::from([0_i64; 0])]
        {
            check(|x| x[0].embedding(&indices, EmbeddingOptions::default()).sin(), &x);
            let options = EmbeddingOptions { padding_idx: Some(0), scale_grad_by_freq: true };
            recorded_alike(|x| x[0].embedding(&indices, options).sin(), &x);
        }
    }

    #[test]
    fn the_padding_gets_nothing_and_the_others_their_mean() {
        let table = random(&[3, 1]).requires_grad();
        let options = EmbeddingOptions { padding_idx: Some(1), scale_grad_by_freq: true };
        let y = table.embedding(&Tensor::from([1_i64, 2, 2, 0]), options);
        let [g] = differentiable_grad(&(y.square() * 0.5).sum(), [&table]);
        let x = table.to_vec::<f64>();
        assert_eq!(g.to_vec::<f64>(), [x[0], 0.0, x[2]]);
        let [second] = grad(&g.sum(), [&table]);
        // The row itself is chosen again on this way, and scaled again.
        assert_eq!(second.to_vec::<f64>(), [1.0, 0.0, 0.5]);
    }
}
