//! The squared error: what it refuses, and where it says so.

use nn::{MSELoss, Reduction};
use tensor::{DType, Tensor};

use crate::catch::catch;

#[test]
fn a_target_of_another_shape_is_refused_at_the_callers_line() {
    let input = Tensor::from([1.0_f32, 2.0]);
    let target = Tensor::from([[1.0_f32], [2.0]]);
    for reduction in [Reduction::None, Reduction::Mean, Reduction::Sum] {
        let loss = MSELoss { reduction };
        let (line, caught) = (line!(), catch(|| loss.forward(&input, &target)));
        assert_eq!(caught.message, "mse_loss: input and target differ in shape: [2] and [2, 1]");
        assert!(caught.file.ends_with("suite/loss.rs"), "{}", caught.file);
        assert_eq!(caught.line, line);
    }
}

#[test]
fn a_target_that_would_broadcast_is_refused() {
    let input = Tensor::from([1.0_f32, 2.0]);
    for target in [Tensor::from(1.0_f32), Tensor::from([1.0_f32])] {
        let caught = catch(|| MSELoss::default().forward(&input, &target));
        assert!(caught.message.starts_with("mse_loss: input and target differ in shape: [2] and "));
    }
}

#[test]
fn a_target_of_another_dtype_is_refused() {
    let input = Tensor::from([1.0_f32, 2.0]);
    for dtype in [DType::F64, DType::I64, DType::Bool] {
        let caught = catch(|| MSELoss::default().forward(&input, &input.to_dtype(dtype)));
        let expected =
            format!("mse_loss: dtypes differ: f32 and {dtype}; convert one with to_dtype");
        assert_eq!(caught.message, expected);
        assert!(caught.file.ends_with("suite/loss.rs"), "{}", caught.file);
    }
}

#[test]
fn integers_have_no_squared_error() {
    let input = Tensor::from([1_i64, 2]);
    let caught = catch(|| MSELoss::default().forward(&input, &input));
    assert!(caught.message.starts_with("mse_loss: "), "{}", caught.message);
    assert!(caught.file.ends_with("suite/loss.rs"), "{}", caught.file);
}

#[test]
fn the_default_is_the_mean() {
    assert_eq!(MSELoss::default().reduction, Reduction::Mean);
    let (x, y) = (Tensor::from([0.0_f64, 0.0, 0.0, 0.0]), Tensor::from([1.0_f64, 1.0, 1.0, 3.0]));
    assert_eq!(MSELoss::default().forward(&x, &y).item(), 3.0);
    assert_eq!(MSELoss { reduction: Reduction::Sum }.forward(&x, &y).item(), 12.0);
    let each = MSELoss { reduction: Reduction::None }.forward(&x, &y);
    assert_eq!(each.to_vec::<f64>(), [1.0, 1.0, 1.0, 9.0]);
}
