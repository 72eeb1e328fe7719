//! Where tiles go: a pure function of the window and of what is to be seen in it.
//!
//! Lengths are CSS pixels. `x` counts from the side where lines begin: in languages written from right to left the whole
//! picture is mirrored by the style sheet.

/// Between tiles, and around them.
pub(crate) const GAP: i32 = 8;

/// The widest tile, as width to height. Cropped any further, faces lose their foreheads.
const WIDEST: f32 = 16.0 / 9.0;

/// How much of a picture's width is left at least where a tile is narrower: cropped any further, people lose their
/// shoulders, and whoever sits beside the middle their face. So tiles for cameras of 4 to 3 may be 4 to 5.
const KEPT: f32 = 0.6;

/// No tile is narrower than the pictures of upright telephones; those of such alone are not made wide.
const UPRIGHT: f32 = 9.0 / 16.0;
const LYING: f32 = 4.0 / 3.0;

/// Tiles in a strip are small: nearly square ones would waste its length.
const NARROWEST_IN_STRIP: f32 = 1.2;

/// From the edges to a floating tile.
const MARGIN: i32 = 20;

/// Windows narrower than this have a control bar from side to side: what floats stays clear of it.
pub(crate) const NARROW_WINDOW: i32 = 600;
pub(crate) const BAR_HEIGHT: i32 = 88;

/// A place in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rectangle {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

/// Where a tile floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Corner {
    pub(crate) bottom: bool,
    /// Where lines end.
    pub(crate) end: bool,
}

/// How what is to be seen is arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All of the same size, in rows; an unfinished last row is centred.
    Grid,
    /// The first fills the window, the others float over it (there is one).
    Floating(Corner),
    /// The first so many take the stage, the others stand in a strip: beside it in wide windows, above it in tall ones.
    Stage(usize),
}

/// The place of each, given the pictures' own shapes (width to height).
pub(crate) fn arrange(width: i32, height: i32, shapes: &[f32], mode: Mode) -> Vec<Rectangle> {
    let window = Rectangle { x: GAP, y: GAP, width: width - 2 * GAP, height: height - 2 * GAP };
    match mode {
        Mode::Grid => {
            let (narrowest, widest) = bounds(shapes);
            grid(window, shapes.len() as i32, narrowest, widest)
        }
        Mode::Floating(corner) => {
            let floats = shapes.iter().skip(1).map(|shape| floating(width, height, *shape, corner));
            core::iter::once(window).chain(floats).collect()
        }
        Mode::Stage(count) => {
            let (large, strip) = shapes.split_at(count.min(shapes.len()));
            stage(window, large, strip.len() as i32)
        }
    }
}

/// How narrow and how wide tiles may be that show such pictures.
fn bounds(shapes: &[f32]) -> (f32, f32) {
    let widest = shapes.iter().copied().fold(UPRIGHT, f32::max);
    ((widest * KEPT).max(UPRIGHT), widest.clamp(LYING, WIDEST))
}

/// Tiles of one size in rows, as large as can be.
fn grid(area: Rectangle, count: i32, narrowest: f32, widest: f32) -> Vec<Rectangle> {
    let (mut columns, mut size) = (1, (0, 0));
    for tried in 1..=count {
        let (width, height) = cell(area, tried, rows(count, tried));
        let fitting =
            (width.min((height as f32 * widest) as i32), height.min((width as f32 / narrowest) as i32));
        if fitting.0 * fitting.1 > size.0 * size.1 {
            (columns, size) = (tried, fitting);
        }
    }
    rows_of(area, count, columns, size)
}

/// Places for pictures that are shown whole: cells, in which as much as possible is filled by pictures of that shape.
fn cells(area: Rectangle, shapes: &[f32]) -> (i32, Vec<Rectangle>) {
    let count = shapes.len() as i32;
    let (mut columns, mut filled) = (1, -1);
    for tried in 1..=count {
        let (width, height) = cell(area, tried, rows(count, tried));
        let sum = shapes.iter().map(|shape| whole(width, height, *shape)).sum();
        if sum > filled {
            (columns, filled) = (tried, sum);
        }
    }
    (filled, rows_of(area, count, columns, cell(area, columns, rows(count, columns))))
}

