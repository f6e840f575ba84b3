//! Attention by bucket over a batch: bars, or a table of many groups. A click lists what is behind one.

use egui::{
    Color32, TextStyle, Ui,
    text::{LayoutJob, TextFormat},
};

use super::{batch_rows::focus_rows, entities::colors_of_values};
use crate::{
    app::{
        BatchBar, BatchChoice, Command, OpenBatch,
        jobs::{BatchChart, Reading},
    },
    domain::{BarFigure, Bucket, CaptionField, Figure, MatrixFigure},
    ui::{
        context::ViewContext,
        theme::{Colors, bucket_color, group_color},
        widgets::{BarsLook, bars_ui, empty_ui, matrix_ui, note_ui, number},
    },
};

/// Shows the chart.
pub(super) fn batch_chart_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch) {
    let Some(drawn) = cx.state.batch_chart() else { return };
    match drawn.as_ref() {
        Ok(chart) => chart_ui(ui, cx, open, chart),
        Err(why) => empty_ui(ui, "No chart", why),
    }
}

/// What must be known of the chart.
pub(super) fn chart_words_ui(ui: &mut Ui, cx: &ViewContext<'_>) {
    let Some(Ok(chart)) = cx.state.batch_chart().map(AsRef::as_ref) else { return };
    let (caption, notes) = words_of(&chart.figure);
    for note in notes {
        note_ui(ui, note);
    }
    let caption: Vec<String> =
        caption.iter().map(|field| format!("{}: {}", field.name, field.value)).collect();
    note_ui(ui, &caption.join(" · "));
}

fn words_of(figure: &Figure) -> (&[CaptionField], &[String]) {
    match figure {
        Figure::Bars(bars) => (&bars.parts().caption, &bars.parts().notes),
        Figure::Matrix(matrix) => (&matrix.parts().caption, &matrix.parts().notes),
        Figure::Curves(curves) => (&curves.parts().caption, &curves.parts().notes),
    }
}

fn chart_ui(ui: &mut Ui, cx: &ViewContext<'_>, open: &OpenBatch, chart: &BatchChart) {
    let chosen = match &chart.figure {
        Figure::Bars(bars) => pressed_bar_ui(ui, cx, bars),
        Figure::Matrix(matrix) => pressed_cell_ui(ui, cx, open, chart, matrix),
        Figure::Curves(_) => None,
    };
    let Some(bar) = chosen else { return };
    let before = &cx.state.workspace.batch;
    // The chosen bar again lets go of it.
    let bar = Some(bar).filter(|bar| before.bar != Some(*bar));
    let after = BatchChoice { bar, row: None, ..before.clone() };
    if bar.is_some() {
        focus_rows(ui);
    }
    cx.send(Command::SetBatch(Box::new(after)));
}

fn pressed_bar_ui(ui: &mut Ui, cx: &ViewContext<'_>, bars: &BarFigure) -> Option<BatchBar> {
    let parts = bars.parts();
    let visuals = ui.visuals().clone();
    let buckets: Vec<Option<Bucket>> =
        parts.categories.iter().map(|category| category.name.parse().ok()).collect();
    let is_one = parts.groups.len() == 1;
    let color = |group: usize, category: usize| match buckets[category] {
        Some(bucket) if is_one => bucket_color(&visuals, bucket),
        _ => group_color(&visuals, group),
    };
    if !is_one {
        let names = parts.groups.iter().map(|group| group.name.as_str());
        legend_ui(ui, names.enumerate().map(|(g, name)| (name, color(g, 0))));
    }
    let told = |group: usize, category: usize| {
        let (bar, bucket) = (&parts.groups[group].bars[category], &parts.categories[category].name);
        let value = match bar.value {
            _ if bar.by_construction => "closed by the mask".to_owned(),
            Some(value) => number(value),
            None => "no value".to_owned(),
        };
        let (name, n) = (&parts.groups[group].name, bar.n);
        format!("{bucket}, {name}: {value}; list its {}", questions(n))
    };
    let bar = cx.state.workspace.batch.bar;
    let place = |bar: BatchBar| {
        let category = buckets.iter().position(|bucket| *bucket == Some(bar.bucket));
        category.map(|category| (bar.group, category))
    };
    let look =
        BarsLook { color: &color, lit: None, chosen: bar.and_then(place), told: Some(&told) };
    let (_, clicked) = bars_ui(ui, bars, &look);
    let (group, category) = clicked?;
    Some(BatchBar { group, bucket: buckets[category]? })
}

fn legend_ui<'a>(ui: &mut Ui, groups: impl Iterator<Item = (&'a str, Color32)>) {
    ui.horizontal_wrapped(|ui| {
        let font = TextStyle::Body.resolve(ui.style());
        let ink = Colors::of(ui).text;
        for (name, color) in groups {
            // One label, so that no line ends between the dot and its name.
            let mut job =
                LayoutJob::single_section("● ".to_owned(), TextFormat::simple(font.clone(), color));
            job.append(name, 0.0, TextFormat::simple(font.clone(), ink));
            ui.label(job);
        }
    });
}

fn pressed_cell_ui(
    ui: &mut Ui,
    cx: &ViewContext<'_>,
    open: &OpenBatch,
    chart: &BatchChart,
    matrix: &MatrixFigure,
) -> Option<BatchBar> {
    let parts = matrix.parts();
    let bucket = |column: usize| parts.columns[column].parse::<Bucket>().ok();
    let reading: Reading = cx.state.workspace.view.reading;
    let hint = |row: usize, column: usize| {
        let n = chart.groups[row].behind(&open.results, bucket(column)?, reading).0.len();
        Some(format!("a click lists its {}", questions(n)))
    };
    let (response, found) = matrix_ui(ui, matrix, &colors_of_values(matrix), &hint);
    let (row, column) = found?;
    let bucket = bucket(column)?;
    response.clicked().then_some(BatchBar { group: row, bucket })
}

/// A number of questions in words.
pub(super) fn questions(n: usize) -> String {
    match n {
        1 => "1 question".to_owned(),
        n => format!("{n} questions"),
    }
}
