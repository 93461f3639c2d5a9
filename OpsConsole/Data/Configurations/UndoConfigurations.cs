using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Execution;

namespace OpsConsole.Data.Configurations;

// Every report pays for these indexes, once per write.
internal sealed class WrittenRecordConfiguration : IEntityTypeConfiguration<WrittenRecord>
{
    public void Configure(EntityTypeBuilder<WrittenRecord> builder)
    {
        builder.ToTable("written_records").HasKey(w => new { w.AuditSeq, w.WriteIndex });
        builder.Property(w => w.AuditSeq).ValueGeneratedNever();
        builder.Property(w => w.WriteIndex).ValueGeneratedNever();
        builder.HasIndex(w => new { w.System, w.Record, w.AuditSeq }).HasDatabaseName("ix_written_records_target");   // what was written to it later
        builder.HasIndex(w => new { w.AgentId, w.AuditSeq }).HasDatabaseName("ix_written_records_agent");             // everything an agent did since
    }
}

internal sealed class UndoPlanConfiguration : IEntityTypeConfiguration<UndoPlan>
{
    public void Configure(EntityTypeBuilder<UndoPlan> builder)
    {
        builder.ToTable("undo_plans").HasKey(p => p.Seq);
        builder.Property(p => p.Seq).ValueGeneratedNever();
        builder.Property(p => p.Scope).AsJson();
        builder.HasIndex(p => p.Id).IsUnique().HasDatabaseName("ix_undo_plans_id");   // the plans of some steps
        builder.HasIndex(p => new { p.RolloutId, p.Seq }).HasDatabaseName("ix_undo_plans_rollout");
        builder.HasIndex(p => new { p.IncidentId, p.Seq }).HasDatabaseName("ix_undo_plans_incident").HasFilter("incident_id IS NOT NULL");
    }
}

internal sealed class UndoStepConfiguration : IEntityTypeConfiguration<UndoStep>
{
    public void Configure(EntityTypeBuilder<UndoStep> builder)
    {
        builder.ToTable("undo_steps").HasKey(s => s.Id);
        builder.Ignore(s => s.Target).Ignore(s => s.Ended).Ignore(s => s.NeedsSomebody);
        builder.Property(s => s.Version).IsConcurrencyToken();
        builder.HasIndex(s => new { s.DecisionSeq, s.WriteIndex }).IsUnique().HasDatabaseName("ix_undo_steps_write");   // one step per write, whichever plan asked first
        builder.HasIndex(s => new { s.PlanId, s.Place }, "ix_undo_steps_plan");
        builder.HasIndex(s => new { s.AgentId, s.PlanId, s.Place }, "ix_undo_steps_agent").HasFilter("state <= 1 AND runner = 0");   // what an agent has to do
        builder.HasIndex(s => new { s.PlanId, s.Place }, "ix_undo_steps_endpoint").HasFilter("state = 0 AND runner = 1");             // what waits for the team's endpoint
        builder.HasIndex(s => new { s.Runner, s.DueAt }, "ix_undo_steps_due").HasFilter("state = 1");                               // what was not answered in time
    }
}

internal sealed class ReversibleWindowConfiguration : IEntityTypeConfiguration<ReversibleWindow>
{
    public void Configure(EntityTypeBuilder<ReversibleWindow> builder)
    {
        builder.ToTable("reversible_windows").HasKey(w => w.DecisionSeq);
        builder.Property(w => w.DecisionSeq).ValueGeneratedNever();
        builder.Property(w => w.Version).IsConcurrencyToken();
        // What can still be vetoed, and what waits for somebody because nobody confirmed it; of all rollouts, and of one.
        builder.HasIndex(w => new { w.Until, w.DecisionSeq }, "ix_reversible_windows_open").HasFilter("state = 0");
        builder.HasIndex(w => new { w.RolloutId, w.Until, w.DecisionSeq }, "ix_reversible_windows_rollout").HasFilter("state = 0");
        builder.HasIndex(w => new { w.Until, w.DecisionSeq }, "ix_reversible_windows_escalated").HasFilter("state = 4");
        builder.HasIndex(w => new { w.RolloutId, w.Until, w.DecisionSeq }, "ix_reversible_windows_rollout_escalated").HasFilter("state = 4");
        builder.HasIndex(w => new { w.Until, w.DecisionSeq }, "ix_reversible_windows_required").HasFilter("required AND state = 0");
        builder.HasIndex(w => new { w.RolloutId, w.Until, w.DecisionSeq }, "ix_reversible_windows_rollout_required").HasFilter("required AND state = 0");
    }
}
