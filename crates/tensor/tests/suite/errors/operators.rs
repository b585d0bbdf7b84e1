//! Every operator, between every two things it takes, blames the caller's line.

use tensor::{DType, Parameter, Tensor};

use super::catch::panics;

macro_rules! between_tensors {
    ($($name:literal, $op:tt, $assign:tt;)*) => {$({
        let (x, y) = (Tensor::ones(&[2], DType::F32), Tensor::ones(&[3], DType::F32));
        let (p, q) = (Parameter::new(x.clone()), Parameter::new(y.clone()));
        let text = concat!($name, ": shapes do not broadcast: [2] and [3]");
        panics(text, || x.clone() $op y.clone());
        panics(text, || x.clone() $op &y);
        panics(text, || x.clone() $op &q);
        panics(text, || &x $op y.clone());
        panics(text, || &x $op &y);
        panics(text, || &x $op &q);
        panics(text, || &p $op y.clone());
        panics(text, || &p $op &y);
        panics(text, || &p $op &q);
        let mut z = x.clone();
        panics(text, || z $assign &y);
        panics(text, || z $assign y.clone());
        assert!(z.equal(&x), "a failed assignment changed its target");
        let text = concat!($name, ": dtypes differ: f32 and f64; convert one with to_dtype");
        panics(text, || &x $op &Tensor::ones(&[2], DType::F64));
    })*};
}

#[test]
fn operators_between_tensors() {
    between_tensors!("add", +, +=; "sub", -, -=; "mul", *, *=; "div", /, /=;);
}

macro_rules! with_numbers {
    ($($name:literal, $op:tt, $needs:literal;)*) => {$({
        let x = Tensor::ones(&[2], DType::Bool);
        let text = concat!($name, ": needs ", $needs, ": got bool");
        panics(text, || x.clone() $op 1.0_f32);
        panics(text, || x.clone() $op 1.0_f64);
        panics(text, || x.clone() $op 1_i32);
        panics(text, || x.clone() $op 1_i64);
        panics(text, || x.clone() $op 1_u8);
        panics(text, || &x $op 1.0_f32);
        panics(text, || &x $op 1.0_f64);
        panics(text, || &x $op 1_i32);
        panics(text, || &x $op 1_i64);
        panics(text, || &x $op 1_u8);
        panics(text, || 1.0_f64 $op x.clone());
        panics(text, || 1_i64 $op x.clone());
        panics(text, || 1.0_f64 $op &x);
        panics(text, || 1_i64 $op &x);
        let mut z = x.clone();
        panics(text, || z = &z $op 1.5);
    })*};
}

#[test]
fn operators_with_numbers() {
    with_numbers!("add", +, "numbers"; "sub", -, "numbers"; "mul", *, "numbers";);
    with_numbers!("div", /, "a floating-point dtype";);
    let x = Tensor::ones(&[2], DType::I64);
    let text =
        |name: &str| format!("{name}: a floating-point number does not fit the dtype: 0.5 for i64");
    panics(&text("add"), || &x + 0.5);
    panics(&text("sub"), || 0.5 - &x);
    panics(&text("mul"), || 0.5 * &x);
    panics("div: needs a floating-point dtype: got i64", || &x / 2);
    panics("div: needs a floating-point dtype: got i64", || 2 / &x);
    panics("neg: needs numbers: got bool", || -Tensor::scalar(true));
    panics("neg: needs numbers: got bool", || -&Tensor::scalar(true));
}

/// The line of the node that was recorded last.
fn line(x: &Tensor) -> (&'static str, u32) {
    let location = x.edge().unwrap().node().location();
    (location.file(), location.line())
}

#[test]
fn operators_on_parameters_record_the_callers_line() {
    let p = Parameter::new(Tensor::from([1.0_f32, 2.0]));
    let here = (file!(), line!() + 1);
    let all = [-&p, &p + 1.0, &p - 1.0, &p * 2, &p / 2, 1.0 + &p, 1 - &p, 2.0 * &p, &p + &p];
    assert!(all.iter().all(|x| line(x) == here));
}
