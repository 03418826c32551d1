//! Plots as SVG inside a page. Door to `plotters`.
//!
//! Each plot is drawn twice, for wide and for narrow screens, so that letters keep their size; the style shows one of them. Its
//! colours are names: the style gives them others in the dark and on paper. Names of groups must have been made harmless before
//! they come here; markup in them is escaped by the crate.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::render::escape;

/// A value with its band, or none where a group was too small.
pub(super) struct Point {
    pub(super) name: String,
    pub(super) value: Option<(f64, f64, f64)>,
}

/// A bar of a histogram with what is expected there.
pub(super) struct Bin {
    pub(super) at: f64,
    pub(super) counted: f64,
    pub(super) expected: f64,
}

/// Where groups stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    /// Side by side, from left to right: months.
    Across,
    /// Below each other, so that long names have room.
    Down,
}

/// How large a plot is, pixels.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

pub(super) const WIDE: Size = Size {
    width: 720,
    height: 300,
};
pub(super) const NARROW: Size = Size {
    width: 350,
    height: 260,
};

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Values with their bands, and a dashed line at what strangers reach.
pub(super) fn points(points: &[Point], reference: (f64, &str), axis: Axis, size: Size) -> String {
    let highest = points
        .iter()
        .filter_map(|point| point.value.map(|(_, _, high)| high))
        .fold(reference.0, f64::max);
    let names: Vec<&str> = points.iter().map(|point| point.name.as_str()).collect();
    svg(sized(size, axis, points.len()), |canvas| {
        let frame = Frame::draw(canvas, &names, highest * 1.15, axis)?;
        frame.reference(reference)?;
        frame.directions()?;
        let mut before = None;
        let shown: Vec<usize> = (0..points.len())
            .filter(|at| points.get(*at).is_some_and(|point| point.value.is_some()))
            .collect();
        for (at, point) in points.iter().enumerate() {
            let Some((value, low, high)) = point.value else {
                before = None;
                continue;
            };
            if let (Some(before), Axis::Across) = (before, axis) {
                frame.line(before, (decimal(at), value), ACCENT.mix(0.5).stroke_width(1))?;
            }
            frame.line((decimal(at), low), (decimal(at), high), ACCENT.stroke_width(3))?;
            frame.dot((decimal(at), value))?;
            if axis == Axis::Down || shown.first() == Some(&at) || shown.last() == Some(&at) {
                frame.number((decimal(at), high), &format!("{value:.0}"))?;
            }
            before = Some((decimal(at), value));
        }
        Ok(())
    })
}

/// A bar for each group.
pub(super) fn bars(bars: &[(String, f64)], axis: Axis, size: Size) -> String {
    let highest = bars.iter().map(|(_, value)| *value).fold(10.0, f64::max);
    let names: Vec<&str> = bars.iter().map(|(name, _)| name.as_str()).collect();
    svg(sized(size, axis, bars.len()), |canvas| {
        let frame = Frame::draw(canvas, &names, highest * 1.15, axis)?;
        let label_all = axis == Axis::Down || bars.len() <= usize::try_from(size.width / 40).unwrap_or(1);
        for (at, (_, value)) in bars.iter().enumerate() {
            frame.bar(decimal(at), *value)?;
            if label_all {
                frame.number((decimal(at), *value), &format!("{value:.0}"))?;
            }
        }
        Ok(())
    })
}

/// Counts at distances, and the curve that chance gives.
pub(super) fn histogram(bins: &[Bin], size: Size) -> String {
    let left = bins.first().map_or(0.0, |bin| bin.at) - 2.0;
    let right = bins.last().map_or(256.0, |bin| bin.at) + 4.0;
    let highest = bins
        .iter()
        .map(|bin| bin.counted.max(bin.expected))
        .fold(1.0, f64::max);
    svg(size, |canvas| {
        let mut chart = ChartBuilder::on(canvas)
            .margin(8)
            .margin_top(34)
            .x_label_area_size(44)
            .y_label_area_size(46)
            .build_cartesian_2d(left..right, 0.0..highest * 1.05)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(LINE)
            .axis_style(SOFT)
            .label_style(small(SOFT))
            .x_labels(usize::try_from(size.width / 70).unwrap_or(5))
            .y_labels(5)
            .x_label_formatter(&|bits| format!("{bits:.0}"))
            .y_label_formatter(&|count| format!("{count:.0}"))
            .x_desc("bits that differ from the nearest other picture")
            .draw()?;
        chart.draw_series(bins.iter().filter(|bin| bin.counted > 0.0).map(|bin| {
            let corners = [(bin.at + 0.2, 0.0), (bin.at + 1.8, bin.counted)];
            Rectangle::new(corners, ACCENT.mix(0.55).filled())
        }))?;
        let curve = bins.iter().map(|bin| (bin.at + 1.0, bin.expected));
        chart.draw_series(LineSeries::new(curve, INK.stroke_width(2)))?;
        canvas.draw(&Rectangle::new([(54, 8), (66, 20)], ACCENT.mix(0.55).filled()))?;
        canvas.draw(&Text::new("counted", (72, 14), left_of(INK)))?;
        canvas.draw(&PathElement::new([(142, 14), (164, 14)], INK.stroke_width(2)))?;
        canvas.draw(&Text::new("by chance alone", (170, 14), left_of(INK)))?;
        Ok(())
    })
}

