//! The notebook's worked example: one weight, one sample, the chain rule in three factors.
//!
//! ```text
//! forward            local gradient
//! y'   = w x         dy'/dw   = x
//! s    = y' - y      ds/dy'   = 1
//! loss = s^2         dloss/ds = 2 s
//!
//! dloss/dw = dloss/ds * ds/dy' * dy'/dw = 2 s * 1 * x
//! ```
//!
//! Everything else in this crate is this page again with sums over samples and units. It is
//! plain `f64`: no array, so that nothing stands between the reader and the chain rule.

/// The values of the forward pass, `y' = w x`, `s = y' - y` and `loss = s^2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forward {
    /// The prediction `y' = w x`.
    pub prediction: f64,
    /// The residual `s = y' - y`.
    pub residual: f64,
    /// The loss `s^2`.
    pub loss: f64,
}

/// The derivative of each step of the forward pass in what that step was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalGradients {
    /// `dloss/ds = 2 s`, from `loss = s^2`.
    pub dloss_ds: f64,
    /// `ds/dy' = 1`, from `s = y' - y`.
    pub ds_dprediction: f64,
    /// `dy'/dw = x`, from `y' = w x`.
    pub dprediction_dw: f64,
}

/// Step 1: computes `y' = w x`, `s = y' - y` and `loss = s^2`.
///
/// # Examples
///
/// ```
/// use manual_gradient::worked_example::forward;
///
/// let forward = forward(1.0, 2.0, 1.0);
/// assert_eq!((forward.prediction, forward.residual, forward.loss), (1.0, -1.0, 1.0));
/// ```
pub fn forward(x: f64, y: f64, w: f64) -> Forward {
    let prediction = w * x;
    let residual = prediction - y;
    let loss = residual * residual;
    Forward { prediction, residual, loss }
}

/// Step 2: computes `dloss/ds = 2 s`, `ds/dy' = 1` and `dy'/dw = x`.
///
/// # Examples
///
/// ```
/// use manual_gradient::worked_example::{forward, local_gradients};
///
/// let (x, y, w) = (1.0, 2.0, 1.0);
/// let local = local_gradients(x, &forward(x, y, w));
/// assert_eq!((local.dloss_ds, local.ds_dprediction, local.dprediction_dw), (-2.0, 1.0, 1.0));
/// ```
pub fn local_gradients(x: f64, forward: &Forward) -> LocalGradients {
    LocalGradients { dloss_ds: 2.0 * forward.residual, ds_dprediction: 1.0, dprediction_dw: x }
}

/// Step 3: multiplies the local gradients, `dloss/dw = dloss/ds * ds/dy' * dy'/dw`.
///
/// # Examples
///
/// ```
/// use manual_gradient::worked_example::{chain_rule, forward, local_gradients};
///
/// let (x, y, w) = (1.0, 2.0, 1.0);
/// assert_eq!(chain_rule(&local_gradients(x, &forward(x, y, w))), -2.0);
/// ```
pub fn chain_rule(local: &LocalGradients) -> f64 {
    local.dloss_ds * local.ds_dprediction * local.dprediction_dw
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finite_difference::{central_difference, is_close};

    #[test]
    fn the_notebooks_numbers_come_out() {
        let forward = forward(1.0, 2.0, 1.0);
        assert_eq!(forward, Forward { prediction: 1.0, residual: -1.0, loss: 1.0 });
        let local = local_gradients(1.0, &forward);
        let published = LocalGradients { dloss_ds: -2.0, ds_dprediction: 1.0, dprediction_dw: 1.0 };
        assert_eq!(local, published);
        assert_eq!(chain_rule(&local), -2.0);
    }

    proptest! {
        #[test]
        fn product_of_local_gradients_is_the_derivative_of_the_loss(
            x in -3.0..3.0, y in -3.0..3.0, w in -3.0..3.0
        ) {
            let by_hand = chain_rule(&local_gradients(x, &forward(x, y, w)));
            let numeric = central_difference(|w| forward(x, y, w).loss, w);
            prop_assert!(is_close(by_hand, numeric), "{by_hand} by hand, {numeric} numerically");
        }
    }
}
