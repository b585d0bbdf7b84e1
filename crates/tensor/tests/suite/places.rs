//! Parameters and buffers: places that share, snapshots that do not change.

use tensor::{Buffer, DType, Float, Parameter, Tensor, Update, is_recording};

/// x -= g, and counts in its state.
#[derive(Clone)]
struct Descend;

impl Update for Descend {
    fn update<T: Float>(&self, x: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        for (x, &g) in x.iter_mut().zip(g) {
            *x = x.difference(g);
        }
        for count in state.iter_mut().flat_map(|count| count.iter_mut()) {
            *count = count.sum(T::from_f64(1.0));
        }
    }
}

fn parameter() -> Parameter {
    Parameter::new(Tensor::full(&[100], 3.0_f32))
}

fn memory(w: &Parameter) -> *const f32 {
    w.tensor().as_slice::<f32>().unwrap().as_ptr()
}

fn value(w: &Parameter) -> f32 {
    let all = w.tensor().to_vec::<f32>();
    assert!(all.iter().all(|x| *x == all[0]));
    all[0]
}

#[test]
fn a_change_between_forward_and_backward_changes_no_gradient() {
    let changes: [fn(&Parameter); 3] = [
        |w| w.update(|value| value * 100.0),
        |w| w.set(&Tensor::zeros(&[100], DType::F32)),
        |w| {
            w.set_grad(Some(Tensor::ones(&[100], DType::F32)));
            w.apply(&mut [], &Descend);
            w.zero_grad();
        },
    ];
    for change in changes {
        let w = parameter();
        let loss = (&w * &w).sum();
        change(&w);
        assert_ne!(value(&w), 3.0);
        loss.backward();
        assert_eq!(w.grad().unwrap().to_vec::<f32>(), [6.0; 100]);
    }
}

#[test]
fn apply_writes_in_place_when_nobody_shares() {
    let w = parameter();
    let before = memory(&w);
    w.set_grad(Some(Tensor::ones(&[100], DType::F32)));
    let mut state = [Tensor::zeros(&[100], DType::F32)];
    let state_before = state[0].as_slice::<f32>().unwrap().as_ptr();
    for step in 1..=3 {
        assert!(w.apply(&mut state, &Descend));
        assert_eq!((value(&w), memory(&w)), (3.0 - step as f32, before));
    }
    assert_eq!(state[0].as_slice::<f32>().unwrap().as_ptr(), state_before);
    assert_eq!(state[0].to_vec::<f32>(), [3.0; 100]);
}

#[test]
fn apply_copies_when_a_snapshot_shares() {
    let w = parameter();
    let snapshot = w.tensor();
    let view = snapshot.narrow(0, 10, 5);
    drop(snapshot);
    w.set_grad(Some(Tensor::ones(&[100], DType::F32)));
    w.apply(&mut [], &Descend);
    assert_eq!(value(&w), 2.0);
    assert_eq!(view.to_vec::<f32>(), [3.0; 5]);
    drop(view);
    let before = memory(&w);
    w.apply(&mut [], &Descend);
    assert_eq!((value(&w), memory(&w)), (1.0, before));
}

#[test]
fn apply_copies_when_a_live_graph_shares() {
    let w = parameter();
    let loss = (&w * &w).sum();
    w.set_grad(Some(Tensor::ones(&[100], DType::F32)));
    let before = memory(&w);
    w.apply(&mut [], &Descend);
    assert_ne!(memory(&w), before);
    assert!(w.has_grad());
    w.zero_grad();
    assert!(!w.has_grad() && w.grad().is_none());
    loss.backward();
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [6.0; 100]);
    // The graph is freed, and what it saved is gone.
    let before = memory(&w);
    w.apply(&mut [], &Descend);
    assert_eq!((value(&w), memory(&w)), (-4.0, before));
}

#[test]
fn apply_leaves_what_was_installed_alone() {
    let (w, given) = (parameter(), Tensor::full(&[100], 7.0_f32));
    w.set(&given);
    w.set_grad(Some(given.clone()));
    let mut state = [w.tensor().detach(), given.clone()];
    w.apply(&mut state, &Descend);
    assert_eq!(value(&w), 0.0);
    assert_eq!(given.to_vec::<f32>(), [7.0; 100]);
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [7.0; 100]);
    assert_eq!(state[0].to_vec::<f32>(), [8.0; 100]);
    assert_eq!(state[1].to_vec::<f32>(), [8.0; 100]);
}

