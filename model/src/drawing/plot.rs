//! Plots: bars of counts over time, as an SVG path.

use crate::Points;

/// Width of the drawing, in its own units.
pub const WIDTH: f64 = 600.0;
/// Height of the drawing.
pub const HEIGHT: f64 = 120.0;

/// Where a series stands: first second, last second (exclusive), largest count.
pub fn bounds(points: &Points, width: i64) -> (i64, i64, u64) {
    let first = points.first().map_or(0, |(second, _)| *second);
    let last = points.last().map_or(1, |(second, _)| *second) + width.max(1);
    // A lone bar is a bar, not a wall.
    (first, last.max(first + 10 * width.max(1)), points.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1))
}

/// The outline of bars, or of steps that hold until the next point, as an SVG path.
pub fn outline(points: &Points, width: i64, steps: bool) -> String {
    let (first, last, most) = bounds(points, width);
    let x = |second: i64| (second - first) as f64 / (last - first) as f64 * WIDTH;
    let y = |count: u64| HEIGHT - count as f64 / most as f64 * HEIGHT;
    let mut path = String::new();
    for (i, (second, count)) in points.iter().enumerate() {
        let end = match points.get(i + 1) {
            Some((next, _)) if steps => *next,
            _ => second + width.max(1),
        };
        let (from, to, top) = (x(*second), x(end), y(*count));
        path.push_str(&format!("M{from:.1} {HEIGHT}V{top:.1}H{to:.1}V{HEIGHT}Z"));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_within_the_drawing() {
        let points = vec![(-3, 4), (0, 8), (1, 2)];
        assert_eq!(
            outline(&points, 1, false),
            "M0.0 120V60.0H60.0V120ZM180.0 120V0.0H240.0V120ZM240.0 120V90.0H300.0V120Z"
        );
        assert!(outline(&points, 1, true).starts_with("M0.0 120V60.0H180.0V120Z"));
        assert_eq!(outline(&vec![], 1, true), "");
    }
}
