using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Incidents;

namespace OpsConsole.Data.Configurations;

internal sealed class IncidentConfiguration : IEntityTypeConfiguration<Incident>
{
    public void Configure(EntityTypeBuilder<Incident> builder)
    {
        builder.ToTable("incidents").HasKey(i => i.Seq);
        builder.Property(i => i.Seq).ValueGeneratedNever();
        builder.Property(i => i.Times).AsJson();
        builder.Property(i => i.Levels).AsJson();
        builder.Property(i => i.Roles).AsJson();
        builder.Property(i => i.Affected).AsJson();
        builder.Property(i => i.AlsoTold).AsJson();
        builder.Ignore(i => i.Open).Ignore(i => i.Escalates);
        builder.Property(i => i.Version).IsConcurrencyToken();
        builder.HasIndex(i => new { i.RolloutId, i.Seq }, "ix_incidents_rollout");   // a rollout's review log
        builder.HasIndex(i => new { i.Status, i.Seq }, "ix_incidents_open").HasFilter("status <= 2");   // what is under way; and what the clock looks for
        builder.HasIndex(i => new { i.RolloutId, i.Cause, i.Seq }, "ix_incidents_cause").HasFilter("cause IS NOT NULL");   // an alert looks whether its cause is known
    }
}

internal sealed class IncidentEntryConfiguration : IEntityTypeConfiguration<IncidentEntry>
{
    public void Configure(EntityTypeBuilder<IncidentEntry> builder)
    {
        builder.ToTable("incident_entries").HasKey(e => e.Seq);
        builder.Property(e => e.Seq).ValueGeneratedNever();
        builder.HasIndex(e => new { e.IncidentId, e.Seq }).HasDatabaseName("ix_incident_entries_incident");
    }
}

internal sealed class IncidentResponseConfiguration : IEntityTypeConfiguration<IncidentResponse>
{
    public void Configure(EntityTypeBuilder<IncidentResponse> builder)
    {
        builder.ToTable("incident_responses").HasKey(r => r.Seq);
        builder.Property(r => r.Seq).ValueGeneratedNever();
        builder.Property(r => r.Effects).AsJson();
        builder.Ignore(r => r.MayBeTakenBack);
        builder.HasIndex(r => new { r.IncidentId, r.Seq }).HasDatabaseName("ix_incident_responses_incident");
    }
}

internal sealed class IncidentLinkConfiguration : IEntityTypeConfiguration<IncidentLink>
{
    public void Configure(EntityTypeBuilder<IncidentLink> builder)
    {
        builder.ToTable("incident_links").HasKey(l => new { l.IncidentId, l.Kind, l.Reference });
        builder.HasIndex(l => new { l.Kind, l.Reference }).HasDatabaseName("ix_incident_links_reference");   // the incidents of a decision or a run
    }
}

internal sealed class AlertPlaceConfiguration : IEntityTypeConfiguration<AlertPlace>
{
    public void Configure(EntityTypeBuilder<AlertPlace> builder)
    {
        builder.ToTable("alert_place").HasKey(p => p.Id);
        builder.Property(p => p.Id).ValueGeneratedNever();
    }
}

internal sealed class IncidentReviewConfiguration : IEntityTypeConfiguration<IncidentReview>
{
    public void Configure(EntityTypeBuilder<IncidentReview> builder)
    {
        builder.ToTable("incident_reviews").HasKey(r => r.IncidentId);
        builder.Property(r => r.Texts).AsJson();
        builder.Ignore(r => r.Missing);
        builder.Property(r => r.Version).IsConcurrencyToken();
    }
}

internal sealed class IncidentActionConfiguration : IEntityTypeConfiguration<IncidentAction>
{
    public void Configure(EntityTypeBuilder<IncidentAction> builder)
    {
        builder.ToTable("incident_actions").HasKey(a => a.Id);
        builder.Property(a => a.Lessons).AsJson().HasDefaultValueSql("'[]'");
        builder.HasIndex(a => new { a.IncidentId, a.DueOn, a.Id }).HasDatabaseName("ix_incident_actions_incident");
    }
}
