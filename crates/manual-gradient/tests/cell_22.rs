//! The notebook's cell 22, trained with this crate alone, prints what was published.

use std::fmt::Write;

use manual_gradient::linear_regression::{predict, published_gradient};
use manual_gradient::loss::mse;
use ndarray::array;

const CELL_22: &str = "\
Prediction before training: f(5) = 0.000
epoch 1: w = 1.200, loss = 30.00000000
epoch 2: w = 1.680, loss = 4.79999924
epoch 3: w = 1.872, loss = 0.76800019
epoch 4: w = 1.949, loss = 0.12288000
epoch 5: w = 1.980, loss = 0.01966083
epoch 6: w = 1.992, loss = 0.00314574
epoch 7: w = 1.997, loss = 0.00050331
epoch 8: w = 1.999, loss = 0.00008053
epoch 9: w = 1.999, loss = 0.00001288
epoch 10: w = 2.000, loss = 0.00000206
epoch 11: w = 2.000, loss = 0.00000033
epoch 12: w = 2.000, loss = 0.00000005
epoch 13: w = 2.000, loss = 0.00000001
epoch 14: w = 2.000, loss = 0.00000000
epoch 15: w = 2.000, loss = 0.00000000
epoch 16: w = 2.000, loss = 0.00000000
epoch 17: w = 2.000, loss = 0.00000000
epoch 18: w = 2.000, loss = 0.00000000
epoch 19: w = 2.000, loss = 0.00000000
epoch 20: w = 2.000, loss = 0.00000000
Prediction after training: f(5) = 10.000
";

#[test]
fn cell_22_comes_out_digit_for_digit() {
    let x = array![1.0_f32, 2.0, 3.0, 4.0];
    let y = array![2.0_f32, 4.0, 6.0, 8.0];
    let mut w = 0.0_f64;
    let mut page = format!("Prediction before training: f(5) = {:.3}\n", w * 5.0);
    for epoch in 1..=20 {
        let prediction = predict(w as f32, &x);
        let loss = mse(&prediction, &y);
        w -= 0.01 * f64::from(published_gradient(&x, &y, &prediction));
        writeln!(page, "epoch {epoch}: w = {w:.3}, loss = {loss:.8}").unwrap();
    }
    writeln!(page, "Prediction after training: f(5) = {:.3}", w * 5.0).unwrap();
    assert_eq!(page, CELL_22);
}
