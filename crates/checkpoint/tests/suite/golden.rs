//! Files that PyTorch, NumPy and safetensors wrote, by `tools/weights_golden.py`.

use checkpoint::{StateDict, load_npz, load_pt, load_safetensors};
use nn::{BatchNorm2d, Conv2d, Flatten, Linear, Module, Sequential};
use tensor::{DType, Generator, Tensor};

use crate::scratch::{assert_same, golden};

#[test]
fn pytorchs_files_hold_what_pytorch_says() {
    for name in ["state", "protocol_4", "dtypes", "views", "nested", "tensor"] {
        let read = load_pt(golden(&format!("{name}.pt"))).unwrap();
        let expected = load_safetensors(golden(&format!("{name}.expected.safetensors"))).unwrap();
        assert!(!read.is_empty());
        assert_same(&read, &expected);
    }
}

#[test]
fn names_keep_pytorchs_order() {
    let read = load_pt(golden("state.pt")).unwrap();
    let names: Vec<&str> = read.names().collect();
    assert_eq!(names[..4], ["0.weight", "0.bias", "1.weight", "1.bias"]);
    assert_eq!(names[6..], ["1.num_batches_tracked", "3.weight", "3.bias"]);
}

fn model(seed: u64) -> Sequential {
    let mut rng = Generator::new(seed);
    Sequential::new()
        .then(Conv2d::new(1, 2, [3, 3], &mut rng))
        .then(BatchNorm2d::new(2))
        .then(Flatten::default())
        .then(Linear::new(8, 3, &mut rng))
}

#[test]
fn a_model_takes_pytorchs_weights() {
    let model = model(0);
    model.load_state_dict(&load_pt(golden("state.pt")).unwrap()).unwrap();
    assert_same(&model.state_dict(), &load_pt(golden("state.pt")).unwrap());
    let nested = load_pt(golden("nested.pt")).unwrap();
    model.load_state_dict(&nested.under("model_state_dict")).unwrap();
    assert_eq!((nested["epoch"].item(), nested["loss"].item()), (3.0, 0.25));
    assert_eq!(nested["optimizer.state.0.exp_avg"].shape(), [2, 1, 3, 3]);
    assert_eq!(nested["optimizer.param_groups.0.lr"].item(), 0.01);
}

#[test]
fn views_of_one_storage_share_memory() {
    let read = load_pt(golden("views.pt")).unwrap();
    assert!(read["row"].shares_memory(&read["base"]));
    assert!(read["parameter"].shares_memory(&read["base"]));
    assert_eq!(read["transposed"].to_vec::<f32>()[..3], [0.0, 6.0, 12.0]);
    assert_eq!(read["expanded"].to_vec::<f32>(), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
}

#[test]
fn safetensors_of_every_dtype() {
    let read = load_safetensors(golden("dtypes.safetensors")).unwrap();
    assert_same(&read, &load_safetensors(golden("dtypes.expected.safetensors")).unwrap());
    let halves = Tensor::from([[1.5_f32, -0.0, 3.25], [f32::INFINITY, 1e-3, -7.0]]);
    assert_eq!(read["float16"].to_le_bytes(), halves.to_dtype(DType::F16).to_le_bytes());
    assert_eq!(read["bool"].to_vec::<bool>(), [true, false, true, true, true, true]);
    assert_eq!((read["scalar"].item(), read["empty"].shape()), (2.5, &[0, 4][..]));
}

#[test]
fn numpys_archives_stored_and_deflated() {
    let mut expected = load_safetensors(golden("dtypes.safetensors")).unwrap();
    expected.remove("bfloat16");
    expected.insert("fortran", Tensor::arange(6, DType::F64).reshape(&[2, 3]));
    expected.insert("big_endian", Tensor::arange(3, DType::F32));
    for name in ["stored.npz", "deflated.npz"] {
        assert_same(&load_npz(golden(name)).unwrap(), &expected);
    }
}

#[track_caller]
fn refusal(name: &str) -> String {
    let path = golden(name);
    let error = load_pt(&path).map(|state: StateDict| state.len()).unwrap_err();
    assert_eq!(error.file, path);
    let error = error.to_string();
    error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
}

#[test]
fn files_that_are_refused_say_why() {
    assert_eq!(
        refusal("namespace.pt"),
        "entry \"namespace/data.pkl\", byte 16: a global that tensors do not need: \
         argparse.Namespace"
    );
    assert!(refusal("complex.pt").ends_with("tensors do not need: torch.ComplexFloatStorage"));
    assert!(refusal("int16.pt").ends_with("tensors do not need: torch.ShortStorage"));
    assert_eq!(refusal("big_endian.pt"), "entry \"state/byteorder\": not little-endian: \"big\"");
    assert_eq!(
        refusal("compressed.pt"),
        "entry \"state/byteorder\": compressed, which PyTorch's files are not"
    );
    assert_eq!(
        refusal("legacy.pt"),
        "the file: the format of PyTorch before 1.6: load it there and save it again"
    );
}
