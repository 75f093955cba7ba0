//! Pictures that are drawn of words: what other sites show of a page that has none of its own (1200×630, PNG). On the left
//! the title, on the right the dial with the time.
//!
//! The font is ours (`engine/fonts`), so that a picture is the same on every machine. It has the syllables that Korean is
//! written with; a rarer one is written as its letters, as people did when computers knew no more. Signs that it lacks, such as
//! emoji, are left out; a title with letters that it lacks is left out as a whole rather than shown in pieces: it stands beside
//! the picture anyway.

use crate::{Error, background};
use ab_glyph::{Font, FontRef, GlyphId, InvalidFont, PxScale, ScaleFont, point};
use bytes::Bytes;
use image::{Rgb, RgbImage};
use quick_cache::{Weighter, sync::Cache};
use std::sync::Arc;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Pixels of a drawn picture: what Facebook asks for, and others follow.
pub const DRAWN: (u32, u32) = (1200, 630);

static FONT: &[u8] = include_bytes!("../../fonts/NotoSansKR-Bold-KSX1001.otf");
/// What is kept of drawn pictures, in bytes: one is some 40 KB.
const MOST_KEPT: u64 = 16 << 20;
/// How many may wait for their turn, one being drawn after the other.
const WAITING: usize = 64;

/// As in `style/tokens.css`, light.
const PAPER: [u8; 3] = [250, 248, 244];
const INK: [u8; 3] = [21, 23, 28];
const INK_3: [u8; 3] = [102, 108, 120];
const SIGNAL: [u8; 3] = [255, 74, 28];
const SIGNAL_INK: [u8; 3] = [191, 47, 8];

/// The left edge, and how wide the title may be.
const LEFT: f32 = 80.0;
const WIDTH: f32 = 590.0;
/// The dial's centre.
const DIAL: (f32, f32) = (925.0, 315.0);
/// Sizes that a title is tried in, each with how many lines it may have.
const TITLES: [(f32, usize); 3] = [(84.0, 2), (68.0, 3), (56.0, 4)];

/// What is written on a picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Words {
    /// What it is about.
    pub title: String,
    /// Above the title.
    pub above: String,
    /// Large within the dial, such as a clock.
    pub clock: String,
    /// Under the clock, such as where that time is.
    pub under: String,
    /// The name of the site.
    pub site: String,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Words, Bytes> for Weight {
    fn weight(&self, words: &Words, png: &Bytes) -> u64 {
        (png.len() + words.title.len() + words.above.len() + 200) as u64
    }
}

