//! Sums of products over named axes, as diagonals, sums and matrix products.
//!
//! Operands are contracted from left to right: the axes of a pair are sorted into those that both
//! keep, those of each alone, and those that are summed over, and that is a batched matrix product.

mod equation;

use crate::Tensor;
use equation::{Equation, Label};

/// A tensor whose axes have names, each another one.
struct Named {
    tensor: Tensor,
    labels: Vec<Label>,
}

impl Tensor {
    /// The sum of products that the equation says, in PyTorch's notation: for each operand the
    /// names of its axes, then those of the result; what the result lacks is summed over.
    ///
    /// `...` stands for any number of axes. A letter twice in one operand takes the diagonal.
    /// Without `->` the result has the axes of the ellipsis, then the letters that stand in the
    /// equation once, in alphabetical order. Axes of size one broadcast.
    ///
    /// # Panics
    ///
    /// If the equation is not well-formed, does not fit the operands, or the sizes of a label
    /// differ, or the dtypes differ or are not floating-point.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let a = Tensor::arange(6, DType::F32).reshape(&[2, 3]);
    /// let rows = Tensor::einsum("ij->i", &[a.clone()]);
    /// assert_eq!(rows.to_vec::<f32>(), [3.0, 12.0]);
    /// let gram = Tensor::einsum("ik,jk->ij", &[a.clone(), a]);
    /// assert_eq!(gram.to_vec::<f32>(), [5.0, 14.0, 14.0, 50.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn einsum(equation: &str, operands: &[Tensor]) -> Tensor {
        assert!(!operands.is_empty(), "einsum: there are no operands: {equation:?}");
        let ranks: Vec<usize> = operands.iter().map(Tensor::rank).collect();
        let parsed = match Equation::parse(equation, &ranks) {
            Ok(parsed) => parsed,
            Err(mistake) => panic!("einsum: {mistake}: {equation:?}"),
        };
        check_operands(equation, &parsed, operands);
        let mut named = Vec::with_capacity(operands.len());
        for (tensor, labels) in operands.iter().zip(&parsed.operands) {
            named.push(diagonals(tensor, labels));
        }
        let mut rest = named.into_iter();
        let mut result = rest.next().expect("there is an operand");
        for position in 1..operands.len() {
            let other = rest.next().expect("one for each operand");
            let later = &parsed.operands[position + 1..];
            let is_kept = |label: &Label| {
                parsed.output.contains(label) || later.iter().any(|labels| labels.contains(label))
            };
            result = contract(result, other, &is_kept);
        }
        let result = summed(result, &|label| parsed.output.contains(label));
        arranged(&result, &parsed.output)
    }
}

#[track_caller]
fn check_operands(text: &str, equation: &Equation, operands: &[Tensor]) {
    let mut sizes: Vec<(Label, usize)> = Vec::new();
    for (tensor, labels) in operands.iter().zip(&equation.operands) {
        assert!(
            tensor.dtype() == operands[0].dtype() && tensor.dtype().is_float(),
            "einsum: needs operands of one floating-point dtype: got {} and {}",
            operands[0].dtype(),
            tensor.dtype()
        );
        for (label, &size) in labels.iter().zip(tensor.shape()) {
            match sizes.iter_mut().find(|(other, _)| other == label) {
                Some((_, known)) if *known == 1 => *known = size,
                Some((_, known)) => assert!(
                    size == *known || size == 1,
                    "einsum: sizes of a label differ: {known} and {size} in {text:?} for {:?}",
                    operands.iter().map(Tensor::shape).collect::<Vec<_>>()
                ),
                None => sizes.push((*label, size)),
            }
        }
        for (axis, label) in labels.iter().enumerate() {
            let first = labels.iter().position(|other| other == label).unwrap_or(axis);
            assert!(
                tensor.shape()[first] == tensor.shape()[axis],
                "einsum: a diagonal of axes of different sizes: {text:?} for {:?}",
                tensor.shape()
            );
        }
    }
}

/// The tensor with each label once: the diagonal of axes that share one.
#[track_caller]
fn diagonals(tensor: &Tensor, labels: &[Label]) -> Named {
    let (mut tensor, mut labels) = (tensor.clone(), labels.to_vec());
    let repeated = |labels: &[Label]| {
        (0..labels.len()).find_map(|b| Some((labels[..b].iter().position(|a| *a == labels[b])?, b)))
    };
    while let Some((a, b)) = repeated(&labels) {
        let size = tensor.shape()[a];
        let others = (0..labels.len()).filter(|&axis| axis != a && axis != b);
        let order: Vec<isize> = others.chain([a, b]).map(|axis| axis as isize).collect();
        // Along both axes as one, the diagonal is every (size + 1)-th element.
        tensor = tensor.permute(&order).flatten(-2, -1).slice(-1, 0..size * size, size + 1);
        let label = labels.remove(b);
        labels.remove(a);
        labels.push(label);
    }
    Named { tensor, labels }
}

/// The sum over all axes that are not kept.
#[track_caller]
fn summed(x: Named, is_kept: &dyn Fn(&Label) -> bool) -> Named {
    let axes: Vec<isize> =
        (0..x.labels.len()).filter(|&axis| !is_kept(&x.labels[axis])).map(|a| a as isize).collect();
    if axes.is_empty() {
        return x;
    }
    let tensor = x.tensor.sum_dim(&axes[..]);
    Named { tensor, labels: x.labels.into_iter().filter(is_kept).collect() }
}

