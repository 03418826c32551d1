//! The JSON Schema of every JSON output, generated from the types (draft 2020-12).

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings};

/// Name and schema of every report, in the order of names.
#[must_use]
pub fn all() -> Vec<(&'static str, Schema)> {
    vec![
        ("audit-report.v1", of::<super::audit::AuditReport>()),
        ("compare-report.v1", of::<super::compare::CompareReport>()),
        ("consistency-report.v1", of::<super::proof::ConsistencyReport>()),
        ("drift-report.v1", of::<super::drift::DriftReport>()),
        ("entry-line.v1", of::<super::ledger::EntryLine>()),
        ("error.v1", of::<super::error::ErrorReport>()),
        ("explain-report.v1", of::<super::explain::ExplainReport>()),
        ("find-report.v1", of::<super::find::FindReport>()),
        ("find-summary.v1", of::<super::find::FindSummary>()),
        ("inspect-report.v1", of::<super::inspect::InspectReport>()),
        ("key-report.v1", of::<super::key::KeyReport>()),
        ("ledger-report.v1", of::<super::ledger::LedgerReport>()),
        ("proof-report.v1", of::<super::proof::ProofReport>()),
        ("publish-report.v1", of::<super::publish::PublishReport>()),
        ("sign-report.v1", of::<super::sign::SignReport>()),
        ("sign-summary.v1", of::<super::sign::SignSummary>()),
        ("stats-report.v1", of::<super::title::StatsReport>()),
        ("title-report.v1", of::<super::title::TitleReport>()),
        ("trust-report.v1", of::<super::trust::TrustReport>()),
        ("verify-report.v1", of::<super::verify::VerifyReport>()),
        ("verify-summary.v1", of::<super::verify::VerifySummary>()),
        ("witness-report.v1", of::<super::publish::WitnessReport>()),
        ("witness-serving.v1", of::<super::publish::ServingReport>()),
    ]
}

fn of<T: schemars::JsonSchema>() -> Schema {
    let generator: SchemaGenerator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<T>()
}