/// Both sizes of a plot.
pub(super) fn both(draw: impl Fn(Size) -> String) -> [(&'static str, String); 2] {
    [("plot wide", draw(WIDE)), ("plot narrow", draw(NARROW))]
}

/// A chart of groups against values from 0.
struct Frame<'a, 'b> {
    canvas: &'a Canvas<'b>,
    chart: ChartContext<
        'a,
        SVGBackend<'b>,
        Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
    >,
    axis: Axis,
    groups: f64,
}

impl<'a, 'b> Frame<'a, 'b> {
    fn draw(
        canvas: &'a Canvas<'b>,
        names: &[&str],
        highest: f64,
        axis: Axis,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let groups = decimal(names.len().max(1));
        let across = -0.5..groups - 0.5;
        // Groups go down, as names are read.
        let (xs, ys) = match axis {
            Axis::Across => (across, 0.0..highest),
            Axis::Down => (0.0..highest, groups - 0.5..-0.5),
        };
        let longest = names
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0)
            .min(NAME_MAX);
        let name_width = i32::try_from(longest).unwrap_or(0) * LETTER + 12;
        let (below, beside) = match axis {
            Axis::Across => (30, 46),
            Axis::Down => (44, name_width),
        };
        let mut builder = ChartBuilder::on(canvas);
        builder.margin(8).margin_top(26).margin_right(16);
        builder.x_label_area_size(below).y_label_area_size(beside);
        let mut chart = builder.build_cartesian_2d(xs, ys)?;
        let mut mesh = chart.configure_mesh();
        mesh.light_line_style(TRANSPARENT)
            .bold_line_style(LINE)
            .axis_style(SOFT)
            .label_style(small(SOFT));
        let whole = |value: &f64| format!("{value:.0}");
        let nothing = |_: &f64| String::new();
        match axis {
            Axis::Across => mesh
                .disable_x_mesh()
                .x_labels(1)
                .y_labels(5)
                .x_label_formatter(&nothing)
                .y_label_formatter(&whole)
                .draw()?,
            Axis::Down => mesh
                .disable_y_mesh()
                .y_labels(1)
                .x_labels(5)
                .y_label_formatter(&nothing)
                .x_label_formatter(&whole)
                .draw()?,
        }
        let frame = Self {
            canvas,
            chart,
            axis,
            groups,
        };
        frame.names(names)?;
        Ok(frame)
    }

    /// As many names as have room.
    fn names(&self, names: &[&str]) -> Drawn {
        let (left, bottom) = self.pixel((-0.5, 0.0));
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(1);
        let (right, _) = self.pixel((self.groups - 0.5, 0.0));
        let each = f64::from(right - left) / self.groups;
        let needed = decimal(longest) * f64::from(LETTER) + 10.0;
        let mut free_from = f64::MIN;
        for (at, name) in names.iter().enumerate() {
            let (x, y) = self.pixel((decimal(at), 0.0));
            match self.axis {
                Axis::Across => {
                    if f64::from(x) - needed / 2.0 >= free_from || each >= needed {
                        let style = small(INK).pos(pos(HPos::Center, VPos::Top));
                        self.canvas
                            .draw(&Text::new((*name).to_owned(), (x, bottom + 8), style))?;
                        free_from = f64::from(x) + needed / 2.0;
                    }
                }
                Axis::Down => {
                    let style = small(INK).pos(pos(HPos::Right, VPos::Center));
                    self.canvas.draw(&Text::new(shortened(name), (x - 8, y), style))?;
                }
            }
        }
        Ok(())
    }

    fn place(&self, (group, value): (f64, f64)) -> (f64, f64) {
        match self.axis {
            Axis::Across => (group, value),
            Axis::Down => (value, group),
        }
    }

    fn pixel(&self, place: (f64, f64)) -> (i32, i32) {
        self.chart.backend_coord(&self.place(place))
    }

    fn line(&self, from: (f64, f64), to: (f64, f64), style: ShapeStyle) -> Drawn {
        let path = [self.pixel(from), self.pixel(to)];
        Ok(self.canvas.draw(&PathElement::new(path, style))?)
    }

    fn dot(&self, place: (f64, f64)) -> Drawn {
        Ok(self
            .canvas
            .draw(&Circle::new(self.pixel(place), 5, ACCENT.filled()))?)
    }

    fn bar(&self, group: f64, value: f64) -> Drawn {
        let corners = [self.pixel((group - 0.35, 0.0)), self.pixel((group + 0.35, value))];
        Ok(self
            .canvas
            .draw(&Rectangle::new(corners, ACCENT.mix(0.55).filled()))?)
    }

    /// A number just beyond a place.
    fn number(&self, place: (f64, f64), text: &str) -> Drawn {
        let (x, y) = self.pixel(place);
        let (at, style) = match self.axis {
            Axis::Across => ((x, y - 4), bold(INK).pos(pos(HPos::Center, VPos::Bottom))),
            Axis::Down => ((x + 8, y), bold(INK).pos(pos(HPos::Left, VPos::Center))),
        };
        Ok(self.canvas.draw(&Text::new(text.to_owned(), at, style))?)
    }

    /// What up and down, or right and left, mean.
    fn directions(&self) -> Drawn {
        let (left, bottom) = self.pixel((-0.5, 0.0));
        let (right, _) = self.canvas.dim_in_pixel();
        let right = i32::try_from(right).unwrap_or(i32::MAX) - 16;
        let (less, more) = match self.axis {
            Axis::Across => (
                ("\u{2191} less alike", (left + 6, 14), HPos::Left),
                ("\u{2193} more alike", (left + 6, bottom - 12), HPos::Left),
            ),
            Axis::Down => (
                ("less alike \u{2192}", (right, self.below()), HPos::Right),
                (
                    "\u{2190} more alike",
                    (self.pixel((0.0, 0.0)).0, self.below()),
                    HPos::Left,
                ),
            ),
        };
        for (words, at, side) in [less, more] {
            let style = small(SOFT).pos(pos(side, VPos::Center));
            self.canvas.draw(&Text::new(words, at, style))?;
        }
        Ok(())
    }

    /// Below the numbers of the axis.
    fn below(&self) -> i32 {
        let (_, height) = self.canvas.dim_in_pixel();
        i32::try_from(height).unwrap_or(i32::MAX) - 10
    }

    fn reference(&self, (value, words): (f64, &str)) -> Drawn {
        let (start, end) = (self.pixel((-0.5, value)), self.pixel((self.groups - 0.5, value)));
        let dashes = plotters::element::DashedPathElement::new([start, end], 6, 5, SOFT.stroke_width(2));
        self.canvas.draw(&dashes)?;
        // Above the plot, where no point and no number can be; dashes say which line is meant.
        let (at, anchor, words) = match self.axis {
            Axis::Across => (
                (end.0, 14),
                pos(HPos::Right, VPos::Center),
                format!("- - {words}"),
            ),
            Axis::Down => ((start.0, 18), pos(HPos::Right, VPos::Bottom), words.to_owned()),
        };
        Ok(self.canvas.draw(&Text::new(words, at, small(SOFT).pos(anchor)))?)
    }
}

