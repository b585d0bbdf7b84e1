//! Pictures: everything inside, whatever the numbers are.

use std::io::Read;

use flate2::Crc;
use flate2::read::ZlibDecoder;
use tensor::{DType, Tensor};
use watch::{ConfusionMatrix, HeatMap, ImageGrid, LineChart, Problem, ScatterChart};

use super::Scratch;

/// Width, height and rows of red, green and blue, with every checksum compared.
fn decoded(png: &[u8]) -> (usize, usize, Vec<Vec<[u8; 3]>>) {
    let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
    let (mut size, mut data) = ((0, 0), Vec::new());
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap());
    while !rest.is_empty() {
        let length = number(rest) as usize;
        let (kind, content) = (&rest[4..8], &rest[8..8 + length]);
        let mut crc = Crc::new();
        crc.update(&rest[4..8 + length]);
        assert_eq!(crc.sum(), number(&rest[8 + length..]));
        match kind {
            b"IHDR" => size = (number(content) as usize, number(&content[4..]) as usize),
            b"IDAT" => data.extend_from_slice(content),
            _ => assert_eq!(kind, b"IEND"),
        }
        rest = &rest[12 + length..];
    }
    let mut bytes = Vec::new();
    ZlibDecoder::new(&*data).read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len(), size.1 * (1 + 3 * size.0));
    let row = |row: &[u8]| row[1..].chunks(3).map(|pixel| pixel.try_into().unwrap()).collect();
    (size.0, size.1, bytes.chunks(1 + 3 * size.0).map(row).collect())
}

fn attribute(tag: &str, name: &str) -> f64 {
    let start = tag.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    tag[start..].split('"').next().unwrap().parse().unwrap()
}

/// Every text of an SVG: where it begins and ends, left to right or from below, and what it says.
fn texts(svg: &str) -> Vec<(f64, f64, f64, String)> {
    let text = |piece: &str| {
        let (tag, rest) = piece.split_once(">\n").unwrap();
        let text = rest.split('\n').next().unwrap().to_owned();
        // An average character of DejaVu Sans is 0.6 of the size wide.
        let width = 0.6 * attribute(tag, "font-size") * text.chars().count() as f64;
        let before = match tag {
            tag if tag.contains("\"start\"") => 0.0,
            tag if tag.contains("\"end\"") => 1.0,
            _ => 0.5,
        };
        let (x, y) = (attribute(tag, "x"), attribute(tag, "y"));
        let is_turned = tag.contains("rotate(270");
        let begin = if is_turned { y - (1.0 - before) * width } else { x - before * width };
        (begin, begin + width, if is_turned { x } else { y }, text)
    };
    svg.split("<text").skip(1).map(text).collect()
}

/// Both forms can be drawn, and nothing stands outside.
fn check(name: &str, svg: &str, png: &[u8]) {
    let view = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split('"').next().unwrap();
    let (width, height) = view.split_once(' ').unwrap();
    let (width, height): (f64, f64) = (width.parse().unwrap(), height.parse().unwrap());
    assert!(!svg.contains("\"NaN") && !svg.contains("inf\""), "{name}");
    for (begin, end, across, text) in texts(svg) {
        let most = width.max(height);
        assert!(begin >= 0.0 && end <= most && across >= 0.0 && across <= most, "{name}: {text:?}");
    }
    let (w, h, rows) = decoded(png);
    assert_eq!((2 * w, 2 * h), (width as usize, height as usize), "{name}");
    let edge = |row: &[[u8; 3]]| row.iter().all(|&pixel| pixel == [255; 3]);
    assert!(edge(&rows[0]) && edge(&rows[h - 1]), "{name}: something is cut off");
    let sides: Vec<_> = rows.iter().flat_map(|row| [row[0], row[w - 1]]).collect();
    assert!(edge(&sides), "{name}: something is cut off");
}

const ODD: [f64; 9] =
    [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e300, -1e300, 5e-324, 1.0];

#[test]
fn any_curve_can_be_drawn() {
    let cases: [Vec<(f64, f64)>; 6] = [
        vec![],
        vec![(0.0, 0.0)],
        ODD.iter().flat_map(|&x| ODD.map(|y| (x, y))).collect(),
        vec![(1.0, 3.0); 50],
        (0..20_000).map(|i| (f64::from(i), f64::from(i % 17) - 8.0)).collect(),
        vec![(1e15, 1e-12), (1e15 + 2.0, 2e-12)],
    ];
    for (i, points) in cases.into_iter().enumerate() {
        let chart = LineChart::new("curves").axes("step", "loss").line("a", points.clone());
        let chart = chart.smoothed("b & <c>", points, 0.5);
        for chart in [chart.clone(), chart.log_x().log_y()] {
            check(&format!("curve {i}"), &chart.to_svg(), &chart.to_png());
        }
    }
}

#[test]
fn many_names_stand_in_several_rows() {
    let mut chart = LineChart::new("many").axes("step", "loss");
    for i in 0..20 {
        let points = (0..5).map(|x| (f64::from(x), f64::from(x * i)));
        chart = chart.line(format!("learning rate 1e-{i}"), points);
    }
    let svg = chart.to_svg();
    check("many", &svg, &chart.to_png());
    let mut entries: Vec<_> = texts(&svg);
    entries.retain(|(.., text)| text.starts_with("learning"));
    assert_eq!(entries.len(), 20);
    for (i, a) in entries.iter().enumerate() {
        for b in &entries[..i] {
            assert!(a.2 != b.2 || a.0 >= b.1 || b.0 >= a.1, "{a:?} over {b:?}");
        }
    }
}

