//! What Adam and its relatives share: hyperparameters and their ranges, averages of the gradient and of
//! its square, and weight decay that is part of the gradient or not.

use tensor::Float;

use crate::method::{Objective, check_fractions, check_not_negative, lerp};

/// The hyperparameters that all of them have.
#[derive(Clone, Copy)]
pub(crate) struct Common {
    pub(crate) lr: f64,
    pub(crate) betas: (f64, f64),
    pub(crate) eps: f64,
    pub(crate) weight_decay: f64,
    pub(crate) maximize: bool,
}

/// A config's fields of these names.
macro_rules! common {
    ($config:expr) => {
        Common {
            lr: $config.lr,
            betas: $config.betas,
            eps: $config.eps,
            weight_decay: $config.weight_decay,
            maximize: $config.maximize,
        }
    };
}
pub(crate) use common;

impl Common {
    /// What is wrong if one is out of its range.
    pub(crate) fn check(self, optimizer: &str) -> Result<(), String> {
        let Self { lr, betas, eps, weight_decay, maximize: _ } = self;
        let values = [("learning rate", lr), ("epsilon", eps), ("weight decay", weight_decay)];
        check_not_negative(optimizer, &values)?;
        check_fractions(optimizer, &[("first beta", betas.0), ("second beta", betas.1)])
    }

    /// With weight decay as a part of the gradient.
    pub(crate) fn coupled(self) -> Averages {
        let objective = Objective { maximize: self.maximize, weight_decay: self.weight_decay };
        Averages { objective, betas: self.betas, shrink: 1.0 }
    }

    /// With weight decay that shrinks the weights by ηλ of themselves.
    pub(crate) fn decoupled(self) -> Averages {
        let shrink = 1.0 - self.lr * self.weight_decay;
        Averages { shrink, ..Self { weight_decay: 0.0, ..self }.coupled() }
    }

    /// One or the other.
    pub(crate) fn averages(self, is_decoupled: bool) -> Averages {
        if is_decoupled { self.decoupled() } else { self.coupled() }
    }
}

/// The averages' arithmetic.
#[derive(Clone, Copy)]
pub(crate) struct Averages {
    objective: Objective,
    betas: (f64, f64),
    /// What decoupled weight decay leaves of the weights.
    shrink: f64,
}

impl Averages {
    /// Moves one element's averages and shrinks its weight; returns the gradient.
    #[allow(clippy::inline_always, reason = "the loop is compiled for the widest instructions")]
    #[inline(always)]
    pub(crate) fn advance<T: Float>(&self, w: &mut T, g: T, m: &mut T, v: &mut T) -> T {
        let (b1, b2) = self.betas;
        let g = self.objective.gradient(g, *w);
        *w = w.scale(self.shrink);
        *m = lerp(*m, g, 1.0 - b1);
        *v = v.scale(b2) + (g * g).scale(1.0 - b2);
        g
    }
}
