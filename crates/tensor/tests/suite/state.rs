//! State dicts: order, names, numbers as tensors, what does not fit, and random streams.

use std::time::Instant;

use tensor::{DType, Generator, LoadError, StateDict, StateReader, StateValue, Tensor};

#[test]
fn order_and_lookup_survive_replacing_and_removing() {
    let mut state = StateDict::new();
    for name in ["a", "b", "c", "d"] {
        state.insert(name, Tensor::from(name.len() as i64));
    }
    state.insert("b", Tensor::from(7_i64));
    assert_eq!(state.remove("a").unwrap().item(), 1.0);
    state.insert("a", Tensor::from(8_i64));
    assert_eq!(state.names().collect::<Vec<_>>(), ["b", "c", "d", "a"]);
    assert_eq!([&state["b"], &state["a"]].map(Tensor::item), [7.0, 8.0]);
    assert!(state.remove("e").is_none());
}

#[test]
fn a_lookup_does_not_go_through_all_entries() {
    let time = |entries: usize| {
        let start = Instant::now();
        let value = Tensor::from(1.0_f32);
        let state: StateDict = (0..entries).map(|i| (i.to_string(), value.clone())).collect();
        assert!((0..entries).all(|i| state.get(&i.to_string()).is_some()));
        start.elapsed()
    };
    let quickest = |entries| (0..3).map(|_| time(entries)).min().unwrap(); // others are at work
    let short = quickest(1_000);
    let long = quickest(100_000); // a hundred times as many; ten thousand times as long if it did
    assert!(long < 2_000 * short, "{long:?} {short:?}");
}

fn comes_back<T: StateValue + PartialEq + std::fmt::Debug>(values: &[T]) {
    for value in values {
        assert_eq!(T::from_tensor(&value.to_tensor()).as_ref(), Some(value));
    }
}

#[test]
fn values_come_back_with_the_same_bits() {
    comes_back(&[0.1, -0.0, f64::MAX, f64::INFINITY]);
    comes_back(&[i64::MIN, -1, 0, i64::MAX]);
    comes_back(&[0, u64::MAX, 1 << 63]);
    comes_back(&[true, false]);
    comes_back(&[(0.9, 0.999)]);
    comes_back(&[(1.0, 2.0, 3.0)]);
    comes_back(&[None, Some(2.5)]);
    comes_back(&[None, Some(3_usize)]);
    let nan = f64::from_bits(0x7ff8_0000_dead_beef);
    assert_eq!(f64::from_tensor(&nan.to_tensor()).unwrap().to_bits(), nan.to_bits());
    assert_eq!(f64::from_tensor(&Tensor::from(1_i64)), None);
    assert_eq!(f64::from_tensor(&Tensor::from([1.0_f64])), None);
    assert_eq!(<Option<f64>>::from_tensor(&Tensor::from([1.0_f64, 2.0])), None);
}

fn read(state: &StateDict) -> Result<(f64, u64), LoadError> {
    let mut reader = StateReader::new(state);
    let read = (reader.value("x", &0.5), reader.count("n", 3));
    reader.tensor("t", DType::F32, &[2]);
    reader.finish().map(|()| read)
}

#[test]
fn a_reader_collects_what_does_not_fit() {
    let mut state = StateDict::new();
    state.insert_value("x", &1.5);
    state.insert_value("n", &4_u64);
    state.insert("t", Tensor::from([1.0_f32, 2.0]));
    assert_eq!(read(&state), Ok((1.5, 4)));
    state.insert_value("n", &u64::MAX);
    state.insert_value("x", &true);
    state.insert("more", Tensor::from(0_u8));
    state.remove("t");
    let error = read(&state).unwrap_err();
    assert_eq!(
        (&error.missing[..], &error.unexpected[..]),
        (&["t".into()][..], &["more".into()][..])
    );
    assert_eq!(error.misfits[0].to_string(), "x is f64 [], given bool []");
    assert_eq!(error.invalid[0].to_string(), "n: a negative count: -1");
}

#[test]
fn a_reader_gives_tensors_without_their_graph() {
    let x = Tensor::from([1.0_f32]).requires_grad();
    let mut state = StateDict::new();
    state.insert("x", &x * 2.0);
    let read = StateReader::new(&state).tensor("x", DType::F32, &[1]).unwrap();
    assert!(!read.is_tracked());
}

#[test]
fn a_generator_goes_on_where_it_was() {
    let mut rng = Generator::new(5);
    rng.normal(&[3], 0.0, 1.0, DType::F32); // an odd number of words
    let mut resumed = Generator::new(6);
    resumed.load_state_dict(&rng.state_dict()).unwrap();
    assert_eq!(rng.state(), resumed.state());
    assert_eq!(rng.next_uniform(), resumed.next_uniform());
    let mut state = rng.state_dict();
    let mut bytes = state["state"].to_vec::<u8>();
    bytes[Generator::STATE_LEN - 1] = 0x10;
    state.insert("state", Tensor::from(bytes));
    let before = resumed.state();
    assert_eq!(resumed.load_state_dict(&state).unwrap_err().invalid.len(), 1);
    assert_eq!(resumed.load_state_dict(&StateDict::new()).unwrap_err().missing, ["state"]);
    assert_eq!(resumed.state(), before);
}
