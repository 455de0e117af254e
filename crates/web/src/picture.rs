//! Pictures that came from outside, and what of them may be shown: their points alone, made smaller, hidden in parts, marked.
//!
//! A picture is drawn anew from its points, so that nothing else of the file that was sent reaches another browser: no place
//! where it was taken, no second file behind the first. Whoever handles a request waits for a turn: a few are drawn at once.

use crate::Problem;
use embedded_graphics::{
    Drawable as _,
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Point, Size},
    mono_font::{MonoTextStyle, ascii::FONT_10X20},
    pixelcolor::BinaryColor,
    text::{Baseline, Text},
};
use image::{
    DynamicImage, ImageDecoder as _, ImageReader, Limits, Rgb, RgbImage, codecs::jpeg::JpegEncoder,
    imageops::FilterType,
};
use std::{io::Cursor, time::Duration};
use tokio::sync::Semaphore;

/// Longest side of a picture that is read, in points: a telephone's camera makes 12,000 at most (要確認).
const SIDE_MAX: u32 = 12_000;
/// Memory that reading one picture may take, in bytes.
const MEMORY_MAX: u64 = 256 * 1024 * 1024;
/// Pictures that are drawn at once.
const AT_ONCE: usize = 2;
/// Longest wait for a turn.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Quality of what is drawn, of 100.
const QUALITY: u8 = 80;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// A picture as points. No `Debug`: it shows somebody.
pub(crate) struct Picture(RgbImage);

/// Reads a picture of whatever kind its bytes say (JPEG, PNG, WebP), the right way up, and makes it no longer than `side`.
///
/// Answers `None` for bytes that are no such picture, or one beyond the bounds.
///
/// # Errors
///
/// Too many pictures wait for their turn, or the program is stopping.
pub(crate) async fn read(bytes: Vec<u8>, side: u32) -> Result<Option<Picture>, Problem> {
    in_turn(move || decode(&bytes, side).map(Picture)).await
}

/// Does something long with pictures in its turn, beside the handlers of requests.
async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let turn = tokio::time::timeout(WAIT_MAX, TURNS.acquire()).await;
    let turn = turn
        .map_err(|_| Problem::Scarce)?
        .map_err(|_| Problem::Unavailable)?;
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    })
    .await
    .map_err(|_| Problem::Unavailable)
}

fn decode(bytes: &[u8], side: u32) -> Option<RgbImage> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let turned = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(turned);
    if picture.width().max(picture.height()) > side {
        picture = picture.resize(side, side, FilterType::Triangle);
    }
    Some(picture.into_rgb8())
}

impl Picture {
    /// Paints cells of a grid black, counted line by line from the upper left; what lies under them is gone.
    pub(crate) fn hide(&mut self, (columns, lines): (u32, u32), cells: &[u32]) {
        let (width, height) = self.0.dimensions();
        for cell in cells.iter().filter(|cell| **cell < columns * lines) {
            let (column, line) = (cell % columns, cell / columns);
            for y in (line * height / lines)..((line + 1) * height / lines) {
                for x in (column * width / columns)..((column + 1) * width / columns) {
                    self.0.put_pixel(x, y, Rgb([0, 0, 0]));
                }
            }
        }
    }

    /// Writes words (printable ASCII) across the whole picture, again and again, so that no part of it is without them.
    pub(crate) fn mark(&mut self, words: &str) {
        let style = MonoTextStyle::new(&FONT_10X20, BinaryColor::On);
        let (width, height) = self.0.dimensions();
        let step = (i32::try_from(words.len()).unwrap_or(20) * 10 + 40).max(80);
        let (width, height) = (int(width), int(height));
        let (mut y, mut shift) = (10, 0);
        while y < height {
            let mut x = -shift;
            while x < width {
                let line = Text::with_baseline(words, Point::new(x, y), style, Baseline::Top);
                // Drawing into memory has no way to fail.
                let Ok(_) = line.draw(&mut Blended(&mut self.0));
                x += step;
            }
            y += 50;
            shift = (shift + step / 3) % step;
        }
    }

    /// The picture as a JPEG file.
    ///
    /// # Errors
    ///
    /// Too many pictures wait for their turn, or the program is stopping.
    pub(crate) async fn jpeg(self) -> Result<Vec<u8>, Problem> {
        in_turn(move || {
            let mut file = Vec::new();
            JpegEncoder::new_with_quality(&mut file, QUALITY)
                .encode_image(&self.0)
                .ok()
                .map(|()| file)
        })
        .await?
        .ok_or(Problem::Unavailable)
    }
}

fn int(points: u32) -> i32 {
    i32::try_from(points).unwrap_or(i32::MAX)
}

/// Points that are drawn half through what lies under them, light on dark and dark on light.
struct Blended<'a>(&'a mut RgbImage);

impl OriginDimensions for Blended<'_> {
    fn size(&self) -> Size {
        let (width, height) = self.0.dimensions();
        Size::new(width, height)
    }
}

impl DrawTarget for Blended<'_> {
    type Color = BinaryColor;
    type Error = std::convert::Infallible;

    fn draw_iter<I>(&mut self, points: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = embedded_graphics::Pixel<Self::Color>>,
    {
        for embedded_graphics::Pixel(at, colour) in points {
            let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else {
                continue;
            };
            if let (BinaryColor::On, Some(point)) = (colour, self.0.get_pixel_mut_checked(x, y)) {
                for part in &mut point.0 {
                    *part = if *part > 127 {
                        *part / 2
                    } else {
                        *part / 2 + 128
                    };
                }
            }
        }
        Ok(())
    }
}
