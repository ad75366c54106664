//! The validation dossier on paper: every case with what was expected and what was found.
//!
//! Promises: the same dossier gives the same bytes. Never does: comparisons, which are
//! made in [`dutypoint_engine::validate`].

use crate::document::{Document, LEFT, RIGHT, WIDTH};
use crate::error::Error;
use crate::font::Fonts;
use crate::pdf::{self, Meta};
use crate::sheet::{Align, Colour, PAGE_WIDTH, Sheet, Stroke, TextStyle};
use crate::table::{Cell, Row, Table, second};
use dutypoint_engine::validate::{Checked, Compared, Dossier};
use dutypoint_model::{Bilingual, Digest};
use serde_json::Value;

const BODY: TextStyle = TextStyle::regular(7.0);
const BOLD: TextStyle = TextStyle::bold(7.0);
const RUNNING: TextStyle = TextStyle::regular(7.5);
/// Columns: result, expected, found, difference, tolerance, verdict.
const WIDTHS: [f64; 6] = [44.0, 36.0, 36.0, 21.0, 21.0, 20.0];

/// Renders a dossier as PDF.
///
/// # Errors
/// [`Error::Glyphs`] when the font lacks a character of a case, [`Error::Pdf`] from the PDF
/// library.
pub fn render_dossier(dossier: &Dossier) -> Result<Vec<u8>, Error> {
    let fonts = Fonts::embedded()?;
    let bytes = serde_json::to_vec(dossier).map_err(|e| Error::Pdf(e.to_string()))?;
    let digest = Digest::of(&bytes);
    let mut document = Document::new(&fonts);
    head(&mut document, dossier, &digest)?;
    summary(&mut document, dossier)?;
    packs(&mut document, dossier)?;
    for area in dossier.areas() {
        let cases: Vec<&Checked> = dossier.area(area).collect();
        heading(&mut document, area, 30.0)?;
        cases_table(&cases).draw(&mut document)?;
    }

    let mut pages = document.into_pages();
    let total = pages.len();
    for (index, sheet) in pages.iter_mut().enumerate() {
        foot(sheet, &digest, index + 1, total)?;
    }
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(digest.0) {
        *to = from;
    }
    let meta = Meta {
        title: format!("软件确认报告 {} {}", dossier.software, dossier.version),
        author: dossier.by.clone().unwrap_or_default(),
        subject: format!("Validation dossier {digest}"),
        producer: format!("{} {}", dossier.software, dossier.version),
        // A dossier says when it was made only if its maker says so.
        created: "D:19700101000000Z".to_owned(),
        id,
    };
    pdf::write(&pages, &fonts, &meta)
}

fn head(document: &mut Document<'_>, dossier: &Dossier, digest: &Digest) -> Result<(), Error> {
    let title = TextStyle::bold(16.0);
    let y = document.y() + 8.0;
    let middle = PAGE_WIDTH / 2.0;
    let sheet = document.sheet();
    sheet.text(middle, y, "软件确认报告", title, Align::Centre)?;
    let english = TextStyle::regular(10.0).in_colour(Colour::GREY);
    sheet.text(
        middle,
        y + 6.0,
        "Validation dossier",
        english,
        Align::Centre,
    )?;
    document.advance(20.0);

    let mut facts = Table::new(&[38.0, 140.0]);
    let mut fact = |zh: &str, en: &str, text: String| {
        facts.push(Row::new(vec![
            Cell::bilingual(&Bilingual::new(zh, en), BODY).shaded(),
            Cell::text(text, BODY),
        ]));
    };
    fact(
        "软件",
        "Software",
        format!("{} {}", dossier.software, dossier.version),
    );
    let (passing, all) = (dossier.passing(), dossier.cases.len());
    fact(
        "案例",
        "Cases",
        format!(
            "{all}；符合 {passing}，不符合 {}  ·  {passing} as expected, {} not",
            all - passing,
            all - passing
        ),
    );
    if let Some(by) = &dossier.by {
        fact("执行人", "Done by", by.clone());
    }
    if let Some(on) = &dossier.on {
        fact("日期", "Date", on.clone());
    }
    fact("摘要", "Digest", format!("SHA-256 {digest}"));
    facts.draw(document)?;
    document.space(2.0);
    for text in [
        "每个案例均由本软件签发报告所用的同一公式代码计算；“已发表”为来源中印出的数值，“独立重算”为在他处重新计算并与他人数值相等，“由公式推算”为用其他手段由公式得出、无人发表。",
        "Each case is computed by the code certificates are computed with. Published: printed by the source. Recomputed: computed elsewhere and equal to somebody else's number. Derived: from the formula by other means, published by nobody.",
    ] {
        document.paragraph(0.0, text, BODY)?;
    }
    Ok(())
}

