using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Data.Configurations;

// The hot tables. Every index is paid by every decision, so each line says which list it serves.

internal sealed class DecisionConfiguration : IEntityTypeConfiguration<DecisionRecord>
{
    public void Configure(EntityTypeBuilder<DecisionRecord> builder)
    {
        builder.ToTable("decisions").HasKey(d => d.Seq);
        builder.Property(d => d.Seq).ValueGeneratedNever();
        builder.Property(d => d.Reasons).AsJson();
        builder.Ignore(d => d.ApprovalId);
        builder.HasIndex(d => new { d.AgentId, d.Seq }).HasDatabaseName("ix_decisions_agent");                 // an agent's decisions
        builder.HasIndex(d => new { d.RolloutId, d.Seq }).HasDatabaseName("ix_decisions_rollout");             // what a member may see
        builder.HasIndex(d => new { d.Action, d.Seq }).HasDatabaseName("ix_decisions_action");                 // search by action
        builder.HasIndex(d => new { d.RunId, d.Seq }).HasDatabaseName("ix_decisions_run").HasFilter("run_id IS NOT NULL");
        builder.HasIndex(d => new { d.Outcome, d.Seq }).HasDatabaseName("ix_decisions_outcome").HasFilter("outcome <> 0");   // search by any answer but allow
        builder.HasIndex(d => new { d.RolloutId, d.Seq }, "ix_decisions_samples").HasFilter("would_be IS NOT NULL AND mode <> 2");   // shadow samples; nothing else pays
        builder.HasIndex(d => new { d.RolloutId, d.ValidUntil, d.Seq }).HasDatabaseName("ix_decisions_unreported")   // writes to reconcile
            .HasFilter("reported_at IS NULL AND outcome = 0 AND mode = 0 AND write");
    }
}

internal sealed class OutcomeConfiguration : IEntityTypeConfiguration<OutcomeRecord>
{
    public void Configure(EntityTypeBuilder<OutcomeRecord> builder)
    {
        builder.ToTable("outcomes").HasKey(o => o.DecisionSeq);
        builder.Property(o => o.DecisionSeq).ValueGeneratedNever();
    }
}

internal sealed class ApprovalConfiguration : IEntityTypeConfiguration<ApprovalRequest>
{
    /// <summary>The id of the rule that asks, out of the terms, so that an index can hold it; A to Z as a to z. Null: no rule asks.</summary>
    public const string RuleColumn = "Rule";

