//! Lays a document out on A4: Chinese with English beneath, sections in a fixed order.
//!
//! Owns: which section comes when, running heads and feet, the watermark. Promises:
//! the same data gives the same bytes; what is absent leaves no hole; nothing is drawn
//! before the data has passed [`crate::check`]. Never does: arithmetic on results.

mod bench;
mod closing;
mod curves;
mod findings;
mod head;
mod parts;
mod points;
mod unit;

use crate::check::{check, file_id};
use crate::data::{CertificateData, CertificateKind};
use crate::document::{LEFT, RIGHT, WIDTH};
use crate::error::Error;
use crate::font::{Fonts, MM_PER_PT};
use crate::pdf::{self, Meta};
use crate::sheet::{Align, Colour, PAGE_HEIGHT, PAGE_WIDTH, Sheet, Stroke, TextStyle, turn};
use crate::table::second;
use crate::when::When;
use parts::{Parts, Words};

/// Renders a certificate as PDF.
///
/// Equal data gives equal bytes, in any process. See `tests/` for complete data.
///
/// # Errors
/// Whatever [`crate::check::check`] finds, or [`Error::Pdf`] from the PDF library.
pub fn render(data: &CertificateData) -> Result<Vec<u8>, Error> {
    let fonts = Fonts::embedded()?;
    check(data, &fonts)?;
    let issued = When::parse("issued_at", &data.issued_at)?;

    let mut parts = Parts::new(data, &fonts);
    head::title(&mut parts, &issued)?;
    head::order_and_specimen(&mut parts)?;
    head::guarantee(&mut parts)?;
    findings::findings(&mut parts)?;
    unit::energy(&mut parts)?;
    unit::reported(&mut parts)?;
    unit::not_tested(&mut parts)?;
    closing::refusals(&mut parts)?;
    bench::basis(&mut parts)?;
    bench::bench(&mut parts)?;
    bench::instruments(&mut parts)?;
    points::measured(&mut parts)?;
    points::converted(&mut parts)?;
    // The curves need a page of their own: the statements fill the one before it.
    closing::statements(&mut parts)?;
    curves::curves(&mut parts)?;
    closing::evidence(&mut parts)?;
    closing::signatures(&mut parts)?;

    let mut pages = parts.document.into_pages();
    let total = pages.len();
    for (index, sheet) in pages.iter_mut().enumerate() {
        if data.kind == CertificateKind::Simulated {
            watermark(sheet)?;
        }
        if index > 0 {
            running_head(sheet, data)?;
        }
        foot(sheet, data, index + 1, total)?;
    }

    let (zh, en) = title_of(data.kind);
    let meta = Meta {
        title: format!("{zh} {}", data.number),
        author: data.laboratory.name.zh.clone(),
        subject: format!("{en} {} {}", data.specimen.model, data.digests.data),
        producer: format!("{} {}", data.software.name, data.software.version),
        created: issued.pdf(),
        id: file_id(data)?,
    };
    pdf::write(&pages, &fonts, &meta)
}

/// Title of a kind of document.
fn title_of(kind: CertificateKind) -> Words {
    match kind {
        CertificateKind::Formal | CertificateKind::Simulated => {
            ("水泵性能检测报告", "Pump performance test report")
        }
        CertificateKind::DataEvaluation => ("数据评价报告", "Data evaluation report"),
    }
}

const RUNNING: TextStyle = TextStyle::regular(7.5);
const RULE: Stroke = Stroke::solid(Colour::BLACK, 0.2);

fn running_head(sheet: &mut Sheet<'_>, data: &CertificateData) -> Result<(), Error> {
    const LINE: f64 = 17.5;
    let (zh, en) = title_of(data.kind);
    let title = match data.kind {
        CertificateKind::Simulated => format!("模拟数据 SIMULATED · {zh} {en}"),
        _ => format!("{zh} {en}"),
    };
    let (name, y) = (&data.laboratory.name.zh, LINE - 1.8);
    sheet.fitted((LEFT, y), WIDTH * 0.46, name, RUNNING, Align::Left)?;
    sheet.fitted((RIGHT, y), WIDTH * 0.5, &title, RUNNING, Align::Right)?;
    sheet.line((LEFT, LINE), (RIGHT, LINE), RULE);
    Ok(())
}

fn foot(
    sheet: &mut Sheet<'_>,
    data: &CertificateData,
    page: usize,
    pages: usize,
) -> Result<(), Error> {
    const LINE: f64 = 282.0;
    let y = LINE + 4.4;
    sheet.line((LEFT, LINE), (RIGHT, LINE), RULE);
    let number = format!("报告编号 No. {}", data.number);
    sheet.fitted((LEFT, y), WIDTH * 0.36, &number, RUNNING, Align::Left)?;
    let counted = format!("第 {page} 页 共 {pages} 页  Page {page} of {pages}");
    sheet.text(PAGE_WIDTH / 2.0, y, &counted, RUNNING, Align::Centre)?;
    let short: String = data.digests.data.chars().take(16).collect();
    let digest = format!("数据摘要 Digest {short}");
    sheet.fitted(
        (RIGHT, y),
        WIDTH * 0.3,
        &digest,
        second(RUNNING),
        Align::Right,
    )
}

/// 模拟数据 / SIMULATED across the page, beneath everything and too light to disturb.
fn watermark(sheet: &mut Sheet<'_>) -> Result<(), Error> {
    const DEGREES: f64 = 52.0;
    let style = TextStyle::bold(88.0).in_colour(Colour(0.90, 0.90, 0.90));
    let em = style.size * MM_PER_PT;
    let (sin, cos) = turn(DEGREES);
    for (text, down) in [("模拟数据", -0.15), ("SIMULATED", 1.0)] {
        let x = PAGE_WIDTH / 2.0 + down * em * sin;
        let y = PAGE_HEIGHT / 2.0 + down * em * cos;
        sheet.watermark(x, y, DEGREES, text, style)?;
    }
    Ok(())
}