/// How much of a cell a picture of this shape fills when nothing of it is cut off.
fn whole(width: i32, height: i32, shape: f32) -> i32 {
    width.min((height as f32 * shape) as i32) * height.min((width as f32 / shape) as i32)
}

fn rows(count: i32, columns: i32) -> i32 {
    (count + columns - 1) / columns
}

/// One of so many columns and rows.
fn cell(area: Rectangle, columns: i32, rows: i32) -> (i32, i32) {
    let part = |length: i32, count: i32| ((length - GAP * (count - 1)) / count).max(0);
    (part(area.width, columns), part(area.height, rows))
}

/// Rows of tiles in the middle of an area, the last one too.
fn rows_of(area: Rectangle, count: i32, columns: i32, (width, height): (i32, i32)) -> Vec<Rectangle> {
    let rest = |length: i32, count: i32, part: i32| (length - count * part - (count - 1) * GAP) / 2;
    let top = area.y + rest(area.height, rows(count, columns), height);
    let place = |index: i32| {
        let (row, column) = (index / columns, index % columns);
        let in_row = columns.min(count - row * columns);
        Rectangle {
            x: area.x + rest(area.width, in_row, width) + column * (width + GAP),
            y: top + row * (height + GAP),
            width,
            height,
        }
    };
    (0..count).map(place).collect()
}

/// The large ones, and the others in a strip: at the side in wide windows, above in tall ones, unless the other way leaves
/// much more of the large ones to see.
fn stage(area: Rectangle, large: &[f32], count: i32) -> Vec<Rectangle> {
    if count == 0 {
        return cells(area, large).1;
    }
    let beside = beside(area, count);
    let above = above(area, count);
    let rest_beside = Rectangle { width: beside.0 - GAP - area.x, ..area };
    let rest_above = Rectangle { y: above.0 + GAP, height: area.y + area.height - above.0 - GAP, ..area };
    let (filled_beside, cells_beside) = cells(rest_beside, large);
    let (filled_above, cells_above) = cells(rest_above, large);
    // By a quarter.
    let much_more = |this: i32, other: i32| i64::from(this) * 4 > i64::from(other) * 5;
    let at_side = if area.width >= area.height {
        !much_more(filled_above, filled_beside)
    } else {
        much_more(filled_beside, filled_above)
    };
    let (mut places, strip) = if at_side { (cells_beside, beside.1) } else { (cells_above, above.1) };
    places.extend(strip);
    places
}

/// A strip at the side where lines end, and where it begins.
fn beside(area: Rectangle, count: i32) -> (i32, Vec<Rectangle>) {
    let width = (area.width * 17 / 100).clamp(112, 260).min(area.width / 3);
    let strip = Rectangle { x: area.x + area.width - width, width, ..area };
    let mut tiles = grid(strip, count, NARROWEST_IN_STRIP, WIDEST);
    // Where many share its height they are smaller than it is wide: it ends where they do.
    let end = tiles.iter().map(|tile| tile.x + tile.width).max().unwrap_or(0);
    let rest = area.x + area.width - end;
    for tile in &mut tiles {
        tile.x += rest;
    }
    (tiles.iter().map(|tile| tile.x).min().unwrap_or(0), tiles)
}

/// A strip at the top, and where it ends.
fn above(area: Rectangle, count: i32) -> (i32, Vec<Rectangle>) {
    let height = (area.height * 18 / 100).clamp(88, 200).min(area.height / 3);
    let mut tiles = grid(Rectangle { height, ..area }, count, NARROWEST_IN_STRIP, WIDEST);
    let rest = tiles.first().map_or(0, |tile| tile.y - area.y);
    for tile in &mut tiles {
        tile.y -= rest;
    }
    (tiles.iter().map(|tile| tile.y + tile.height).max().unwrap_or(0), tiles)
}

