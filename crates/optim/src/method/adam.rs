//! Adam and `AdamW`: steps scaled by running averages of the gradient and of its square.

use tensor::{Float, Parameter, Update};

use crate::method::averages::{Averages, Common, common};
use crate::method::{State, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`Adam`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamConfig {
    /// The learning rate η.
    pub lr: f64,
    /// β₁ and β₂: how much of the averages is kept.
    pub betas: (f64, f64),
    /// ε, which keeps the quotient finite.
    pub eps: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// Whether the largest average of squares so far is used (Reddi et al. 2018).
    pub amsgrad: bool,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for AdamConfig {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
            maximize: false,
        }
    }
}

/// The hyperparameters of [`AdamW`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamWConfig {
    /// The learning rate η.
    pub lr: f64,
    /// β₁ and β₂: how much of the averages is kept.
    pub betas: (f64, f64),
    /// ε, which keeps the quotient finite.
    pub eps: f64,
    /// The weight decay λ: each step shrinks the weights by ηλ of themselves.
    pub weight_decay: f64,
    /// Whether the largest average of squares so far is used (Reddi et al. 2018).
    pub amsgrad: bool,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for AdamWConfig {
    fn default() -> Self {
        let AdamConfig { lr, betas, eps, weight_decay: _, amsgrad, maximize } =
            AdamConfig::default();
        Self { lr, betas, eps, weight_decay: 1e-2, amsgrad, maximize }
    }
}

/// Adam (Kingma and Ba 2015).
///
/// ```text
/// g = ∇ + λw                      (−∇ if the objective is maximised)
/// m = β₁m + (1 − β₁)g
/// v = β₂v + (1 − β₂)g²
/// w = w − η m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Adam, Optimizer};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from([1.0_f32, -1.0]));
/// let mut optimizer = Adam::new([w.clone()], 0.1);
/// w.tensor().square().sum().backward();
/// optimizer.step();
/// let moved = w.tensor() - Tensor::from([0.9_f32, -0.9]); // the first step has the length η
/// assert!(moved.abs().amax(..).item() < 1e-6);
/// ```
pub type Adam = Descent<AdamConfig>;

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019): w = w − ηλw before each step of
/// [`Adam`] with λ = 0.
///
/// # Examples
///
/// ```
/// use optim::{AdamW, Optimizer};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from([10.0_f64]));
/// let mut optimizer = AdamW::new([w.clone()], 0.1);
/// w.set_grad(Some(Tensor::from([0.0_f64])));
/// optimizer.step();
/// assert_eq!(w.item(), 10.0 * (1.0 - 0.1 * 0.01));
/// ```
pub type AdamW = Descent<AdamWConfig>;

impl Method for AdamConfig {
    const NAME: &'static str = "adam";

    hyperparameters!(lr, betas, eps, weight_decay, amsgrad, maximize);

    fn check(&self) -> Result<(), String> {
        common!(self).check(Self::NAME)
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        layout(shape)
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        step(parameter, state, self, common!(self).coupled());
    }
}

impl Method for AdamWConfig {
    const NAME: &'static str = "adamw";

    hyperparameters!(lr, betas, eps, weight_decay, amsgrad, maximize);

    fn check(&self) -> Result<(), String> {
        common!(self).check(Self::NAME)
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        layout(shape)
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        let Self { lr, betas, eps, weight_decay, amsgrad, maximize } = *self;
        let adam = AdamConfig { lr, betas, eps, weight_decay, amsgrad, maximize };
        step(parameter, state, &adam, common!(self).decoupled());
    }
}

fn layout(shape: &[usize]) -> StateLayout {
    // The last one is there only with AMSGrad.
    StateLayout::new(&["exp_avg", "exp_avg_sq", "max_exp_avg_sq"], shape).with_optional(1)
}

/// A step of Adam with these averages.
fn step(parameter: &Parameter, state: &mut State, config: &AdamConfig, averages: Averages) {
    let tensors = if config.amsgrad { 3 } else { 2 };
    state.advance(parameter, &[0.0; 3][..tensors]);
    let (b1, b2) = config.betas;
    let correction = 1.0 - b2.powf(state.t());
    state.apply(
        parameter,
        &Pass {
            averages,
            eps: config.eps,
            step_size: config.lr / (1.0 - b1.powf(state.t())),
            root_of_correction: correction.sqrt(),
            amsgrad: config.amsgrad,
        },
    );
}

/// One step's arithmetic.
#[derive(Clone, Copy)]
struct Pass {
    averages: Averages,
    eps: f64,
    step_size: f64,
    root_of_correction: f64,
    amsgrad: bool,
}

impl Pass {
    /// One element: the new weight, and the averages in place; `v` is the one in the denominator.
    #[allow(clippy::inline_always, reason = "the loop is compiled for the widest instructions")]
    #[inline(always)]
    fn moved<T: Float>(&self, w: T, m: T, v: T) -> T {
        let denominator = (v.square_root() / T::from_f64(self.root_of_correction)).shift(self.eps);
        w - (m / denominator).scale(self.step_size)
    }
}

impl Update for Pass {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let [m, v, rest @ ..] = state else { unreachable!("made in `step`") };
        let elements = w.iter_mut().zip(g).zip(m.iter_mut().zip(v.iter_mut()));
        match rest {
            [largest, ..] if self.amsgrad => {
                for (((w, &g), (m, v)), largest) in elements.zip(largest.iter_mut()) {
                    self.averages.advance(w, g, m, v);
                    *largest = if *v > *largest { *v } else { *largest };
                    *w = self.moved(*w, *m, *largest);
                }
            }
            _ => {
                for ((w, &g), (m, v)) in elements {
                    self.averages.advance(w, g, m, v);
                    *w = self.moved(*w, *m, *v);
                }
            }
        }
    }
}
