//! The dial: sixty ticks around a circle, and how many of them are lit.

use crate::{MINUTE, Span};

/// Sines of 0, 6, … 90 degrees in ten-thousandths: sixty ticks need no more, and the browser is spared trigonometry and
/// the printing of fractions.
const SINES: [i32; 16] = [0, 1045, 2079, 3090, 4067, 5000, 5878, 6691, 7431, 8090, 8660, 9135, 9511, 9781, 9945, 10000];

/// Sine of `sixths` times six degrees, in ten-thousandths.
fn sine(sixths: usize) -> i32 {
    match sixths % 60 {
        i @ 0..=15 => SINES[i],
        i @ 16..=30 => SINES[30 - i],
        i => -sine(i - 30),
    }
}

/// A tick's ends on a circle around `centre`, clockwise from the top: x1, y1, x2, y2.
pub fn tick(i: usize, of: usize, centre: i32, inner: i32, outer: i32) -> [String; 4] {
    let angle = i * 60 / of;
    let (sin, cos) = (sine(angle), sine(angle + 15));
    [inner * sin, -inner * cos, outer * sin, -outer * cos].map(|offset| {
        let hundredths = centre * 100 + (offset + 50 * offset.signum()) / 100;
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    })
}

/// How many of the sixty ticks are lit with so much `remaining` to the opening: the ring is an hour, then ten, five
/// and one minute long, and in the last minute each tick is a second.
pub fn lit(remaining: Span) -> usize {
    let ring = match remaining {
        r if r <= Span::ZERO => return 60,
        r if r <= MINUTE => MINUTE,
        r if r <= 5 * MINUTE => 5 * MINUTE,
        r if r <= 10 * MINUTE => 10 * MINUTE,
        _ => 60 * MINUTE,
    };
    ((ring - remaining).max(Span::ZERO) / (ring / 60)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MICROSECOND, SECOND};

    #[test]
    fn ticks_stand_on_their_circle() {
        for i in 0..60 {
            let angle = f64::from(i) / 60.0 * std::f64::consts::TAU - std::f64::consts::FRAC_PI_2;
            let drawn = tick(i as usize, 60, 131, 104, 122).map(|text| text.parse::<f64>().unwrap());
            let exact = [104.0 * angle.cos(), 104.0 * angle.sin(), 122.0 * angle.cos(), 122.0 * angle.sin()];
            for (drawn, exact) in drawn.iter().zip(exact) {
                assert!((drawn - 131.0 - exact).abs() < 0.02, "{i}: {drawn} {exact}");
            }
        }
    }

    #[test]
    fn the_ring_fills_and_changes_at_its_marks() {
        assert_eq!(lit(60 * MINUTE), 0);
        assert_eq!(lit(10 * MINUTE), 0);
        assert_eq!(lit(10 * MINUTE + MICROSECOND), 49);
        assert_eq!(lit(MINUTE + MICROSECOND), 47);
        assert_eq!(lit(MINUTE), 0);
        assert_eq!(lit(SECOND), 59);
        assert_eq!(lit(MICROSECOND), 59);
        assert_eq!(lit(Span::ZERO), 60);
    }
}
