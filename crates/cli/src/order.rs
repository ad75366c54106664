//! `dutypoint order new`: an order to be filled in.

use crate::args::{NewOrderArgs, OrderArgs, OrderKind, OrderVerb};
use crate::places::{file_name, write};
use crate::say::{Say, bad};
use crate::{Done, embedded};
use dutypoint_engine::config::{Order, OrderDraft, unfilled};
use dutypoint_hydraulics::pack::Standard;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) fn run(args: OrderArgs, say: Say) -> anyhow::Result<Done> {
    let OrderVerb::New(args) = args.verb;
    let (out, force) = (args.out.clone(), args.force);
    let draft = draft(*args)?;
    draft
        .check()
        .map_err(|why| bad(format!("failed to write the order: {why}")))?;
    let text = draft.to_toml();
    let open = unfilled(&text);
    if open.is_empty() {
        // What is complete must also be right, or nothing is written.
        let name = out
            .as_deref()
            .map_or_else(|| "order.toml".into(), file_name);
        Order::parse(&name, &text)?;
    }
    if let Some(path) = &out {
        save(path, &text, force)?;
    }
    let keys: Vec<&str> = open.iter().map(|(_, key)| key.as_str()).collect();
    say.document(&json!({ "file": out, "unfilled": keys, "order": text }))?;
    match &out {
        None => say.line(text.trim_end()),
        Some(path) => {
            say.line(format!(
                "{} {}",
                say.pick("已写入", "written:"),
                path.display()
            ));
            for (line, key) in &open {
                say.line(format!(
                    "  {} {line}: {key}",
                    say.pick("待填，行", "to be filled, line")
                ));
            }
        }
    }
    Ok(Done::Passing)
}

fn save(path: &Path, text: &str, force: bool) -> anyhow::Result<()> {
    if path.exists() && !force {
        return Err(bad(format!(
            "failed to write {}: it is there already; --force replaces it",
            path.display()
        )));
    }
    write(path, text.as_bytes())
}

fn draft(args: NewOrderArgs) -> anyhow::Result<OrderDraft> {
    let packs = embedded::packs()?;
    let grades: Vec<String> = known(&packs, &args.pack)?
        .grades()
        .into_iter()
        .map(ToOwned::to_owned)
        .collect();
    if let Some(grade) = &args.grade
        && !grades.contains(grade)
    {
        return Err(bad(format!(
            "failed to find grade {grade:?} in pack {}: it has {}",
            args.pack,
            grades.join(", ")
        )));
    }
    // A pack with one grade leaves no choice.
    let only = match grades.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    let import = args.kind == OrderKind::Import;
    let method = if args.method.is_empty() && !import {
        vec!["gbt12785-2014".to_owned()]
    } else {
        args.method
    };
    for id in &method {
        known(&packs, id)?;
    }
    Ok(OrderDraft {
        import,
        number: args.number,
        customer: args.customer,
        manufacturer: args.manufacturer,
        product: args.product,
        model: args.model,
        serial: args.serial,
        stages: args.stages,
        motor_power: args.motor_power,
        voltage: args.voltage,
        frequency: args.frequency,
        pole_pairs: args.pole_pairs,
        speed: args.speed,
        pack: Some(args.pack),
        grade: args.grade.or(only),
        grades,
        method,
        flow: args.flow,
        head: args.head,
        efficiency: args.efficiency,
        power: args.power,
        declared_by: args.declared_by,
        tested_by: args.tested_by,
        source: args.source,
        gravity_m_s2: args.gravity,
        test_density_kg_m3: args.test_density,
        inlet_bore: args.inlet_bore,
        outlet_bore: args.outlet_bore,
        gauge_height_difference: args.gauge_height_difference,
        reading_rule: args.reading_rule,
    })
}

fn known<'a>(packs: &'a BTreeMap<String, Standard>, id: &str) -> anyhow::Result<&'a Standard> {
    packs.get(id).ok_or_else(|| {
        let known: Vec<&str> = packs.keys().map(String::as_str).collect();
        bad(format!(
            "failed to find standard pack {id:?}; shipped: {}",
            known.join(", ")
        ))
    })
}