/// A small tile in a corner.
fn floating(width: i32, height: i32, shape: f32, corner: Corner) -> Rectangle {
    let shape = shape.clamp(0.75, 1.6);
    let share = if width > height { 19 } else { 32 };
    // At most a third of the height, too: a telephone on its side is not high.
    let wide = (width * share / 100).clamp(104, 300).min((height as f32 * shape / 3.0) as i32);
    let high = (wide as f32 / shape) as i32;
    let below = if width < NARROW_WINDOW { MARGIN.max(BAR_HEIGHT) } else { MARGIN };
    Rectangle {
        x: if corner.end { width - MARGIN - wide } else { MARGIN },
        y: if corner.bottom { height - below - high } else { MARGIN },
        width: wide,
        height: high,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANDSCAPE: f32 = 16.0 / 9.0;
    const NARROWEST: f32 = LANDSCAPE * KEPT;

    /// 744 windows, from a watch to a wall; telephones both ways, halves of screens, ultra-wide ones.
    fn windows() -> impl Iterator<Item = (i32, i32)> {
        let widths = (0..31).map(|step| 240 + step * 120 + step % 7);
        widths.flat_map(|width| (0..24).map(move |step| (width, 220 + step * 85 + step % 5)))
    }

    fn area(places: &[Rectangle]) -> i64 {
        places.iter().map(|place| i64::from(place.width) * i64::from(place.height)).sum()
    }

    fn overlap(a: &Rectangle, b: &Rectangle, gap: i32) -> bool {
        a.x < b.x + b.width + gap
            && b.x < a.x + a.width + gap
            && a.y < b.y + b.height + gap
            && b.y < a.y + a.height + gap
    }

    fn check_places(width: i32, height: i32, places: &[Rectangle]) {
        for (index, place) in places.iter().enumerate() {
            assert!(place.width > 0 && place.height > 0, "{width}×{height}: {places:?}");
            assert!(
                place.x >= GAP
                    && place.y >= GAP
                    && place.x + place.width <= width - GAP
                    && place.y + place.height <= height - GAP,
                "{width}×{height}: {place:?} leaves the window"
            );
            for other in &places[..index] {
                assert!(
                    !overlap(place, other, GAP),
                    "{width}×{height}: {place:?} and {other:?} are too close"
                );
            }
        }
    }

    /// The largest total area of `count` equal tiles of any allowed shape in any number of columns and rows, found by
    /// trying them all.
    fn best_by_trying(width: i32, height: i32, count: i32) -> f64 {
        let (width, height, gap) = (f64::from(width - 2 * GAP), f64::from(height - 2 * GAP), f64::from(GAP));
        let mut best = 0.0_f64;
        for columns in 1..=count {
            for rows in 1..=count {
                if columns * rows < count {
                    continue;
                }
                let cell_width = (width - gap * f64::from(columns - 1)) / f64::from(columns);
                let cell_height = (height - gap * f64::from(rows - 1)) / f64::from(rows);
                for step in 0..=200 {
                    let narrowest = f64::from(NARROWEST);
                    let shape = narrowest + (16.0 / 9.0 - narrowest) * f64::from(step) / 200.0;
                    let tile = cell_width.min(cell_height * shape);
                    if tile > 0.0 {
                        best = best.max(f64::from(count) * tile * tile / shape);
                    }
                }
            }
        }
        best
    }

    #[test]
    fn a_grid_wastes_as_little_as_can_be_and_never_overlaps() {
        let mut windows_seen = 0;
        let mut worst = 1.0_f64;
        for (width, height) in windows() {
            windows_seen += 1;
            for count in 1..=9 {
                let places = arrange(width, height, &vec![LANDSCAPE; count as usize], Mode::Grid);
                assert_eq!(places.len(), count as usize);
                check_places(width, height, &places);
                for place in &places {
                    let shape = place.width as f32 / place.height as f32;
                    // Whole pixels: a tile of 40 of them is off by some hundredths.
                    let rounding = 1.5 / place.height.min(place.width) as f32 * 1.8;
                    assert!(
                        (NARROWEST - rounding..=WIDEST + rounding).contains(&shape),
                        "{width}×{height}, {count}: {place:?} has the shape {shape}"
                    );
                }
                // Each side is rounded down to a whole pixel.
                let best = best_by_trying(width, height, count);
                let first = places[0];
                let rounding = f64::from(count) * f64::from(first.width + first.height + 1);
                assert!(
                    area(&places) as f64 >= best - 2.0 * rounding - best * 0.01,
                    "{width}×{height}, {count}: {} of at best {best}",
                    area(&places)
                );
                // In windows as people have them. Alone, one fills the window: that is no grid.
                let shape = f64::from(width) / f64::from(height);
                if (0.45..=2.4).contains(&shape) && width >= 360 && height >= 360 && (2..=8).contains(&count)
                {
                    let used = area(&places) as f64 / f64::from((width - 2 * GAP) * (height - 2 * GAP));
                    worst = worst.min(used);
                }
            }
        }
        assert!(windows_seen >= 500, "{windows_seen} windows");
        println!("in windows of ordinary shape at least {:.1} % are used", worst * 100.0);
        assert!(worst > 0.6, "{worst}");
    }

    #[test]
    fn an_unfinished_row_stands_in_the_middle() {
        for (width, height) in windows() {
            for count in [3, 5, 7] {
                let places = arrange(width, height, &vec![LANDSCAPE; count], Mode::Grid);
                let last_row: Vec<_> = places.iter().filter(|place| place.y == places[count - 1].y).collect();
                let left = last_row[0].x;
                let right = width - last_row[last_row.len() - 1].x - last_row[0].width;
                assert!((left - right).abs() <= 1, "{width}×{height}, {count}: {left} and {right}");
            }
        }
    }

    #[test]
    fn tiles_of_telephones_held_upright_may_be_narrow_and_are_not_wide() {
        let upright = arrange(1600, 900, &[UPRIGHT; 3], Mode::Grid);
        assert!(upright.iter().all(|tile| tile.width < tile.height), "{upright:?}");
        let mixed = arrange(400, 900, &[UPRIGHT, LANDSCAPE], Mode::Grid);
        assert!(mixed.iter().all(|tile| tile.width as f32 / tile.height as f32 >= NARROWEST - 0.01));
    }

    #[test]
    fn a_stage_and_its_strip_do_not_overlap_and_the_stage_is_the_larger() {
        for (width, height) in windows() {
            for large in 1..=2 {
                for strip in 0..=8 {
                    let shapes = vec![LANDSCAPE; large + strip];
                    let places = arrange(width, height, &shapes, Mode::Stage(large));
                    assert_eq!(places.len(), shapes.len());
                    check_places(width, height, &places);
                    let on_stage = area(&places[..large]) as f64;
                    let used = on_stage / f64::from((width - 2 * GAP) * (height - 2 * GAP));
                    assert!(used > 0.6, "{width}×{height}, {large}+{strip}: {used}");
                }
            }
        }
    }

    #[test]
    fn the_strip_is_beside_on_wide_windows_and_above_on_tall_ones() {
        let wide = arrange(1440, 900, &[1.6, LANDSCAPE, LANDSCAPE], Mode::Stage(1));
        assert!(wide[1].x > wide[0].x + wide[0].width && wide[0].height == 900 - 2 * GAP);
        let tall = arrange(390, 844, &[1.6, LANDSCAPE, LANDSCAPE], Mode::Stage(1));
        assert!(tall[0].y > tall[1].y + tall[1].height && tall[0].width == 390 - 2 * GAP);
    }

    #[test]
    fn what_floats_is_small_and_clear_of_edges_and_of_a_wide_bar() {
        for (width, height) in windows() {
            for corner in [(false, false), (false, true), (true, false), (true, true)] {
                let corner = Corner { bottom: corner.0, end: corner.1 };
                let places = arrange(width, height, &[LANDSCAPE, LANDSCAPE], Mode::Floating(corner));
                let [large, small] = places[..] else { panic!("{places:?}") };
                assert_eq!((large.width, large.height), (width - 2 * GAP, height - 2 * GAP));
                check_places(width, height, &[small]);
                assert!(area(&[small]) * 6 < area(&[large]), "{width}×{height}: {small:?}");
                if width < NARROW_WINDOW && corner.bottom {
                    assert!(small.y + small.height <= height - BAR_HEIGHT);
                }
            }
        }
    }
}