/// The product of two, summed over the axes that both have and that are not kept.
#[track_caller]
fn contract(a: Named, b: Named, is_kept: &dyn Fn(&Label) -> bool) -> Named {
    let a = summed(a, &|label| is_kept(label) || b.labels.contains(label));
    let b = summed(b, &|label| is_kept(label) || a.labels.contains(label));
    let (a, b) = same_sizes(a, b);
    let both = |kept: bool| {
        let shared = a.labels.iter().filter(move |label| is_kept(label) == kept);
        shared.filter(|label| b.labels.contains(label)).copied().collect::<Vec<_>>()
    };
    let (batch, inner) = (both(true), both(false));
    let alone = |x: &Named, other: &Named| {
        let labels = x.labels.iter().filter(|label| !other.labels.contains(label));
        labels.copied().collect::<Vec<_>>()
    };
    let (rows, columns) = (alone(&a, &b), alone(&b, &a));
    let left = matrices(&a, &batch, &rows, &inner);
    let right = matrices(&b, &batch, &inner, &columns);
    let product = if inner.is_empty() { left * right } else { left.matmul(&right) };
    let size = |label: &Label| {
        let find = |x: &Named| Some(x.tensor.shape()[x.labels.iter().position(|l| l == label)?]);
        find(&a).or_else(|| find(&b)).expect("the label is from one of them")
    };
    let labels = [batch, rows, columns].concat();
    let shape: Vec<usize> = labels.iter().map(size).collect();
    Named { tensor: product.reshape_to(&shape), labels }
}

/// Both, with axes of size one that the other has larger repeated.
#[track_caller]
fn same_sizes(mut a: Named, mut b: Named) -> (Named, Named) {
    let (mut shape_a, mut shape_b) = (a.tensor.dims(), b.tensor.dims());
    for (i, label) in a.labels.iter().enumerate() {
        let Some(j) = b.labels.iter().position(|other| other == label) else { continue };
        // An empty axis, too, is what an axis of size one repeats to.
        let size = if shape_a[i] == 1 { shape_b[j] } else { shape_a[i] };
        (shape_a[i], shape_b[j]) = (size, size);
    }
    a.tensor = a.tensor.expand(&shape_a);
    b.tensor = b.tensor.expand(&shape_b);
    (a, b)
}

/// A tensor of matrices: these leading axes, and two groups of others, each as one.
#[track_caller]
fn matrices(x: &Named, batch: &[Label], rows: &[Label], columns: &[Label]) -> Tensor {
    let tensor = arranged(x, &[batch, rows, columns].concat());
    let (leading, rest) = tensor.shape().split_at(batch.len());
    let (rows, columns) = rest.split_at(rows.len());
    let sizes = [rows.iter().product(), columns.iter().product()];
    let shape = [leading, &sizes[..]].concat();
    tensor.reshape_to(&shape)
}

/// The axes in this order, which are all of them; what is missing has size one.
#[track_caller]
fn arranged(x: &Named, order: &[Label]) -> Tensor {
    let mut axes = Vec::with_capacity(order.len());
    let mut missing = Vec::new();
    for (position, label) in order.iter().enumerate() {
        match x.labels.iter().position(|other| other == label) {
            Some(axis) => axes.push(axis as isize),
            None => missing.push(position as isize),
        }
    }
    let mut tensor = x.tensor.permute(&axes);
    for position in missing {
        tensor = tensor.unsqueeze(position);
    }
    tensor
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, random};
    use crate::{DType, Tensor};

    #[test]
    fn gradients() {
        let cases: [(&str, &[&[usize]]); 12] = [
            ("i->", &[&[3]]),
            ("ii->i", &[&[3, 3]]),
            ("iji->j", &[&[2, 3, 2]]),
            ("iij,jk", &[&[2, 2, 3], &[3, 2]]),
            ("i,j->ji", &[&[2], &[3]]),
            ("ij,jk->ki", &[&[2, 3], &[3, 2]]),
            ("bij,bjk->bik", &[&[2, 2, 3], &[2, 3, 2]]),
            ("...ij,...j->i...", &[&[2, 2, 3], &[3]]),
            ("ij,jk,kl->il", &[&[2, 3], &[3, 2], &[2, 2]]),
            ("ij,kj->ik", &[&[2, 1], &[2, 3]]),
            ("ij,j", &[&[2, 0], &[0]]),
            (",i", &[&[], &[3]]),
        ];
        for (equation, shapes) in cases {
            let x: Vec<Tensor> = shapes.iter().map(|shape| random(shape)).collect();
            check(|x| Tensor::einsum(equation, x).sin(), &x);
        }
        check(|x| Tensor::einsum("ij,ij->", &[x[0].clone(), x[0].clone()]), &[random(&[2, 3])]);
    }

    #[test]
    fn an_ellipsis_that_only_the_output_names_has_no_axes() {
        let x = Tensor::einsum("i...->...", &[Tensor::ones(&[2], DType::F64)]);
        assert_eq!((x.shape(), x.item()), (&[][..], 2.0));
    }
}
