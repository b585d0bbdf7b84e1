//! A linear fit of a CSV file that is read row by row, as one larger than memory would be.

use std::error::Error;
use std::fmt::Write;

use data::read::{CsvConfig, stream_csv};
use data::stream::{batches, prefetched, shuffled};
use tensor::{DType, Parameter, Tensor};

const ROWS: usize = 4_096;
const EPOCHS: u64 = 10;

#[allow(clippy::print_stdout, reason = "the line is the program's output")]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("chainrule-stream-{}.csv", std::process::id()));
    let mut text = String::from("x,y\n");
    for i in 0..ROWS {
        let x = i as f64 / ROWS as f64;
        writeln!(text, "{x},{}", 3.0 * x - 1.0)?;
    }
    std::fs::write(&path, text)?;

    let (a, b) = (Parameter::new(Tensor::scalar(0.0_f64)), Parameter::new(Tensor::scalar(0.0_f64)));
    for epoch in 0..EPOCHS {
        let rows = prefetched(stream_csv(&path, &CsvConfig::default())?, 256);
        let pairs = rows.map(|row| row.map(|row| (row[0], row[1])));
        for batch in batches(shuffled(pairs, 512, epoch), 32) {
            let (x, y) = batch?;
            assert_eq!(x.dtype(), DType::F64);
            (&a * &x + &b - y).square().mean().backward();
            for parameter in [&a, &b] {
                let gradient = parameter.grad().ok_or("backward reached both")?;
                parameter.update(|value| value - 0.5 * gradient);
                parameter.zero_grad();
            }
        }
    }
    std::fs::remove_file(&path)?;
    println!("y = {:.3} x + {:.3}", a.item(), b.item());
    assert!((a.item() - 3.0).abs() < 1e-3 && (b.item() + 1.0).abs() < 1e-3);
    Ok(())
}
