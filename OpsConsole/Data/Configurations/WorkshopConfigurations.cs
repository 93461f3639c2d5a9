using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Session;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Data.Configurations;

internal sealed class PatchConfiguration : IEntityTypeConfiguration<Patch>
{
    public void Configure(EntityTypeBuilder<Patch> builder)
    {
        builder.ToTable("worksheet_patches").HasKey(p => p.Seq);
        builder.Property(p => p.Seq).ValueGeneratedOnAdd();
        builder.Property(p => p.Field).HasConversion(f => f.ToString(), s => FieldKey.Parse(s)!.Value);
        builder.Property(p => p.Id).IsRequired();
        builder.Property(p => p.Over).AsJson();
        builder.HasIndex(p => new { p.RolloutId, p.Id }).IsUnique().HasDatabaseName("ux_worksheet_patches_id");
        builder.HasIndex(p => new { p.RolloutId, p.Seq }).HasFilter("NOT replaced").HasDatabaseName("ix_worksheet_patches_standing");
        builder.HasIndex(p => new { p.RolloutId, p.Field, p.Seq }).HasDatabaseName("ix_worksheet_patches_field");
    }
}

internal sealed class CommentConfiguration : IEntityTypeConfiguration<FieldComment>
{
    public void Configure(EntityTypeBuilder<FieldComment> builder)
    {
        builder.ToTable("field_comments").HasKey(c => c.Id);
        builder.Property(c => c.Field).HasConversion(f => f.ToString(), s => FieldKey.Parse(s)!.Value);
        builder.Property(c => c.Mentions).AsJson();
        builder.HasIndex(c => new { c.RolloutId, c.At }).HasDatabaseName("ix_field_comments_rollout");
    }
}

internal sealed class SessionConfiguration : IEntityTypeConfiguration<WorkshopSession>
{
    public void Configure(EntityTypeBuilder<WorkshopSession> builder)
    {
        builder.ToTable("workshop_sessions").HasKey(s => s.Id);
        builder.Property(s => s.Board).AsJson();
        builder.Property(s => s.Version).IsConcurrencyToken();
        builder.HasIndex(s => s.Code).IsUnique().HasDatabaseName("ux_workshop_sessions_code");
        builder.HasIndex(s => new { s.RolloutId, s.OpenedAt }).HasDatabaseName("ix_workshop_sessions_rollout");
    }
}

internal sealed class ConfirmationConfiguration : IEntityTypeConfiguration<Confirmation>
{
    public void Configure(EntityTypeBuilder<Confirmation> builder) => builder.ToTable("confirmations").HasKey(c => new { c.RolloutId, c.Subject, c.PersonId });
}

internal sealed class DrillConfiguration : IEntityTypeConfiguration<RoutingDrill>
{
    public void Configure(EntityTypeBuilder<RoutingDrill> builder)
    {
        builder.ToTable("routing_drills").HasKey(d => d.Id);
        builder.Property(d => d.Expected).AsJson();
        builder.HasIndex(d => new { d.RolloutId, d.StartedAt }).HasDatabaseName("ix_routing_drills_rollout");
    }
}

internal sealed class DiagnosticConfiguration : IEntityTypeConfiguration<DiagnosticRun>
{
    public void Configure(EntityTypeBuilder<DiagnosticRun> builder)
    {
        builder.ToTable("diagnostics").HasKey(d => d.Id);
        builder.Property(d => d.Answers).AsJson();
        builder.HasIndex(d => d.At).HasDatabaseName("ix_diagnostics_at");
    }
}