/// Draws pictures, one at a time, and keeps those asked for last. Cheap to clone.
#[derive(Clone)]
pub struct Drawings {
    kept: Arc<Cache<Words, Bytes, Weight>>,
    waiting: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl Default for Drawings {
    fn default() -> Drawings {
        Drawings {
            kept: Arc::new(Cache::with_weighter(512, MOST_KEPT, Weight)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Drawings {
    /// The picture of these words, where it was drawn lately.
    pub fn drawn(&self, words: &Words) -> Option<Bytes> {
        self.kept.get(words)
    }

    /// A picture of these words, as PNG.
    ///
    /// # Errors
    /// [`model::Error::Busy`] when too many wait for theirs.
    pub async fn png(&self, words: Words) -> Result<Bytes, Error> {
        if let Some(png) = self.drawn(&words) {
            return Ok(png);
        }
        let _waiting = self.waiting.try_acquire().map_err(|_| model::Error::Busy)?;
        let turn = self.turn.clone().acquire_owned().await.map_err(|_| model::Error::Busy)?;
        // Somebody may have waited for the same.
        if let Some(png) = self.drawn(&words) {
            return Ok(png);
        }
        let kept = self.kept.clone();
        // The turn ends with the work, also when whoever asked for it has gone.
        let work = move || {
            let _turn = turn;
            let png = draw(&words)?;
            kept.insert(words, png.clone());
            Ok(png)
        };
        background::block(work).await.map_err(|_| model::Error::Internal)?
    }
}

/// Draws a picture.
fn draw(words: &Words) -> Result<Bytes, Error> {
    let font = FontRef::try_from_slice(FONT).map_err(|InvalidFont| model::Error::Internal)?;
    let mut picture = Picture { pixels: RgbImage::from_pixel(DRAWN.0, DRAWN.1, Rgb(PAPER)), font };
    picture.dial(DIAL, 60, (180.0, 218.0, 8.0));
    picture.dial((LEFT + 26.0, 545.0), 12, (17.0, 27.0, 6.0));
    let site = picture.line(&words.site);
    picture.write(&site, 44.0, (LEFT + 68.0, 560.0), INK);
    let above = picture.line(&words.above);
    let above = picture.fitting(above, 34.0, WIDTH);
    picture.write(&above, 34.0, (LEFT, 118.0), SIGNAL_INK);
    if let Some(title) = picture.letters(&words.title) {
        let (em, lines) = picture.title(&title);
        for (i, line) in lines.iter().enumerate() {
            picture.write(line, em, (LEFT, 118.0 + 44.0 + em * (1.0 + 1.28 * i as f32)), INK);
        }
    }
    for (text, em, down, colour) in [(&words.clock, 92.0, 18.0, INK), (&words.under, 32.0, 76.0, INK_3)] {
        let line = picture.line(text);
        let em = (em * 310.0 / picture.width(&line, em).max(1.0)).min(em);
        let left = DIAL.0 - picture.width(&line, em) / 2.0;
        picture.write(&line, em, (left, DIAL.1 + down), colour);
    }
    Ok(pixels::png(&picture.pixels).map_err(|_| model::Error::Internal)?.into())
}

struct Picture {
    pixels: RgbImage,
    font: FontRef<'static>,
}

impl Picture {
    fn has(&self, letter: char) -> bool {
        self.font.glyph_id(letter) != GlyphId(0)
    }

    /// A text as far as it can be written.
    fn line(&self, text: &str) -> String {
        self.letters(text).unwrap_or_default()
    }

    /// A text without what is no letter and not in the font; `None` when letters would be missing, or nothing is left.
    fn letters(&self, text: &str) -> Option<String> {
        let mut line = String::new();
        for letter in text.nfc() {
            match letter {
                // One blank is enough.
                _ if letter.is_whitespace() && line.ends_with(' ') => {}
                _ if letter.is_whitespace() => line.push(' '),
                // Letters and hyphens that nobody sees.
                '\u{3164}' | '\u{ad}' => {}
                _ if self.has(letter) => line.push(letter),
                '가'..='힣' => line.extend(spelt(letter).into_iter().flatten()),
                _ if letter.is_alphanumeric() => return None,
                _ => {}
            }
        }
        let line = line.trim();
        (!line.is_empty()).then(|| line.to_owned())
    }

    fn width(&self, text: &str, em: f32) -> f32 {
        let font = self.font.as_scaled(self.scale(em));
        text.chars().map(|letter| font.h_advance(font.glyph_id(letter))).sum()
    }

    /// The crate measures a font by its height from the highest to the lowest line.
    fn scale(&self, em: f32) -> PxScale {
        PxScale::from(em * self.font.height_unscaled() / self.font.units_per_em().unwrap_or(1000.0))
    }

    /// As much of a line as fits, with an ellipsis where more was.
    fn fitting(&self, line: String, em: f32, width: f32) -> String {
        if self.width(&line, em) <= width {
            return line;
        }
        let mut short: Vec<char> = line.chars().collect();
        loop {
            short.pop();
            let text = short.iter().collect::<String>();
            let text = text.trim_end_matches(|last: char| !last.is_alphanumeric()).to_owned() + "…";
            if short.is_empty() || self.width(&text, em) <= width {
                return text;
            }
        }
    }

    /// A title in lines, as large as it can be; the last line ends in an ellipsis when it is too long for all sizes.
    fn title(&self, title: &str) -> (f32, Vec<String>) {
        let mut tried = (0.0, Vec::new());
        for (em, most) in TITLES {
            let mut lines = self.wrap(title, em);
            if lines.len() <= most {
                return (em, lines);
            }
            let rest = lines.split_off(most - 1).join(" ");
            lines.push(self.fitting(rest, em, WIDTH));
            tried = (em, lines);
        }
        tried
    }

    /// Lines of whole words; one that is longer than a line is cut.
    fn wrap(&self, text: &str, em: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let last = lines.last().map_or("", String::as_str);
            let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
            if self.width(&longer, em) <= WIDTH {
                lines.pop();
                lines.push(longer);
                continue;
            }
            if last.is_empty() {
                lines.pop();
            }
            let mut line = String::new();
            for letter in word.chars() {
                line.push(letter);
                if self.width(&line, em) > WIDTH {
                    line.pop();
                    lines.push(std::mem::take(&mut line));
                    line.push(letter);
                }
            }
            lines.push(line);
        }
        lines
    }

    /// Writes a line, its letters standing at `at`.
    fn write(&mut self, line: &str, em: f32, (mut x, y): (f32, f32), colour: [u8; 3]) {
        let scale = self.scale(em);
        for letter in line.chars() {
            let glyph = self.font.glyph_id(letter);
            let advance = self.font.as_scaled(scale).h_advance(glyph);
            if let Some(outline) = self.font.outline_glyph(glyph.with_scale_and_position(scale, point(x, y))) {
                let bounds = outline.px_bounds();
                let pixels = &mut self.pixels;
                outline.draw(|dx, dy, covered| {
                    dot(pixels, bounds.min.x + dx as f32, bounds.min.y + dy as f32, covered, colour);
                });
            }
            x += advance;
        }
    }

    /// A ring of ticks, from `inner` to `outer`, the last one lit.
    fn dial(&mut self, centre: (f32, f32), of: usize, (inner, outer, wide): (f32, f32, f32)) {
        for i in 0..of {
            let last = i + 1 == of;
            let (sin, cos) = (std::f32::consts::TAU * i as f32 / of as f32).sin_cos();
            let at = |radius: f32| (centre.0 + radius * sin, centre.1 - radius * cos);
            let (inner, wide) = if last && of == 60 { (inner - 12.0, wide * 1.6) } else { (inner, wide) };
            self.stroke(at(inner), at(outer), wide, if last { SIGNAL } else { INK });
        }
    }

    /// A straight line with round ends.
    fn stroke(&mut self, from: (f32, f32), to: (f32, f32), wide: f32, colour: [u8; 3]) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let edge = wide / 2.0 + 1.0;
        let range = |a: f32, b: f32| (a.min(b) - edge) as i32..=(a.max(b) + edge) as i32;
        for y in range(from.1, to.1) {
            for x in range(from.0, to.0) {
                // From the middle of the pixel to the nearest point of the line.
                let (px, py) = (x as f32 + 0.5 - from.0, y as f32 + 0.5 - from.1);
                let along = ((px * dx + py * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
                let away = (px - along * dx).hypot(py - along * dy);
                dot(&mut self.pixels, x as f32, y as f32, (wide / 2.0 + 0.5 - away).clamp(0.0, 1.0), colour);
            }
        }
    }
}

/// Colours a pixel as far as it is covered; nothing outside of the picture.
fn dot(pixels: &mut RgbImage, x: f32, y: f32, covered: f32, colour: [u8; 3]) {
    if x < 0.0 || y < 0.0 || x >= DRAWN.0 as f32 || y >= DRAWN.1 as f32 {
        return;
    }
    let Rgb(under) = pixels.get_pixel_mut(x as u32, y as u32);
    for (under, over) in under.iter_mut().zip(colour) {
        let mixed = f32::from(*under) + (f32::from(over) - f32::from(*under)) * covered.min(1.0);
        *under = mixed.round() as u8;
    }
}

/// The letters of a Korean syllable, first to last, as they stand on a keyboard.
fn spelt(syllable: char) -> [Option<char>; 3] {
    const FIRST: &str = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
    const LAST: &str = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ";
    // Unicode 3.12: 21 vowels, 27 endings and none.
    let number = syllable as u32 - '가' as u32;
    let (first, middle, last) = (number / 588, number / 28 % 21, number % 28);
    [
        FIRST.chars().nth(first as usize),
        char::from_u32('ㅏ' as u32 + middle),
        last.checked_sub(1).and_then(|last| LAST.chars().nth(last as usize)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(title: &str) -> Words {
        Words {
            title: title.into(),
            above: "2026년 11월 26일 (목)".into(),
            clock: "20:00".into(),
            under: "한국 시간".into(),
            site: "59초".into(),
        }
    }

    fn picture() -> Picture {
        Picture { pixels: RgbImage::new(DRAWN.0, DRAWN.1), font: FontRef::try_from_slice(FONT).unwrap() }
    }

    /// What stands where the title is.
    fn inked(png: &[u8]) -> usize {
        let pixels = image::load_from_memory(png).unwrap().into_rgb8();
        let title = pixels.enumerate_pixels().filter(|(x, y, _)| *x < 690 && (140..500).contains(y));
        title.filter(|(.., pixel)| pixel.0 != PAPER).count()
    }

    #[test]
    fn a_title_is_written_and_stays_in_its_place() {
        let nothing = inked(&draw(&words("")).unwrap());
        assert_eq!(nothing, 0);
        let long = "손으로 빚은 따끈한 겨울 머그 ".repeat(6);
        let unbroken = "가".repeat(80);
        for title in
            ["찻잔", "Winter mug", long.as_str(), unbroken.as_str(), "<b>&\"'", "똠방각하 뷁", "🎉 생일 잔치 👨‍👩‍👧‍👦 ♥"]
        {
            let png = draw(&words(title)).unwrap();
            let pixels = image::load_from_memory(&png).unwrap().into_rgb8();
            assert_eq!(pixels.dimensions(), DRAWN);
            assert!(inked(&png) > 500, "{title}");
            // The dial's own columns begin right of it, and nothing runs over the name of the site.
            for (x, y, pixel) in pixels.enumerate_pixels() {
                let within = x as f32 >= LEFT - 8.0 && (x as f32) < LEFT + WIDTH + 8.0;
                assert!(within || !(690..696).contains(&x) && x >= 40 || pixel.0 == PAPER, "{title}: {x} {y}");
                assert!(!(480..500).contains(&y) || x > 690 || pixel.0 == PAPER, "{title}: {x} {y}");
            }
            assert!(png.len() < 120 << 10, "{title}: {} bytes", png.len());
        }
    }

    /// To look at: `DRAWN_TO=/tmp cargo nextest run -p engine drawn_to_look_at --run-ignored all`.
    #[test]
    #[ignore = "writes files"]
    fn drawn_to_look_at() {
        let folder = std::path::PathBuf::from(std::env::var("DRAWN_TO").unwrap());
        let titles = [
            "따끈한 겨울 머그",
            "손으로 빚은 따끈한 겨울 머그 백 개를 선착순으로 나눠 드려요 🎉 2026 겨울 한정판 Winter Mug (뷁) 그리고 더 긴 이야기",
            "🎉",
            "Winter mug, 59 pieces",
        ];
        for (i, title) in titles.into_iter().enumerate() {
            std::fs::write(folder.join(format!("drawn-{i}.png")), draw(&words(title)).unwrap()).unwrap();
        }
    }

    #[test]
    fn what_cannot_be_written_is_left_out() {
        let picture = picture();
        let line = |text: &str| picture.letters(text);
        assert_eq!(line(" 🎉  생일\u{200b}\n잔치 "), Some("생일 잔치".into()));
        assert_eq!(line("뷁"), Some("ㅂㅞㄺ".into()));
        assert_eq!(line("\u{1112}\u{1161}\u{11ab}글"), Some("한글".into()), "as a Mac writes it");
        for nothing in ["", " \u{3164} ", "🎉", "茶 모임", "شاي", "\u{202e}\u{200f}"] {
            assert_eq!(line(nothing), None, "{nothing}");
        }
        let marks = format!("a{}", "\u{35f}".repeat(70));
        assert_eq!(line(&marks), Some("a".into()));
    }

    #[test]
    fn a_long_title_ends_in_an_ellipsis() {
        let picture = picture();
        let (em, lines) = picture.title(&"겨울 머그잔을 나눠요 ".repeat(7));
        assert_eq!((em, lines.len()), (TITLES[2].0, TITLES[2].1));
        assert!(lines[3].ends_with('…'), "{lines:?}");
        assert!(lines.iter().all(|line| picture.width(line, em) <= WIDTH), "{lines:?}");
        assert_eq!(picture.title("찻잔 두 개").1, ["찻잔 두 개"]);
    }

    #[tokio::test]
    async fn pictures_are_kept_by_their_weight() {
        let drawings = Drawings::default();
        let first = drawings.png(words("하나")).await.unwrap();
        assert_eq!(drawings.kept.get(&words("하나")).unwrap(), first);
        for i in 0..600 {
            drawings.kept.insert(words(&format!("{i}")), Bytes::from(vec![0; 100 << 10]));
        }
        assert!(drawings.kept.weight() <= MOST_KEPT, "{}", drawings.kept.weight());
        assert!(drawings.kept.len() > 100);
    }
}
