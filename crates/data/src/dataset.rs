//! Datasets: items by number, and views of them.

use std::sync::Arc;

use tensor::{Generator, Tensor};

use crate::DataError;

/// Items that can be had by number, from any thread.
pub trait Dataset: Send + Sync {
    /// What an item is: a pair of tensors, a string, a struct.
    type Item: Send;

    /// How many items there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Item `index`.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    ///
    /// # Panics
    ///
    /// If there is no such item.
    fn get(&self, index: usize) -> Result<Self::Item, DataError>;
}

impl<T: Clone + Send + Sync> Dataset for Vec<T> {
    type Item = T;

    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn get(&self, index: usize) -> Result<T, DataError> {
        Ok(self[index].clone())
    }
}

impl<D: Dataset> Dataset for Arc<D> {
    type Item = D::Item;

    fn len(&self) -> usize {
        (**self).len()
    }

    fn get(&self, index: usize) -> Result<D::Item, DataError> {
        (**self).get(index)
    }
}

/// The rows of tensors with equally many: item i is the i-th row of each.
///
/// # Examples
///
/// ```
/// use data::{Dataset, Rows};
/// use tensor::Tensor;
///
/// let (x, y) = (Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]), Tensor::from([0_i64, 1]));
/// let rows = Rows::new([x, y]);
/// let [x, y] = rows.get(1)?;
/// assert_eq!((x.to_vec::<f32>(), y.item()), (vec![3.0, 4.0], 1.0));
/// # Ok::<(), data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rows<const N: usize> {
    tensors: [Tensor; N],
    len: usize,
}

impl<const N: usize> Rows<N> {
    /// # Panics
    ///
    /// If a tensor has no axis, or they have different numbers of rows.
    #[must_use]
    #[track_caller]
    pub fn new(tensors: [Tensor; N]) -> Self {
        let shapes: Vec<&[usize]> = tensors.iter().map(Tensor::shape).collect();
        let len = shapes.first().and_then(|shape| shape.first()).copied().unwrap_or(0);
        assert!(
            shapes.iter().all(|shape| shape.first() == Some(&len)),
            "rows: the tensors do not have equally many: {shapes:?}"
        );
        Self { tensors, len }
    }

    /// The tensors.
    pub fn tensors(&self) -> &[Tensor; N] {
        &self.tensors
    }
}

impl<const N: usize> Dataset for Rows<N> {
    type Item = [Tensor; N];

    fn len(&self) -> usize {
        self.len
    }

    #[track_caller]
    fn get(&self, index: usize) -> Result<[Tensor; N], DataError> {
        assert!(index < self.len, "rows: no such row: {index} of {}", self.len);
        Ok(self.tensors.each_ref().map(|tensor| tensor.select(0, index as isize)))
    }
}

/// Each item of a dataset through a function.
#[derive(Clone, Debug)]
pub struct Map<D, F> {
    dataset: D,
    f: F,
}

impl<D: Dataset, T: Send, F: Fn(D::Item) -> T + Send + Sync> Map<D, F> {
    /// f(item), for each item.
    pub fn new(dataset: D, f: F) -> Self {
        Self { dataset, f }
    }
}

impl<D: Dataset, T: Send, F: Fn(D::Item) -> T + Send + Sync> Dataset for Map<D, F> {
    type Item = T;

    fn len(&self) -> usize {
        self.dataset.len()
    }

    fn get(&self, index: usize) -> Result<T, DataError> {
        self.dataset.get(index).map(&self.f)
    }
}

/// Some items of a dataset, in an order of their own.
#[derive(Clone, Debug)]
pub struct Subset<D> {
    dataset: Arc<D>,
    indices: Vec<usize>,
}

impl<D: Dataset> Subset<D> {
    /// # Panics
    ///
    /// If there is no item of one of these numbers.
    #[must_use]
    #[track_caller]
    pub fn new(dataset: Arc<D>, indices: Vec<usize>) -> Self {
        let len = dataset.len();
        for &index in &indices {
            assert!(index < len, "subset: no such item: {index} of {len}");
        }
        Self { dataset, indices }
    }

    /// Which items of the dataset these are.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    type Item = D::Item;

    fn len(&self) -> usize {
        self.indices.len()
    }

    fn get(&self, index: usize) -> Result<D::Item, DataError> {
        self.dataset.get(self.indices[index])
    }
}

/// A dataset divided at random into parts of these sizes, the same ones for the same seed.
///
/// # Panics
///
/// If the sizes do not add up to the number of items.
///
/// # Examples
///
/// ```
/// use data::{Dataset, random_split};
///
/// let [train, test] = random_split((0..10).collect::<Vec<_>>(), [8, 2], 0);
/// assert_eq!((train.len(), test.len()), (8, 2));
/// ```
#[track_caller]
pub fn random_split<D: Dataset, const N: usize>(
    dataset: D,
    sizes: [usize; N],
    seed: u64,
) -> [Subset<D>; N] {
    let len = dataset.len();
    assert!(
        sizes.iter().sum::<usize>() == len,
        "random_split: the sizes do not add up to the {len} items: {sizes:?}"
    );
    let dataset = Arc::new(dataset);
    let mut rest = permutation(&mut Generator::new(seed), len).into_iter();
    sizes.map(|size| Subset::new(Arc::clone(&dataset), rest.by_ref().take(size).collect()))
}

/// Divides items into a part for training and one for testing, of `test` items of each class as
/// nearly as their sizes allow: the positions of both, ascending.
///
/// Of each class the same part is tested; where that is not a whole number, the largest remainders
/// are rounded up, and of equal ones those of the smaller labels.
///
/// # Panics
///
/// If there are fewer items than are to be tested.
#[track_caller]
pub fn stratified_split(labels: &[i64], test: usize, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let len = labels.len();
    assert!(test <= len, "stratified_split: {test} items to be tested, of {len}");
    let mut classes: Vec<i64> = labels.to_vec();
    classes.sort_unstable();
    classes.dedup();
    let members = |class: i64| (0..len).filter(move |&i| labels[i] == class).collect::<Vec<_>>();
    // (remainder, class, whole part): by what is lost when it is rounded down.
    let mut shares: Vec<(usize, usize, usize)> = Vec::new();
    for (position, &class) in classes.iter().enumerate() {
        let product = members(class).len() * test;
        shares.push((product % len.max(1), position, product / len.max(1)));
    }
    let missing = test - shares.iter().map(|share| share.2).sum::<usize>();
    shares.sort_by_key(|&(remainder, position, _)| (std::cmp::Reverse(remainder), position));
    shares.iter_mut().take(missing).for_each(|share| share.2 += 1);
    let mut generator = Generator::new(seed);
    shares.sort_by_key(|share| share.1);
    let mut is_tested = vec![false; len];
    for ((_, _, count), &class) in shares.into_iter().zip(&classes) {
        let members = members(class);
        for i in permutation(&mut generator, members.len()).into_iter().take(count) {
            is_tested[members[i]] = true;
        }
    }
    let (tested, trained): (Vec<usize>, Vec<usize>) = (0..len).partition(|&i| is_tested[i]);
    (trained, tested)
}

/// The numbers below `n` in random order.
pub(crate) fn permutation(generator: &mut Generator, n: usize) -> Vec<usize> {
    let numbers = generator.permutation(n).to_vec::<i64>();
    numbers.into_iter().map(|i| usize::try_from(i).expect("a position")).collect()
}
