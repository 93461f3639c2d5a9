using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using OpsConsole.Core.Notices;

namespace OpsConsole.Data.Configurations;

internal sealed class NoticeConfiguration : IEntityTypeConfiguration<Notice>
{
    public void Configure(EntityTypeBuilder<Notice> builder)
    {
        builder.ToTable("notices").HasKey(n => new { n.PersonId, n.Seq });
        builder.Property(n => n.Kind).HasConversion<string>();
        builder.HasIndex(n => new { n.PersonId, n.Seq }).HasFilter("read_at IS NULL").HasDatabaseName("ix_notices_unread");
        builder.HasIndex(n => n.SubjectId).HasDatabaseName("ix_notices_subject");
        builder.HasIndex(n => n.At).HasDatabaseName("ix_notices_at");
    }
}

internal sealed class NoticePlaceConfiguration : IEntityTypeConfiguration<NoticePlace>
{
    public void Configure(EntityTypeBuilder<NoticePlace> builder)
    {
        builder.ToTable("notice_place").HasKey(p => p.Id);
        builder.Property(p => p.Id).ValueGeneratedNever();
    }
}

internal sealed class KeptPreferencesConfiguration : IEntityTypeConfiguration<KeptPreferences>
{
    public void Configure(EntityTypeBuilder<KeptPreferences> builder)
    {
        builder.ToTable("notice_preferences").HasKey(p => p.PersonId);
        builder.Property(p => p.Wishes).AsJson();
    }
}

internal sealed class ChatChannelConfiguration : IEntityTypeConfiguration<ChatChannel>
{
    public void Configure(EntityTypeBuilder<ChatChannel> builder)
    {
        builder.ToTable("chat_channels").HasKey(c => c.Id);
        builder.Property(c => c.Kind).HasConversion<string>();
        builder.Property(c => c.Choice).AsJson();
        builder.HasIndex(c => c.RolloutId).HasDatabaseName("ix_chat_channels_rollout");
    }
}

internal sealed class NoticeDeliveryConfiguration : IEntityTypeConfiguration<NoticeDelivery>
{
    public void Configure(EntityTypeBuilder<NoticeDelivery> builder)
    {
        builder.ToTable("notice_deliveries").HasKey(d => d.Id);
        builder.Property(d => d.State).HasConversion<string>();
        builder.Property(d => d.Seqs).AsJson();
        builder.HasIndex(d => d.DueAt).HasDatabaseName("ix_notice_deliveries_due");
        builder.HasIndex(d => d.At).HasDatabaseName("ix_notice_deliveries_at");
        builder.HasIndex(d => new { d.PersonId, d.Id }).HasDatabaseName("ix_notice_deliveries_person");
        builder.HasIndex(d => new { d.EndpointId, d.Id }).HasDatabaseName("ix_notice_deliveries_endpoint");
    }
}
