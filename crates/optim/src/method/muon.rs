//! `Muon`: momentum, made orthogonal.

use tensor::{Parameter, StateValue, Tensor};

use crate::method::{State, check_fractions, check_not_negative, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// How [`Muon`] scales the learning rate of an m by n matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MuonScale {
    /// √max(1, m/n) (Jordan et al. 2024).
    Original,
    /// 0.2 √max(m, n): steps as long as `AdamW`'s (Liu et al. 2025).
    MatchAdamW,
    /// √(m/n) (Bernstein 2025).
    Spectral,
}

/// The number of the variant, in the order of their definition.
impl StateValue for MuonScale {
    fn to_tensor(&self) -> Tensor {
        (*self as i64).to_tensor()
    }
    fn from_tensor(tensor: &Tensor) -> Option<Self> {
        let number = i64::from_tensor(tensor)?;
        [Self::Original, Self::MatchAdamW, Self::Spectral]
            .into_iter()
            .find(|scale| *scale as i64 == number)
    }
}

impl MuonScale {
    fn factor(self, rows: usize, columns: usize) -> f64 {
        let (m, n) = (rows as f64, columns as f64);
        match self {
            Self::Original => (m / n).max(1.0).sqrt(),
            Self::MatchAdamW => 0.2 * m.max(n).sqrt(),
            Self::Spectral => (m / n).sqrt(),
        }
    }
}

/// The hyperparameters of [`Muon`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct MuonConfig {
    /// The learning rate η.
    pub lr: f64,
    /// The weight decay λ: each step shrinks the weights by ηλ of themselves.
    pub weight_decay: f64,
    /// The momentum μ.
    pub momentum: f64,
    /// Whether the momentum is looked ahead.
    pub nesterov: bool,
    /// a, b and c of the iteration.
    pub coefficients: (f64, f64, f64),
    /// What the norm is at least.
    pub eps: f64,
    /// How many iterations.
    pub iterations: usize,
    /// How the learning rate depends on the matrix's shape.
    pub scale: MuonScale,
}

impl Default for MuonConfig {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            weight_decay: 0.1,
            momentum: 0.95,
            nesterov: true,
            coefficients: (3.4445, -4.7750, 2.0315),
            eps: 1e-7,
            iterations: 5,
            scale: MuonScale::Original,
        }
    }
}

/// Gradient descent along orthogonalised momentum, for matrices in hidden layers (Jordan et al.
/// 2024).
///
/// ```text
/// B = μB + (1 − μ)∇
/// U = (1 − μ)∇ + μB                   (U = B without Nesterov)
/// X = U/‖U‖;  five times X = aX + (bXXᵀ + c(XXᵀ)²)X
/// w = (1 − ηλ)w − η s(m, n) X
/// ```
///
/// The iteration takes U's singular values near one. PyTorch computes it in bfloat16; here it is
/// computed in the parameter's dtype, for halves in `f32`.
///
/// # Examples
///
/// ```
/// use optim::{Muon, Optimizer};
/// use tensor::{Parameter, StateValue, Tensor};
///
/// let w = Parameter::new(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]));
/// let mut optimizer = Muon::new([w.clone()], 0.02);
/// w.tensor().square().sum().backward();
/// optimizer.step();
/// assert!(w.tensor().square().sum().item() < 30.0);
/// ```
pub type Muon = Descent<MuonConfig>;

impl Method for MuonConfig {
    const NAME: &'static str = "muon";

    hyperparameters!(lr, weight_decay, momentum, nesterov, coefficients, eps, iterations, scale);

    fn check(&self) -> Result<(), String> {
        check_fractions(Self::NAME, &[("momentum", self.momentum)])?;
        let values = [("learning rate", self.lr), ("weight decay", self.weight_decay)];
        check_not_negative(Self::NAME, &values)
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["momentum_buffer"], shape)
    }

    #[track_caller]
    fn accept(&self, parameter: &Parameter) {
        let shape = parameter.shape();
        assert!(shape.len() == 2, "muon: a parameter is not a matrix: {shape:?}");
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[0.0]);
        state.update(parameter, |w, g, tensors| {
            let [buffer] = &mut tensors[..] else { unreachable!("made above") };
            *buffer = mixed(buffer, g, 1.0 - self.momentum);
            let direction =
                if self.nesterov { mixed(g, buffer, self.momentum) } else { buffer.clone() };
            let factor = self.scale.factor(w.shape()[0], w.shape()[1]);
            let orthogonal = self.orthogonal(&direction);
            w * (1.0 - self.lr * self.weight_decay) - orthogonal * (self.lr * factor)
        });
    }
}

/// from + weight (to - from).
fn mixed(from: &Tensor, to: &Tensor, weight: f64) -> Tensor {
    from + (to - from) * weight
}

impl MuonConfig {
    /// U with its singular values taken near one, by a quintic iteration of Newton's and Schulz's
    /// kind on the smaller side.
    fn orthogonal(&self, u: &Tensor) -> Tensor {
        let is_tall = u.shape()[0] > u.shape()[1];
        let mut x = if is_tall { u.t() } else { u.clone() };
        let norm = x.square().sum().sqrt().item();
        x /= norm.max(self.eps);
        let (a, b, c) = self.coefficients;
        for _ in 0..self.iterations {
            let gram = x.matmul(&x.t());
            let polynomial = &gram * b + gram.matmul(&gram) * c;
            x = &x * a + polynomial.matmul(&x);
        }
        if is_tall { x.t() } else { x }
    }
}