/// Room for one line a group where they go down.
fn sized(size: Size, axis: Axis, groups: usize) -> Size {
    match axis {
        Axis::Across => size,
        Axis::Down => Size {
            height: u32::try_from(groups).unwrap_or(0) * 34 + 84,
            ..size
        },
    }
}

/// What was drawn; nothing where the crate could not, which it has no reason to.
fn svg(size: Size, draw: impl Fn(&Canvas<'_>) -> Drawn) -> String {
    let mut text = String::new();
    let canvas = SVGBackend::with_string(&mut text, (size.width, size.height)).into_drawing_area();
    let drawn = draw(&canvas).and_then(|()| Ok(canvas.present()?));
    drop(canvas);
    debug_assert!(drawn.is_ok(), "{drawn:?}");
    if drawn.is_ok() { text } else { String::new() }
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_MAX {
        return name.to_owned();
    }
    let start: String = name.chars().take(NAME_MAX - 1).collect();
    escape::line(&format!("{start}\u{2026}")).into_owned()
}

fn pos(h: HPos, v: VPos) -> Pos {
    Pos::new(h, v)
}

fn small(colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", LETTERS).into_font().color(&colour)
}

fn left_of(colour: RGBColor) -> TextStyle<'static> {
    small(colour).pos(pos(HPos::Left, VPos::Center))
}

fn bold(colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", LETTERS)
        .into_font()
        .style(FontStyle::Bold)
        .color(&colour)
}

fn decimal(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// The crate divides by 1.24: 13 pixels.
const LETTERS: f64 = 16.12;
/// What a letter of that size takes, generously.
const LETTER: i32 = 8;
/// Most letters of a name shown beside a plot.
const NAME_MAX: usize = 14;
/// `style.css` knows these colours by their values.
const INK: RGBColor = RGBColor(0x1b, 0x1b, 0x1d);
const SOFT: RGBColor = RGBColor(0x5a, 0x5a, 0x62);
const LINE: RGBColor = RGBColor(0xd9, 0xd9, 0xdf);
const ACCENT: RGBColor = RGBColor(0x2f, 0x5f, 0xb3);
