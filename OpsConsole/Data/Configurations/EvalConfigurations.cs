using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Evals;

namespace OpsConsole.Data.Configurations;

internal sealed class EvalCaseConfiguration : IEntityTypeConfiguration<EvalCase>
{
    public void Configure(EntityTypeBuilder<EvalCase> builder)
    {
        builder.ToTable("eval_cases").HasKey(c => c.Seq);
        builder.Property(c => c.Seq).ValueGeneratedNever();
        builder.Property(c => c.Category).HasConversion<string>();
        builder.Property(c => c.Expected).HasConversion<string>().HasDefaultValue(EvalExpected.Deny).HasSentinel(EvalExpected.Deny);
        builder.HasIndex(c => new { c.RolloutId, c.Seq }).HasDatabaseName("ix_eval_cases_rollout").HasFilter("removed_at IS NULL");
    }
}
