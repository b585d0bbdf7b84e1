//! Recurrent modules beside PyTorch's database: states, dropout, second derivatives, beginnings.

use nn::{
    GRU, GRUCell, GRUConfig, LSTM, LSTMCell, LSTMConfig, LSTMState, Layer, Module, Pass, RNN,
    RNNCell, RNNConfig, RNNNonlinearity,
};
use tensor::{DType, Generator, Parameter, Tensor};

use crate::catch::catch;
use crate::compare::{is_close, second_derivatives};

const DTYPE: DType = DType::F64;

fn random(shape: &[usize], seed: u64) -> Tensor {
    Generator::new(seed).normal(shape, 0.0, 1.0, DTYPE)
}

fn lstm(config: &LSTMConfig) -> LSTM {
    LSTM::with(3, 4, &LSTMConfig { dtype: DTYPE, ..config.clone() }, &mut Generator::new(1))
}

fn gru(config: &GRUConfig) -> GRU {
    GRU::with(3, 4, &GRUConfig { dtype: DTYPE, ..config.clone() }, &mut Generator::new(1))
}

fn eval(layer: &LSTM, x: &Tensor, state: Option<&LSTMState>) -> (Tensor, LSTMState) {
    layer.forward(x, state, &mut Pass::eval())
}

#[test]
fn a_sequence_in_chunks_is_the_whole() {
    let layer = lstm(&LSTMConfig { layers: 2, proj_size: 2, ..LSTMConfig::default() });
    let x = random(&[7, 2, 3], 2);
    let (whole, last) = eval(&layer, &x, None);
    let (first, state) = eval(&layer, &x.narrow(0, 0, 3), None);
    let (second, end) = eval(&layer, &x.narrow(0, 3, 4), Some(&state.detach()));
    assert!(is_close(&Tensor::cat(&[first, second], 0), &whole, 1e-14));
    assert!(is_close(&end.h, &last.h, 1e-14) && is_close(&end.c, &last.c, 1e-14));
}

#[test]
fn gradients_end_at_a_detached_state() {
    let layer = lstm(&LSTMConfig::default());
    for is_detached in [false, true] {
        let x = random(&[2, 1, 3], 2).requires_grad();
        let (_, state) = eval(&layer, &x, None);
        let state = if is_detached { state.detach() } else { state };
        eval(&layer, &random(&[2, 1, 3], 3), Some(&state)).0.sum().backward();
        assert_eq!(x.grad().is_none(), is_detached);
    }
}

#[test]
fn layers_step_as_their_cells_do() {
    let renamed = |layer: &dyn Module, cell: &dyn Module| {
        let state = layer.state_dict();
        let named = state.iter().map(|(path, x)| (path.replace("_l0", ""), x.clone()));
        cell.load_state_dict(&named.collect()).unwrap();
    };
    let rng = &mut Generator::new(1);
    let x = rng.normal(&[5, 2, 3], 0.0, 1.0, DType::F32);
    let steps = x.unbind(0);

    let (layer, cell) = (RNN::new(3, 4, rng), RNNCell::new(3, 4, rng));
    renamed(&layer, &cell);
    let h = steps.iter().fold(None, |h, x| Some(cell.forward(x, h.as_ref())));
    let (_, last) = layer.forward(&x, None, &mut Pass::eval());
    assert!(is_close(&last.squeeze(0), &h.unwrap(), 1e-5));

    let (layer, cell) = (GRU::new(3, 4, rng), GRUCell::new(3, 4, rng));
    renamed(&layer, &cell);
    let h = steps.iter().fold(None, |h, x| Some(cell.forward(x, h.as_ref())));
    let (_, last) = layer.forward(&x, None, &mut Pass::eval());
    assert!(is_close(&last.squeeze(0), &h.unwrap(), 1e-5));

    let (layer, cell) = (LSTM::new(3, 4, rng), LSTMCell::new(3, 4, rng));
    renamed(&layer, &cell);
    let state = steps.iter().fold(None, |state, x| Some(cell.forward(x, state.as_ref()))).unwrap();
    let (_, last) = layer.forward(&x, None, &mut Pass::eval());
    assert!(is_close(&last.h.squeeze(0), &state.h, 1e-5));
    assert!(is_close(&last.c.squeeze(0), &state.c, 1e-5));
}

