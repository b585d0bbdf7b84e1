//! A panic about a caller's mistake names the caller's line.
//!
//! A test binary of its own: the panic hook is global, and other tests panic on purpose.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::atomic::{AtomicBool, Ordering};

use manual_gradient::activation::Activation;
use manual_gradient::linear_regression::{mse_gradient, mse_gradient_of_bias, published_gradient};
use manual_gradient::loss::{mse, mse_derivative};
use manual_gradient::perceptron::Perceptron;
use manual_gradient::sum::{dot, mean};
use ndarray::{Array1, Array2, array};

static BLAMES_THIS_FILE: AtomicBool = AtomicBool::new(false);

fn panics_here<T>(name: &str, mistake: impl FnOnce() -> T) {
    let outcome = catch_unwind(AssertUnwindSafe(mistake));
    assert!(outcome.is_err(), "{name} did not panic");
    let blamed = BLAMES_THIS_FILE.swap(false, Ordering::Relaxed);
    assert!(blamed, "{name} blames another file");
}

#[test]
fn panics_name_the_callers_line() {
    set_hook(Box::new(|info| {
        let here = info.location().is_some_and(|at| at.file().ends_with("caller_location.rs"));
        BLAMES_THIS_FILE.store(here, Ordering::Relaxed);
        eprintln!("{info}");
    }));

    let (none, one, two) = (Array1::<f64>::zeros(0), array![1.0], array![1.0, 2.0]);
    panics_here("mean", || mean(&none));
    panics_here("dot", || dot(&one, &two));
    panics_here("mse, shapes", || mse(&one, &two));
    panics_here("mse, nothing", || mse(&none, &none));
    panics_here("mse_derivative, shapes", || mse_derivative(&one, &two));
    panics_here("mse_derivative, nothing", || mse_derivative(&none, &none));
    panics_here("published_gradient", || published_gradient(&one, &two, &two));
    panics_here("mse_gradient, lengths", || mse_gradient(&one, &two, &two));
    panics_here("mse_gradient, nothing", || mse_gradient(&none, &none, &none));
    panics_here("mse_gradient_of_bias, lengths", || mse_gradient_of_bias(&one, &two));
    panics_here("mse_gradient_of_bias, nothing", || mse_gradient_of_bias(&none, &none));

    let x = array![[1.0]];
    let mut model = Perceptron {
        w1: array![[1.0]],
        b1: array![0.0],
        activation: Activation::Relu,
        w2: array![[1.0]],
        b2: array![0.0],
    };
    panics_here("forward", || drop(model.forward(&Array2::zeros((1, 2)))));
    panics_here("gradients", || model.forward(&x).gradients(&Array2::zeros((1, 2))));
    let mut gradients = model.forward(&x).gradients(&x);
    gradients.w1 = Array2::zeros((2, 2));
    panics_here("descend", || model.descend(&gradients, 0.1));
}
