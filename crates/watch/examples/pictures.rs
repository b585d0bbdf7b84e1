//! Every kind of picture, as SVG and PNG, in a folder: `pictures FOLDER`.

use std::error::Error;
use std::path::PathBuf;

use tensor::{DType, Generator, Tensor};
use watch::{ConfusionMatrix, HeatMap, ImageGrid, LineChart, ScatterChart};

fn main() -> Result<(), Box<dyn Error>> {
    let temporary = std::env::temp_dir().join(format!("chainrule-pictures-{}", std::process::id()));
    let folder = std::env::args().nth(1).map_or_else(|| temporary.clone(), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let mut generator = Generator::new(0);
    for end in ["svg", "png"] {
        let file = |name: &str| folder.join(format!("{name}.{end}"));
        curves(&mut generator).save(file("curves"))?;
        moons(&mut generator).save(file("moons"))?;
        confusion(&mut generator).save(file("confusion"))?;
        weights(&mut generator).save(file("weights"))?;
        images().save(file("images"))?;
    }
    if temporary.exists() {
        std::fs::remove_dir_all(temporary)?;
    }
    Ok(())
}

/// A noisy loss, smoothed, and a second one, on a logarithmic axis.
fn curves(generator: &mut Generator) -> LineChart {
    let noise = generator.normal(&[400], 0.0, 0.25, DType::F64).to_vec::<f64>();
    let loss = |x: f64| 2.3 * (-x / 90.0).exp() + 0.03;
    let train =
        noise.iter().zip(1..).map(|(e, step)| (f64::from(step), loss(step.into()) * e.exp()));
    let validation = (20..=400).step_by(20).map(|x| (f64::from(x), 1.2 * loss(x.into()) + 0.02));
    LineChart::new("loss of digits_cnn")
        .axes("step", "cross-entropy")
        .log_y()
        .smoothed("train", train, 0.9)
        .line("validation", validation)
}

/// Two half circles, and a rule that parts them.
fn moons(generator: &mut Generator) -> ScatterChart {
    let angles = generator.uniform(&[100], 0.0, std::f64::consts::PI, DType::F64).to_vec::<f64>();
    let noise = generator.normal(&[200, 2], 0.0, 0.12, DType::F64);
    let upper = angles.iter().map(|a| [a.cos(), a.sin()]);
    let lower = angles.iter().map(|a| [1.0 - a.cos(), 0.5 - a.sin()]);
    let points: Vec<f64> = upper.chain(lower).flatten().collect();
    let classes: Vec<i64> = (0..200).map(|i| i64::from(i >= 100)).collect();
    let points = Tensor::from_vec(points, &[200, 2]) + noise;
    ScatterChart::new("two moons", &points, &Tensor::from_vec(classes, &[200]))
        .names(["upper", "lower"])
        .regions(|x| {
            let (x, y) = (x.narrow(1, 0, 1), x.narrow(1, 1, 1));
            (2.5 * (&x - 0.5)).sin() * 0.45 + 0.25 - y
        })
}

fn confusion(generator: &mut Generator) -> HeatMap {
    let targets = generator.randint(&[360], 0, 10, DType::I64);
    let noise = generator.normal(&[360, 10], 0.0, 1.0, DType::F64);
    let scores = noise + 3.0 * targets.one_hot(10).to_dtype(DType::F64);
    let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let mut matrix = ConfusionMatrix::named(names);
    matrix.update(&scores, &targets);
    matrix.chart("digits: true and predicted")
}

/// Numbers on both sides of zero, too many to be written.
fn weights(generator: &mut Generator) -> HeatMap {
    let matrix = generator.normal(&[24, 64], 0.0, 0.3, DType::F32);
    HeatMap::new("weights of the first layer", &matrix).axes("input", "output")
}

/// Rings of growing size.
fn images() -> ImageGrid {
    let line = Tensor::linspace(-1.0, 1.0, 16, DType::F32);
    let radius = (line.square().unsqueeze(0) + line.square().unsqueeze(1)).sqrt();
    let rings: Vec<_> =
        (1..=10).map(|i| (-(&radius - 0.1 * i as f32).square() * 60.0).exp()).collect();
    let captions = (1..=10).map(|i| format!("radius {:.1}", 0.1 * f64::from(i)));
    ImageGrid::new("rings", &Tensor::stack(&rings, 0)).captions(captions)
}
