//! The convolution.

use tensor::{ConvOptions, DType, Generator, PadMode, Padding, Parameter, Scalar, Tensor};

use super::{check_parameters, grouped};
use crate::{Module, Parts, affine};

/// A convolution over the last `N` axes, as all such libraries have it (the kernel is not mirrored):
/// y\[n, o, p\] = b\[o\] + Σ W\[o, i, k\] x\[n, i, stride · p + dilation · k - padding\].
///
/// # Shapes
///
/// - input: `[samples, inputs, ..]` or `[inputs, ..]`, with `N` more axes
/// - output: `[samples, outputs, ..]` or `[outputs, ..]`; each axis has
///   ⌊(size + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1 positions
/// - weight: `[outputs, inputs / groups, kernel ..]`; bias: `[outputs]`
///
/// # Examples
///
/// ```
/// use nn::{Conv2d, ConvConfig};
/// use tensor::{DType, Generator, Padding, Tensor};
///
/// let mut rng = Generator::new(0);
/// let x = Tensor::zeros(&[8, 1, 28, 28], DType::F32);
/// assert_eq!(Conv2d::new(1, 16, [3, 3], &mut rng).forward(&x).shape(), [8, 16, 26, 26]);
///
/// let same = ConvConfig { padding: Padding::Same, ..ConvConfig::default() };
/// assert_eq!(Conv2d::with(1, 16, [3, 3], &same, &mut rng).forward(&x).shape(), [8, 16, 28, 28]);
/// ```
#[derive(Clone, Debug)]
pub struct Conv<const N: usize> {
    weight: Parameter,
    bias: Option<Parameter>,
    options: ConvOptions<N>,
    padding_mode: PadMode,
}

/// A convolution of signals.
pub type Conv1d = Conv<1>;

/// A convolution of images.
pub type Conv2d = Conv<2>;

/// The options of a [`Conv`]; one number for each of `N` axes.
#[derive(Clone, Debug)]
pub struct ConvConfig<const N: usize> {
    /// The distance between places of the kernel; 1 unless said otherwise.
    pub stride: [usize; N],
    /// How much stands around the input; nothing unless said otherwise.
    pub padding: Padding<N>,
    /// What stands there; zeros unless said otherwise.
    pub padding_mode: PadMode,
    /// The distance in the input between neighbours in the kernel; 1 unless said otherwise.
    pub dilation: [usize; N],
    /// Into how many groups the channels are split, each with weights of its own; 1 unless said
    /// otherwise.
    pub groups: usize,
    /// Whether a bias is added; `true` unless said otherwise.
    pub bias: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl<const N: usize> Default for ConvConfig<N> {
    fn default() -> Self {
        let ConvOptions { stride, padding, dilation, groups } = ConvOptions::default();
        let padding_mode = PadMode::from(0);
        Self { stride, padding, padding_mode, dilation, groups, bias: true, dtype: DType::F32 }
    }
}

impl<const N: usize> ConvConfig<N> {
    fn options(&self) -> ConvOptions<N> {
        let Self { stride, padding, dilation, groups, .. } = *self;
        ConvOptions { stride, padding, dilation, groups }
    }
}

impl<const N: usize> Conv<N> {
    /// A layer with a bias in `f32`. Weight and bias are drawn uniformly from ±1/√(inputs · kernel),
    /// which is what PyTorch does (Kaiming's initialisation with a = √5).
    ///
    /// # Panics
    ///
    /// If the kernel is empty, or the shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, outputs: usize, kernel: [usize; N], rng: &mut Generator) -> Self {
        Self::with(inputs, outputs, kernel, &ConvConfig::default(), rng)
    }

    /// As [`new`](Conv::new), with options.
    ///
    /// # Panics
    ///
    /// If the kernel is empty, the groups do not divide inputs and outputs, the padding is to keep
    /// the size under a stride, the shape is too large, or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(
        inputs: usize,
        outputs: usize,
        kernel: [usize; N],
        config: &ConvConfig<N>,
        rng: &mut Generator,
    ) -> Self {
        let [of_group, _] = grouped("conv", [inputs, outputs], kernel, config.groups);
        let shape = [&[outputs, of_group], &kernel[..]].concat();
        let fan = kernel.iter().fold(of_group, |fan, size| fan.saturating_mul(*size));
        let bias = config.bias.then_some(outputs);
        let (weight, bias) = affine::uniform(&shape, bias, fan, config.dtype, rng);
        Self::from_parameters(weight, bias, config)
    }

    /// A layer with these values; parameters that are handed in are shared. Their dtype and whether
    /// there is a bias are theirs, not those of the configuration.
    ///
    /// # Panics
    ///
    /// If the weight does not have N + 2 axes, the bias does not have one value of the same dtype for
    /// each of its rows, or the padding is to keep the size under a stride.
    #[track_caller]
    pub fn from_parameters(
        weight: Parameter,
        bias: Option<Parameter>,
        config: &ConvConfig<N>,
    ) -> Self {
        check_parameters::<N>("conv", &weight, bias.as_ref(), |shape| shape[0]);
        let is_strided = config.stride.iter().any(|&stride| stride != 1);
        assert!(
            config.padding != Padding::Same || !is_strided,
            "conv: a padding that keeps the size needs a stride of one: got {:?}",
            config.stride
        );
        Self { weight, bias, options: config.options(), padding_mode: config.padding_mode }
    }

    /// The weight, `[outputs, inputs / groups, kernel ..]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// The bias, `[outputs]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.bias.as_ref()
    }

    /// The input with its padding, if that is anything else than zeros, and the options for the rest.
    #[track_caller]
    fn padded(&self, x: &Tensor) -> (Tensor, ConvOptions<N>) {
        let zeros = [Scalar::Integer(0), Scalar::Float(0.0)].map(PadMode::Constant);
        if zeros.contains(&self.padding_mode) || x.rank() < N {
            return (x.clone(), self.options);
        }
        let options = ConvOptions { padding: Padding::Valid, ..self.options };
        (x.pad(&self.pads(), self.padding_mode), options)
    }

    /// How much stands before and after each axis, the last axis first.
    fn pads(&self) -> Vec<isize> {
        let kernel = &self.weight.shape()[2..];
        let pair = |axis: usize| match self.options.padding {
            Padding::Zeros(padding) => [padding[axis]; 2],
            Padding::Valid => [0; 2],
            Padding::Same => {
                let total = self.options.dilation[axis] * (kernel[axis] - 1);
                [total / 2, total - total / 2]
            }
        };
        (0..N).rev().flat_map(pair).map(|pad| pad as isize).collect()
    }
}

/// The passes in one and two dimensions: operations of the tensor with different names.
macro_rules! forward {
    ($($axes:literal $conv:ident;)*) => {$(
        impl Conv<$axes> {
            /// The convolution of x.
            ///
            /// # Panics
            ///
            /// If the input does not have the weight's channels, the kernel is larger than the
            /// padded input, the padding is more than there is to repeat, or the dtype differs.
            #[track_caller]
            pub fn forward(&self, x: &Tensor) -> Tensor {
                let _scope = self.enter();
                let (x, options) = self.padded(x);
                let bias = affine::snapshot(self.bias.as_ref());
                x.$conv(&self.weight.tensor(), bias.as_ref(), options)
            }
        }

        indifferent!(Conv<$axes>);
    )*};
}

forward! {
    1 conv1d;
    2 conv2d;
}

impl<const N: usize> Module for Conv<N> {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { weight, bias, options: _, padding_mode: _ } = self;
        parts.parameter("weight", weight);
        parts.optional_parameter("bias", bias);
    }
}
