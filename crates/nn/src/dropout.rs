//! Dropout: of elements, of channels, and such that mean and variance stay.

use tensor::{Generator, Tensor};

use crate::{Layer, Module, Pass};

/// In training sets each element to zero with probability p and divides the others by 1 - p, so
/// that the expected value stays; in evaluation the identity (Srivastava et al. 2014).
///
/// # Examples
///
/// ```
/// use nn::{Dropout, Layer, Pass};
/// use tensor::{Generator, Tensor};
///
/// let x = Tensor::from([1.0_f32; 8]);
/// let mut rng = Generator::new(0);
/// let y = Dropout::new(0.5).forward(&x, &mut Pass::train(&mut rng));
/// assert!(y.to_vec::<f32>().iter().all(|&y| y == 0.0 || y == 2.0));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    p: Probability,
}

/// As [`Dropout`], but of whole channels with all their `N` axes of positions (Tompson et al. 2015).
///
/// # Shapes
///
/// - input and output: `[samples, channels, ..]` or `[channels, ..]` with `N` more axes
#[derive(Clone, Copy, Debug)]
pub struct ChannelDropout<const N: usize> {
    p: Probability,
}

/// Dropout of the channels of signals.
pub type Dropout1d = ChannelDropout<1>;

/// Dropout of the channels of images.
pub type Dropout2d = ChannelDropout<2>;

/// In training sets each element to the limit -1.7581 of [`SELU`](crate::SELU) with probability p,
/// and scales and shifts all, so that mean 0 and variance 1 stay; in evaluation the identity
/// (Klambauer et al. 2017).
#[derive(Clone, Copy, Debug)]
pub struct AlphaDropout {
    p: Probability,
}

/// As [`AlphaDropout`], but of whole channels.
///
/// # Shapes
///
/// - input and output: `[samples, channels, ..]`
#[derive(Clone, Copy, Debug)]
pub struct FeatureAlphaDropout {
    p: Probability,
}

/// With which something is dropped.
#[derive(Clone, Copy, Debug)]
struct Probability(f64);

impl Probability {
    #[track_caller]
    fn new(p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "dropout: not a probability: {p}");
        Self(p)
    }

    /// The random stream, if something is to be dropped.
    fn rng<'a>(self, pass: &'a mut Pass<'_>) -> Option<&'a mut Generator> {
        pass.rng().filter(|_| self.0 > 0.0)
    }

    /// x where the mask of this shape is one, divided by 1 - p, else zero.
    #[track_caller]
    fn drop(self, x: &Tensor, shape: &[usize], rng: &mut Generator) -> Tensor {
        x * rng.dropout_mask(shape, self.0, x.dtype())
    }

    /// a · x + b where the mask of this shape is one, else a · limit + b, with the a and b under which
    /// mean 0 and variance 1 stay.
    #[track_caller]
    fn drop_alpha(self, x: &Tensor, shape: &[usize], rng: &mut Generator) -> Tensor {
        let Self(p) = self;
        if p == 1.0 {
            return x * 0.0;
        }
        let a = 1.0 / ((SELU_LIMIT.powi(2) * p + 1.0) * (1.0 - p)).sqrt();
        let b = -a * p * SELU_LIMIT;
        let kept = rng.bernoulli(shape, 1.0 - p, x.dtype());
        let rest = (1.0 - &kept) * (a * SELU_LIMIT) + b;
        x * (kept * a) + rest
    }
}

/// -scale · alpha of the self-normalising unit.
const SELU_LIMIT: f64 = -1.758_099_340_847_376_7;

/// The shape of a mask with one element for each channel, which is this axis.
fn channels(x: &Tensor, axis: usize) -> Vec<usize> {
    let mut shape = vec![1; x.rank()];
    shape[..=axis].copy_from_slice(&x.shape()[..=axis]);
    shape
}

/// Layers whose probability is all that is chosen.
macro_rules! with_probability {
    ($($({$($generics:tt)*})? $layer:ty),*) => {$(
        impl $(<$($generics)*>)? $layer {
            /// Drops with probability `p`.
            ///
            /// # Panics
            ///
            /// If `p` is not a probability.
            #[track_caller]
            pub fn new(p: f64) -> Self {
                Self { p: Probability::new(p) }
            }
        }
    )*};
}

with_probability!(Dropout, {const N: usize} ChannelDropout<N>, AlphaDropout, FeatureAlphaDropout);
without_parts!(Dropout, {const N: usize} ChannelDropout<N>, AlphaDropout, FeatureAlphaDropout);

impl Layer for Dropout {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        match self.p.rng(pass) {
            Some(rng) => self.p.drop(x, x.shape(), rng),
            None => x.clone(),
        }
    }
}

impl<const N: usize> Layer for ChannelDropout<N> {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        let fits = x.rank() == N + 1 || x.rank() == N + 2;
        assert!(fits, "dropout: needs {} or {} axes: got {:?}", N + 1, N + 2, x.shape());
        match self.p.rng(pass) {
            Some(rng) => self.p.drop(x, &channels(x, x.rank() - N - 1), rng),
            None => x.clone(),
        }
    }
}

impl Layer for AlphaDropout {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        match self.p.rng(pass) {
            Some(rng) => self.p.drop_alpha(x, x.shape(), rng),
            None => x.clone(),
        }
    }
}

impl Layer for FeatureAlphaDropout {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        assert!(x.rank() >= 2, "dropout: no axis of channels: got {:?}", x.shape());
        match self.p.rng(pass) {
            Some(rng) => self.p.drop_alpha(x, &channels(x, 1), rng),
            None => x.clone(),
        }
    }
}
