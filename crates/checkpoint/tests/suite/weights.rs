//! Weights: written, and read as they were; a failure leaves the file of before.

use checkpoint::{load_npz, load_safetensors, save_npz, save_safetensors};
use safetensors::SafeTensors;
use tensor::{DType, Tensor};

use crate::scratch::{Scratch, assert_same, samples};

#[test]
fn safetensors_come_back_bit_for_bit() {
    let scratch = Scratch::new("roundtrip");
    let path = scratch.file("w.safetensors");
    save_safetensors(&path, &samples()).unwrap();
    assert_same(&load_safetensors(&path).unwrap(), &samples());
    assert_eq!(scratch.names(), ["w.safetensors"]);
}

#[test]
fn the_safetensors_crate_reads_what_is_written() {
    let scratch = Scratch::new("crate");
    let path = scratch.file("w.safetensors");
    save_safetensors(&path, &samples()).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let read = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(read.len(), samples().len());
    for (name, tensor) in samples().iter() {
        let view = read.tensor(name).unwrap();
        assert_eq!((view.shape(), view.data()), (tensor.shape(), &tensor.to_le_bytes()[..]));
        let aligned =
            (view.data().as_ptr() as usize - bytes.as_ptr() as usize) % tensor.dtype().size();
        assert_eq!(aligned, 0, "{name}");
    }
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    let scratch = Scratch::new("same");
    let write = |name| {
        save_safetensors(scratch.file(name), &samples()).unwrap();
        std::fs::read(scratch.file(name)).unwrap()
    };
    assert_eq!(write("a"), write("b"));
}

#[test]
fn npz_comes_back_bit_for_bit() {
    let scratch = Scratch::new("npz");
    let path = scratch.file("w.npz");
    let mut state = samples();
    state.remove("layer.bf16");
    save_npz(&path, &state).unwrap();
    let read = load_npz(&path).unwrap();
    assert_same(&read, &state);
    assert!(read.names().eq(state.names()), "in the order of the state");
}

#[test]
fn a_failure_leaves_the_file_of_before() {
    let scratch = Scratch::new("failure");
    let path = scratch.with("w.npz", b"before");
    let mut state = samples();
    state.insert("last", Tensor::zeros(&[2], DType::BF16));
    let error = save_npz(&path, &state).unwrap_err();
    assert!(error.to_string().contains("npy: no such element type: bf16"), "{error}");
    state.insert("__metadata__", Tensor::from(1.0_f32));
    let error = save_safetensors(&path, &state).unwrap_err();
    assert!(error.to_string().contains("cannot be called __metadata__"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"before");
    assert_eq!(scratch.names(), ["w.npz"]);
    let nowhere = scratch.file("no/such/folder/w.safetensors");
    assert_eq!(save_safetensors(&nowhere, &samples()).unwrap_err().file, nowhere);
    assert!(load_safetensors(&nowhere).is_err());
}

#[test]
fn threads_that_save_to_one_path_leave_one_of_theirs_whole() {
    let scratch = Scratch::new("threads");
    let path = scratch.file("w.safetensors");
    std::thread::scope(|scope| {
        for i in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let x = Tensor::full(&[5_000 + i], i as f64);
                let state = [("x".to_owned(), x)].into_iter().collect();
                for _ in 0..25 {
                    save_safetensors(path, &state).unwrap();
                    let read = load_safetensors(path).unwrap()["x"].to_vec::<f64>();
                    assert!(read.iter().all(|&x| x == (read.len() - 5_000) as f64), "two in one");
                }
            });
        }
    });
    assert_eq!(scratch.names(), ["w.safetensors"]);
}

#[test]
fn threads_that_save_checkpoints_to_one_folder_leave_each_other_alone() {
    let scratch = Scratch::new("folder");
    let checkpoints = checkpoint::Checkpoints::new(scratch.path(), 100);
    std::thread::scope(|scope| {
        for i in 0..4 {
            let checkpoints = &checkpoints;
            scope.spawn(move || {
                for step in 0..20 {
                    checkpoints.save(4 * step + i, &[("model", &samples())]).unwrap();
                }
            });
        }
    });
    assert_eq!(checkpoints.steps().unwrap().len(), 80);
}
