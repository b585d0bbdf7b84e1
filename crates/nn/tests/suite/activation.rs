//! Activation layers are the tensor functions of the same name, and have no parts.

use nn::{Layer, LeakyReLU, Pass, ReLU, SiLU, Sigmoid, Softplus, Tanh};
use tensor::{Tensor, grad};

use crate::catch::catch;

type Function = fn(&Tensor) -> Tensor;

fn layers() -> Vec<(Box<dyn Layer>, Function)> {
    vec![
        (Box::new(ReLU), Tensor::relu),
        (Box::new(Tanh), Tensor::tanh),
        (Box::new(Sigmoid), Tensor::sigmoid),
        (Box::new(Softplus), Tensor::softplus),
        (Box::new(SiLU), Tensor::silu),
        (Box::new(LeakyReLU::default()), |x| x.leaky_relu(0.01)),
        (Box::new(LeakyReLU { slope: 0.5 }), |x| x.leaky_relu(0.5)),
    ]
}

#[test]
fn a_layer_is_the_function_of_its_name() {
    let x = Tensor::from([[-30.0_f64, -1.5, 0.0], [0.25, 2.0, 30.0]]).requires_grad();
    for (layer, function) in layers() {
        let (ours, theirs) = (layer.forward(&x, &mut Pass::eval()), function(&x));
        assert_eq!(ours.shape(), [2, 3]);
        assert_eq!(ours.to_vec::<f64>(), theirs.to_vec::<f64>());
        let ([ours], [theirs]) = (grad(&ours.sum(), [&x]), grad(&theirs.sum(), [&x]));
        assert_eq!(ours.to_vec::<f64>(), theirs.to_vec::<f64>());
    }
}

#[test]
fn layers_differ_from_one_another() {
    let x = Tensor::from([-1.5_f64, 0.5]);
    let outputs: Vec<_> = layers()
        .iter()
        .map(|(layer, _)| layer.forward(&x, &mut Pass::eval()).to_vec::<f64>())
        .collect();
    for (position, output) in outputs.iter().enumerate() {
        assert!(!outputs[..position].contains(output), "layer {position}");
    }
}

#[test]
fn training_changes_nothing() {
    let x = Tensor::from([-1.5_f32, 0.0, 2.0]);
    let mut rng = tensor::Generator::new(0);
    for (layer, _) in layers() {
        let trained = layer.forward(&x, &mut Pass::train(&mut rng));
        assert_eq!(trained.to_vec::<f32>(), layer.forward(&x, &mut Pass::eval()).to_vec::<f32>());
    }
    assert_eq!(rng.next_uniform(), tensor::Generator::new(0).next_uniform());
}

#[test]
fn an_activation_has_no_parts() {
    for (layer, _) in layers() {
        assert!(layer.parameters().is_empty());
        assert!(layer.state_dict().is_empty());
    }
}

#[test]
fn integers_are_refused_at_the_callers_line() {
    let x = Tensor::from([1_i64, 2]);
    for caught in [
        catch(|| ReLU.forward(&x)),
        catch(|| Tanh.forward(&x)),
        catch(|| Sigmoid.forward(&x)),
        catch(|| Softplus.forward(&x)),
        catch(|| SiLU.forward(&x)),
        catch(|| LeakyReLU::default().forward(&x)),
    ] {
        assert!(caught.file.ends_with("suite/activation.rs"), "{caught:?}");
        assert!(caught.message.contains("i64"), "{caught:?}");
    }
}