#[test]
fn any_points_can_be_drawn() {
    let odd = Tensor::from_vec(ODD.iter().flat_map(|&x| [x, 1.0]).collect::<Vec<_>>(), &[9, 2]);
    let classes = Tensor::arange(9, DType::I64);
    let empty = (Tensor::zeros(&[0, 2], DType::F32), Tensor::zeros(&[0], DType::I64));
    for (points, classes) in [(odd, classes), empty] {
        let chart = ScatterChart::new("points", &points, &classes);
        check("points", &chart.to_svg(), &chart.to_png());
    }
}

type Model = Box<dyn Fn(&Tensor) -> Tensor>;

/// The pixel right of the middle has the colour of the class that the model says.
#[test]
fn regions_are_what_the_model_says() {
    let points = Tensor::from([[0.0_f32, 0.0], [1.0, 1.0]]);
    let chart = ScatterChart::new("regions", &points, &Tensor::from([0_i64, 1]));
    let is_right = |x: &Tensor| x.narrow(1, 0, 1) - 0.5;
    let models: [(&str, Model); 4] = [
        ("logits", Box::new(is_right)),
        ("flat logits", Box::new(move |x| is_right(x).reshape(&[-1]))),
        ("scores", Box::new(move |x| Tensor::cat(&[-is_right(x), is_right(x)], 1))),
        (
            "classes",
            Box::new(move |x| is_right(x).gt(&x.narrow(1, 0, 1).zeros_like()).reshape(&[-1])),
        ),
    ];
    for (name, model) in models {
        let chart = chart.clone().regions(|x| {
            assert_eq!((x.dtype(), &x.shape()[1..]), (DType::F32, &[2][..]));
            model(x)
        });
        let (width, height, rows) = decoded(&chart.to_png());
        let row = &rows[height / 2];
        // A quarter of the width from either side, between the points.
        let (left, right) = (row[width * 3 / 10], row[width * 7 / 10]);
        assert!(left[2] > left[0] && right[0] > right[2], "{name}: {left:?} {right:?}");
    }
}

#[test]
fn any_matrix_can_be_drawn() {
    let cases = [
        ("odd", Tensor::from([ODD])),
        ("one", Tensor::from([[3.0_f32]])),
        ("counts", Tensor::from([[1_000_000_i64, 0], [3, 4]])),
        ("tall", Tensor::arange(300, DType::F64).reshape(&[300, 1])),
        ("wide", Tensor::arange(400, DType::F64).reshape(&[2, 200])),
        ("nothing but NaN", Tensor::full(&[2, 2], f64::NAN)),
    ];
    for (name, matrix) in cases {
        let chart = HeatMap::new(name, &matrix).axes("column", "row");
        check(name, &chart.to_svg(), &chart.to_png());
    }
    let mut matrix = ConfusionMatrix::named((0..12).map(|i| format!("a rather long name {i}")));
    matrix.update_predicted(&Tensor::from([1_i64, 2]), &Tensor::from([1_i64, 3]));
    let chart = matrix.chart("long names");
    let svg = chart.to_svg();
    check("long names", &svg, &chart.to_png());
    let names = texts(&svg).into_iter().filter(|(.., text)| text.starts_with("a rather"));
    assert_eq!(names.count(), 24);
}

#[test]
fn images_have_their_pixels() {
    let x = Tensor::from_vec((0..48).map(|i| 5 * i as u8).collect::<Vec<_>>(), &[1, 3, 4, 4]);
    let chart = ImageGrid::new("one", &x);
    let (.., rows) = decoded(&chart.to_png());
    for i in 0..16_u8 {
        let pixel = [5 * i, 5 * (i + 16), 5 * (i + 32)];
        assert!(rows.iter().any(|row| row.contains(&pixel)), "{pixel:?}");
    }
    for shape in [[0, 8, 8], [3, 0, 0], [30, 2, 9], [2, 100, 80]] {
        let chart = ImageGrid::new("images", &Tensor::zeros(&shape, DType::F32));
        let chart = chart.captions((0..shape[0]).map(|i| format!("{i} taken for 8")));
        check(&format!("{shape:?}"), &chart.to_svg(), &chart.to_png());
    }
}

#[test]
fn the_name_decides_the_form() {
    let folder = Scratch::new("pictures");
    let chart = LineChart::new("a").line("b", [(0.0, 1.0), (1.0, 2.0)]);
    for (name, begin) in [("a.svg", &b"<svg"[..]), ("b.PNG", b"\x89PNG")] {
        chart.save(folder.file(name)).unwrap();
        assert!(std::fs::read(folder.file(name)).unwrap().starts_with(begin));
    }
    let error = chart.save(folder.file("a.jpeg")).unwrap_err();
    assert!(error.to_string().ends_with("a.jpeg: the name ends in none of svg, png: \"jpeg\""));
    let error = chart.save(folder.file("missing/a.svg")).unwrap_err();
    assert!(matches!(error.problem, Problem::Io(_)));
}