    public void Configure(EntityTypeBuilder<ApprovalRequest> builder)
    {
        builder.ToTable("approvals").HasKey(a => a.Seq);
        builder.Property(a => a.Seq).ValueGeneratedNever();
        builder.Property(a => a.Terms).AsJson();
        builder.Property(a => a.Votes).AsJson();
        builder.Ignore(a => a.CurrentVotes).Ignore(a => a.Approvals).Ignore(a => a.Open).Ignore(a => a.AwaitsRelease);
        builder.Property(a => a.Version).IsConcurrencyToken();
        foreach (var made in (string[])[Asking.Column, RuleColumn])   // the database makes them (OpsDbContext)
        {
            var property = builder.Property<string>(made).Metadata;
            property.SetBeforeSaveBehavior(PropertySaveBehavior.Ignore);
            property.SetAfterSaveBehavior(PropertySaveBehavior.Ignore);
        }
        builder.HasIndex([Asking.Column, nameof(ApprovalRequest.ExpiresAt), nameof(ApprovalRequest.Seq)], "ix_approvals_asking").HasFilter("status = 0");
        // What waits, soonest due first (the queue and the clock), and newest first (the list); of all rollouts, and of one.
        // Where two would do, SQLite takes the younger one, and migrations make them in the order of their names: '…_high' comes after the one that it narrows.
        builder.HasIndex(a => new { a.ExpiresAt, a.Seq }, "ix_approvals_due").HasFilter("status = 0");
        builder.HasIndex(a => new { a.RolloutId, a.ExpiresAt, a.Seq }, "ix_approvals_queue").HasFilter("status = 0");
        builder.HasIndex(a => new { a.ExpiresAt, a.Seq }, "ix_approvals_due_high").HasFilter("status = 0 AND high_consequence");
        builder.HasIndex(a => new { a.RolloutId, a.ExpiresAt, a.Seq }, "ix_approvals_queue_high").HasFilter("status = 0 AND high_consequence");
        // The desk's other orders: low consequence after high, and by amount; and what one agent, one action or one rule waits for.
        builder.HasIndex(a => new { a.ExpiresAt, a.Seq }, "ix_approvals_due_low").HasFilter("status = 0 AND NOT high_consequence");
        builder.HasIndex(a => new { a.RolloutId, a.ExpiresAt, a.Seq }, "ix_approvals_queue_low").HasFilter("status = 0 AND NOT high_consequence");
        builder.HasIndex(a => new { a.Amount, a.ExpiresAt, a.Seq }, "ix_approvals_amount").IsDescending(true, false, false).HasFilter("status = 0");
        builder.HasIndex(a => new { a.RolloutId, a.Amount, a.ExpiresAt, a.Seq }, "ix_approvals_queue_amount").IsDescending(false, true, false, false).HasFilter("status = 0");
        builder.HasIndex(a => new { a.AgentId, a.ExpiresAt, a.Seq }, "ix_approvals_queue_agent").HasFilter("status = 0");
        builder.HasIndex(a => new { a.Action, a.ExpiresAt, a.Seq }, "ix_approvals_queue_action").HasFilter("status = 0");
        builder.HasIndex([RuleColumn, nameof(ApprovalRequest.ExpiresAt), nameof(ApprovalRequest.Seq)], "ix_approvals_queue_rule").HasFilter("status = 0");
        builder.HasIndex(a => a.Seq, "ix_approvals_pending").HasFilter("status = 0");
        builder.HasIndex(a => new { a.RolloutId, a.Seq }, "ix_approvals_rollout_pending").HasFilter("status = 0");
        builder.HasIndex(a => a.Seq, "ix_approvals_unreleased").HasFilter("released_at IS NULL AND status IN (1, 2)");
        // What the clock looks for: reminders, of what waits for approvers and nobody has claimed, and claims that end.
        builder.HasIndex(a => new { a.RemindAt, a.Seq }, "ix_approvals_remind").HasFilter("status = 0 AND remind_at IS NOT NULL AND claimed_until IS NULL AND turn = 0");
        builder.HasIndex(a => new { a.ClaimedUntil, a.Seq }, "ix_approvals_claimed").HasFilter("claimed_until IS NOT NULL");
        builder.HasIndex(a => new { a.ExpiresAt, a.Seq }, "ix_approvals_due_handed_on").HasFilter("status = 0 AND handed_on");   // what whoever got it may not see otherwise
        // The rest of the list. Without their filter, the first would look better for the queue than the queue's own, and sort everything that waits.
        builder.HasIndex(a => new { a.Status, a.Seq }, "ix_approvals_status").HasFilter("status <> 0");
        builder.HasIndex(a => new { a.RolloutId, a.Status, a.Seq }, "ix_approvals_rollout_status").HasFilter("status <> 0");
        builder.HasIndex(a => new { a.RolloutId, a.Seq }, "ix_approvals_rollout");
        builder.HasIndex(a => new { a.AgentId, a.Action, a.Seq }, "ix_approvals_agent_action").HasFilter("status <> 0");   // what became of others like it; an ask does not pay for it
        builder.HasIndex(a => new { a.RolloutId, a.DecidedAt, a.Seq }, "ix_approvals_decided").HasFilter("decided_at IS NOT NULL");   // how people decided lately
    }
}

internal sealed class SecondLookConfiguration : IEntityTypeConfiguration<SecondLook>
{
    public void Configure(EntityTypeBuilder<SecondLook> builder)
    {
        builder.ToTable("second_looks").HasKey(l => l.Seq);
        builder.Property(l => l.Seq).ValueGeneratedNever();
        builder.HasIndex(l => new { l.RolloutId, l.Seq }).HasDatabaseName("ix_second_looks_open").HasFilter("answered_at IS NULL");
    }
}

