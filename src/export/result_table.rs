//! A table as CSV, Markdown and LaTeX: CSV has every digit, the others what people read.

use std::fmt::Write as _;

use crate::domain::{ResultTable, TableCell};

use super::ExportError;

/// One line a row. Each column of the table is three, value, low and high end, unless no cell of the
/// whole table has an interval.
///
/// # Errors
/// [`ExportError::Csv`] if the writer fails.
pub fn table_csv(table: &ResultTable) -> Result<String, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut cells = table.rows.iter().flat_map(|row| &row.cells);
    let has_intervals =
        cells.any(|cell| matches!(cell, TableCell::Value { interval: Some(_), .. }));
    let width = if has_intervals { 3 } else { 1 };
    let mut head = vec![table.corner.clone()];
    for column in &table.columns {
        let three = [column.clone(), format!("{column} low"), format!("{column} high")];
        head.extend(three.into_iter().take(width));
    }
    writer.write_record(&head)?;
    for row in &table.rows {
        let mut line = vec![row.name.clone()];
        for cell in &row.cells {
            let nothing = String::new;
            let three = match cell {
                TableCell::Nothing => [nothing(), nothing(), nothing()],
                TableCell::ByConstruction => ["0".to_owned(), nothing(), nothing()],
                TableCell::Count(n) => [n.to_string(), nothing(), nothing()],
                TableCell::Value { value, interval, .. } => {
                    let end = |end: Option<f64>| end.map_or_else(String::new, |x| x.to_string());
                    let (low, high) = (interval.map(|i| i.low), interval.map(|i| i.high));
                    [value.to_string(), end(low), end(high)]
                }
            };
            line.extend(three.into_iter().take(width));
        }
        writer.write_record(&line)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A table of Markdown, its title above and its notes below.
pub fn table_markdown(table: &ResultTable) -> String {
    let plain = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
    let mut text = format!("{}\n\n| {} |", table.title, plain(&table.corner));
    let mut put = |piece: String| text.push_str(&piece);
    table.columns.iter().for_each(|column| put(format!(" {} |", plain(column))));
    put("\n|---|".to_owned());
    table.columns.iter().for_each(|_| put("---|".to_owned()));
    for row in &table.rows {
        put(format!("\n| {} |", plain(&row.name)));
        row.cells.iter().for_each(|cell| put(format!(" {} |", words(cell, |range| range))));
    }
    put("\n".to_owned());
    table.notes.iter().for_each(|note| put(format!("\n{note}\n")));
    text
}

/// A `tabular` for `booktabs`, its title and notes as comments.
pub fn table_latex(table: &ResultTable) -> String {
    let mut text = format!("% {}\n", one_line(&table.title));
    let mut put = |line: String| {
        // Writing to a string cannot fail.
        writeln!(text, "{line}").ok();
    };
    table.notes.iter().for_each(|note| put(format!("% {}", one_line(note))));
    put(format!("\\begin{{tabular}}{{l{}}}", "r".repeat(table.columns.len())));
    put("\\toprule".to_owned());
    let columns: Vec<String> = table.columns.iter().map(|c| escaped(c)).collect();
    put(format!("{} & {} \\\\", escaped(&table.corner), columns.join(" & ")));
    put("\\midrule".to_owned());
    for row in &table.rows {
        let small = |range: String| format!("{{\\scriptsize {range}}}");
        let cells: Vec<String> =
            row.cells.iter().map(|cell| words(cell, small).replace('\u{2013}', "--")).collect();
        put(format!("{} & {} \\\\", escaped(&row.name), cells.join(" & ")));
    }
    put("\\bottomrule".to_owned());
    put("\\end{tabular}".to_owned());
    text
}

/// A cell as people read it; `range` dresses the interval.
fn words(cell: &TableCell, range: impl Fn(String) -> String) -> String {
    match *cell {
        TableCell::Nothing => "\u{2013}".to_owned(),
        TableCell::ByConstruction => "0 (by construction)".to_owned(),
        TableCell::Count(n) => n.to_string(),
        TableCell::Value { value, interval: None, digits } => format!("{value:.digits$}"),
        TableCell::Value { value, interval: Some(interval), digits } => {
            let (low, high) = (interval.low, interval.high);
            let range = range(format!("[{low:.digits$}, {high:.digits$}]"));
            format!("{value:.digits$} {range}")
        }
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

/// Text that LaTeX takes for nothing but text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '\\' => escaped.push_str("\\textbackslash{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            _ => escaped.push(c),
        }
    }
    escaped
}
