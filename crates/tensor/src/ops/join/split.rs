//! Splitting: the parts of a tensor along an axis, as views.

use crate::Tensor;
use crate::ops::index::part::Part;
use crate::shape::resolve_axis;

impl Tensor {
    /// Parts of `size` positions each; the last one has what is left.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the size is zero and the axis is not empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let parts = Tensor::arange(5, DType::I64).split(2, 0);
    /// assert_eq!(parts[1].to_vec::<i64>(), [2, 3]);
    /// assert_eq!(parts[2].to_vec::<i64>(), [4]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn split(&self, size: usize, axis: isize) -> Vec<Tensor> {
        let axis = resolve_axis("split", axis, self.rank());
        let whole = self.shape()[axis];
        assert!(size > 0 || whole == 0, "split: the size is zero, for axis {axis} of size {whole}");
        let count = whole.div_ceil(size.max(1)).max(1);
        self.cut(axis, (0..count).map(|part| [part * size, ((part + 1) * size).min(whole)]))
    }

    /// Parts of these sizes.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or the sizes do not add up to its size.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let parts = Tensor::arange(5, DType::I64).split_with_sizes(&[1, 4], 0);
    /// assert_eq!(parts[1].to_vec::<i64>(), [1, 2, 3, 4]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn split_with_sizes(&self, sizes: &[usize], axis: isize) -> Vec<Tensor> {
        let axis = resolve_axis("split_with_sizes", axis, self.rank());
        let whole = self.shape()[axis];
        let total = sizes.iter().fold(0, |sum: usize, &size| sum.saturating_add(size));
        assert!(
            total == whole,
            "split_with_sizes: the sizes do not add up to the axis: {sizes:?} for axis {axis} of \
             size {whole}"
        );
        let mut start = 0;
        self.cut(
            axis,
            sizes.iter().map(move |&size| {
                start += size;
                [start - size, start]
            }),
        )
    }

    /// At most `chunks` parts of one size, except that the last one may be smaller: as in PyTorch,
    /// there can be fewer parts than asked for. See [`tensor_split`](Tensor::tensor_split).
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or no part is asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let parts = Tensor::arange(5, DType::I64).chunk(4, 0);
    /// assert_eq!(parts.len(), 3); // of 2, 2 and 1
    /// ```
    #[must_use]
    #[track_caller]
    pub fn chunk(&self, chunks: usize, axis: isize) -> Vec<Tensor> {
        let axis = resolve_axis("chunk", axis, self.rank());
        assert!(chunks > 0, "chunk: needs at least one part: got 0");
        let whole = self.shape()[axis];
        let size = whole.div_ceil(chunks);
        let count = if whole == 0 { chunks } else { whole.div_ceil(size) };
        self.cut(axis, (0..count).map(|part| [part * size, ((part + 1) * size).min(whole)]))
    }

    /// So many parts, the first of which have one position more if the axis does not divide.
    ///
    /// # Panics
    ///
    /// If the axis is out of range, or no part is asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let parts = Tensor::arange(5, DType::I64).tensor_split(3, 0);
    /// assert_eq!(parts[2].to_vec::<i64>(), [4]); // of 2, 2 and 1
    /// ```
    #[must_use]
    #[track_caller]
    pub fn tensor_split(&self, sections: usize, axis: isize) -> Vec<Tensor> {
        let axis = resolve_axis("tensor_split", axis, self.rank());
        assert!(sections > 0, "tensor_split: needs at least one part: got 0");
        let whole = self.shape()[axis];
        let (size, larger) = (whole / sections, whole % sections);
        let start = |part: usize| part * size + part.min(larger);
        self.cut(axis, (0..sections).map(|part| [start(part), start(part + 1)]))
    }

    /// The parts before, between and after these positions. As in PyTorch, a position beyond an end
    /// means that end, and a part that would run backwards is empty.
    ///
    /// # Panics
    ///
    /// If the axis is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{DType, Tensor};
    ///
    /// let parts = Tensor::arange(5, DType::I64).tensor_split_at(&[1, -1], 0);
    /// assert_eq!(parts[1].to_vec::<i64>(), [1, 2, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn tensor_split_at(&self, positions: &[isize], axis: isize) -> Vec<Tensor> {
        self.split_at("tensor_split_at", positions, axis)
    }

    #[track_caller]
    fn split_at(&self, operation: &str, positions: &[isize], axis: isize) -> Vec<Tensor> {
        let axis = resolve_axis(operation, axis, self.rank());
        let whole = self.shape()[axis];
        let bound = |position: isize| {
            let from_front = if position < 0 { position + whole as isize } else { position };
            from_front.clamp(0, whole as isize) as usize
        };
        let bounds: Vec<usize> = positions.iter().map(|&position| bound(position)).collect();
        let starts = [0].into_iter().chain(bounds.iter().copied());
        let ends = bounds.iter().copied().chain([whole]);
        self.cut(axis, starts.zip(ends).map(|(start, end)| [start, end.max(start)]))
    }

    /// The positions of an axis one by one, without it.
    ///
    /// # Panics
    ///
    /// If the axis is out of range.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let columns = Tensor::from([[1_i64, 2], [3, 4]]).unbind(1);
    /// assert_eq!(columns[0].to_vec::<i64>(), [1, 3]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn unbind(&self, axis: isize) -> Vec<Tensor> {
        let axis = resolve_axis("unbind", axis, self.rank());
        let parts: Vec<Part> =
            (0..self.shape()[axis]).map(|index| Part::Select { axis, index }).collect();
        self.tiles("unbind", &parts, move |gradients| Tensor::stack(gradients, axis as isize))
    }

    /// So many equal parts along the second axis, of a vector along its only one.
    ///
    /// # Panics
    ///
    /// If there is no axis, or it does not divide.
    #[must_use]
    #[track_caller]
    pub fn hsplit(&self, sections: usize) -> Vec<Tensor> {
        let axis = self.horizontal("hsplit");
        self.equal_parts("hsplit", sections, axis)
    }

    /// The parts before, between and after these positions of the second axis, of a vector of its
    /// only one: see [`tensor_split_at`](Tensor::tensor_split_at).
    ///
    /// # Panics
    ///
    /// If there is no axis.
    #[must_use]
    #[track_caller]
    pub fn hsplit_at(&self, positions: &[isize]) -> Vec<Tensor> {
        let axis = self.horizontal("hsplit_at");
        self.split_at("hsplit_at", positions, axis as isize)
    }

    /// So many equal parts along the first of two or more axes.
    ///
    /// # Panics
    ///
    /// If there are fewer than two axes, or the first one does not divide.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1_i64, 2], [3, 4]]);
    /// assert_eq!(x.vsplit(2)[1].to_vec::<i64>(), [3, 4]);
    /// assert_eq!(x.hsplit(2)[1].to_vec::<i64>(), [2, 4]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn vsplit(&self, sections: usize) -> Vec<Tensor> {
        self.needs_axes("vsplit", 2);
        self.equal_parts("vsplit", sections, 0)
    }

    /// The parts before, between and after these positions of the first of two or more axes.
    ///
    /// # Panics
    ///
    /// If there are fewer than two axes.
    #[must_use]
    #[track_caller]
    pub fn vsplit_at(&self, positions: &[isize]) -> Vec<Tensor> {
        self.needs_axes("vsplit_at", 2);
        self.split_at("vsplit_at", positions, 0)
    }

    /// So many equal parts along the third axis.
    ///
    /// # Panics
    ///
    /// If there are fewer than three axes, or the third one does not divide.
    #[must_use]
    #[track_caller]
    pub fn dsplit(&self, sections: usize) -> Vec<Tensor> {
        self.needs_axes("dsplit", 3);
        self.equal_parts("dsplit", sections, 2)
    }

    /// The parts before, between and after these positions of the third axis.
    ///
    /// # Panics
    ///
    /// If there are fewer than three axes.
    #[must_use]
    #[track_caller]
    pub fn dsplit_at(&self, positions: &[isize]) -> Vec<Tensor> {
        self.needs_axes("dsplit_at", 3);
        self.split_at("dsplit_at", positions, 2)
    }

    /// The second axis, or the only one.
    #[track_caller]
    fn horizontal(&self, operation: &str) -> usize {
        self.needs_axes(operation, 1);
        usize::from(self.rank() > 1)
    }

    #[track_caller]
    fn needs_axes(&self, operation: &str, count: usize) {
        assert!(
            self.rank() >= count,
            "{operation}: needs {count} axes or more: got shape {:?}",
            self.shape()
        );
    }

    #[track_caller]
    fn equal_parts(&self, operation: &str, sections: usize, axis: usize) -> Vec<Tensor> {
        let whole = self.shape()[axis];
        assert!(
            sections > 0 && whole.is_multiple_of(sections),
            "{operation}: the axis does not divide: {sections} parts of axis {axis} of size {whole}"
        );
        self.tensor_split(sections, axis as isize)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::testing::{check, random};
    use crate::{DType, Tensor};

    /// Each part with another weight, so that exchanged gradients are found.
    fn weighted(parts: &[Tensor]) -> Tensor {
        let sums = parts.iter().enumerate().map(|(i, part)| part.sin().sum() * (i + 1) as f64);
        sums.reduce(|sum, next| sum + next).expect("there are parts")
    }

    #[test]
    fn gradients() {
        let x = [random(&[2, 5])];
        check(|x| weighted(&x[0].split(2, 1)), &x);
        check(|x| weighted(&x[0].split_with_sizes(&[1, 0, 4], -1)), &x);
        check(|x| weighted(&x[0].mt().chunk(3, 0)), &x);
        check(|x| weighted(&x[0].tensor_split(3, 1)), &x);
        check(|x| weighted(&x[0].tensor_split_at(&[1, -2], 1)), &x);
        check(|x| weighted(&x[0].tensor_split_at(&[3, 1], 1)), &x); // parts that overlap
        check(|x| weighted(&x[0].unbind(1)), &x);
        check(|x| x[0].unbind(1)[3].sin() + x[0].chunk(2, 0)[1].select(0, 0).sum(), &x);
    }

    #[test]
    fn all_parts_are_one_operation() {
        let x = random(&[4, 3]).requires_grad();
        for parts in [x.unbind(0), x.split(1, 0), x.chunk(3, 1), x.tensor_split(2, 0)] {
            let nodes: Vec<_> =
                parts.iter().map(|part| part.edge().expect("tracked").node()).collect();
            assert!(nodes.iter().all(|node| Arc::ptr_eq(node, nodes[0])));
        }
    }

    #[test]
    fn empty_axes_split() {
        let x = Tensor::zeros(&[0, 2], DType::F32);
        assert_eq!(x.split(3, 0).len(), 1);
        assert_eq!(x.split(0, 0).len(), 1);
        assert_eq!(x.chunk(3, 0).len(), 3);
        assert_eq!(x.tensor_split(3, 0).len(), 3);
        assert!(x.unbind(0).is_empty());
    }

    #[test]
    fn positions_beyond_the_ends_mean_the_ends() {
        let parts = Tensor::arange(5, DType::I64).tensor_split_at(&[-9, 7, 3], 0);
        let parts: Vec<_> = parts.iter().map(Tensor::to_vec::<i64>).collect();
        assert_eq!(parts, [vec![], vec![0, 1, 2, 3, 4], vec![], vec![3, 4]]);
    }
}
