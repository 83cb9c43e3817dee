//! `auditglass facets`: the values of fields, counted.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use auditglass::{Case, Facet, FacetAsk, Search, Selection, SurveyAsk, report};
use serde::Serialize;

use crate::args::{FacetsFormat, FacetsOptions};
use crate::explore;

/// Values of a field in a table unless more are asked for.
const LIMIT: u32 = 20;

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    filter: &'a str,
    matched: u64,
    facets: &'a [Facet],
}

/// Opens the files, selects, counts, and tells the exit code.
pub(crate) fn run(options: &FacetsOptions) -> ExitCode {
    let selection = Selection {
        filter: options.filter.clone(),
        sort: None,
    };
    let (case, mut search) = match explore::begin(&options.files, &selection) {
        Ok(begun) => begun,
        Err(code) => return code,
    };
    let written = write(&case, &mut search, options);
    let code = explore::exit_code(&case, written, search.matched() > 0);
    std::mem::forget(case);
    code
}

fn write(
    case: &Case,
    search: &mut Search,
    options: &FacetsOptions,
) -> Result<(), explore::Failure> {
    let all = match options.format {
        FacetsFormat::Table => LIMIT,
        FacetsFormat::Json => u32::MAX,
    };
    let facet = |field: &String| FacetAsk {
        field: field.clone(),
        order: options.order,
        limit: options.limit.unwrap_or(all),
        ..FacetAsk::default()
    };
    let ask = SurveyAsk {
        facets: options.fields.iter().map(facet).collect(),
        timeline: None,
    };
    let survey = case.survey(search, &ask)?;
    let mut out = BufWriter::new(io::stdout().lock());
    match options.format {
        FacetsFormat::Json => {
            let report = Report {
                schema: "auditglass.facets/1",
                filter: &options.filter,
                matched: search.matched(),
                facets: &survey.facets,
            };
            serde_json::to_writer_pretty(&mut out, &report).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        FacetsFormat::Table => {
            for (i, facet) in survey.facets.iter().enumerate() {
                if i > 0 {
                    writeln!(out)?;
                }
                table(&mut out, facet)?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn table(out: &mut impl Write, facet: &Facet) -> io::Result<()> {
    let values = if facet.distinct == 1 {
        "value"
    } else {
        "values"
    };
    writeln!(
        out,
        "{} ({} {values})",
        report::printable(&facet.field),
        facet.distinct
    )?;
    for value in &facet.values {
        writeln!(
            out,
            "{:>12}  {}",
            value.count,
            report::printable(&value.value)
        )?;
    }
    let left = facet.distinct.saturating_sub(facet.values.len() as u64);
    if left > 0 {
        writeln!(out, "{:>12}  {left} more", "…")?;
    }
    if facet.missing > 0 {
        writeln!(out, "{:>12}  without a value", facet.missing)?;
    }
    Ok(())
}