fn packs(document: &mut Document<'_>, dossier: &Dossier) -> Result<(), Error> {
    heading(document, "标准数据包  Standard packs", 20.0)?;
    let mut table = Table::new(&[30.0, 52.0, 16.0, 80.0]).header(Row::new(vec![
        shaded("标识", "Id"),
        shaded("版本（标准）", "Edition"),
        shaded("包版本", "Version"),
        shaded("SHA-256", "SHA-256"),
    ]));
    for pack in &dossier.packs {
        table.push(Row::new(vec![
            Cell::text(pack.id.clone(), BODY),
            Cell::text(pack.edition.clone(), BODY),
            Cell::text(pack.version.to_string(), BODY).align(Align::Centre),
            Cell::text(pack.digest.to_string(), second(BODY)),
        ]));
    }
    table.draw(document)
}

fn heading(document: &mut Document<'_>, text: &str, lead: f64) -> Result<(), Error> {
    document.need(8.0 + lead);
    document.space(4.0);
    let y = document.y() + 4.0;
    let style = TextStyle::bold(10.0);
    document.sheet().text(LEFT, y, text, style, Align::Left)?;
    document.advance(6.0);
    Ok(())
}

fn shaded(zh: &str, en: &str) -> Cell {
    Cell::bilingual(&Bilingual::new(zh, en), BOLD)
        .shaded()
        .align(Align::Centre)
}

fn summary(document: &mut Document<'_>, dossier: &Dossier) -> Result<(), Error> {
    heading(document, "汇总  Summary", 20.0)?;
    let mut table = Table::new(&[50.0, 32.0, 32.0, 32.0, 32.0]).header(Row::new(vec![
        shaded("领域", "Area"),
        shaded("案例", "Cases"),
        shaded("结果", "Results"),
        shaded("符合", "As expected"),
        shaded("判定", "Verdict"),
    ]));
    for area in dossier.areas() {
        let results = || dossier.area(area).flat_map(|case| &case.results);
        let (all, passing) = (results().count(), results().filter(|r| r.pass).count());
        table.push(Row::new(vec![
            Cell::text(area, BODY),
            Cell::text(dossier.area(area).count().to_string(), BODY).align(Align::Centre),
            Cell::text(all.to_string(), BODY).align(Align::Centre),
            Cell::text(passing.to_string(), BODY).align(Align::Centre),
            verdict(all == passing),
        ]));
    }
    table.draw(document)
}

fn verdict(pass: bool) -> Cell {
    let (text, colour) = if pass {
        ("符合 ok", Colour(0.0, 0.33, 0.13))
    } else {
        ("不符合 not ok", Colour(0.65, 0.0, 0.05))
    };
    Cell::text(text, BOLD.in_colour(colour)).align(Align::Centre)
}

fn cases_table(cases: &[&Checked]) -> Table {
    let mut table = Table::new(&WIDTHS).header(Row::new(vec![
        shaded("结果", "Result"),
        shaded("期望值", "Expected"),
        shaded("计算值", "Found"),
        shaded("差", "Difference"),
        shaded("允差", "Tolerance"),
        shaded("判定", "Verdict"),
    ]));
    for case in cases {
        let origin = case.origin.text();
        let about = Cell::empty()
            .and(format!("{}  {}", case.title.zh, case.name), BOLD)
            .and(case.title.en.clone(), second(BODY))
            .and(
                format!("{}（{}）: {}", origin.zh, origin.en, case.source),
                second(BODY),
            )
            .and(
                format!("calc {} · {}", case.calc, case.formulas.join(", ")),
                second(BODY),
            );
        table.push(Row::new(vec![about.span(WIDTHS.len())]).with_next());
        for result in &case.results {
            table.push(row(result));
        }
    }
    table
}

fn row(result: &Compared) -> Row {
    let small = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.2e}"));
    let number = |text: String| Cell::text(text, BODY).align(Align::Centre);
    Row::new(vec![
        Cell::text(result.at.trim_start_matches('/').to_owned(), BODY),
        number(written(&result.expected)),
        number(result.got.as_ref().map_or_else(|| "—".to_owned(), written)),
        number(small(result.difference)),
        number(small(result.tolerance)),
        verdict(result.pass),
    ])
}

/// Text without quotes, numbers as JSON writes them.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn foot(sheet: &mut Sheet<'_>, digest: &Digest, page: usize, pages: usize) -> Result<(), Error> {
    const LINE: f64 = 282.0;
    let y = LINE + 4.4;
    let rule = Stroke::solid(Colour::BLACK, 0.2);
    sheet.line((LEFT, LINE), (RIGHT, LINE), rule);
    let counted = format!("第 {page} 页 共 {pages} 页  Page {page} of {pages}");
    sheet.text(PAGE_WIDTH / 2.0, y, &counted, RUNNING, Align::Centre)?;
    let short: String = digest.to_string().chars().take(16).collect();
    let digest = format!("摘要 Digest {short}");
    sheet.fitted((RIGHT, y), WIDTH * 0.3, &digest, RUNNING, Align::Right)
}