#[test]
fn as_a_layer_it_is_its_outputs() {
    let layer = gru(&GRUConfig::default());
    let x = random(&[5, 2, 3], 2);
    let (y, _) = layer.forward(&x, None, &mut Pass::eval());
    assert_eq!(Layer::forward(&layer, &x, &mut Pass::eval()).to_vec::<f64>(), y.to_vec::<f64>());
}

#[test]
fn dropout_is_between_layers_in_training() {
    let config = |dropout| LSTMConfig { layers: 2, dropout, ..LSTMConfig::default() };
    let x = random(&[5, 2, 3], 2);
    let train = |layer: &LSTM, seed| {
        layer.forward(&x, None, &mut Pass::train(&mut Generator::new(seed))).0.to_vec::<f64>()
    };
    let plain = lstm(&config(0.0));
    let y = eval(&plain, &x, None).0.to_vec::<f64>();
    assert_eq!(train(&plain, 1), y);
    // The same weights: the seed is the same.
    let half = lstm(&config(0.5));
    assert_eq!(eval(&half, &x, None).0.to_vec::<f64>(), y);
    assert_ne!(train(&half, 1), y);
    assert_ne!(train(&half, 1), train(&half, 2));
    assert_eq!(train(&half, 1), train(&half, 1));
    assert!(train(&half, 1).iter().all(|&y| y != 0.0), "outputs of the last layer are not dropped");
    // With nothing left of the first layer, the input does not matter.
    let none = lstm(&config(1.0));
    let other = none.forward(&x.sin(), None, &mut Pass::train(&mut Generator::new(1))).0;
    assert_eq!(train(&none, 1), other.to_vec::<f64>());
}

#[test]
fn parameters_are_named_and_shaped_as_in_pytorch() {
    let config =
        LSTMConfig { layers: 2, bidirectional: true, proj_size: 2, ..LSTMConfig::default() };
    let expected: Vec<(String, Vec<usize>)> = [0, 1]
        .into_iter()
        .flat_map(|layer| ["", "_reverse"].map(|direction| (layer, direction)))
        .flat_map(|(layer, direction)| {
            let inputs = if layer == 0 { 3 } else { 4 };
            let shapes = [
                ("weight_ih", vec![16, inputs]),
                ("weight_hh", vec![16, 2]),
                ("bias_ih", vec![16]),
                ("bias_hh", vec![16]),
                ("weight_hr", vec![2, 4]),
            ];
            shapes.map(|(name, shape)| (format!("{name}_l{layer}{direction}"), shape))
        })
        .collect();
    let parameters = lstm(&config).named_parameters().into_iter();
    let ours: Vec<_> = parameters.map(|(path, parameter)| (path, parameter.shape())).collect();
    assert_eq!(ours, expected);
}

#[test]
fn parameters_are_uniform_within_the_bound() {
    let layer = GRU::new(50, 64, &mut Generator::new(5));
    let bound = 0.125;
    for (path, parameter) in layer.named_parameters() {
        let values: Vec<f32> = Parameter::tensor(&parameter).to_vec();
        assert!(values.iter().all(|x| x.abs() <= bound), "{path}");
        let n = values.len() as f32;
        let second = values.iter().map(|x| x * x).sum::<f32>() / n;
        // A uniform variable's is bound² / 3, with a standard deviation of 2 bound² / √(45 n).
        let deviation = 2.0 * bound * bound / (45.0 * n).sqrt();
        assert!((second - bound * bound / 3.0).abs() < 5.0 * deviation, "{path}: {second}");
    }
}