#[test]
fn apply_takes_any_layout_of_value_gradient_and_state() {
    let matrix = Tensor::arange(6, DType::F64).reshape(&[2, 3]);
    let w = Parameter::new(matrix.t());
    w.set_grad(Some(Tensor::scalar(1.0_f64).expand(&[3, 2])));
    let mut state = [Tensor::scalar(5.0_f64).expand(&[3, 2])];
    w.apply(&mut state, &Descend);
    assert_eq!(w.tensor().to_vec::<f64>(), [-1.0, 2.0, 0.0, 3.0, 1.0, 4.0]);
    assert_eq!(state[0].to_vec::<f64>(), [6.0; 6]);
    assert_eq!(matrix.to_vec::<f64>(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
}

#[test]
fn apply_without_a_gradient_does_nothing() {
    let w = parameter();
    let mut state = [Tensor::zeros(&[100], DType::F32)];
    assert!(!w.apply(&mut state, &Descend));
    assert_eq!((value(&w), state[0].sum().item()), (3.0, 0.0));
}

#[test]
fn an_empty_parameter_is_a_parameter() {
    let part = Tensor::zeros(&[8, 0], DType::F32).narrow(0, 6, 2);
    let w = Parameter::new(part);
    (&w * 2.0).sum().backward();
    assert_eq!(w.grad().unwrap().shape(), [2, 0]);
    assert!(w.apply(&mut [], &Descend));
    assert_eq!((w.numel(), w.shape()), (0, vec![2, 0]));
}

#[test]
fn the_identity_survives_every_change() {
    let w = parameter();
    w.update(|value| value + 1.0);
    w.set(&Tensor::ones(&[100], DType::F32));
    w.set_grad(Some(Tensor::ones(&[100], DType::F32)));
    w.apply(&mut [], &Descend);
    w.zero_grad();
    assert!(w.is_trainable() && w.tensor().is_leaf());
    (&w + 0.0).sum().backward();
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [1.0; 100]);
}

#[test]
fn an_update_is_not_recorded() {
    let w = parameter();
    w.update(|value| {
        assert!(!is_recording());
        let tracked = Tensor::full(&[100], 1.0_f32).requires_grad();
        value + tracked.exp()
    });
    assert!(w.tensor().is_leaf());
    let other = parameter();
    w.set(&(&other * 2.0));
    w.tensor().sum().backward();
    assert!(other.grad().is_none());
}

#[test]
fn an_update_may_use_its_own_parameter() {
    let w = parameter();
    let inner = w.clone();
    w.update(move |value| {
        inner.zero_grad();
        value + inner.tensor().detach()
    });
    assert_eq!(value(&w), 6.0);
}

#[test]
fn a_frozen_parameter_is_a_constant_until_it_is_trained_again() {
    let w = parameter();
    w.set_trainable(false);
    assert!(!w.is_trainable() && !(&w * 2.0).is_tracked());
    w.update(|value| value + 1.0);
    assert!(!w.is_trainable());
    w.set_trainable(true);
    w.set_trainable(true);
    (&w * 2.0).sum().backward();
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [2.0; 100]);
    assert_eq!(value(&w), 4.0);
}

#[test]
fn gradients_accumulate_until_they_are_forgotten() {
    let w = parameter();
    assert!(w.grad().is_none());
    (&w * 2.0).sum().backward();
    (&w * 3.0).sum().backward();
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [5.0; 100]);
    w.zero_grad();
    assert!(w.grad().is_none());
    w.set_grad(Some(Tensor::ones(&[100], DType::F32).requires_grad()));
    assert!(!w.grad().unwrap().is_tracked());
    w.set_grad(None);
    assert!(w.grad().is_none());
}

#[test]
fn clones_share_the_place() {
    let w = parameter();
    let same = w.clone();
    assert!(w.is_same(&same) && !w.is_same(&parameter()));
    same.update(|value| value * 2.0);
    assert_eq!(value(&w), 6.0);
    (&same * &w).sum().backward();
    assert_eq!(w.grad().unwrap().to_vec::<f32>(), [12.0; 100]);
    same.zero_grad();
    assert!(w.grad().is_none());
    same.set_trainable(false);
    assert!(!w.is_trainable());
}

#[test]
fn a_parameter_forgets_where_its_value_came_from() {
    let source = Tensor::from([1.0_f64, 2.0]).requires_grad();
    let w = Parameter::from(source.exp());
    w.tensor().sum().backward();
    assert!(source.grad().is_none() && w.grad().is_some());
}

#[test]
fn what_a_parameter_says_about_itself() {
    let w = Parameter::new(Tensor::from([[1.5_f64, 2.0]]));
    assert_eq!((w.shape(), w.numel(), w.dtype()), (vec![1, 2], 2, DType::F64));
    assert_eq!(
        w.to_string(),
        "tensor([[1.5000, 2.0000]], dtype=torch.float64, requires_grad=True)"
    );
    assert!(format!("{w:?}").starts_with("Parameter(tensor([[1.5000"));
    assert_eq!(Parameter::new(Tensor::scalar(2.0_f32)).item(), 2.0);
}

#[test]
fn a_buffer_is_never_tracked_and_shared_by_clones() {
    let source = Tensor::from([1.0_f32, 2.0]).requires_grad();
    let buffer = Buffer::new(source.exp());
    let same = buffer.clone();
    assert!(!buffer.tensor().is_tracked() && buffer.is_same(&same));
    let snapshot = buffer.tensor();
    same.set(&(&source * 2.0));
    assert!(!buffer.tensor().is_tracked());
    assert_eq!(buffer.tensor().to_vec::<f32>(), [2.0, 4.0]);
    assert_ne!(snapshot.to_vec::<f32>(), [2.0, 4.0]);
    assert_eq!(buffer.shape(), [2]);
    assert!(!buffer.is_same(&Buffer::new(snapshot)));
}
