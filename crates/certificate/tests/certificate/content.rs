//! What stands on the paper.

use crate::sample::{self, both};
use crate::tools;
use dutypoint_certificate::data::{CertificateData, Party};
use dutypoint_certificate::render;

/// Renders, checks the file, and returns its text without line ends and spaces: where
/// a line breaks is not the matter here.
fn text(data: &CertificateData) -> Option<String> {
    let pdf = render(data).unwrap();
    tools::check(&pdf);
    let text = tools::text(&pdf)?;
    Some(text.split_whitespace().collect())
}

fn in_order(text: &str, wanted: &[&str]) {
    let mut rest = text;
    for part in wanted {
        let part: String = part.split_whitespace().collect();
        match rest.split_once(&part) {
            Some((_, after)) => rest = after,
            None => panic!("{part} not found, or not in its place, in {text}"),
        }
    }
}

#[test]
fn a_formal_report_has_every_part_in_order() {
    let Some(text) = text(&sample::formal()) else {
        return;
    };
    in_order(
        &text,
        &[
            "运城市水泵产品质量检验中心",
            "水泵性能检测报告 Pump performance test report",
            "报告编号 Report No. YCPT-W-2026-00123",
            "1 委托与样品 Order and specimen",
            "山西省运城市夏县水利工程建设有限责任公司",
            "200QJ80-55/5",
            "流量 Q 80 m³/h；扬程 H 55 m",
            "2 保证值 Guarantee",
            "3 检验结果汇总 Summary of findings",
            "U (k=2)",
            "保证扬程下的流量",
            "80.63",
            "0.72",
            "+5.77",
            "合格 Pass",
            "其他拟合",
            "58.8",
            "−0.05",
            "不合格 Fail",
            "不确定 Inconclusive",
            "不作评价 Not evaluated",
            "未达到 Not reached",
            "4 检验结论 Conclusion",
            "5 能效等级 Energy grade",
            "井用潜水电泵，充水式",
            "委托方声明",
            "≥ 65.0 %",
            "≥ 63.8 %",
            "61.2 %",
            "6 规定流量下的实测值（无限值） Measured at the guaranteed flow, no limit stated",
            "0.821",
            "7 未做的试验项目（不作评价） Items not tested (not evaluated)",
            "堵转试验",
            "needs the motor on its own",
            "8 检验依据 Test basis",
            "GB/T 12785—2014",
            "9 试验台与方法 Bench and method",
            "9.7964 m/s²",
            "10 测量仪器 Instruments",
            "LL-25-0918",
            "11 测点数据 Measured points",
            "12 换算数据 Translated points",
            "13 说明 Statements",
            "GB/T 8170",
            "14 性能曲线 Performance curves",
            "保证点与容差臂",
            "扬程 Head H (m)",
            "流量 Flow Q (m³/h)",
            "15 数据溯源 Evidence",
            "c07d5e92a81b34f6",
            "16 签名栏 Signatures",
            "检验检测专用章",
            "张晓峰",
            "以下空白 End of report",
        ],
    );
    assert!(!text.contains("SIMULATED") && !text.contains("未签发正式报告的原因"));
    // The digits of the first point: 4 significant, 0.1 kPa, 0.001 m, 0.01 m, 1 r/min.
    in_order(
        &text,
        &["24.00 652.1 1.350 0.015 0.029 0.006 68.19 49.98 2864 380.5 29.64 16.43 27.2 200"],
    );
}

#[test]
fn every_page_carries_number_count_and_digest() {
    let Some(text) = tools::text(&render(&sample::formal()).unwrap()) else {
        return;
    };
    let pages: Vec<&str> = text
        .split('\u{c}')
        .filter(|p| !p.trim().is_empty())
        .collect();
    for (index, page) in pages.iter().enumerate() {
        let (at, of) = (index + 1, pages.len());
        assert!(page.contains(&format!("第 {at} 页 共 {of} 页")), "{page}");
        assert!(page.contains(&format!("Page {at} of {of}")));
        assert!(page.contains("No. YCPT-W-2026-00123"));
        assert!(page.contains("Digest 9f2c41d07be8a355"));
    }
}

