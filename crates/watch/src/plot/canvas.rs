//! What is drawn on: `plotters`' SVG or its bitmap, as one type, with text where it belongs.

use std::error::Error;
use std::io;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters_backend::text_anchor::VPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

/// One of the two.
pub(super) enum Canvas<'a> {
    Svg(SVGBackend<'a>),
    Bitmap(BitMapBackend<'a>),
}

type Failure = DrawingErrorKind<io::Error>;

fn lifted<E: Error + Send + Sync + 'static>(error: DrawingErrorKind<E>) -> Failure {
    match error {
        DrawingErrorKind::DrawingError(error) => {
            DrawingErrorKind::DrawingError(io::Error::other(error))
        }
        DrawingErrorKind::FontError(error) => DrawingErrorKind::FontError(error),
    }
}

/// Both back ends have the same methods, and nothing else in common.
macro_rules! on {
    ($self:ident, $backend:ident => $call:expr) => {
        match $self {
            Canvas::Svg($backend) => $call.map_err(lifted),
            Canvas::Bitmap($backend) => $call.map_err(lifted),
        }
    };
}

impl Canvas<'_> {
    /// How far below its place a text stands, in parts of its size, for capitals to be centred on it
    /// and nothing to stand beyond it.
    fn drop(&self, vertical: VPos) -> f64 {
        match (self, vertical) {
            (Canvas::Svg(_), VPos::Top | VPos::Bottom) => 0.0,
            (Canvas::Svg(_), VPos::Center) => 0.07,
            (Canvas::Bitmap(_), VPos::Top) => 0.13,
            (Canvas::Bitmap(_), VPos::Center) => 0.217,
            (Canvas::Bitmap(_), VPos::Bottom) => 0.1,
        }
    }
}

/// A path of straight pieces with a dot at each bend: the bitmap's own corners are pointed, and reach
/// far beyond a sharp one.
fn draw_rounded<B: DrawingBackend, S: BackendStyle>(
    backend: &mut B,
    path: impl IntoIterator<Item = BackendCoord>,
    style: &S,
) -> Result<(), DrawingErrorKind<B::ErrorType>> {
    let mut last = None;
    for point in path {
        if let Some(from) = last.replace(point)
            && from != point
        {
            backend.draw_line(from, point, style)?;
            backend.draw_circle(from, style.stroke_width() / 2, style, true)?;
        }
    }
    Ok(())
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = io::Error;

    fn get_size(&self) -> (u32, u32) {
        match self {
            Canvas::Svg(backend) => backend.get_size(),
            Canvas::Bitmap(backend) => backend.get_size(),
        }
    }

    fn ensure_prepared(&mut self) -> Result<(), Failure> {
        on!(self, backend => backend.ensure_prepared())
    }

    fn present(&mut self) -> Result<(), Failure> {
        on!(self, backend => backend.present())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Result<(), Failure> {
        on!(self, backend => backend.draw_pixel(point, color))
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), Failure> {
        on!(self, backend => backend.draw_line(from, to, style))
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), Failure> {
        on!(self, backend => backend.draw_rect(upper_left, bottom_right, style, fill))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), Failure> {
        match self {
            Canvas::Svg(backend) => backend.draw_path(path, style).map_err(lifted),
            Canvas::Bitmap(backend) => draw_rounded(backend, path, style).map_err(lifted),
        }
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Result<(), Failure> {
        on!(self, backend => backend.draw_circle(center, radius, style, fill))
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        style: &S,
    ) -> Result<(), Failure> {
        on!(self, backend => backend.fill_polygon(vertices, style))
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Result<(), Failure> {
        let drop = (self.drop(style.anchor().v_pos) * style.size()).round() as i32;
        let (x, y) = style.transform().transform(0, drop);
        on!(self, backend => backend.draw_text(text, style, (at.0 + x, at.1 + y)))
    }
}
