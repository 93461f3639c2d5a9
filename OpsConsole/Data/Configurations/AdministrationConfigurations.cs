using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Data.Configurations;

internal sealed class UserConfiguration : IEntityTypeConfiguration<OpsUser>
{
    public void Configure(EntityTypeBuilder<OpsUser> builder)
    {
        builder.ToTable("people");
        builder.Property(u => u.Name).HasMaxLength(200);
    }
}

internal sealed class AbsenceConfiguration : IEntityTypeConfiguration<Absence>
{
    public void Configure(EntityTypeBuilder<Absence> builder)
    {
        builder.ToTable("absences").HasKey(a => a.Id);
        builder.HasIndex(a => new { a.PersonId, a.From }).HasDatabaseName("ix_absences_person");
        builder.HasIndex(a => a.Until).HasDatabaseName("ix_absences_until");   // what is not over
    }
}

internal sealed class RolloutConfiguration : IEntityTypeConfiguration<Rollout>
{
    public void Configure(EntityTypeBuilder<Rollout> builder)
    {
        builder.ToTable("rollouts").HasKey(r => r.Id);
        builder.Property(r => r.Examples).HasDefaultValue("[]");
        builder.Property(r => r.ExamplesVersion).HasDefaultValue(1L);
        builder.Property(r => r.Proposal!).AsJson();
        builder.Property(r => r.ReviewSchedule!).AsJson();
        builder.Property(r => r.ReasonCodes).AsJson().HasDefaultValue(Array.Empty<string>());
        builder.Property(r => r.Version).IsConcurrencyToken();
    }
}

internal sealed class MemberConfiguration : IEntityTypeConfiguration<RolloutMember>
{
    public void Configure(EntityTypeBuilder<RolloutMember> builder)
    {
        builder.ToTable("rollout_members").HasKey(m => new { m.RolloutId, m.PersonId, m.Role });
        builder.HasIndex(m => m.PersonId).HasDatabaseName("ix_rollout_members_person");
    }
}

internal sealed class MatrixVersionConfiguration : IEntityTypeConfiguration<MatrixVersion>
{
    public void Configure(EntityTypeBuilder<MatrixVersion> builder) => builder.ToTable("matrix_versions").HasKey(v => new { v.RolloutId, v.Number });
}

internal sealed class SeenActionConfiguration : IEntityTypeConfiguration<SeenAction>
{
    public void Configure(EntityTypeBuilder<SeenAction> builder) => builder.ToTable("seen_actions").HasKey(s => new { s.RolloutId, s.Action });
}

internal sealed class GateConfiguration : IEntityTypeConfiguration<GateRecord>
{
    public void Configure(EntityTypeBuilder<GateRecord> builder)
    {
        builder.ToTable("gates").HasKey(g => new { g.RolloutId, g.Gate });
        builder.Property(g => g.Waived).AsJson();
    }
}

internal sealed class AgentConfiguration : IEntityTypeConfiguration<Agent>
{
    public void Configure(EntityTypeBuilder<Agent> builder)
    {
        builder.ToTable("agents").HasKey(a => a.Id);
        builder.Property(a => a.Version).IsConcurrencyToken();
        builder.HasIndex(a => a.RolloutId).HasDatabaseName("ix_agents_rollout");
    }
}

internal sealed class AgentKeyConfiguration : IEntityTypeConfiguration<AgentKey>
{
    public void Configure(EntityTypeBuilder<AgentKey> builder)
    {
        builder.ToTable("agent_keys").HasKey(k => k.Id);
        builder.HasIndex(k => k.AgentId).HasDatabaseName("ix_agent_keys_agent");
    }
}

internal sealed class GrantConfiguration : IEntityTypeConfiguration<CapabilityGrant>
{
    public void Configure(EntityTypeBuilder<CapabilityGrant> builder)
    {
        builder.ToTable("grants").HasKey(g => g.Id);
        builder.HasIndex(g => g.AgentId).HasDatabaseName("ix_grants_agent");
    }
}

internal sealed class PromotionConfiguration : IEntityTypeConfiguration<PromotionProposal>
{
    public void Configure(EntityTypeBuilder<PromotionProposal> builder)
    {
        builder.ToTable("promotions").HasKey(p => p.Seq);
        builder.Property(p => p.Seq).ValueGeneratedNever();
        builder.Property(p => p.Terms).AsJson();
        builder.Property(p => p.Version).IsConcurrencyToken();
        builder.HasIndex(p => new { p.AgentId, p.Seq }, "ix_promotions_agent");                        // an agent's page
        builder.HasIndex(p => p.Seq, "ix_promotions_open").HasFilter("state = 0");                     // what the clock looks at
    }
}

internal sealed class TierTemplateConfiguration : IEntityTypeConfiguration<TierTemplate>
{
    public void Configure(EntityTypeBuilder<TierTemplate> builder)
    {
        builder.ToTable("tier_templates").HasKey(t => t.Id);
        builder.Property(t => t.Version).IsConcurrencyToken();
        builder.HasIndex(t => t.Name).IsUnique().HasDatabaseName("ix_tier_templates_name");
    }
}

internal sealed class GroupConfiguration : IEntityTypeConfiguration<PersonGroup>
{
    public void Configure(EntityTypeBuilder<PersonGroup> builder)
    {
        builder.ToTable("person_groups").HasKey(g => g.Id);
        builder.Property(g => g.MemberIds).AsJson();
        builder.Property(g => g.Version).IsConcurrencyToken();
        builder.HasIndex(g => g.Name).IsUnique().HasDatabaseName("ix_person_groups_name");
    }
}

internal sealed class TokenConfiguration : IEntityTypeConfiguration<PersonalToken>
{
    public void Configure(EntityTypeBuilder<PersonalToken> builder)
    {
        builder.ToTable("personal_tokens").HasKey(t => t.Id);
        builder.Property(t => t.Scopes).AsJson();
        builder.HasIndex(t => t.PersonId).HasDatabaseName("ix_personal_tokens_person");
    }
}

internal sealed class InvitationConfiguration : IEntityTypeConfiguration<Invitation>
{
    public void Configure(EntityTypeBuilder<Invitation> builder)
    {
        builder.ToTable("invitations").HasKey(i => i.Id);
        builder.HasIndex(i => i.CodeHash).IsUnique().HasDatabaseName("ix_invitations_code");
    }
}

internal sealed class SignInSourceConfiguration : IEntityTypeConfiguration<SignInSource>
{
    public void Configure(EntityTypeBuilder<SignInSource> builder) => builder.ToTable("sign_in_sources").HasKey(s => new { s.PersonId, s.Address });
}