#[test]
fn a_simulated_report_says_so_everywhere_and_has_no_seal() {
    let data = sample::simulated();
    let pdf = render(&data).unwrap();
    let Some(raw) = tools::text(&pdf) else {
        return;
    };
    let text: String = raw.split_whitespace().collect();
    let pages = raw.matches("页 共").count();
    // Turned text may come out letter by letter; the words in the running head do not.
    assert!(raw.matches("SIMULATED").count() >= pages);
    assert!(!text.contains("专用章") && !text.contains("Seal"));
    // The watermark itself is the first text of every page's content.
    in_order(
        &text,
        &[
            "模拟数据：本文件由模拟试验台生成",
            "未签发正式报告的原因 Why this is not a formal certificate",
            "数据来自模拟试验台。",
            "未经本实验室核签",
            "无有效校准",
            "偏离与干预",
            "第 3 点由操作员手动接受",
        ],
    );
    assert!(text.contains("否N"));
}

#[test]
fn a_data_evaluation_claims_no_test() {
    let Some(text) = text(&sample::data_evaluation()) else {
        return;
    };
    in_order(
        &text,
        &[
            "数据评价报告 Data evaluation report",
            "本实验室未进行本试验",
            "This laboratory did not run the test.",
            "评价结果汇总",
            "58.85",
            "评价 Evaluated by",
        ],
    );
    for claim in [
        "检验结论",
        "Conclusion",
        "专用章",
        "Seal",
        "主检",
        "Testedby",
        "水泵性能检测报告",
        "SIMULATED",
        "稳定窗口",
    ] {
        assert!(!text.contains(claim), "{claim} in {text}");
    }
    // Two decimals of efficiency where the data ask for them.
    in_order(&text, &["24.00 68.19 16.43 27.19"]);
}

#[test]
fn absent_parts_leave_no_hole() {
    let Some(text) = text(&sample::bare()) else {
        return;
    };
    in_order(
        &text,
        &[
            "1 委托与样品",
            "2 说明",
            "3 数据溯源",
            "4 签名栏",
            "第 1 页 共 1 页",
        ],
    );
    for absent in [
        "委托单位",
        "Customer",
        "保证",
        "检验依据",
        "测量仪器",
        "测点",
        "曲线",
        "记录链",
        "None,",
        "null",
    ] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
}

#[test]
fn one_to_sixty_points_are_all_printed() {
    for count in [1, 2, 3, 9, 31, 60] {
        let mut data = sample::formal();
        data.points = sample::points(count);
        data.chart = Some(sample::chart(&data.points));
        data.converted = None;
        let Some(text) = text(&data) else {
            return;
        };
        let (_, rest) = text.split_once("测点数据").unwrap();
        let (table, _) = rest.split_once("性能曲线").unwrap();
        assert_eq!(table.matches("200是Y").count(), count as usize);
    }
}

#[test]
fn long_names_wrap_inside_the_margins() {
    let mut data = sample::formal();
    let long = both(
        &"山西省运城市夏县水利工程建设有限责任公司".repeat(6),
        &"Xiaxian Water Works Construction Company Limited ".repeat(6),
    );
    data.laboratory.name = long.clone();
    data.order.customer = Some(Party {
        name: long.clone(),
        address: Some(long.clone()),
        contact: None,
    });
    data.specimen.model = "200QJ80-55/5".repeat(12);
    data.findings[0].item = long.clone();
    data.findings[0].clause = "4.4.3".repeat(20);
    data.instruments[0].range = Some("0～200 m³/h".repeat(9));
    data.signatures.tested_by.name = Some("欧阳".repeat(20));
    let pdf = render(&data).unwrap();
    tools::check(&pdf);
    let Some(words) = tools::words(&pdf) else {
        return;
    };
    let (left, right) = (16.0 / 25.4 * 72.0, 194.0 / 25.4 * 72.0);
    // Boxes are as high as the font's tallest glyph, which for turned text is sideways.
    for (word, [x0, y0, x1, y1]) in &words {
        assert!(*x0 >= left - 3.0 && *x1 <= right + 0.5, "{word} {x0} {x1}");
        assert!(*y0 >= 20.0 && *y1 <= 842.0, "{word} {y0} {y1}");
    }
    let text: String = words.into_iter().map(|(word, _)| word).collect();
    let name = "山西省运城市夏县水利工程建设有限责任公司";
    assert!(text.matches(name).count() >= 4 * 4);
}

#[test]
fn fonts_are_embedded_subsets_with_unicode() {
    let pdf = render(&sample::formal()).unwrap();
    // Two full fonts would be five megabytes.
    assert!(pdf.len() < 300_000, "{} bytes", pdf.len());
    let Some(table) = tools::fonts(&pdf) else {
        return;
    };
    let fonts: Vec<&str> = table.lines().skip(2).collect();
    assert_eq!(fonts.len(), 2);
    for font in fonts {
        assert!(font.contains("NotoSansSC") && font.contains("yes yes yes"));
    }
}