internal sealed class SavedViewConfiguration : IEntityTypeConfiguration<SavedView>
{
    public void Configure(EntityTypeBuilder<SavedView> builder)
    {
        builder.ToTable("saved_views").HasKey(v => v.Id);
        builder.HasIndex(v => new { v.PersonId, v.At }).HasDatabaseName("ix_saved_views_person");
    }
}

internal sealed class ApprovalQuestionConfiguration : IEntityTypeConfiguration<ApprovalQuestion>
{
    public void Configure(EntityTypeBuilder<ApprovalQuestion> builder)
    {
        builder.ToTable("approval_questions").HasKey(q => q.Id);
        builder.HasIndex(q => new { q.ApprovalSeq, q.AskedAt }).HasDatabaseName("ix_approval_questions_approval");   // those about one request
    }
}

internal sealed class LastApproversConfiguration : IEntityTypeConfiguration<LastApprovers>
{
    public void Configure(EntityTypeBuilder<LastApprovers> builder)
    {
        builder.ToTable("last_approvers").HasKey(l => new { l.RolloutId, l.RuleId });
        builder.Property(l => l.People).AsJson();
    }
}

internal sealed class AuditConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("audit_entries").HasKey(a => a.Seq);
        builder.Property(a => a.Seq).ValueGeneratedNever();
        // Asks are found by their own Seq; only the rarer entries pay for indexes.
        builder.HasIndex(a => new { a.Event, a.Seq }).HasDatabaseName("ix_audit_event").HasFilter("event <> 'decision.asked'");
        builder.HasIndex(a => new { a.Object, a.Seq }).HasDatabaseName("ix_audit_object").HasFilter("event <> 'decision.asked'");
        builder.HasIndex(a => new { a.Actor, a.Seq }).HasDatabaseName("ix_audit_actor").HasFilter("event <> 'decision.asked'");
        builder.HasIndex(a => new { a.DecisionSeq, a.Seq }).HasDatabaseName("ix_audit_decision").HasFilter("decision_seq IS NOT NULL");
    }
}

internal sealed class PayloadConfiguration : IEntityTypeConfiguration<AuditPayload>
{
    public void Configure(EntityTypeBuilder<AuditPayload> builder)
    {
        builder.ToTable("audit_payloads").HasKey(p => p.Seq);
        builder.Property(p => p.Seq).ValueGeneratedNever();
    }
}

internal sealed class HeadConfiguration : IEntityTypeConfiguration<LogHead>
{
    public void Configure(EntityTypeBuilder<LogHead> builder)
    {
        builder.ToTable("log_head").HasKey(h => h.Id);
        builder.Property(h => h.Id).ValueGeneratedNever();
    }
}

internal sealed class AlertConfiguration : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alerts").HasKey(a => a.Seq);
        builder.Property(a => a.Seq).ValueGeneratedNever();
        builder.HasIndex(a => new { a.RolloutId, a.Seq }).HasDatabaseName("ix_alerts_open").HasFilter("seen_at IS NULL");
        builder.HasIndex(a => new { a.AgentId, a.Seq }).HasDatabaseName("ix_alerts_agent");
    }
}

internal sealed class IdempotencyConfiguration : IEntityTypeConfiguration<IdempotencyKey>
{
    public void Configure(EntityTypeBuilder<IdempotencyKey> builder)
    {
        builder.ToTable("idempotency_keys").HasKey(k => new { k.AgentId, k.Key });
        builder.HasIndex(k => k.At).HasDatabaseName("ix_idempotency_age");   // the hourly clearing
    }
}

internal sealed class CapUsageConfiguration : IEntityTypeConfiguration<CapUsage>
{
    // No index on the time: every batch would move its entries, and the hourly clearing looks at what an hour left.
    public void Configure(EntityTypeBuilder<CapUsage> builder) => builder.ToTable("cap_usage").HasKey(c => new { c.AgentId, c.Unit, c.WindowKey });
}