#[test]
fn derivatives_of_second_order() {
    let x = random(&[2, 1, 3], 2);
    let layer = RNN::with(
        3,
        2,
        &RNNConfig { dtype: DTYPE, ..RNNConfig::default() },
        &mut Generator::new(1),
    );
    second_derivatives(&layer, &[x.clone(), random(&[1, 1, 2], 3)], |x| {
        let (y, h) = layer.forward(&x[0], Some(&x[1]), &mut Pass::eval());
        y.sin().sum() + h.square().sum()
    });
    let layer = gru(&GRUConfig { bidirectional: true, ..GRUConfig::default() });
    second_derivatives(&layer, &[x.clone(), random(&[2, 1, 4], 3)], |x| {
        let (y, h) = layer.forward(&x[0], Some(&x[1]), &mut Pass::eval());
        y.sin().sum() + h.square().sum()
    });
    let layer = lstm(&LSTMConfig { proj_size: 2, layers: 2, ..LSTMConfig::default() });
    second_derivatives(&layer, &[x, random(&[2, 1, 2], 3), random(&[2, 1, 4], 4)], |x| {
        let state = LSTMState { h: x[1].clone(), c: x[2].clone() };
        let (y, state) = eval(&layer, &x[0], Some(&state));
        y.sin().sum() + state.h.square().sum() + state.c.sin().sum()
    });
}

#[track_caller]
fn refuses<R>(expected: &str, f: impl FnOnce() -> R) {
    let caught = catch(f);
    assert_eq!(caught.message, expected);
    assert!(caught.file.ends_with("suite/recurrent.rs"), "{}", caught.file);
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let layer = lstm(&LSTMConfig::default());
    let first = gru(&GRUConfig { batch_first: true, ..GRUConfig::default() });
    let x = random(&[5, 2, 3], 1);
    refuses(
        "lstm: the input does not fit: needs [time, 3] or [time, batch, 3], got [5, 2, 4]",
        || eval(&layer, &random(&[5, 2, 4], 1), None),
    );
    refuses("gru: the input does not fit: needs [time, 3] or [batch, time, 3], got [3]", || {
        first.forward(&random(&[3], 1), None, &mut Pass::eval())
    });
    refuses("lstm: the sequence is empty: got [0, 2, 3]", || {
        eval(&layer, &random(&[0, 2, 3], 1), None)
    });
    refuses("lstm: dtypes differ: input f32, parameters f64; convert one with to_dtype", || {
        eval(&layer, &x.to_dtype(DType::F32), None)
    });
    refuses("gru: the state does not fit: needs [1, 5, 4], got [1, 2, 4]", || {
        first.forward(&x, Some(&random(&[1, 2, 4], 1)), &mut Pass::eval())
    });
    let state = LSTMState { h: random(&[1, 2, 4], 1), c: random(&[1, 4], 1) };
    refuses("lstm: the state does not fit: needs [1, 2, 4], got [1, 4]", || {
        eval(&layer, &x, Some(&state))
    });
    let cell = LSTMCell::new(3, 4, &mut Generator::new(0));
    refuses("lstm_cell: the input does not fit: needs [3] or [batch, 3], got [5, 2, 3]", || {
        cell.forward(&x, None)
    });
    let cell = RNNCell::new(3, 4, &mut Generator::new(0));
    refuses("rnn_cell: the state does not fit: needs [2, 4], got [4]", || {
        cell.forward(&x.select(0, 0), Some(&random(&[4], 1)))
    });
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let rng = || Generator::new(0);
    refuses("rnn: the hidden size is zero", || RNN::new(3, 0, &mut rng()));
    refuses("gru_cell: the hidden size is zero", || GRUCell::new(3, 0, &mut rng()));
    refuses("lstm: needs at least one layer: got 0", || {
        lstm(&LSTMConfig { layers: 0, ..LSTMConfig::default() })
    });
    refuses("lstm: the projection is not smaller than the hidden size: 4 and 4", || {
        lstm(&LSTMConfig { proj_size: 4, ..LSTMConfig::default() })
    });
    refuses("dropout: not a probability: 2", || {
        gru(&GRUConfig { dropout: 2.0, ..GRUConfig::default() })
    });
}

#[test]
fn rectified_networks_have_no_negative_output() {
    let config = RNNConfig { nonlinearity: RNNNonlinearity::ReLU, ..RNNConfig::default() };
    let layer = RNN::with(3, 4, &config, &mut Generator::new(1));
    let y = Layer::forward(&layer, &random(&[5, 2, 3], 2).to_dtype(DType::F32), &mut Pass::eval());
    assert!(y.to_vec::<f32>().iter().all(|&y| y >= 0.0));
}
