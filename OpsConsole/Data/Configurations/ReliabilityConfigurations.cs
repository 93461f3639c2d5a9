using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;

namespace OpsConsole.Data.Configurations;

internal sealed class RollupConfiguration : IEntityTypeConfiguration<Rollup>
{
    public void Configure(EntityTypeBuilder<Rollup> builder)
    {
        // The key is the order in which a report reads: a rollout's weeks, one after the other.
        builder.ToTable("rollups").HasKey(r => new { r.RolloutId, r.Grain, r.Start, r.AgentId, r.Action, r.Rule, r.Write, r.HighConsequence });
        builder.Property(r => r.Counts).HasConversion(new ValueConverter<RollupCounts, string>(c => JsonSerializer.Serialize(c, Sparse), s => JsonSerializer.Deserialize<RollupCounts>(s, Sparse)!), new ValueComparer<RollupCounts>((a, b) => a == b, c => c.GetHashCode(), c => c));
        builder.Ignore(r => r.Key);
    }

    // Most counts are 0, and a report reads thousands of rows: those are left out.
    private static readonly JsonSerializerOptions Sparse = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };
}

internal sealed class ShadowRecordConfiguration : IEntityTypeConfiguration<ShadowRecord>
{
    public void Configure(EntityTypeBuilder<ShadowRecord> builder)
    {
        builder.ToTable("shadow_records").HasKey(s => s.DecisionSeq);
        builder.Property(s => s.DecisionSeq).ValueGeneratedNever();
        builder.HasIndex(s => new { s.RolloutId, s.AskedAt }).HasDatabaseName("ix_shadow_records_rollout");                             // figures of a time
        builder.HasIndex(s => new { s.RolloutId, s.AgentId, s.DecisionSeq }).HasDatabaseName("ix_shadow_records_people").HasFilter("by_person");   // what gate C looks at
        builder.HasIndex(s => new { s.RolloutId, s.DecisionSeq }).HasDatabaseName("ix_shadow_records_apart").HasFilter("NOT agrees");   // disagreements, newest first
    }
}

internal sealed class RollupPlaceConfiguration : IEntityTypeConfiguration<RollupPlace>
{
    public void Configure(EntityTypeBuilder<RollupPlace> builder)
    {
        builder.ToTable("rollup_place").HasKey(p => p.Id);
        builder.Property(p => p.Id).ValueGeneratedNever();
    }
}

internal sealed class RollupZoneConfiguration : IEntityTypeConfiguration<RollupZone>
{
    public void Configure(EntityTypeBuilder<RollupZone> builder) => builder.ToTable("rollup_zones").HasKey(z => z.RolloutId);
}

internal sealed class BaselineConfiguration : IEntityTypeConfiguration<Baseline>
{
    public void Configure(EntityTypeBuilder<Baseline> builder)
    {
        builder.ToTable("baselines").HasKey(b => b.Seq);
        builder.Property(b => b.Seq).ValueGeneratedNever();
        builder.Property(b => b.Points).AsJson();
        builder.Property(b => b.Terms).AsJson();
        builder.Property(b => b.Raised).AsJson();
        builder.Ignore(b => b.Chart);
        builder.HasIndex(b => new { b.RolloutId, b.Seq }, "ix_baselines_rollout");
        builder.HasIndex(b => new { b.AgentId, b.Action, b.Measure, b.Grain }, "ux_baselines_live").IsUnique().HasFilter("ended_at IS NULL");   // one at a time judges a figure
    }
}

internal sealed class WeeklyReviewConfiguration : IEntityTypeConfiguration<WeeklyReview>
{
    public void Configure(EntityTypeBuilder<WeeklyReview> builder)
    {
        builder.ToTable("weekly_reviews").HasKey(r => r.Id);
        builder.Property(r => r.Texts).AsJson();
        builder.Property(r => r.Outside).AsJson();
        builder.Property(r => r.Attendees).AsJson();
        builder.Property(r => r.Signed!).AsJson();
        builder.Property(r => r.Version).IsConcurrencyToken();
        builder.HasIndex(r => new { r.RolloutId, r.Week }, "ux_weekly_reviews_week").IsUnique();
    }
}

internal sealed class ScaleMemoConfiguration : IEntityTypeConfiguration<ScaleMemo>
{
    public void Configure(EntityTypeBuilder<ScaleMemo> builder)
    {
        builder.ToTable("scale_memos").HasKey(m => m.Id);
        builder.Property(m => m.Texts).AsJson();
        builder.Property(m => m.Late).AsJson();
        builder.Property(m => m.Signed!).AsJson();
        builder.Property(m => m.Ended!).AsJson();
        builder.Property(m => m.Version).IsConcurrencyToken();
        builder.HasIndex(m => new { m.RolloutId, m.DraftedAt }, "ix_scale_memos_rollout");
        builder.HasIndex(m => m.State, "ix_scale_memos_waiting").HasFilter("state = 1");
    }
}
