//! Files that are written here, read by PyTorch, safetensors and NumPy; skipped with a message where
//! Python does not have them.

use std::process::Command;

use checkpoint::{Checkpoints, save_npz, save_safetensors};

use crate::scratch::{Scratch, samples};
use crate::tools;

const SCRIPT: &str = r#"
import struct, sys
import numpy as np, torch
from safetensors.torch import load_file

def same(read, expected):
    assert sorted(read) == sorted(expected), (sorted(read), sorted(expected))
    for name, x in expected.items():
        y = read[name]
        assert x.dtype == y.dtype and x.shape == y.shape, (name, x.dtype, y.dtype)
        assert x.contiguous().numpy().tobytes() == y.contiguous().numpy().tobytes(), name

folder = sys.argv[1]
nan, inf = float("nan"), float("inf")
x = torch.tensor([[1.5, -0.0, nan], [inf, 1e-3, -7.0]])
whole = torch.tensor([[1, 0, -5], [300, 7, 2**63 - 1]])
expected = {"layer.f64": x.double(), "layer.f16": x.half(), "layer.f32": x,
    "counts.u8": whole.to(torch.uint8), "counts.i64": whole, "counts.bool": whole.bool(),
    "counts.i32": whole.int(), "transposed": x.t(), "column": whole[:, 1],
    "scalar \"quoted\" \u00e9\n": torch.tensor(2.5, dtype=torch.float64), "empty": torch.zeros(0, 4)}
npz = {name: torch.from_numpy(array) for name, array in np.load(folder + "/w.npz").items()}
same(npz, expected)
bits = lambda state: {name: t.view(torch.int16) if t.dtype == torch.bfloat16 else t for name, t in state.items()}
expected = bits(expected | {"layer.bf16": x.bfloat16()})
expected["layer.bf16"][0, 2] = 0x7fc0 # PyTorch's rounding gives another NaN
same(bits(load_file(folder + "/w.safetensors")), expected)
parts = bits(load_file(folder + "/step-0000000007.safetensors"))
same({name.removeprefix("model."): t for name, t in parts.items()}, expected)
layer = torch.nn.Linear(3, 2)
layer.load_state_dict({"weight": load_file(folder + "/w.safetensors")["layer.f32"], "bias": layer.bias})
print("all read")
"#;

#[test]
fn python_reads_what_is_written() {
    let has = Command::new("python3").args(["-c", "import torch, numpy, safetensors"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        return tools::skipped("python3 with torch, numpy and safetensors is not installed");
    }
    let scratch = Scratch::new("python");
    let mut state = samples();
    save_safetensors(scratch.file("w.safetensors"), &state).unwrap();
    Checkpoints::new(scratch.path(), 1).save(7, &[("model", &state)]).unwrap();
    state.remove("layer.bf16");
    save_npz(scratch.file("w.npz"), &state).unwrap();
    let output = Command::new("python3").args(["-c", SCRIPT]).arg(scratch.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "all read\n");
}
