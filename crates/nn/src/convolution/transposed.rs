//! The transpose of a convolution.

use tensor::{ConvTransposeOptions, DType, Generator, Parameter, Tensor};

use super::{check_parameters, grouped};
use crate::{Module, Parts, affine};

/// The transpose of a [`Conv`](crate::Conv) as a linear map of its input, known as deconvolution
/// (Zeiler et al. 2010): y\[n, o, stride · p + dilation · k - padding\] = b\[o\] + Σ W\[i, o, k\] x\[n, i, p\].
///
/// # Shapes
///
/// - input: `[samples, inputs, ..]` or `[inputs, ..]`, with `N` more axes
/// - output: `[samples, outputs, ..]` or `[outputs, ..]`; each axis has
///   (size - 1) · stride - 2 padding + dilation (kernel - 1) + output padding + 1 positions
/// - weight: `[inputs, outputs / groups, kernel ..]`; bias: `[outputs]`
///
/// # Examples
///
/// ```
/// use nn::{ConvTranspose2d, ConvTransposeConfig};
/// use tensor::{DType, Generator, Tensor};
///
/// let twice = ConvTransposeConfig { stride: [2, 2], ..ConvTransposeConfig::default() };
/// let layer = ConvTranspose2d::with(16, 8, [2, 2], &twice, &mut Generator::new(0));
/// let x = Tensor::zeros(&[1, 16, 5, 7], DType::F32);
/// assert_eq!(layer.forward(&x).shape(), [1, 8, 10, 14]);
/// ```
#[derive(Clone, Debug)]
pub struct ConvTranspose<const N: usize> {
    weight: Parameter,
    bias: Option<Parameter>,
    options: ConvTransposeOptions<N>,
}

/// A transposed convolution of signals.
pub type ConvTranspose1d = ConvTranspose<1>;

/// A transposed convolution of images.
pub type ConvTranspose2d = ConvTranspose<2>;

/// The options of a [`ConvTranspose`]; one number for each of `N` axes.
#[derive(Clone, Debug)]
pub struct ConvTransposeConfig<const N: usize> {
    /// The distance between places of the kernel, in the output; 1 unless said otherwise.
    pub stride: [usize; N],
    /// How much of the output is cut off on both sides; nothing unless said otherwise.
    pub padding: [usize; N],
    /// How much longer the output is at its end; nothing unless said otherwise.
    pub output_padding: [usize; N],
    /// Into how many groups the channels are split, each with weights of its own; 1 unless said
    /// otherwise.
    pub groups: usize,
    /// The distance in the output between neighbours in the kernel; 1 unless said otherwise.
    pub dilation: [usize; N],
    /// Whether a bias is added; `true` unless said otherwise.
    pub bias: bool,
    /// The parameters' dtype; `f32` unless said otherwise.
    pub dtype: DType,
}

impl<const N: usize> Default for ConvTransposeConfig<N> {
    fn default() -> Self {
        let ConvTransposeOptions { stride, padding, output_padding, groups, dilation } =
            ConvTransposeOptions::default();
        let dtype = DType::F32;
        Self { stride, padding, output_padding, groups, dilation, bias: true, dtype }
    }
}

impl<const N: usize> ConvTransposeConfig<N> {
    fn options(&self) -> ConvTransposeOptions<N> {
        let Self { stride, padding, output_padding, groups, dilation, .. } = *self;
        ConvTransposeOptions { stride, padding, output_padding, groups, dilation }
    }
}

impl<const N: usize> ConvTranspose<N> {
    /// A layer with a bias in `f32`. Weight and bias are drawn uniformly from ±1/√(outputs · kernel),
    /// which is what PyTorch does: it counts the second axis of the weight.
    ///
    /// # Panics
    ///
    /// If the kernel is empty, or the shape is too large.
    #[track_caller]
    pub fn new(inputs: usize, outputs: usize, kernel: [usize; N], rng: &mut Generator) -> Self {
        Self::with(inputs, outputs, kernel, &ConvTransposeConfig::default(), rng)
    }

    /// As [`new`](ConvTranspose::new), with options.
    ///
    /// # Panics
    ///
    /// If the kernel is empty, the groups do not divide inputs and outputs, the shape is too large,
    /// or the dtype is not a floating-point type.
    #[track_caller]
    pub fn with(
        inputs: usize,
        outputs: usize,
        kernel: [usize; N],
        config: &ConvTransposeConfig<N>,
        rng: &mut Generator,
    ) -> Self {
        let channels = [inputs, outputs];
        let [_, of_group] = grouped("conv_transpose", channels, kernel, config.groups);
        let shape = [&[inputs, of_group], &kernel[..]].concat();
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
    /// If the weight does not have N + 2 axes, or the bias does not have one value of the same dtype
    /// for each output.
    #[track_caller]
    pub fn from_parameters(
        weight: Parameter,
        bias: Option<Parameter>,
        config: &ConvTransposeConfig<N>,
    ) -> Self {
        let outputs = |shape: &[usize]| shape[1] * config.groups;
        check_parameters::<N>("conv_transpose", &weight, bias.as_ref(), outputs);
        Self { weight, bias, options: config.options() }
    }

    /// The weight, `[inputs, outputs / groups, kernel ..]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// The bias, `[outputs]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.bias.as_ref()
    }
}

/// The passes in one and two dimensions: operations of the tensor with different names.
macro_rules! forward {
    ($($axes:literal $conv:ident;)*) => {$(
        impl ConvTranspose<$axes> {
            /// The transposed convolution of x.
            ///
            /// # Panics
            ///
            /// If the input does not have the weight's channels, the output padding reaches stride
            /// and dilation, there is no output, or the dtype differs.
            #[track_caller]
            pub fn forward(&self, x: &Tensor) -> Tensor {
                let _scope = self.enter();
                let bias = affine::snapshot(self.bias.as_ref());
                x.$conv(&self.weight.tensor(), bias.as_ref(), self.options)
            }
        }

        indifferent!(ConvTranspose<$axes>);
    )*};
}

forward! {
    1 conv_transpose1d;
    2 conv_transpose2d;
}

impl<const N: usize> Module for ConvTranspose<N> {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { weight, bias, options: _ } = self;
        parts.parameter("weight", weight);
        parts.optional_parameter("bias", bias);
    }
}
