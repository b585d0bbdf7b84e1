//! Batches of a dataset, in the same order however many threads read them.

use std::sync::Arc;

use tensor::Generator;

use crate::dataset::permutation;
use crate::stream::{Prefetched, prefetched};
use crate::{Collate, DataError, Dataset};

/// How a [`DataLoader`] makes batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoaderConfig {
    /// How many items a batch has.
    pub batch_size: usize,
    /// The seed of the order of the items, another order in each epoch; `None` for the dataset's
    /// own order.
    pub shuffle: Option<u64>,
    /// Whether a last batch of fewer items is left out.
    pub drop_last: bool,
    /// How many threads read; with none, the items are read when a batch is asked for.
    pub workers: usize,
    /// How many batches each thread reads ahead.
    pub prefetch: usize,
}

impl Default for LoaderConfig {
    fn default() -> Self {
        Self { batch_size: 1, shuffle: None, drop_last: false, workers: 0, prefetch: 2 }
    }
}

/// Makes a batch of items. The generator's numbers depend on seed, epoch and batch alone: for
/// augmentation, say.
type Collation<T, B> = dyn Fn(Vec<T>, &mut Generator) -> B + Send + Sync;

/// Batches of a dataset.
///
/// # Examples
///
/// ```
/// use data::{DataLoader, LoaderConfig, Rows};
/// use tensor::{DType, Tensor};
///
/// let x = Tensor::arange(10, DType::F32).reshape(&[5, 2]);
/// let y = Tensor::from([0_i64, 1, 0, 1, 0]);
/// let config = LoaderConfig { batch_size: 2, shuffle: Some(0), workers: 2, ..Default::default() };
/// let loader = DataLoader::new(Rows::new([x, y]), config);
/// assert_eq!(loader.batches(), 3);
/// for batch in loader.epoch(0) {
///     let [x, y] = batch?;
///     assert_eq!(x.shape()[0], y.shape()[0]);
/// }
/// # Ok::<(), data::DataError>(())
/// ```
pub struct DataLoader<D: Dataset, B> {
    dataset: Arc<D>,
    collate: Arc<Collation<D::Item, B>>,
    config: LoaderConfig,
}

impl<D: Dataset + 'static> DataLoader<D, <D::Item as Collate>::Batch>
where
    D::Item: Collate,
{
    /// Batches as [`Collate`] makes them.
    ///
    /// # Panics
    ///
    /// If the batch size is zero.
    #[track_caller]
    pub fn new(dataset: D, config: LoaderConfig) -> Self {
        Self::with_collate(dataset, config, |items, _| D::Item::collate(items))
    }
}

impl<D: Dataset + 'static, B: Send + 'static> DataLoader<D, B> {
    /// Batches as `collate` makes them.
    ///
    /// # Panics
    ///
    /// If the batch size is zero.
    #[track_caller]
    pub fn with_collate(
        dataset: D,
        config: LoaderConfig,
        collate: impl Fn(Vec<D::Item>, &mut Generator) -> B + Send + Sync + 'static,
    ) -> Self {
        assert!(config.batch_size > 0, "data loader: the batch size is zero");
        Self { dataset: Arc::new(dataset), collate: Arc::new(collate), config }
    }

    /// The dataset.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// How many batches an epoch has.
    pub fn batches(&self) -> usize {
        let (items, size) = (self.dataset.len(), self.config.batch_size);
        if self.config.drop_last { items / size } else { items.div_ceil(size) }
    }

    /// The batches of epoch `epoch`, each item once.
    pub fn epoch(&self, epoch: u64) -> Epoch<B> {
        self.epoch_from(epoch, 0)
    }

    /// As [`epoch`](DataLoader::epoch) without its first `start` batches, which are not read: for
    /// a training that is resumed.
    pub fn epoch_from(&self, epoch: u64, start: usize) -> Epoch<B> {
        let reader = Arc::new(self.reader(epoch));
        let batches = start..self.batches().max(start);
        if self.config.workers == 0 {
            let mut batches = batches;
            return Epoch(Source::Here(Box::new(move || Some(reader.read(batches.next()?)))));
        }
        let workers = self.config.workers.min(batches.len().max(1));
        // Each thread reads every so many-th batch, and waits when it is far enough ahead.
        let worker = |first| {
            let (reader, batches) = (Arc::clone(&reader), batches.clone());
            let batches = batches.skip(first).step_by(workers);
            prefetched(batches.map(move |batch| reader.read(batch)), self.config.prefetch)
        };
        Epoch(Source::Threads { workers: (0..workers).map(worker).collect(), next: 0 })
    }

    fn reader(&self, epoch: u64) -> Reader<D, B> {
        let items = self.dataset.len();
        let seed = mixed(self.config.shuffle.unwrap_or(0), epoch);
        let order = match self.config.shuffle {
            Some(_) => permutation(&mut Generator::new(seed), items),
            None => (0..items).collect(),
        };
        Reader {
            dataset: Arc::clone(&self.dataset),
            collate: Arc::clone(&self.collate),
            order,
            size: self.config.batch_size,
            seed,
        }
    }
}

impl<D: Dataset, B> std::fmt::Debug for DataLoader<D, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataLoader({} items, {:?})", self.dataset.len(), self.config)
    }
}

/// A seed for part `part` of what `seed` is the seed of (the finaliser of `SplitMix64`: Steele, Lea
/// and Flood 2014).
fn mixed(seed: u64, part: u64) -> u64 {
    let x = seed.wrapping_add(part.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Reads the batches of one epoch, in any order.
struct Reader<D: Dataset, B> {
    dataset: Arc<D>,
    collate: Arc<Collation<D::Item, B>>,
    order: Vec<usize>,
    size: usize,
    seed: u64,
}

impl<D: Dataset, B> Reader<D, B> {
    fn read(&self, batch: usize) -> Result<B, DataError> {
        let start = batch * self.size;
        let end = (start + self.size).min(self.order.len());
        let items: Result<Vec<_>, _> =
            self.order[start..end].iter().map(|&item| self.dataset.get(item)).collect();
        let mut generator = Generator::new(mixed(self.seed, 1 + batch as u64));
        Ok((self.collate)(items?, &mut generator))
    }
}

/// The batches of an epoch, in order.
pub struct Epoch<B>(Source<B>);

enum Source<B> {
    Here(Box<dyn FnMut() -> Option<Result<B, DataError>> + Send>),
    Threads { workers: Vec<Prefetched<Result<B, DataError>>>, next: usize },
}

impl<B> Iterator for Epoch<B> {
    type Item = Result<B, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Source::Here(read) => read(),
            Source::Threads { workers, next } => {
                let batch = workers.get_mut(*next)?.next();
                *next = (*next + 1) % workers.len();
                batch
            }
        }
    }
}

impl<B> std::fmt::Debug for Epoch<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Epoch").finish_non_exhaustive()
    }
}
