//! The pages of the notebook's stages and of models, in a real browser.
#![allow(clippy::unwrap_used, reason = "these are tests, and so are their helpers")]

use std::path::Path;
use std::process::Command;

use chainrule::explain::{Explanation, record};
use chainrule::nn::{
    BatchNorm1d, CrossEntropyLoss, Layer, Linear, Module, Pass, Sequential, Tanh,
    TransformerEncoder, TransformerEncoderLayer,
};
use chainrule::{DType, Generator, Tensor};
use common::Watcher;

mod browser;
#[path = "../examples/common/mod.rs"]
mod common;
#[path = "../examples/notebook.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::duplicate_mod,
    reason = "a program of its own, included for its stages"
)]
mod notebook;
mod tools;

/// A loss of a model on some data.
fn explained(model: &impl Module, x: &Tensor, loss: impl FnOnce(&Tensor) -> Tensor) -> Explanation {
    let recording = record();
    recording.module(model);
    recording.name(x, "x");
    recording.explain(&loss(x).named("loss")).unwrap()
}

/// A perceptron with batch normalisation.
fn perceptron() -> Explanation {
    let mut rng = Generator::new(1);
    let model = Sequential::new()
        .then(Linear::new(4, 8, &mut rng))
        .then(BatchNorm1d::new(8))
        .then(Tanh)
        .then(Linear::new(8, 3, &mut rng));
    let x = rng.normal(&[16, 4], 0.0, 1.0, DType::F32);
    let target = rng.randint(&[16], 0, 3, DType::I64);
    explained(&model, &x, |x| {
        let scores = model.forward(x, &mut Pass::train(&mut rng));
        CrossEntropyLoss::default().forward(&scores, &target)
    })
}

/// Two layers of a transformer.
fn transformer() -> Explanation {
    let mut rng = Generator::new(2);
    let layers = (0..2).map(|_| TransformerEncoderLayer::new(8, 2, &mut rng)).collect();
    let model = TransformerEncoder::new(layers, None);
    let x = rng.normal(&[2, 6, 8], 0.0, 1.0, DType::F32);
    explained(&model, &x, |x| Layer::forward(&model, x, &mut Pass::eval()).square().mean())
}

/// Ten thousand operations.
fn large() -> Explanation {
    let recording = record();
    let x = Tensor::from(0.5_f32).requires_grad().named("x");
    let y = (0..5_000).fold(x, |x, _| (x * 0.999).tanh());
    recording.explain(&y).unwrap()
}

fn markup() -> Explanation {
    let recording = record();
    let name = "</script><script>hacked = 1</script>\"'&\n\u{3b2}\u{6f22}";
    let x = Tensor::from([f64::NAN, 1.0]).requires_grad().named(name);
    recording.explain(&(&x * f64::INFINITY).sum()).unwrap()
}

fn write_pages(folder: &Path) {
    let write = |name: &str, explanation: &Explanation| {
        for extension in ["html", "txt"] {
            explanation.save(folder.join(format!("{name}.{extension}"))).unwrap();
        }
    };
    for (stage, _, run) in notebook::STAGES {
        let mut watcher = Watcher::curious();
        run(&mut Vec::new(), &mut watcher).unwrap();
        write(&format!("stage_{stage}"), watcher.explanation().unwrap());
    }
    write("perceptron", &perceptron());
    write("transformer", &transformer());
    write("large", &large());
    write("markup", &markup());
}

/// The pictures of the documentation are those that the stages make now. After a change:
/// `cargo run --example notebook -- --pictures docs/pictures`.
#[test]
fn pictures_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let pictures = notebook::pictures().unwrap();
    for (name, svg) in &pictures {
        let stored = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(stored == *svg, "docs/pictures/{name} is not what the stage draws");
    }
    let stored = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(stored, pictures.len(), "docs/pictures has files that no stage draws");
}

/// `CHAINRULE_SCREENSHOTS` names a folder for what the browser shows.
#[test]
fn pages_work_in_a_browser() {
    let Some(scripts) = browser::scripts() else { return };
    let folder = std::env::temp_dir().join(format!("chainrule-pages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    write_pages(&folder);
    let mut python = Command::new("python3");
    python.arg(scripts.join("pages.py")).arg(&folder);
    python.args(std::env::var_os("CHAINRULE_SCREENSHOTS"));
    let output = python.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    assert!(text(&output.stdout).ends_with("all pages work\n"));
    std::fs::remove_dir_all(&folder).unwrap();
}
